"""Compressed streams, recognised by their first bytes rather than by their names.

Members that follow one another are one stream, as for the tools that make them. Whatever else
follows the end of one is an error: it would be rows that nobody sees.
"""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pyarrow as pa

from calaudit.predictions.storage import arrow_file, open_raw

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}
_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
_BLOCK = 64 << 10


def codec_of(head: bytes) -> str | None:
    """Return "gzip", "zstd", "bz2" or "xz" if ``head`` begins such a stream, else None."""
    return next((codec for magic, codec in _MAGIC.items() if head.startswith(magic)), None)


def open_binary(path: str) -> BinaryIO:
    """Open a file for reading, decompressed; a truncated stream raises on reading."""
    with open_raw(path) as file:
        head = file.read(8)
    codec = codec_of(head)
    if codec in _DECOMPRESSORS:
        return io.BufferedReader(_Members(path, codec), _BLOCK)
    if codec is not None:
        return cast(BinaryIO, pa.input_stream(arrow_file(path), compression=codec))
    return io.BufferedReader(_Utf8(path), _BLOCK) if is_wide(head) else open_raw(path)


def is_wide(head: bytes) -> bool:
    """Return whether text begins with the mark of UTF-16."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) and head[2:4] != b"\0\0"


class _Utf8(io.RawIOBase):
    """UTF-16 text as UTF-8, without the mark at its beginning.

    Raises:
        UnicodeError: it is cut off, or none.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file, self._rest = open_raw(path), b""
        self._decoder = codecs.getincrementaldecoder("utf-16")()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a part of ``buffer``; 0 only at the end of the file."""
        space = memoryview(buffer).cast("B")
        while not self._rest:
            block = self._file.read(_BLOCK)
            self._rest = self._decoder.decode(block, final=not block).encode()
            if not block:
                break
        given, self._rest = self._rest[: len(space)], self._rest[len(space) :]
        space[: len(given)] = given
        return len(given)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class _Members(io.RawIOBase):
    """The members of a bz2 or xz file, one after another; Python's own readers ignore the rest.

    Raises:
        EOFError: the last member is cut off.
        OSError, lzma.LZMAError: what follows a member is none.
    """

    def __init__(self, path: str, codec: str) -> None:
        super().__init__()
        self._file = open_raw(path)
        self._codec = codec
        self._member = _DECOMPRESSORS[codec]()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a part of ``buffer``; 0 only at the end of the file."""
        space = memoryview(buffer).cast("B")
        while True:
            given = b""
            if self._member.eof:
                given = self._next_member()
                if not given:
                    return 0
                self._member = _DECOMPRESSORS[self._codec]()
            elif self._member.needs_input:
                given = self._file.read(_BLOCK)
                if not given:
                    raise EOFError("it ends before the end of the compressed data")
            text = self._member.decompress(given, len(space))
            if text:
                space[: len(text)] = text
                return len(text)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _next_member(self) -> bytes:
        """Return how the next member begins; b"" at the end."""
        rest: bytes = self._member.unused_data or self._file.read(_BLOCK)
        if self._codec == "xz":  # which may be padded between members and at its end
            while rest and not rest.strip(b"\0"):
                rest = self._file.read(_BLOCK)
            rest = rest.lstrip(b"\0")
        return rest
