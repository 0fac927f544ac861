"""Shards that somebody names: objects, or files that are known by how they begin."""

from __future__ import annotations

from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calaudit.api.rows.declared import paths_of
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.files import SHARD, expand

if TYPE_CHECKING:
    from calaudit.api.shards.shard import Shard


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A shard with the name that the user knows it by."""

    name: str
    shard: Shard


def shards_in(data: Any) -> list[Named]:
    """Return the shards that data is; [] where it is something else.

    Raises:
        InputError: one of several cannot be read, or is none.
    """
    given = list(data) if isinstance(data, list | tuple) else [data]
    if given and all(hasattr(each, "to_bytes") and hasattr(each, "summary") for each in given):
        return [Named(f"shard {k}", each) for k, each in enumerate(given, 1)]
    paths = paths_of(data)
    if not paths or not _is_shard(paths[0]):
        return []
    from calaudit.api.shards.shard import Shard  # which most commands do without

    return [Named(file.shown, Shard.load(file.path)) for file in expand(paths)]


def _is_shard(path: str) -> bool:
    """Whether a path, or the first that a pattern stands for, is a shard; of addresses by name."""
    if is_remote(path):
        return path.endswith(".cal")
    try:
        if not Path(path).exists() and has_magic(path):
            path = min(glob(path, recursive=True), default=path)  # noqa: PTH207 - absolute ones too
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            return file.read(len(SHARD)) == SHARD
    except (OSError, ValueError):
        return False
