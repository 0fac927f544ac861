"""Paths, directories and globs → opened sources, by content first and suffix second."""

from __future__ import annotations

import difflib
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from calaudit.errors import IncompleteError, InputError
from calaudit.predictions.compression import codec_of, open_binary
from calaudit.predictions.damage import DAMAGE, refusing_damage
from calaudit.predictions.partitions import PartitionedSource, partition_values
from calaudit.predictions.source import Source

__all__ = ["File", "expand", "open_file"]

_SUFFIXES = (
    ".parquet", ".pq", ".csv", ".tsv", ".tab", ".psv", ".txt", ".jsonl", ".ndjson", ".arrow",
    ".feather", ".ipc", ".npz", ".npy",
)  # fmt: skip
_PACKED = (".gz", ".zst", ".bz2", ".xz")

_FOREIGN = {
    b"\x80\x02": "a Python pickle, which is never opened because it can run code",
    b"\x80\x03": "a Python pickle, which is never opened because it can run code",
    b"\x80\x04": "a Python pickle, which is never opened because it can run code",
    b"\x80\x05": "a Python pickle, which is never opened because it can run code",
    b"<!doctype": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "an XML document",
    b"sqlite format": "a SQLite database",
    b"\x89hdf": "an HDF5 file",
    b"orc": "an ORC file",
    b"obj\x01": "an Avro file",
    b"version https://git-lfs": "a Git LFS pointer; fetch the data with `git lfs pull`",
    b"%pdf": "a PDF document",
    b"\x89png": "a PNG image",
    b"rdx": "an R data file",
}


@dataclass(slots=True)
class File:
    """A file to read, and how it looked when it was opened.

    Attributes:
        path: where it is.
        shown: how the user named it.
        constants: columns that its directory names give (hive partitions).
        temporary: True for spooled standard input, which is deleted when closed.
    """

    path: str
    shown: str
    constants: Mapping[str, str] = field(default_factory=dict)
    temporary: bool = False
    size: int = 0
    modified: int = 0

    def look(self) -> None:
        """Remember size and time of change; refuse what is not a readable file."""
        try:
            stat = Path(self.path).stat()
        except OSError as error:
            raise InputError(f"{self.shown}: {error.strerror or error}.") from error
        self.size, self.modified = stat.st_size, stat.st_mtime_ns

    def check_unchanged(self) -> None:
        """Raise IncompleteError if the file has changed since `look`."""
        try:
            stat = Path(self.path).stat()
        except OSError as error:
            raise IncompleteError(
                f"{self.shown}: disappeared while it was read ({error.strerror})."
            ) from error
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self.modified):
            raise IncompleteError(
                f"{self.shown}: changed while it was read ({self.size} bytes, then "
                f"{stat.st_size}). Run again when nothing writes to it."
            )

    def discard(self) -> None:
        """Delete the file if it is a temporary one."""
        if self.temporary:
            Path(self.path).unlink(missing_ok=True)


def expand(paths: Iterable[str | Path]) -> list[File]:
    """Return the files that paths, directories and globs stand for, in a stable order."""
    files: list[File] = []
    try:
        for path in paths:
            files.extend(_found(os.fspath(path)))
        _check_distinct(files)
    except BaseException:
        for file in files:
            file.discard()
        raise
    return files


def _found(text: str) -> list[File]:
    if text == "-":
        return [_spooled()]
    try:
        if Path(text).is_dir():
            return _directory(text, text)
        if Path(text).exists() and not Path(text).is_file():
            return [_spooled(text)]  # a pipe or a device can be read once, and not sought in
        if Path(text).exists():
            return [File(text, text, partition_values(Path(text).parent))]
    except (OSError, ValueError) as error:  # a name too long, or with a NUL in it
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{text[:80]!r} cannot be the name of a file: {reason}.") from error
    if glob.has_magic(text):
        return _globbed(text)
    raise InputError(_absent(text))


def _check_distinct(files: list[File]) -> None:
    seen: dict[str, File] = {}
    for file in files:
        real = os.path.realpath(file.path)
        if real in seen:
            raise InputError(
                f"{file.shown}: is named twice (also as {seen[real].shown}); its rows would "
                "count double. Name it once."
            )
        seen[real] = file
        file.look()
    if not files:
        raise InputError("no input was named. Give a file, a directory, a glob, or - for stdin.")


def open_file(file: File) -> Source:
    """Return the source that reads ``file``, chosen by what is in it."""
    if file.size == 0 and Path(file.path).is_file():
        raise InputError(f"{file.shown}: the file is empty (0 bytes).")
    head = _head(file)
    with refusing_damage(file.shown):
        source = _source(file, head)
    return PartitionedSource(source, file.constants) if file.constants else source


