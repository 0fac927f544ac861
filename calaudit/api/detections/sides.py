"""The sets of rows that are told apart: files, or the values of a column."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calaudit.api.detections.scores import values_of
from calaudit.errors import SettingsError
from calaudit.options.commands import OodOptions
from calaudit.predictions.addresses import named_path

__all__ = ["Side", "sides_of"]


@dataclass(frozen=True, slots=True)
class Side:
    """One set of rows.

    Attributes:
        name: as it is told from others. paths: of its files.
        value: of the column that says which rows are its own; None for all.
    """

    name: str
    paths: list[str]
    value: str | None = None


def sides_of(data: Any, options: OodOptions) -> list[Side]:
    """Return the sets, that of the inside first.

    Raises:
        InputError: no row has the value for the inside.
        SettingsError: there is one set only, or two cannot be told apart.
    """
    named = _named(data)
    column, inside = options["set"], options["inside"]
    if column is None:
        if inside is not None or options["outside"] is not None:
            raise SettingsError("--inside and --outside are values of a column: name it with --set")
        if len(named) < 2:
            raise SettingsError(
                "give the rows of the model's own kind first, then those of another: calaudit ood "
                "inside.parquet outside.parquet; or one file with --set COLUMN --inside VALUE"
            )
        names = _names(named)
        if len({os.path.realpath(path) for _, path in named}) < len(named):
            raise SettingsError("one file is given twice: rows cannot be inside and outside")
        return [Side(name, [path]) for name, (_, path) in zip(names, named, strict=True)]
    if inside is None:
        raise SettingsError(f"say which rows are inside: --inside, a value of {column!r}")
    files = [path for _, path in named]
    values = options["outside"] or values_of(files, column, inside, options)
    return [Side(value, files, value) for value in (inside, *values)]


def _named(data: Any) -> list[tuple[str, str]]:
    """Return names, "" where none is given, and paths."""
    if isinstance(data, Mapping):
        return [(str(name), os.fspath(path)) for name, path in data.items()]
    paths = [data] if isinstance(data, str | os.PathLike) else list(data)
    if not all(isinstance(path, str | os.PathLike) for path in paths):
        raise SettingsError("ood reads files: give their paths")
    return [named_path(os.fspath(path)) for path in paths]


def _names(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return a name for each file: that which was given, its stem, or its path."""
    stems = [name or Path(path).stem for name, path in named]
    names = [s if stems.count(s) == 1 else path for s, (_, path) in zip(stems, named, strict=True)]
    if len(set(names)) < len(names):
        raise SettingsError("two sets are called the same: name each, as NAME=FILE")
    return names
