"""Servers that the tests start on this machine: one that speaks S3, one of pages, one of faults."""

from __future__ import annotations

import http.server
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HOST = "127.0.0.1"


@contextmanager
def s3_server() -> Iterator[int]:
    """Run moto's S3 in a process of its own; give its port."""
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", HOST, "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            port = next(int(m[1]) for line in server.stderr if (m := _PORT.search(line)))
            drain = threading.Thread(target=server.stderr.read, daemon=True)
            drain.start()
            yield port
        finally:
            server.kill()


_PORT = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")

Plan = Callable[[str], "bytes | int | None"]
"""Of a request ("GET /bucket/key bytes=0-9"): what is answered instead; after how many bytes of
the answer the connection is cut; or None to pass it on."""


class Proxy:
    """Passes requests on to a server, counts, and breaks what a plan says.

    Attributes:
        requests: what was asked for, in order.
        sent: bytes of answers.
        plan: what happens to the next requests.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self.requests: list[str] = []
        self.sent = 0
        self.plan: Plan = lambda _request: None
        self._socket = socket.create_server((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def reset(self) -> None:
        """Forget what was asked for, and break nothing any more."""
        self.requests, self.sent, self.plan = [], 0, lambda _request: None

    def close(self) -> None:
        """Take no more requests."""
        self._socket.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (more := client.recv(65536)):
                    return
                head += more
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            part = re.search(rb"(?im)^range: *(\S+)", head)
            request = f"{method} {path} {part[1].decode() if part else ''}".strip()
            self.requests.append(request)
            told = self.plan(request)
            if isinstance(told, bytes):
                client.sendall(told)
                return
            with socket.create_connection((HOST, self._behind)) as server:
                server.sendall(head)
                left = 1 << 60 if told is None else told
                while left and (data := server.recv(min(left, 65536))):
                    client.sendall(data)
                    self.sent += len(data)
                    left -= len(data)


def answer(status: str, body: bytes = b"") -> bytes:
    """Return an answer of that status."""
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nContent-Type: application/xml\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + body


def s3_error(status: str, code: str) -> bytes:
    """Return an error as S3 words it."""
    told = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return answer(status, b'<?xml version="1.0" encoding="UTF-8"?>' + told.encode())


@contextmanager
def page_server(folder: Path, *, parts: bool, length: bool = True) -> Iterator[int]:
    """Serve the files of a folder; with ``parts`` it knows Range, as most servers do."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = folder / self.path.partition("?")[0].lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            data = path.read_bytes()
            tag = f'"{path.stat().st_mtime_ns:x}"'
            wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if parts and self.headers.get("If-Match", tag) != tag:
                self.send_error(412)
                return
            if parts and wanted and int(wanted[1]) >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if parts and wanted else 200)
            size = len(data)
            if parts and wanted:
                first, last = int(wanted[1]), min(int(wanted[2]), size - 1)
                data = data[first : last + 1]
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.send_header("ETag", tag)
            if length:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