def _source(file: File, head: bytes) -> Source:
    given = (file.path, file.shown, file.size)
    if head.startswith(b"PAR1"):
        from calaudit.predictions.parquet import ParquetSource

        return ParquetSource(*given)
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        from calaudit.predictions.ipc import IpcSource

        return IpcSource(*given)
    if head.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        from calaudit.predictions.npz import open_npz

        return open_npz(*given)
    _refuse_foreign(file.shown, head)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        from calaudit.predictions.jsonl import JsonlSource

        return JsonlSource(*given)
    from calaudit.predictions.delimited import CsvSource

    return CsvSource(*given)


def _head(file: File) -> bytes:
    try:
        with Path(file.path).open("rb") as raw:
            head = raw.read(1024)
        if codec_of(head):
            with open_binary(file.path) as unpacked:
                head = unpacked.read(1024)
            if not head:
                raise InputError(f"{file.shown}: the compressed file is empty.")
            if head.startswith((b"PAR1", b"ARROW1")):
                raise InputError(
                    f"{file.shown}: is a Parquet or Arrow file inside a compressed one. "
                    "Decompress it first."
                )
    except PermissionError as error:
        raise InputError(f"{file.shown}: permission denied.") from error
    except DAMAGE as error:
        raise InputError(
            f"{file.shown}: cannot be read ({str(error).splitlines()[0] or 'damaged'})."
        ) from error
    return head


def _refuse_foreign(shown: str, head: bytes) -> None:
    lowered = head.lstrip().lower()
    for magic, what in _FOREIGN.items():
        if lowered.startswith(magic):
            raise InputError(f"{shown}: is {what}. Give predictions as Parquet or CSV.")
    if lowered.startswith(b"["):
        raise InputError(f"{shown}: is one JSON array. Write one object a line (JSONL), or CSV.")
    if shown.lower().endswith((".parquet", ".pq")) and b"\0" in head:
        raise InputError(f"{shown}: does not begin as a Parquet file. It is damaged or misnamed.")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{shown}: is not text, and no format that is known. Use Parquet or CSV.")


def _directory(root: str, shown: str) -> list[File]:
    files, others = [], []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            path = str(Path(folder) / name)
            if name.startswith((".", "_")) or name.endswith(".crc"):
                continue
            if _is_data(name):
                files.append(File(path, path, partition_values(os.path.relpath(folder, root))))
            else:
                others.append(name)
    if not files:
        found = f"; found only {', '.join(others[:3])}" if others else ""
        raise InputError(
            f"{shown}: the directory holds no data files ({', '.join(_SUFFIXES[:4])}, …){found}."
        )
    return files


def _globbed(pattern: str) -> list[File]:
    files: list[File] = []
    for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - absolute patterns too
        if Path(path).is_dir():
            if "**" not in pattern:
                files.extend(_directory(path, path))
        elif not Path(path).name.startswith(("_", ".")) and not path.endswith(".crc"):
            files.append(File(path, path, partition_values(Path(path).parent)))
    if not files:
        raise InputError(f"{pattern}: no file matches. Quote the pattern and check the folder.")
    return files


def _is_data(name: str) -> bool:
    stem = name.lower()
    for suffix in _PACKED:
        stem = stem.removesuffix(suffix)
    return stem.endswith(_SUFFIXES) or "." not in stem


def _spooled(path: str | None = None) -> File:
    """Copy a stream to a temporary file: Parquet needs to seek, CSV is read twice.

    Args:
        path: a pipe or device; standard input when None.
    """
    shown = path or "-"
    if path is None and sys.stdin is None:
        raise InputError("-: there is no standard input to read.")
    handle, copy = tempfile.mkstemp(prefix="calaudit-stdin-")
    try:
        with os.fdopen(handle, "wb") as target:
            if path is None:
                shutil.copyfileobj(sys.stdin.buffer, target, 1 << 20)
            else:
                with Path(path).open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
    except BaseException as error:
        Path(copy).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise InputError(
                f"{shown}: could not be copied to {tempfile.gettempdir()!r} "
                f"({error.strerror or error}). Free some space there or set TMPDIR."
            ) from error
        raise
    return File(copy, shown, temporary=True)


def _absent(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        near = difflib.get_close_matches(
            name, [entry.name for entry in Path(folder or ".").iterdir()], 3, 0.6
        )
    except OSError:
        return f"{path}: there is no such file, nor a folder {folder!r}."
    hint = f" Did you mean {' or '.join(str(Path(folder) / n) for n in near)}?" if near else ""
    return f"{path}: there is no such file.{hint}"
