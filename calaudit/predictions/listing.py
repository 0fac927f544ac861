"""What is below folders, and what patterns match, on this machine and in stores."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from calaudit.errors import InputError
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.storage import names_below

SUFFIXES = (
    ".parquet", ".pq", ".csv", ".tsv", ".tab", ".psv", ".txt", ".jsonl", ".ndjson", ".arrow",
    ".feather", ".ipc", ".npz", ".npy", ".eval",
)  # fmt: skip
_PACKED = (".gz", ".zst", ".bz2", ".xz")


def walked(root: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder once, with the paths in it; links are followed, but not to above it."""
    if is_remote(root):
        yield from _in_folders(root)
        return
    seen = {os.path.realpath(root)}
    seen |= set(map(str, Path(os.path.realpath(root)).parents))

    def refuse(error: OSError) -> NoReturn:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}.") from error

    for folder, folders, names in os.walk(root, onerror=refuse, followlinks=True):
        yield folder, [str(Path(folder) / name) for name in sorted(names)]
        kept = []
        for name in sorted(name for name in folders if not name.startswith((".", "_"))):
            real = os.path.realpath(Path(folder) / name)
            if real not in seen:
                seen.add(real)
                kept.append(name)
        folders[:] = kept


def _in_folders(root: str) -> Iterator[tuple[str, list[str]]]:
    """Yield every folder of a store below ``root``, as `walked` does."""
    folders: dict[str, list[str]] = {}
    for name in names_below(root):
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    for folder, paths in sorted(folders.items()):
        if not any(part.startswith((".", "_")) for part in folder[len(root) :].split("/")):
            yield folder, paths


def matches(pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield what a pattern matches, in order, and whether it is a folder."""
    if not is_remote(pattern):
        for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - absolute patterns
            yield path, Path(path).is_dir()
        return
    at = next(i for i, part in enumerate(pattern.split("/")) if glob.has_magic(part))
    names = names_below("/".join(pattern.split("/")[:at]))
    folders = {name[:i] for name in names for i, sign in enumerate(name) if sign == "/"}
    for name in sorted({*names, *folders}):
        if _fits(name.split("/"), pattern.rstrip("/").split("/")):
            yield name, name in folders


def _fits(parts: list[str], pattern: list[str]) -> bool:
    """Return whether a name matches a pattern of as many parts, but for ``**``."""
    if pattern[:1] == ["**"]:
        return any(_fits(parts[i:], pattern[1:]) for i in range(len(parts) + 1))
    if not parts or not pattern:
        return parts == pattern
    return fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def is_aside(name: str) -> bool:
    """Return whether a file is no data by its name: _SUCCESS, hidden files, checksums."""
    return name.startswith((".", "_")) or name.endswith(".crc")


def is_data(name: str) -> bool:
    """Return whether a file in a folder is read: its suffix is known, or it has none."""
    stem = name.lower()
    for suffix in _PACKED:
        stem = stem.removesuffix(suffix)
    return stem.endswith(SUFFIXES) or "." not in stem


def can_be_opened(path: str) -> bool:
    """Return False for pipes and devices, which could be waited for without end."""
    return is_remote(path) or Path(path).is_file() or not Path(path).exists()
