"""Paths, directories and globs → opened sources, by content first and suffix second."""

from __future__ import annotations

import difflib
import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from calaudit.errors import IncompleteError, InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.compression import codec_of, is_wide, open_binary
from calaudit.predictions.damage import DAMAGE, refusing_damage
from calaudit.predictions.foreign import refuse_foreign
from calaudit.predictions.logs.inspect_ai import archived_samples, is_archive
from calaudit.predictions.partitions import PartitionedSource, partition_values
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Source
from calaudit.predictions.spooling import spooled

__all__ = ["File", "expand", "open_file", "open_files"]

_SUFFIXES = (
    ".parquet", ".pq", ".csv", ".tsv", ".tab", ".psv", ".txt", ".jsonl", ".ndjson", ".arrow",
    ".feather", ".ipc", ".npz", ".npy", ".eval",
)  # fmt: skip
_PACKED = (".gz", ".zst", ".bz2", ".xz")


@dataclass(slots=True)
class File:
    """A file to read, and how it looked when it was opened.

    Attributes:
        path: where it is.
        shown: how the user named it.
        constants: columns that its directory names give (hive partitions).
        temporary: True for the copy of a pipe, which is deleted when closed.
        notes: what should be said about it, or about others that are not read.
        of_labels: whether it holds labels that are joined to the rows of others.
        alone: whether it may hold scores without labels.
        roles: as the user declared them.
    """

    path: str
    shown: str
    constants: Mapping[str, str] = field(default_factory=dict)
    temporary: bool = False
    notes: list[Finding] = field(default_factory=list)
    size: int = 0
    modified: int = 0
    of_labels: bool = False
    alone: bool = False
    roles: Roles = field(default_factory=Roles)

    def look(self) -> tuple[int, int]:
        """Remember size and time of change, and return what is the same for every link to it."""
        try:
            stat = Path(self.path).stat()
        except OSError as error:
            raise InputError(f"{self.shown}: {error.strerror or error}.") from error
        self.size, self.modified = stat.st_size, stat.st_mtime_ns
        return stat.st_dev, stat.st_ino

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


def expand(paths: Iterable[str | Path], roles: Roles | None = None) -> list[File]:
    """Return the files that paths, directories and globs stand for, in a stable order."""
    roles = roles or Roles()
    files: list[File] = []
    try:
        for path in paths:
            files.extend(_found(os.fspath(path)))
        for file in files:
            file.roles = roles
        _check_distinct(files)
    except BaseException:
        for file in files:
            file.discard()
        raise
    return files


def _found(text: str) -> list[File]:
    if text == "-":
        return [File(spooled(), text, temporary=True)]
    try:
        if Path(text).is_dir():
            return _directory(text)
        if Path(text).exists() and not Path(text).is_file():
            return [File(spooled(text), text, temporary=True)]
        if Path(text).exists():
            return [File(text, text, partition_values(Path(text).parent))]
    except (OSError, ValueError) as error:  # a name too long, or with a NUL in it
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{text[:80]!r} cannot be the name of a file: {reason}.") from error
    if glob.has_magic(text):
        return _globbed(text)
    raise InputError(_absent(text))


def _check_distinct(files: list[File]) -> None:
    seen: dict[tuple[int, int], File] = {}
    for file in files:
        other = seen.setdefault(file.look(), file)
        if other is not file:
            raise InputError(
                f"{file.shown}: is named twice, or the same file as {other.shown} by a link; its "
                "rows would count double. Name one of the two."
            )
    if not files:
        raise InputError("no input was named. Give a file, a directory, a glob, or - for stdin.")


def open_files(files: Sequence[File]) -> Iterator[Source]:
    """Yield the sources that read the files: one each, or one for NPY files side by side."""
    apart = any(file.alone for file in files)
    if len(files) > 1 and not apart and all(_head(file).startswith(b"\x93NUMPY") for file in files):
        from calaudit.predictions.npz import open_arrays

        for of, group in _by_image(files):
            given = [(file.path, file.shown) for file in group]
            yield open_arrays(given, roles=files[0].roles, of=of)
        return
    for file in files:
        yield open_file(file)


