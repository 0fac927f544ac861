"""Names of files, and addresses of objects in stores, as something that can be read.

Whatever reads predictions opens them here, so that no format knows where its bytes come from.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, TypeVar

import pyarrow as pa

from calaudit.errors import IncompleteError
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.unreachable import refusal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "Handle", "Store", "arrow_file", "kind_of", "names_below", "open_raw",
    "stamp", "streamed",
]  # fmt: skip

Kind = Literal["file", "folder", "stream", ""]

_BLOCK = 4 << 20
"""Bytes of one request; those of a larger piece are made side by side."""
_LEAST, _MOST = 64 << 10, 8 << 20
"""Bytes that are read ahead: few at first, as often only the beginning is looked at."""
_REQUESTS = 16

T = TypeVar("T")


class Handle(Protocol):
    """An object of a store, of some bytes; its version is another once it is another object."""

    size: int
    version: str

    def read_at(self, length: int, start: int, /) -> bytes:
        """Return ``length`` bytes from ``start``, which are there."""
        ...


class Store(Protocol):
    """Where objects are; what it cannot do raises OSError."""

    def kind(self, name: str, /) -> Kind:
        """Return what a name is of; a stream can only be read once, from its beginning."""
        ...

    def open(self, name: str, /) -> Handle:
        """Return an object that is read in any order."""
        ...

    def names(self, folder: str, /) -> list[str]:
        """Return all objects below a folder."""
        ...

    def stream(self, name: str, /) -> Iterator[bytes]:
        """Yield the bytes of an object from its beginning."""
        ...


def open_raw(name: str) -> BinaryIO:
    """Open a file or an object for reading, as it is stored."""
    if is_remote(name):
        return io.BufferedReader(_RemoteFile(name), _MOST)
    return Path(name).open("rb")


def arrow_file(path: str | Path, mode: str = "rb") -> Any:
    """Open a file for Arrow, which takes model:v2.parquet for an address, and wants UTF-8."""
    if is_remote(path):
        return pa.PythonFile(_RemoteFile(str(path)), "r")
    return pa.OSFile(os.fsencode(path), mode)


def stamp(name: str) -> tuple[int, str]:
    """Return the size of a file, and what is another once it is changed.

    Raises:
        OSError: it is not there.
    """
    if is_remote(name):
        with _RemoteFile(name) as file:
            return file.size, file.version
    stat = Path(name).stat()
    return stat.st_size, str(stat.st_mtime_ns)


def kind_of(name: str) -> Kind:
    """Return what an address is of; "" where nothing is."""
    return _asked(name, lambda: _store(name).kind(name))[0]


def names_below(folder: str) -> list[str]:
    """Return the addresses of all objects below that of a folder, in order."""
    return sorted(_asked(folder, lambda: _store(folder).names(folder))[0])


def streamed(name: str) -> Iterator[bytes]:
    """Yield the bytes of an object whose server does not give parts of it."""
    try:
        yield from _store(name).stream(name)
    except OSError as error:
        raise refusal(name, error) from None


def _store(name: str) -> Store:
    """Return the store that an address is in."""
    scheme, _, rest = name.partition("://")
    if scheme.lower() in ("http", "https"):
        from calaudit.predictions.web import Web

        return Web()
    from calaudit.predictions.object_stores import store_of

    return store_of(scheme.lower(), rest.partition("/")[0])


def _asked(name: str, *calls: Callable[[], T]) -> list[T]:
    """Return what requests return that are made side by side.

    They are made by other threads: who waits for these can be interrupted, while a library that
    waits for a server cannot.
    """
    futures = [_requests().submit(call) for call in calls]
    try:
        return [future.result() for future in futures]
    except (OSError, pa.ArrowException) as error:
        raise refusal(name, error) from None
    finally:
        for future in futures:
            future.cancel()


@cache
def _requests() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_REQUESTS, thread_name_prefix="calaudit-request")


class _RemoteFile(io.RawIOBase):
    """An object of a store as a file.

    Raises:
        InputError: it is not there, or must not be read.
        IncompleteError: the store cannot be reached, or broke off too often.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._at, self._ahead = name, 0, _LEAST
        (self._handle,) = _asked(name, lambda: _store(name).open(name))
        self.size, self.version = self._handle.size, self._handle.version

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it can be read in any order."""
        return True

    def tell(self) -> int:
        """Return where the next byte is."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, and return it."""
        self._ahead = _LEAST
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def read(self, length: int | None = -1, /) -> bytes:
        """Return that many bytes, or all that are left where these are fewer."""
        left = max(0, self.size - self._at)
        stop = self._at + (left if length is None or length < 0 else min(length, left))
        pieces = [(min(_BLOCK, stop - at), at) for at in range(self._at, stop, _BLOCK)]
        found = _asked(self._name, *(partial(self._handle.read_at, *piece) for piece in pieces))
        for (wanted, at), data in zip(pieces, found, strict=True):
            if len(data) != wanted:
                raise IncompleteError(
                    f"{self._name}: ended after {at + len(data):,} of {self.size:,} bytes. It has "
                    "changed or is damaged: copy or write it again."
                )
        self._at = stop
        return b"".join(found)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a part of ``buffer``; 0 only at the end."""
        space = memoryview(buffer).cast("B")
        data = self.read(min(len(space), self._ahead))
        self._ahead *= 2
        space[: len(data)] = data
        return len(data)
