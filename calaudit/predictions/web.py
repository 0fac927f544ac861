"""Pages of web servers, read in parts where the server gives parts."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from calaudit.errors import IncompleteError, InputError
from calaudit.predictions.addresses import public
from calaudit.predictions.storage import Kind, Object

_ATTEMPTS = 4
_PATIENCE = 10.0
"""Seconds until a server that does not answer is asked again."""
_PAUSE = 0.25
"""Seconds before it is asked again; twice as many each time."""
_BLOCK = 1 << 20
_PARTIAL, _EMPTY = 206, 416
_ANOTHER = (412, 416)
"""What a server answers where a page is not the one that was opened, or is shorter."""
_BROKEN = (http.client.HTTPException, OSError)


class Web:
    """All web servers."""

    def kind(self, name: str) -> Kind:
        """Return whether a page is read in any order or only from its beginning."""
        return "stream" if _look(name) is None else "file"

    def open(self, name: str) -> Object:
        """Return a page that is read in any order."""
        page = _look(name)
        if page is None:
            raise OSError("the server gives no parts of it any more")
        return page

    def names(self, folder: str) -> list[str]:
        """Refuse: servers do not list pages."""
        raise InputError(f"{public(folder)}: a web server lists no files. Name each of them.")

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a page, whose length the server must tell."""
        with _asked(name, {}) as answer:
            length = answer.headers.get("Content-Length")
            if length is None and not answer.chunked:
                raise InputError(
                    f"{public(name)}: the server does not say how long it is, so that a part of it "
                    "would look like all. Download it, and give the file."
                )
            seen = 0
            try:
                while block := answer.read(_BLOCK):
                    seen += len(block)
                    yield block
            except http.client.HTTPException as error:
                raise OSError(f"the connection broke off after {seen:,} bytes") from error
            if length is not None and seen != int(length):
                raise OSError(f"the connection broke off after {seen:,} of {int(length):,} bytes")


class _Page:
    """A page that is read in parts, as long as it stays the one that was opened."""

    def __init__(self, name: str, size: int, tag: str) -> None:
        self._name, self._size = name, size
        weak = not tag or tag.startswith("W/")
        self._same = {} if weak else {"If-Match": tag}

    def read_at(self, length: int, start: int) -> bytes:
        """Return some bytes, asking again for those that did not come."""
        data = b""
        for attempt in range(_ATTEMPTS):
            time.sleep(_PAUSE * 2**attempt if attempt else 0)
            with self._part(start + len(data), start + length) as answer:
                try:
                    data += answer.read()
                except http.client.IncompleteRead as error:
                    data += error.partial
                except _BROKEN:
                    continue
            if len(data) >= length:
                return data
        raise OSError(f"the connection broke off {_ATTEMPTS} times")

    def _part(self, first: int, stop: int) -> Any:
        """Return the answer with the bytes from ``first``, of the page that was opened.

        Raises:
            IncompleteError: it is another page by now.
        """
        part = {"Range": f"bytes={first}-{stop - 1}", **self._same}
        try:
            answer = _asked(self._name, part)
        except urllib.error.HTTPError as error:
            if error.code not in _ANOTHER:
                raise
        else:
            given = answer.headers.get("Content-Range", "")
            if answer.status == _PARTIAL and given == f"bytes {first}-{stop - 1}/{self._size}":
                return answer
            answer.close()
        raise IncompleteError(
            f"{public(self._name)}: changed while it was read. Run again when nothing writes to it."
        )


def _look(name: str) -> Object | None:
    """Return a page, or None where the server only gives the whole of it."""
    try:
        with _asked(name, {"Range": "bytes=0-0"}) as answer:
            size = answer.headers.get("Content-Range", "").split("/")[-1]
            if answer.status != _PARTIAL or not size.isdigit():
                return None
            tag, date = (answer.headers.get(key) or "" for key in ("ETag", "Last-Modified"))
            return Object(int(size), tag or date, _Page(name, int(size), tag).read_at)
    except urllib.error.HTTPError as error:
        if error.code == _EMPTY:
            return Object(0, "", _Page(name, 0, "").read_at)
        raise


def _asked(name: str, headers: dict[str, str]) -> Any:
    """Return an answer, asked for again where a server is busy or does not answer.

    Raises:
        OSError: there is none; HTTPError has its code.
    """
    request = urllib.request.Request(
        name, headers={"Accept-Encoding": "identity", "User-Agent": "calaudit", **headers}
    )
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return urllib.request.urlopen(request, timeout=_PATIENCE)
        except _BROKEN as error:
            code = getattr(error, "code", None)
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            passing = code is None or code == 429 or code >= 500
            if not passing or attempt == _ATTEMPTS:
                if isinstance(error, OSError):
                    raise
                raise OSError(str(error)) from error
        time.sleep(_PAUSE * 2**attempt)
    raise AssertionError
