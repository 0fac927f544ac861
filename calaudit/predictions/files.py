"""Paths, directories and globs → opened sources, by content first and suffix second."""

from __future__ import annotations

import difflib
import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calaudit.errors import IncompleteError, InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.addresses import SCHEMES, is_remote, public
from calaudit.predictions.compression import codec_of, is_wide, open_binary
from calaudit.predictions.damage import DAMAGE, refusing_damage
from calaudit.predictions.foreign import refuse_foreign
from calaudit.predictions.listing import (
    SUFFIXES,
    can_be_opened,
    is_aside,
    is_data,
    matches,
    walked,
)
from calaudit.predictions.logs.inspect_ai import archived_samples, is_archive
from calaudit.predictions.partitions import PartitionedSource, partition_values
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Source
from calaudit.predictions.spooling import spooled
from calaudit.predictions.storage import kind_of, open_raw, stamp
from calaudit.predictions.unreachable import Absent

SHARD = b"calaudit.shard/"
"""How files begin that hold the tables of rows, and no rows."""

_ENDS = 1 << 16
"""Bytes at either end of a file that it is recognised by: what is in it, and its footer."""


@dataclass(slots=True)
class File:
    """A file to read, and how it looked when it was opened.

    Attributes:
        path: where it is.
        shown: how the user named it.
        among: the folder or pattern that it was found by; "" where it was named.
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
    among: str = ""
    temporary: bool = False
    notes: list[Finding] = field(default_factory=list)
    size: int = 0
    version: str = ""
    of_labels: bool = False
    alone: bool = False
    roles: Roles = field(default_factory=Roles)

    def look(self) -> None:
        """Remember its size, and what is another once it is changed."""
        try:
            self.size, self.version = stamp(self.path)
        except OSError as error:
            raise InputError(f"{self.shown}: {error.strerror or error}.") from error

    @property
    def identity(self) -> Any:
        """What is the same for every link to it."""
        if is_remote(self.path):
            return self.path
        stat = Path(self.path).stat()
        return stat.st_dev, stat.st_ino

    def check_unchanged(self) -> None:
        """Raise IncompleteError if the file has changed since `look`."""
        try:
            size, version = stamp(self.path)
        except (OSError, Absent) as error:
            why = getattr(error, "strerror", "there is no such object")
            raise IncompleteError(
                f"{self.shown}: disappeared while it was read ({why})."
            ) from error
        if (size, version) != (self.size, self.version):
            raise IncompleteError(
                f"{self.shown}: changed while it was read ({self.size} bytes, then {size}). Run "
                "again when nothing writes to it."
            )

    def fingerprint(self) -> str:
        """Return what tells its content from others: a hash of its size and of both its ends."""
        with open_raw(self.path) as raw:
            ends = raw.read(_ENDS)
            raw.seek(max(self.size - _ENDS, 0))
            ends += raw.read(_ENDS)
        return hashlib.sha256(b"%d " % self.size + ends).hexdigest()[:32]

    def discard(self) -> None:
        """Delete the file if it is a temporary one."""
        if self.temporary:
            Path(self.path).unlink(missing_ok=True)


def expand(paths: Iterable[str | Path], roles: Roles | None = None) -> list[File]:
    """Return the files that paths, directories and globs stand for, in a stable order."""
    roles = roles or Roles()
    files: list[File] = []
    try:
        for path in (os.fspath(path) for path in paths):
            found = _found(path)
            files += found
            for file in found:
                file.among = "" if file.temporary or file.path == path else path
        for file in files:
            file.roles = roles
        _check_distinct(files)
    except BaseException:
        for file in files:
            file.discard()
        raise
    return files


def check_unchanged(files: Sequence[File]) -> None:
    """Raise IncompleteError if a file has changed since `look`, or one came to its folder."""
    for file in files:
        file.check_unchanged()
    for among in {file.among: None for file in files if file.among}:
        known = {file.path for file in files}
        added = [file.shown for file in _found(among) if file.path not in known]
        if added:
            raise IncompleteError(
                f"{added[0]}: came to {among} while it was read. Run again when nothing writes "
                "to it."
            )


def _found(text: str) -> list[File]:
    if text == "-":
        return [File(spooled(), text, temporary=True)]
    if is_remote(text):
        return _in_store(text)
    try:
        if Path(text).is_dir():
            return _directory(text)
        if Path(text).exists() and not Path(text).is_file():
            return [File(spooled(text), text, temporary=True)]
        if Path(text).exists():
            return [File(text, text, _partitions(text))]
    except (OSError, ValueError) as error:  # a name too long, or with a NUL in it
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{text[:80]!r} cannot be the name of a file: {reason}.") from error
    if glob.has_magic(text):
        return _globbed(text)
    raise InputError(_absent(text))


def _in_store(name: str) -> list[File]:
    """Return the files that an address stands for: an object's, a folder's or a pattern's."""
    kind, shown = kind_of(name), public(name)
    if kind == "stream":
        return [File(spooled(name), shown, _partitions(name), temporary=True)]
    if kind == "folder":
        return _directory(name.rstrip("/"))
    if not kind and glob.has_magic(name):
        return _globbed(name)
    return [File(name, shown, _partitions(name))]


