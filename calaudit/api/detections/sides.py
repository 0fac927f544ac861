"""The sets of rows that are told apart: files, or the values of a column."""

from __future__ import annotations

import os
from typing import Any

from calaudit.api.comparisons.sides import given_data
from calaudit.api.detections.scores import RowScores, read_scores
from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError, SettingsError
from calaudit.options.commands import OodOptions
from calaudit.predictions.catalogue import listed


def read_sides(
    data: Any, options: OodOptions, fitted: Calibrator | None, cutoff: float | None
) -> dict[str, RowScores]:
    """Return the sets by name, that of the inside first; see `read_scores`.

    Raises:
        InputError: the data cannot be used, or no row has a value that was named.
        SettingsError: there is one set only, or two cannot be told apart.
    """
    named = given_data(data)
    if not all(isinstance(path, str | os.PathLike) for path in named.values()):
        raise SettingsError("ood reads files: give their paths")
    column, inside, outside = options["set"], options["inside"], options["outside"]
    if column is None:
        if inside is not None or outside is not None:
            raise SettingsError("--inside and --outside are values of a column: name it with --set")
        if len(named) < 2:
            raise SettingsError(
                "give the rows of the model's own kind first, then those of another: calaudit ood "
                "inside.parquet outside.parquet; or one file with --set COLUMN --inside VALUE"
            )
        if len({os.path.realpath(path) for path in named.values()}) < len(named):
            raise SettingsError("one file is given twice: rows cannot be inside and outside")
        return {
            str(name): read_scores([os.fspath(path)], options, fitted, cutoff)[""]
            for name, path in named.items()
        }
    if inside is None:
        raise SettingsError(f"say which rows are inside: --inside, a value of {column!r}")
    found = read_scores(list(map(os.fspath, named.values())), options, fitted, cutoff)
    others = outside or sorted(found.keys() - {inside})
    for value in (inside, *others):
        if value not in found:
            values = listed(sorted(found), 10)
            raise InputError(f"no row has {column}={value}; its values are {values}")
    if inside in others or not others:
        raise SettingsError(f"--outside: no other value of {column!r} than {inside!r}, the inside")
    return {value: found[value] for value in (inside, *others)}
