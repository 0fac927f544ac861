"""The models of a comparison: files, columns of one file, rows of one file, or saved reports."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.checks.baselines import read_baseline
from calaudit.api.rows.declared import paths_of
from calaudit.api.rows.open_rows import opened_data, slice_names
from calaudit.errors import InputError, SettingsError
from calaudit.options.commands import CompareOptions, EvaluateOptions
from calaudit.options.declaration import defaults, names, options_of
from calaudit.predictions.addresses import named_path
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import Codes, place_codes
from calaudit.predictions.id_codes import id_codes
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.row_choice import Choice
from calaudit.predictions.subset import subset
from calaudit.report.evaluation_report import SCHEMA, Report

MOST = 100
"""Models at most; more are hardly models."""

COLUMNS = ("scores", "probs", "logits")
"""Options that can name a model each in one file."""

SEVERITY = ("severity", "Severity")

Opened = Callable[..., Predictions]

SHARED = set(options_of(EvaluateOptions)) & set(options_of(CompareOptions))


@dataclass(frozen=True, slots=True)
class Side:
    """One model: its name, and its report or what opens its rows.

    ``opened`` takes which rows are wanted, by the keys of their ids or places (see `KeyedRows`).
    """

    name: str
    report: Report | None = None
    opened: Opened | None = None


def evaluation_of(options: CompareOptions) -> Any:
    """Return the arguments of an evaluation that a comparison takes, too."""
    shared = {name: value for name, value in options.items() if name in SHARED}
    return defaults(EvaluateOptions) | shared


def is_perturbed(options: CompareOptions) -> bool:
    """Whether the models are one model on perturbed copies of the rows."""
    return options["perturbed"] or options["severity"] is not None


def slices_of(options: CompareOptions) -> tuple[str, ...]:
    """Return the columns of slices."""
    return slice_names(options["by"])


def sides_of(data: Any, options: CompareOptions) -> tuple[list[Side], bool]:
    """Return the models, the baseline first, and whether they are columns of the same rows.

    Raises:
        SettingsError: there are fewer than two, or the options contradict each other.
        InputError: the data cannot be read.
    """
    given = given_data(data)
    severity = _severity(list(given.values())[-1], options)
    columns, model = _columns(options), options["model"] or severity
    option = "--model" if severity is None else "--severity"
    if severity is not None and options["model"] is not None:
        raise SettingsError("give --model or --severity: either says which copy a row is of")
    if model is not None and options["id"] is None:
        raise SettingsError(
            f"{option} needs --id as well: the column that names the rows that all "
            f"{'models' if severity is None else 'copies'} have"
        )
    if len(given) == 1 and columns is not None:
        role, found = columns
        options_of_each: list[Any] = [{**evaluation_of(options), role: name} for name in found]
        (one,) = given.values()
        sides = [
            Side(name.rstrip("_."), None, partial(_opened, one, each))
            for name, each in zip(found, options_of_each, strict=True)
        ]
    elif len(given) == 1 and model is not None:
        (one,) = given.values()
        sides = _by_model(one, model, evaluation_of(options), options["models"], option)
        sides = sides if severity is None else _by_severity(sides)
    elif severity is not None:
        (name, clean), *copies = given.items()
        sides = [_side(name, clean, evaluation_of(options))]
        for copy, one in copies:
            parts = _by_model(one, severity, evaluation_of(options), options["models"], option)
            several = f"{copy} " * (len(copies) > 1)
            sides += [replace(side, name=f"{several}{side.name}") for side in _by_severity(parts)]
    else:
        if options["scores"] is not None or model is not None:
            raise SettingsError("--scores and --model are for the models of one file")
        sides = [_side(name, one, evaluation_of(options)) for name, one in given.items()]
    if len(sides) < 2:
        raise SettingsError(
            "there is one model only: name two files, or columns of one with --scores A,B, or "
            "the column that names the model of each row with --model"
        )
    first, *others = _ordered(sides, options["baseline"])
    if first.opened is not None:  # slices are those of the baseline
        first = replace(first, opened=partial(first.opened, slices=slices_of(options)))
    return [first, *others], len(given) == 1 and model is None


def _severity(copies: Any, options: CompareOptions) -> str | None:
    """Return the column that says how hard rows were perturbed: as named, or "severity" itself."""
    if not options["perturbed"] or options["severity"] or options["model"]:
        return options["severity"]
    with opened_data(copies, None, evaluation_of(options), id=options["id"]) as opened:
        return next((c.name for c in opened.sources[0].columns if c.name in SEVERITY), None)


def given_data(data: Any) -> dict[str, Any]:
    """Return the data by name: that of the file where nothing else was said."""
    if isinstance(data, Mapping):
        return dict(data)
    if not isinstance(data, Sequence) or isinstance(data, str):
        return {_name(data, 0): data}
    parts = [named_path(part) if isinstance(part, str) else ("", part) for part in data]
    names_ = [name or _name(part, i) for i, (name, part) in enumerate(parts)]
    if len(set(names_)) < len(names_):  # data.csv of two folders
        twice = {name for name, times in Counter(names_).items() if times > 1}
        paths = [os.fspath(p) if isinstance(p, str | os.PathLike) else "" for _, p in parts]
        names_ = [path if name in twice else name for name, path in zip(names_, paths, strict=True)]
    if len(set(names_)) < len(names_):
        raise SettingsError(f"{names_[-1]} is given twice: compare it with something else")
    return dict(zip(names_, (part for _, part in parts), strict=True))


def _name(data: Any, place: int) -> str:
    if isinstance(data, Report) and data.inputs:
        data = data.inputs[0].path
    return Path(data).stem if isinstance(data, str | os.PathLike) else f"model {place + 1}"


def _side(name: str, data: Any, evaluation: Any) -> Side:
    """Return a model with a file, a frame or a report of its own."""
    if isinstance(data, Report):
        return Side(name, data)
    paths = paths_of(data) or []
    if len(paths) == 1 and paths[0].endswith(".json") and _is_report(paths[0]):
        return Side(name, read_baseline(paths[0]))
    return Side(name, None, partial(_opened, data, evaluation))


def _is_report(path: str) -> bool:
    """Whether a file is a report that calaudit saved, and no file of predictions."""
    try:
        with Path(path).open("rb") as file:
            return SCHEMA.encode() in file.read(200)
    except OSError:
        return False


def _columns(options: CompareOptions) -> tuple[str, Sequence[str]] | None:
    """Return the role of the columns that are a model each, and the columns; None for none."""
    many = [
        (role, names(given) if isinstance(given, str) else tuple(given))
        for role, given in (
            ("confidence" if options["samples"] else "score", options["scores"]),
            ("probs", options["probs"]),
            ("logits", options["logits"]),
        )
        if given is not None and options["model"] is None
    ]
    single = ("probs", "logits")  # which can be one prefix
    return next(((role, f) for role, f in many if len(f) > 1 or role not in single), None)


def _opened(
    data: Any,
    evaluation: EvaluateOptions,
    model: tuple[str, str] | None = None,
    *,
    id: str | None = None,  # noqa: A002 - the role's name
    keys: Codes | None = None,
    slices: tuple[str, ...] = (),
) -> Predictions:
    """Return the opened rows of a model.

    Args:
        data: that they are in.
        evaluation: how they are read.
        model: column that says which model a row is of, and the model; None for all rows.
        id: column that names rows.
        keys: of the rows that are wanted; None for all.
        slices: columns of slices.
    """
    chosen = () if model is None or not evaluation["samples"] else (model,)
    asked = () if model is None else ((model[0], "--model"),)
    model = None if chosen else model
    by: tuple[str, ...] = () if model is None else model[:1]
    by += (id,) if id is not None and keys is not None else ()

    group = evaluation["group"]
    columns = (*slices, *by)
    more: Any = {"group": group, "asked": asked, "chosen": chosen}
    opened = opened_data(data, None, evaluation, id=id, by=columns, **more)
    if not by and keys is None:
        return opened
    found = subset(opened, by=slices, choice=Choice(by, partial(_chosen, model, id, keys)))
    found.declared = opened.declared
    return found


def _chosen(
    model: tuple[str, str] | None, name: str | None, keys: Any, chunk: Chunk
) -> NDArray[np.bool_]:
    """Return (n,) which rows are of a model, and among those that are wanted."""
    mine: NDArray[np.bool_] = np.ones(len(chunk), np.bool_)
    if model is not None:
        mine = chunk.slices[0].equal(model[1])
    if keys is None:
        return mine
    if name is None:
        return mine & np.isin(place_codes(chunk), keys)
    given = chunk.slices[-1]
    return mine & np.isin(id_codes(given.values)[given.codes], keys)


def _by_model(
    data: Any,
    column: str,
    evaluation: EvaluateOptions,
    wanted: Sequence[str] | None,
    option: str,
) -> list[Side]:
    """Return a model for each value of a column, or for those that are wanted."""
    found: dict[str, None] = {}
    with opened_data(data, None, evaluation, by=(column,), asked=((column, option),)) as rows:
        for unit in rows.units():
            for chunk in unit.chunks(Intake()):
                used = np.unique(chunk.slices[0].codes)
                found |= dict.fromkeys(chunk.slices[0].values[code] for code in used)
    absent = [name for name in wanted or () if name not in found]
    if absent:
        raise SettingsError(f"no row has {absent[0]!r} in {column!r}: see --models")
    found = dict.fromkeys(wanted) if wanted else found
    if len(found) > MOST:
        raise InputError(
            f"the column {column!r} has {len(found):,} values: {option} names a column with the "
            "name of a model in each row; --models chooses some"
        )
    return [Side(name, None, partial(_opened, data, evaluation, (column, name))) for name in found]


def _by_severity(sides: Sequence[Side]) -> list[Side]:
    """Return copies from the mildest to the hardest where numbers say so, with the column."""

    def hardness(side: Side) -> float:
        with suppress(ValueError):
            found = float(side.name)
            return -math.inf if math.isnan(found) else found
        return -math.inf  # such as "clean", or none

    return [replace(s, name=f"severity {s.name}") for s in sorted(sides, key=hardness)]


def _ordered(sides: list[Side], baseline: str | None) -> list[Side]:
    """Return the models with the baseline first."""
    if baseline is None:
        return sides
    found = [side for side in sides if side.name == baseline]
    if not found:
        known = ", ".join(side.name for side in sides[:8])
        raise SettingsError(
            f"there is no model {baseline!r} to be the baseline; there are: {known}"
        )
    return found + [side for side in sides if side.name != baseline]
