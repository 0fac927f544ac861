"""The sets of rows that are told apart: files, or the values of a column."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calaudit.api.detections.scores import RowScores, read_scores
from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError, SettingsError
from calaudit.options.commands import OodOptions
from calaudit.predictions.addresses import named_path
from calaudit.predictions.catalogue import listed

__all__ = ["read_sides"]


def read_sides(
    data: Any, options: OodOptions, fitted: Calibrator | None, cutoff: float | None
) -> dict[str, RowScores]:
    """Return the sets by name, that of the inside first; see `read_scores`.

    Raises:
        InputError: the data cannot be used, or no row has a value that was named.
        SettingsError: there is one set only, or two cannot be told apart.
    """
    named = _named(data)
    column, inside, outside = options["set"], options["inside"], options["outside"]
    if column is None:
        if inside is not None or outside is not None:
            raise SettingsError("--inside and --outside are values of a column: name it with --set")
        if len(named) < 2:
            raise SettingsError(
                "give the rows of the model's own kind first, then those of another: calaudit ood "
                "inside.parquet outside.parquet; or one file with --set COLUMN --inside VALUE"
            )
        if len({os.path.realpath(path) for _, path in named}) < len(named):
            raise SettingsError("one file is given twice: rows cannot be inside and outside")
        pairs = zip(_names(named), named, strict=True)
        return {name: read_scores([path], options, fitted, cutoff)[""] for name, (_, path) in pairs}
    if inside is None:
        raise SettingsError(f"say which rows are inside: --inside, a value of {column!r}")
    found = read_scores([path for _, path in named], options, fitted, cutoff)
    others = outside or sorted(found.keys() - {inside})
    for value in (inside, *others):
        if value not in found:
            values = listed(sorted(found), 10)
            raise InputError(f"no row has {column}={value}; its values are {values}")
    if inside in others or not others:
        raise SettingsError(f"--outside: no other value of {column!r} than {inside!r}, the inside")
    return {value: found[value] for value in (inside, *others)}


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
