"""Where the scores could be: as declared, or every reading that names and values allow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calaudit.errors import InputError, SettingsError
from calaudit.options.choices import Scale
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.layout import ScoreForm
from calaudit.predictions.look import sums_to_one
from calaudit.predictions.names import folded, grouped, natural_key
from calaudit.predictions.roles import Roles
from calaudit.predictions.source import Column
from calaudit.predictions.spelling import joined, split_names

NUMBERS = ("number", "text")
"""Kinds of columns that may hold numbers."""

PLACE = "COLUMN"
"""Stands for a column that only the user knows."""

MOST_OPTIONS = 8
_MOST_EXAMINED = 64
"""Class columns whose values are looked at before all rows are; more speak for themselves."""


class Unclear(Exception):
    """The columns allow several readings, or none.

    Args:
        why: what is known, as a sentence or several.
        options: what the user could declare, each by role; only those that lead on are shown.
        otherwise: what to say where none does.
    """

    def __init__(
        self, why: str, options: Iterable[Mapping[str, str]] = (), otherwise: str = ""
    ) -> None:
        super().__init__(why)
        self.why, self.options, self.otherwise = why, list(options), otherwise

    def told(self, options: Sequence[Mapping[str, str]]) -> str:
        """Return why, and which of the options to choose from."""
        options = [option for option in options if PLACE not in option.values() or len(option) > 1]
        if not options and self.otherwise:
            return self.why + self.otherwise
        known = [option for option in self.options if PLACE not in option.values()]
        options = options or [{**option, "label": PLACE} for option in known]
        if not options:
            return self.why
        shown = listed([spelled(option) for option in options], MOST_OPTIONS)
        how = "Say which with one of" if len(options) > 1 else "One reading is possible"
        return f"{self.why} {how}: {shown}."


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the scores.

    Attributes:
        role: "score", "confidence", "probs" or "logits".
        columns: the columns, in class order.
        suffixes: class names that the column names give; () where they give none.
        inferred: False when the user declared it.
        value: what the user would give for the role.
    """

    role: str
    columns: tuple[str, ...]
    form: ScoreForm
    scale: Scale
    suffixes: tuple[str, ...]
    inferred: bool
    value: str

    @property
    def option(self) -> str:
        """What the user would type for it."""
        return spelled({self.role: self.value})

    def swapped(self) -> Candidate:
        """Return the same with its two columns in the other order."""
        return replace(self, columns=self.columns[::-1], suffixes=self.suffixes[::-1])


def spelled(options: Mapping[str, str]) -> str:
    """Return options as one types them in a shell."""
    return " ".join(f"--{role} {shlex.quote(value)}" for role, value in options.items())


def declared_candidate(roles: Roles, catalogue: Catalogue) -> Candidate | None:
    """Return the reading that the user declared, or None.

    Raises:
        SettingsError: two options that exclude each other.
        InputError: a column that is not there, or of a kind that cannot be a score.
    """
    given = [role for role in ("score", "probs", "logits", "confidence") if getattr(roles, role)]
    if len(given) > 1:
        told = " and ".join(f"--{role}" for role in given)
        raise SettingsError(f"{told} exclude each other: they say where the scores are. Give one.")
    if not given:
        return None
    role = given[0]
    value = getattr(roles, role)
    if role in ("score", "confidence"):
        return _scalar(role, value, catalogue, inferred=False)
    return _spread(role, value, catalogue)


def inferred_candidates(catalogue: Catalogue, taken: Sequence[str]) -> list[Candidate]:
    """Return the readings of the scores that names suggest and values allow."""
    found = _groups(catalogue, taken)
    spent = {*taken, *(name for candidate in found for name in candidate.columns)}
    found += _lists(catalogue, spent)
    for role, kind in (("score", "score"), ("confidence", "confidence"), ("logits", "logit")):
        kinds = ("number",) if role == "logits" else NUMBERS
        named = catalogue.named_for(kind, kinds, spent)
        if role == "confidence":
            named = named or catalogue.suggested(role, ("number",), spent)
        found += [_scalar(role, name, catalogue, inferred=True) for name in named]
        spent |= {*named}
    return _without_copies(catalogue, found)


def class_columns(names: Sequence[str], classes: Sequence[str], value: str) -> Candidate:
    """Return the reading of columns whose names hold the names of the classes."""
    columns, suffixes = tuple(names), tuple(classes)
    return Candidate("probs", columns, "columns", "probability", suffixes, True, value)


