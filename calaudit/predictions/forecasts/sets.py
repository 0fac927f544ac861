"""Sets of classes, as conformal prediction gives them: which columns they are, and their rows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.arrays import number_column, text_column, view
from calaudit.predictions.candidates import spelled
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.classes import check_order
from calaudit.predictions.columns import MISSING_TOKENS, is_list, plain
from calaudit.predictions.forecasts import layout as layouts
from calaudit.predictions.forecasts.rows import ForecastBlock, Forecasts
from calaudit.predictions.list_cells import listed_cells
from calaudit.predictions.look import Look
from calaudit.predictions.names import folded
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.spelling import encoded
from calaudit.predictions.vocabulary import AS_IT_IS, Vocabulary, agreement, proposals

Ints = NDArray[np.int64]

CLASSES, LISTS = ("number", "bool", "text"), ("list", "nested", "text")
MISSES = frozenset({"alpha", "miscoverage", "miss_rate"})
LEVELS = frozenset({"confidence_level", "coverage_level", "nominal_coverage", "target_coverage"})
FLAGS = {"0": 0, "false": 0, "1": 1, "true": 1}
NAMED = re.compile(
    r"((?:.*[-_. ]|prediction|conformal)?sets?|y_p(?:s|is|ss))(?:[-_. \[:]+.*)?", re.IGNORECASE
)


@dataclass(slots=True)
class SetLayout(layouts.ForecastLayout):
    """How columns are read.

    Attributes:
        places: the columns of each level: one of sets, or one for the flag of each class.
        names: of the classes that flags are of, in order; () where sets list their classes.
        vocabulary: how labels, and the classes in sets, are spelled.
        separator: between classes in text without brackets; "" where a cell is one class.
    """

    places: Sequence[Sequence[str]] = ()
    names: tuple[str, ...] = ()
    vocabulary: Vocabulary = AS_IT_IS
    separator: str = ""


def sets_layout(catalogue: Catalogue, roles: layouts.ForecastRoles) -> SetLayout:
    """Return how the columns are to be read; raises as `forecast_layout` does."""
    named, classes = roles.sets, roles.classes
    given = layouts.prefixed(catalogue, named, (*CLASSES, *LISTS)) if named else []
    columns = tuple(given or set_columns(catalogue))
    truth = layouts.truth_of(catalogue, roles, CLASSES)
    for name in columns:
        if name == truth:
            raise SettingsError(f"{name!r} is given as --label and as --sets: it is one of the two")
        if catalogue[name].kind == "nested" and not _is_listed(catalogue, name):
            catalogue.require(name, "--sets")  # which refuses it
    layout = SetLayout("sets", columns, truth=truth, models=layouts.models_of(catalogue, roles))
    if len(columns) > 1 and all(_is_flag(catalogue, name) for name in columns):
        prefix = named[0] if len(named) == 1 else os.path.commonprefix(columns)  # noqa: RUF071 - of names, not of paths
        layout.names, layout.places = tuple(n.removeprefix(prefix) for n in columns), [columns]
        others = [prefix + label for label in catalogue.labels(truth) if label not in layout.names]
        for name in others if not named else ():
            if any(name == column.name for column in catalogue.columns):
                raise InputError(f"{catalogue.where}: {name!r} is to hold 0 or 1 in each row.")
    else:
        layout.separator = _separator(catalogue, layout)
        layout.names = tuple(map(str, range(_width(catalogue, layout))))
        layout.places = [(name,) for name in columns]
    check_order(classes, layout.names, "sets")
    if layout.names and len(classes) == len(layout.names) and "=" not in "".join(classes):
        layout.names, classes = classes, ()
    layout.vocabulary = _vocabulary(catalogue, layout, classes)
    layout.levels, told = _levels(catalogue, layout, roles.stated)
    layout.roles = [
        ResolvedRole("label", (truth,), roles.label is None, "--label", layout.vocabulary.how),
        ResolvedRole("sets", columns, not named, "--sets", told),
    ]
    layouts.note_repeats(catalogue, layout)
    return layout


def set_columns(catalogue: Catalogue) -> list[str]:
    """Return the columns that are named like sets, or like flags of the classes in them."""
    named = {c.name: m[1] for c in catalogue.columns if (m := NAMED.fullmatch(c.name))}
    lists = [name for name in named if _is_listed(catalogue, name)]
    flags = [name for name in named if name != named[name] and _is_flag(catalogue, name)]
    return lists or (flags if len(flags) > 1 and len({named[name] for name in flags}) == 1 else [])


def _is_listed(catalogue: Catalogue, name: str) -> bool:
    kind = catalogue[name].kind
    lists = _lists(catalogue.rows(name), " ") if kind in LISTS else None
    if lists is None or not is_list(lists.type) or pa.types.is_nested(lists.type.value_type):
        return False
    return kind != "text" or not {*lists.value_lengths().to_pylist()} <= {1, None}


def _is_flag(catalogue: Catalogue, name: str) -> bool:
    return catalogue[name].kind in CLASSES and catalogue.look(name).binary


def _separator(catalogue: Catalogue, layout: SetLayout) -> str:
    """Return what stands between the classes of text cells without brackets."""
    rows = [catalogue.rows(name).to_pylist() for name in layout.columns]
    cells = [c for r in rows for c in r if isinstance(c, str) and c.lstrip()[:1] not in "[{("]
    marks = [mark for mark in ";|," if any(mark in cell for cell in cells)]
    return (*marks, "" if any(" " in label for label in catalogue.labels(layout.truth)) else " ")[0]


def _lists(column: Any, separator: str) -> Any:
    """Return sets as an Arrow array of lists, null where there is none."""
    column = plain(column)
    if pa.types.is_fixed_size_list(column.type):
        return column.cast(pa.list_(column.type.value_type))
    if pa.types.is_nested(column.type) and not pa.types.is_dictionary(column.type):
        return column
    cells = [None if cell is None else str(cell).strip() for cell in column.to_pylist()]
    made = [cell and _as_list(cell, separator) for cell in cells]
    return listed_cells(text_column(made), pa.list_(pa.int8()))


def _as_list(cell: str, separator: str) -> str:
    """Return the text of a set in brackets; an empty set of Python is written set()."""
    if (cell[0] + cell[-1]) in ("{}", "()") or cell == "set()":
        return f"[{cell.removeprefix('set')[1:-1].removesuffix(',')}]"
    if cell[0] == "[" or cell.casefold() in MISSING_TOKENS:
        return cell
    parts = cell.split(separator) if separator else [cell]
    return json.dumps([part.strip() for part in parts if part.strip()])


def _width(catalogue: Catalogue, layout: SetLayout) -> int:
    """Return how many classes there are where lists hold a flag of each; 0 for other lists."""
    name = layout.columns[0]
    lists, fixed = _lists(catalogue.rows(name), layout.separator), catalogue[name].width
    rows = lists.drop_null().to_pylist()
    width = len(rows[0]) if rows and len({len(row) for row in rows}) == 1 else 0
    flags = width > 1 and {(t or "").casefold() for t in encoded(lists.flatten())[1]} <= {*FLAGS}
    unclear = width == 2 and not (fixed or pa.types.is_boolean(lists.type.value_type))
    if (fixed and not flags) or (flags and unclear and all({*r} == {0, 1} for r in rows)):
        raise InputError(
            f"{catalogue.where}: lists of one length, as in {name!r}, are to hold true or false "
            "for each class; or, as sets, the names of classes."
        )
    return width if flags else 0


def _members(layout: SetLayout, columns: Sequence[Any]) -> tuple[Ints, Any, NDArray[np.bool_]]:
    """Return the row of each class in the sets of a level, that class, and (n,) what is no set."""
    n, k = len(columns[0]), len(layout.names)
    lengths, absent = np.full(n, k), np.zeros(n, np.bool_)
    if len(columns) > 1:
        flags = np.stack([_flags(column) for column in columns], axis=1).reshape(-1)
    else:
        lists = _lists(columns[0], layout.separator)
        absent, lengths = ~view(lists.is_valid()), view(lists.value_lengths().fill_null(0))
        if not k:
            return np.repeat(np.arange(n), lengths), lists.flatten(), absent
        flags = _flags(lists.flatten())
    row = np.repeat(np.arange(n), lengths)
    place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    absent = absent | (lengths != k)
    absent[row[flags > 1]] = True
    kept = (flags == 1) & (place < k)
    return row[kept], text_column(layout.names).take(number_column(place[kept])), absent


def _flags(column: Any) -> Ints:
    """Return 0 or 1 for each cell; 2 where it is neither."""
    index, texts = encoded(column)
    return np.array([FLAGS.get((text or "").casefold(), 2) for text in [*texts, None]])[index]


def _vocabulary(catalogue: Catalogue, layout: SetLayout, classes: Sequence[str]) -> Vocabulary:
    """Return how labels and classes in sets are compared, or refuse what has nothing in common."""
    row, found, _ = _members(layout, [catalogue.rows(name) for name in layout.places[0]])
    sides = Look(plain(catalogue.rows(layout.truth)).take(number_column(row))), Look(found)
    vocabulary = agreement(*sides, classes)
    if vocabulary is None:
        why, options = proposals(*sides)
        how = " or ".join(spelled({"classes": each}) for each in options or ["LABEL=CLASS,…"])
        raise InputError(
            f"{catalogue.where}: labels in {layout.truth!r} and classes in {layout.columns[0]!r} "
            f"{why}. Say which is which with {how}."
        )
    return vocabulary


def _levels(
    catalogue: Catalogue, layout: SetLayout, stated: tuple[float, ...]
) -> tuple[tuple[float, ...], str]:
    """Return what share of the truths the sets of each level are to hold, and how that is known."""
    names, how = [c.name for c in catalogue.columns if folded(c.name) in MISSES | LEVELS], ""
    for name in names if len(names) == len(layout.places) == 1 else ():
        layout.models += ((name, None),)  # of which all rows have one value
        seen, misses = np.unique(catalogue.look(name).numbers), folded(name) in MISSES
        level = round(float(1 - seen[0] if misses else seen[0]), 12) if len(seen) == 1 else 0.0
        if level and stated and stated[0] not in (level, seen[0]):
            raise SettingsError(f"--stated {stated[0]:g} contradicts {name!r}, {seen[0]:g} there")
        if not stated and 0.5 <= level < 1:
            stated, how = (level,), f", {'1 − ' * misses}{name}"
    if len(stated) != len(layout.places):
        raise InputError(
            f"{catalogue.where}: what share of truths sets in {layout.columns[0]!r} are to hold "
            "stands nowhere. Say it for each level, as --stated "
            f"{','.join(('0.9', '0.95', '0.99')[: len(layout.places)])}."
        )
    return stated, "levels " + listed([f"{level:g}" for level in stated], 6) + how


@dataclass(slots=True)
class PredictionSets(Forecasts):
    """Opened files of sets; see `Forecasts`.

    Attributes:
        known: number of each class, as its vocabulary spells it. repeats: rows with a class twice.
    """

    known: dict[str, int] = field(default_factory=dict)
    repeats: int = 0

    def block(self, places: Ints, batch: Any) -> ForecastBlock:
        """Return the valid rows of a batch: the class of each, and hit and size at each level."""
        layout, n = self.layout, batch.num_rows
        assert isinstance(layout, SetLayout)
        for name in layout.names:
            self.known.setdefault(layout.vocabulary.key(name, 1) or "", len(self.known))
        label = self._numbered(layout, batch.column(layout.truth), 0)
        absent, strange = np.zeros((2, n), np.bool_)
        values = np.empty((2 * len(layout.places), n)).T
        for k, names in enumerate(layout.places):
            row, found, gone = _members(layout, [batch.column(name) for name in names])
            code = self._numbered(layout, found, 1)
            absent |= gone
            strange[row[code < 0]] = True
            at, held = np.divmod(np.unique(row * (1 << 32) + np.maximum(code, 0)), 1 << 32)
            values[:, 2 * k] = np.bincount(at[held == label[at]], minlength=n)
            values[:, 2 * k + 1] = size = np.bincount(at, minlength=n)
            self.repeats += int((np.bincount(row, minlength=n) > size).sum())
        faults: dict[str, tuple[Any, str]] = {
            "missing-label": (label == -1, layout.truth),
            "label-not-a-class": (label == -2, layout.truth),
            "missing-set": (absent, layout.columns[0]),
            "unknown-class": (strange & ~absent, layout.columns[0]),
        }
        return self.valid(places, faults, batch, label.astype(np.float64), values)

    def _numbered(self, layout: SetLayout, column: Any, side: int) -> Ints:
        """Return the number of each class; -1 where it is missing, -2 where it is none."""
        index, texts = encoded(column)
        codes = []
        for text in texts:
            missing = text is None or text.casefold() in MISSING_TOKENS
            key = None if missing else layout.vocabulary.key(str(text), side)
            if key is not None and not layout.names:
                self.known.setdefault(key, len(self.known))
            codes.append(-1 if missing else self.known.get(key or "", -2))
        return np.array([*codes, -1])[index]
