"""Pipes → temporary files: Parquet needs to seek, and text is read twice."""

from __future__ import annotations

import os
import select
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from calaudit.errors import InputError
from calaudit.predictions.addresses import is_remote, public
from calaudit.predictions.storage import streamed

LARGEST = 4 << 30
"""Bytes of a pipe that are kept; one without end is refused after some seconds."""

PATIENCE = 10
"""Seconds to wait for a program that writes to a named pipe."""

_SHARE = 0.9
"""Of the free space; the rest is left to others."""

_BLOCK = 1 << 20


def spooled(path: str | None = None) -> str:
    """Copy a pipe to a temporary file, and return where that is.

    Args:
        path: a named pipe, or the address of what is read only once; standard input when None.

    Raises:
        InputError: it is a device, nothing writes to it, or there is no room for it.
    """
    shown, folder = public(path or "-"), tempfile.gettempdir()
    if not is_remote(shown):
        _refuse_device(path, shown)
    handle, copy = tempfile.mkstemp(prefix="calaudit-stdin-")
    try:
        most = min(LARGEST, int(_SHARE * shutil.disk_usage(folder).free))
        with os.fdopen(handle, "wb") as target:
            for block in streamed(path) if path and is_remote(path) else _blocks(path):
                target.write(block)
                if target.tell() > most:
                    raise InputError(
                        f"{shown}: has not ended after {most:,} bytes, the most of a pipe that is "
                        f"kept in {folder!r}. Write it to a file, and give that."
                    )
    except BaseException as error:
        Path(copy).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(
                f"{shown}: could not be copied to {folder!r} ({error.strerror or error}). Free "
                "some space there or set TMPDIR."
            ) from error
        raise
    return copy


def _refuse_device(path: str | None, shown: str) -> None:
    """Refuse what is neither a file nor a pipe, but for a terminal that somebody types in."""
    if path is not None:
        refused = not stat.S_ISFIFO(Path(path).stat().st_mode)
    elif sys.stdin is None:
        raise InputError("-: there is no standard input to read.")
    else:
        try:
            mode = os.fstat(sys.stdin.fileno()).st_mode
        except OSError:  # Python holds it, and not the system
            return
        refused = (stat.S_ISCHR(mode) or stat.S_ISBLK(mode)) and not sys.stdin.isatty()
    if refused:
        raise InputError(f"{shown}: is a device or a socket. Give a file, or a pipe that ends.")


def _blocks(path: str | None) -> Iterator[bytes]:
    """Yield what a pipe holds, unless no program comes to write to it."""
    if path is None:
        yield from iter(partial(sys.stdin.buffer.read, _BLOCK), b"")
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb", buffering=0) as pipe:
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        come = poll.poll(1000 * PATIENCE)
        first = pipe.read(_BLOCK)  # None where a program has it open, but has nothing to say yet
        if first == b"" and not come:
            raise InputError(
                f"{path}: is a pipe to which no program has written in {PATIENCE} seconds. Start "
                "the one that does first."
            )
        os.set_blocking(descriptor, True)
        yield first or b""
        yield from iter(partial(pipe.read, _BLOCK), b"")