def _partitions(path: str) -> dict[str, str]:
    return partition_values(Path(path.partition("?")[0] if is_remote(path) else path).parent)


def _check_distinct(files: list[File]) -> None:
    seen: dict[Any, File] = {}
    for file in files:
        file.look()
        other = seen.setdefault(file.identity, file)
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
    if file.size == 0 and (is_remote(file.path) or Path(file.path).is_file()):
        again = " Models or members are read one after another, and a pipe once: give a file."
        raise InputError(
            f"{file.shown}: the file is empty (0 bytes).{again if file.shown == '-' else ''}"
        )
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
    if head.startswith(SHARD):
        raise InputError(
            f"{file.shown}: holds the tables that calaudit summarize made of rows, and no rows. "
            "Name such files by themselves, as in calaudit evaluate *.cal."
        )
    refuse_foreign(file.shown, head)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        from calaudit.predictions.jsonl import JsonlSource

        return JsonlSource(*given, file.notes)
    from calaudit.predictions.delimited import CsvSource

    return CsvSource(*given, no_header=file.roles.no_header)


def _head(file: File) -> bytes:
    try:
        with open_raw(file.path) as raw:
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
    for folder, paths in walked(root):
        for path in (path for path in paths if not is_aside(Path(path).name)):
            if is_data(Path(path).name) and can_be_opened(path):
                files.append(File(path, path, partition_values(os.path.relpath(folder, root))))
            else:
                others.append(os.path.relpath(path, root))
    if not files:
        found = f"; found only {_named(others)}" if others else ""
        raise InputError(
            f"{root}: the directory holds no data files ({', '.join(SUFFIXES[:4])}, …){found}."
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


def _globbed(pattern: str) -> list[File]:
    files: list[File] = []
    pipes: list[str] = []
    for path, is_folder in matches(pattern):
        if is_folder:
            if "**" not in pattern:
                files.extend(_directory(path))
        elif not can_be_opened(path):
            pipes.append(path)
        elif not is_aside(Path(path).name):
            files.append(File(path, path, _partitions(path)))
    _note_left_out(files, pipes, pattern)
    if not files:
        raise InputError(f"{pattern}: no file matches. Quote the pattern and check the folder.")
    return files


def _absent(path: str) -> str:
    scheme, sign, _ = path.partition(":/")
    if sign and scheme.isalnum():  # a Path has made one slash of two
        known = ", ".join(f"{each}://" for each in SCHEMES)
        return f"{path}: there is no such file. Addresses are text that begins with {known}."
    folder, name = os.path.split(path)
    try:
        near = difflib.get_close_matches(
            name, [entry.name for entry in Path(folder or ".").iterdir()], 3, 0.6
        )
    except OSError:
        return f"{path}: there is no such file, nor a folder {folder!r}."
    hint = f" Did you mean {' or '.join(str(Path(folder) / n) for n in near)}?" if near else ""
    return f"{path}: there is no such file.{hint}"
