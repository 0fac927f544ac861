"""Compressed streams, recognised by their first bytes rather than by their names."""

from __future__ import annotations

import bz2
import lzma
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa

__all__ = ["codec_of", "open_binary", "open_stream"]

_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
}


def codec_of(head: bytes) -> str | None:
    """Return "gzip", "zstd", "bz2" or "xz" if ``head`` begins such a stream, else None."""
    return next((codec for magic, codec in _MAGIC.items() if head.startswith(magic)), None)


def open_binary(path: str) -> BinaryIO:
    """Open a file for reading, decompressed; a truncated stream raises on reading."""
    with Path(path).open("rb") as file:
        codec = codec_of(file.read(8))
    if codec == "bz2":
        return cast(BinaryIO, bz2.open(path, "rb"))
    if codec == "xz":
        return cast(BinaryIO, lzma.open(path, "rb"))
    if codec in ("gzip", "zstd"):
        return cast(BinaryIO, pa.input_stream(path, compression=codec))
    return Path(path).open("rb")


def open_stream(path: str) -> Any:
    """Open a file as an Arrow stream, decompressed."""
    with Path(path).open("rb") as file:
        codec = codec_of(file.read(8))
    if codec in ("gzip", "zstd"):
        return pa.input_stream(path, compression=codec)
    return pa.PythonFile(open_binary(path)) if codec else pa.input_stream(path, compression=None)