def single(role: str, column: Column) -> Candidate:
    """Return the inferred reading of one column of numbers or lists."""
    scale: Scale = "logit" if role == "logits" else "probability"
    form: ScoreForm = "list" if column.kind == "list" else "column"
    return Candidate(role, (column.name,), form, scale, column.classes, True, column.name)


def _scalar(role: str, name: str, catalogue: Catalogue, *, inferred: bool) -> Candidate:
    column = catalogue.require(name, f"--{role}")
    if column.kind == "list":
        raise InputError(
            f"{catalogue.where}: the column {name!r} holds lists. Use --probs {shlex.quote(name)} "
            f"or --logits {shlex.quote(name)}."
        )
    if column.kind not in NUMBERS:
        raise InputError(f"{catalogue.where}: the column {name!r} ({column.kind}) is no score.")
    scale: Scale = "logit" if role == "logits" else "probability"
    return Candidate(role, (name,), "column", scale, (), inferred, name)


def _spread(role: str, value: str | tuple[str, ...], catalogue: Catalogue) -> Candidate:
    option = f"--{role}"
    scale: Scale = "logit" if role == "logits" else "probability"
    if isinstance(value, str) and "," in value and value not in catalogue:
        value = split_names(value)
    if isinstance(value, str) or len(value) == 1:
        name = value if isinstance(value, str) else value[0]
        if name in catalogue:
            column = catalogue.require(name, option)
            if column.kind == "list":
                return replace(single(role, column), inferred=False)
            return _scalar(
                "logits" if role == "logits" else "score", name, catalogue, inferred=False
            )
        value = _prefixed(name, option, catalogue)
        suffixes = tuple(column.removeprefix(name) for column in value)
        suffixes = tuple(_bare(suffix) or suffix for suffix in suffixes)
        return Candidate(role, value, "columns", scale, suffixes, False, name)
    for name in value:
        if catalogue.require(name, option).kind not in NUMBERS:
            raise InputError(f"{catalogue.where}: the column {name!r} holds no numbers.")
    if len(set(value)) < len(value):
        raise SettingsError(f"{option}: a column is named twice.")
    return Candidate(role, value, "columns", scale, _common_suffixes(value), False, joined(value))


def _bare(suffix: str) -> str:
    """Return a suffix without what parts it from the prefix; the sign of a number stays."""
    stripped = suffix.lstrip("_. ")
    return stripped if stripped[:1] == "-" and stripped[1:].isdigit() else stripped.lstrip("_. -")


def _prefixed(prefix: str, option: str, catalogue: Catalogue) -> tuple[str, ...]:
    every = [c for c in catalogue.columns if c.name.startswith(prefix) and c.name != prefix]
    counted = [c for c in every if _bare(c.name.removeprefix(prefix)).lstrip("-").isdigit()]
    chosen = counted if len(counted) > 1 else [c for c in every if c.kind == "number"]
    if len(chosen) < 2:
        catalogue.require(prefix, option)
    for column in chosen:
        catalogue.require(column.name, option)
    if chosen is not counted:
        return tuple(column.name for column in chosen)
    return tuple(sorted((c.name for c in chosen), key=lambda n: _place(n.removeprefix(prefix))))


def _place(suffix: str) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """Return a sort key that puts class -1 before 0, and 10 after 9."""
    bare = _bare(suffix)
    return (int(bare) if bare.startswith("-") else 0), natural_key(bare)


def _common_suffixes(names: Sequence[str]) -> tuple[str, ...]:
    parts = [grouped(name) for name in names]
    known = [part for part in parts if part is not None]
    if len(known) == len(names) and len({prefix for _, prefix, _ in known}) == 1:
        return tuple(suffix for _, _, suffix in known)
    return tuple(names)


def _groups(catalogue: Catalogue, taken: Sequence[str]) -> list[Candidate]:
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for column in catalogue.columns:
        match = grouped(column.name)
        if match is None or column.kind not in NUMBERS or column.name in taken:
            continue
        role, prefix, suffix = match
        if column.kind == "text" and not suffix.isdigit():
            continue
        groups.setdefault((role, prefix), []).append((suffix, column.name))
    found = []
    for (role, prefix), members in groups.items():
        if len(members) > 1:
            if all(suffix.lstrip("-").isdigit() for suffix, _ in members):
                members.sort(key=lambda member: int(member[0]))
            prefix, members = _without_label(catalogue, prefix, members)
            names = tuple(name for _, name in members)
            role, scale = _scale(catalogue, role, names, prefix)
            suffixes = tuple(suffix for suffix, _ in members)
            found.append(Candidate(role, names, "columns", scale, suffixes, True, prefix))
    return found


