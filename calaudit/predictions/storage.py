"""Names of files, and addresses of objects in stores, as something that can be read.

Whatever reads predictions opens them here, so that no format knows where its bytes come from.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar

import pyarrow as pa

from calaudit.errors import IncompleteError
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.unreachable import refusal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Kind = Literal["file", "folder", "stream", ""]

_BLOCK = 4 << 20
"""Bytes of one request; those of a larger piece are made side by side."""
_LEAST, _MOST = 64 << 10, 8 << 20
"""Bytes that are read ahead: few at first, as often only the beginning is looked at."""
_REQUESTS = 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a store.

    Attributes:
        size: its bytes. version: what is another once it is another object.
        read_at: returns so many bytes, which are there, from a place on.
    """

    size: int
    version: str
    read_at: Callable[[int, int], bytes]


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
    kind: Kind = _asked(name, lambda: _store(name).kind(name))[0]
    return kind


def names_below(folder: str) -> list[str]:
    """Return the addresses of all objects below that of a folder, in order."""
    return sorted(_asked(folder, lambda: _store(folder).names(folder))[0])


def streamed(name: str) -> Iterator[bytes]:
    """Yield the bytes of an object whose server does not give parts of it."""
    try:
        yield from _store(name).stream(name)
    except OSError as error:
        raise refusal(name, error) from None


def _store(name: str) -> Any:
    """Return where an address is: what has its ``kind``, its ``names``, and opens it."""
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
        (self._object,) = _asked(name, lambda: _store(name).open(name))
        self.size, self.version = self._object.size, self._object.version

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        place = offset + (0, self._at, self.size)[whence]
        self._at, self._ahead = place, self._ahead if place == self._at else _LEAST
        return place

    def read(self, length: int | None = -1, /) -> bytes:
        left = max(0, self.size - self._at)
        stop = self._at + (left if length is None or length < 0 else min(length, left))
        pieces = [(min(_BLOCK, stop - at), at) for at in range(self._at, stop, _BLOCK)]
        found = _asked(self._name, *(partial(self._object.read_at, *piece) for piece in pieces))
        for (wanted, at), data in zip(pieces, found, strict=True):
            if len(data) != wanted:
                raise IncompleteError(
                    f"{self._name}: ended after {at + len(data):,} of {self.size:,} bytes. It has "
                    "changed or is damaged: copy or write it again."
                )
        self._at = stop
        return b"".join(found)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        space = memoryview(buffer).cast("B")
        data = self.read(min(len(space), self._ahead))
        self._ahead *= 2
        space[: len(data)] = data
        return len(data)