def _by_image(files: Sequence[File]) -> list[tuple[str, list[File]]]:
    """Return arrays that belong together: of one name in two folders, or alike but for an end.

    As in probs/scan1.npy and masks/scan1.npy, or scan1_probs.npy and scan1_mask.npy.
    """
    stems = [Path(file.shown).stem for file in files]
    ways = (
        stems,
        [stem.rpartition("_")[0] for stem in stems],
        [stem.partition("_")[2] for stem in stems],
    )
    for keys in ways:
        groups: dict[str, list[File]] = {}
        for key, file in zip(keys, files, strict=True):
            groups.setdefault(key, []).append(file)
        sizes = {len(group) for group in groups.values()}
        if len(groups) > 1 and len(sizes) == 1 and sizes <= {2, 3}:
            return sorted(groups.items())
    return [("", list(files))]


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
    if head.startswith(b"PK\x03\x04") and is_archive(file.path):
        from calaudit.predictions.jsonl import JsonlSource

        return JsonlSource(*given, file.notes, archived_samples)
    if head.startswith((b"\x93NUMPY", b"PK\x03\x04")):
        from calaudit.predictions.npz import open_npz

        return open_npz(*given, file.notes, alone=file.alone, roles=file.roles)
    refuse_foreign(file.shown, head)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        from calaudit.predictions.jsonl import JsonlSource

        return JsonlSource(*given, file.notes)
    from calaudit.predictions.delimited import CsvSource

    return CsvSource(*given, no_header=file.roles.no_header)


def _head(file: File) -> bytes:
    try:
        with Path(file.path).open("rb") as raw:
            head = raw.read(1024)
        if codec_of(head) or is_wide(head):
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


def _directory(root: str) -> list[File]:
    files, others = [], []
    for folder, names in _walked(root):
        for name in (name for name in names if not _is_aside(name)):
            path = str(Path(folder) / name)
            if _is_data(name) and _can_be_opened(path):
                files.append(File(path, path, partition_values(os.path.relpath(folder, root))))
            else:
                others.append(os.path.relpath(path, root))
    if not files:
        found = f"; found only {_named(others)}" if others else ""
        raise InputError(
            f"{root}: the directory holds no data files ({', '.join(_SUFFIXES[:4])}, …){found}."
        )
    _note_left_out(files, others, root)
    return files


def _note_left_out(files: list[File], others: list[str], where: str) -> None:
    if files and others:
        names = _named(others)
        left = finding("files-left-out", folder=where, names=names, files=len(others))
        files[0].notes.append(left)


def _named(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _walked(root: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder once, with the names in it; links are followed, but not to above it."""
    seen = {os.path.realpath(root)}
    seen |= set(map(str, Path(os.path.realpath(root)).parents))

    def refuse(error: OSError) -> NoReturn:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}.") from error

    for folder, folders, names in os.walk(root, onerror=refuse, followlinks=True):
        yield folder, sorted(names)
        kept = []
        for name in sorted(name for name in folders if not name.startswith((".", "_"))):
            real = os.path.realpath(Path(folder) / name)
            if real not in seen:
                seen.add(real)
                kept.append(name)
        folders[:] = kept


def _is_aside(name: str) -> bool:
    """Return whether a file is no data by its name: _SUCCESS, hidden files, checksums."""
    return name.startswith((".", "_")) or name.endswith(".crc")


def _can_be_opened(path: str) -> bool:
    """Return False for pipes and devices, which could be waited for without end."""
    return Path(path).is_file() or not Path(path).exists()


def _globbed(pattern: str) -> list[File]:
    files: list[File] = []
    pipes: list[str] = []
    for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - absolute patterns too
        if Path(path).is_dir():
            if "**" not in pattern:
                files.extend(_directory(path))
        elif not _can_be_opened(path):
            pipes.append(path)
        elif not _is_aside(Path(path).name):
            files.append(File(path, path, partition_values(Path(path).parent)))
    _note_left_out(files, pipes, pattern)
    if not files:
        raise InputError(f"{pattern}: no file matches. Quote the pattern and check the folder.")
    return files


def _is_data(name: str) -> bool:
    stem = name.lower()
    for suffix in _PACKED:
        stem = stem.removesuffix(suffix)
    return stem.endswith(_SUFFIXES) or "." not in stem


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