def _without_label(
    catalogue: Catalogue, prefix: str, members: list[tuple[str, str]]
) -> tuple[str, list[tuple[str, str]]]:
    """Return a prefix with the name of the label that stands behind it, as SAS writes P_BAD1."""
    first = members[0][0].casefold()
    for label in ("class", *(column.name for column in catalogue.columns)):
        if not label or not first.startswith(label.casefold()):
            continue
        numbered = re.compile(rf"{re.escape(label)}[_ =-]*(\d+)", re.IGNORECASE)
        parts = [(numbered.fullmatch(end), name) for end, name in members]
        ends = [(part[1], name) for part, name in parts if part]
        if len(ends) == len(members):
            return f"{prefix}{label}", sorted(ends, key=lambda end: int(end[0]))
    return prefix, members


def _scale(catalogue: Catalogue, role: str, names: Sequence[str], prefix: str) -> tuple[str, Scale]:
    """Return role and scale of class columns; those called outputs may be either, as values say."""
    scale: Scale = "logit" if role == "logits" else "probability"
    if not folded(prefix).startswith("output") or len(names) > _MOST_EXAMINED:
        return role, scale
    catalogue.look_ahead(names)
    unit = all(catalogue.look(name).unit for name in names)
    return (role, scale) if unit else ("logits", "logit")


def _lists(catalogue: Catalogue, taken: Iterable[str]) -> list[Candidate]:
    """Return the list columns that could be class scores; of outputs the values tell which."""
    found = []
    for role in ("probs", "logits", "outputs"):
        for name in catalogue.named_for(f"{role} list", ("list",), taken):
            meant = role
            if role == "outputs":
                values = catalogue.look(name).values
                outside = values.size and (np.nanmin(values) < 0 or np.nanmax(values) > 1)
                meant = "logits" if outside else "probs"
            found.append(single(meant, catalogue[name]))
    return found


def _without_copies(catalogue: Catalogue, found: list[Candidate]) -> list[Candidate]:
    """Leave out what another reading holds already: its largest score, or its logits."""
    if len(found) < 2:
        return found
    scores = [c for c in found if c.form == "column" and c.scale == "probability"]
    for score in scores:  # the other is its logit
        values = np.repeat(matrix_of(catalogue, score), 2, axis=1)
        found = [c for c in found if c.scale != "logit" or not _copies(catalogue, c, values)]
    wide = [c for c in found if c.form != "column" and len(c.columns) <= _MOST_EXAMINED]
    for whole in wide:
        matrix = matrix_of(catalogue, whole)
        if whole.scale == "probability" and sums_to_one(matrix):
            found = [c for c in found if c is whole or not _copies(catalogue, c, matrix)]
    return found


def _copies(catalogue: Catalogue, candidate: Candidate, matrix: np.ndarray) -> bool:
    """Return whether a reading can be computed from distributions, row by row."""
    mine = matrix_of(catalogue, candidate)
    if candidate.scale == "logit" and mine.shape == (len(matrix), 1):
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(np.allclose(1 / (1 + np.exp(-mine[:, 0])), matrix[:, -1], atol=1e-4))
    if candidate.scale == "logit" and mine.shape == matrix.shape:
        if folded(candidate.value) == "rawprediction":  # whatever Spark computed them from
            return True
        with np.errstate(over="ignore", invalid="ignore"):
            e = np.exp(mine - mine.max(axis=1, keepdims=True))
            return bool(np.allclose(e / e.sum(axis=1, keepdims=True), matrix, atol=1e-4))
    if mine.shape != (len(matrix), 1):
        return False
    with_largest = np.column_stack([matrix, matrix.max(axis=1)])
    return bool(np.isclose(mine, with_largest, atol=1e-4).all(axis=0).any())


def matrix_of(catalogue: Catalogue, candidate: Candidate) -> np.ndarray:
    """Return (n, K) first rows of the scores of a reading."""
    if candidate.form == "list":
        return catalogue.look(candidate.columns[0]).values
    catalogue.look_ahead(candidate.columns)
    return np.column_stack([catalogue.look(name).values for name in candidate.columns])
