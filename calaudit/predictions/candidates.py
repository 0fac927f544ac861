"""Where the scores could be: as declared, or every reading that the names allow."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.chunk import Scale
from calaudit.predictions.layout import ScoreForm
from calaudit.predictions.names import SUFFIXES, folded, grouped, natural_key
from calaudit.predictions.roles import Roles

__all__ = [
    "Candidate",
    "choices",
    "class_columns",
    "declared_candidate",
    "inferred_candidates",
]

_SCALAR = ("number", "text")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read the scores.

    Attributes:
        role: "score", "confidence", "probs" or "logits".
        columns: the columns, in class order.
        suffixes: class names that the column names give; () where they give none.
        inferred: False when the user declared it.
        option: what the user would type for it.
    """

    role: str
    columns: tuple[str, ...]
    form: ScoreForm
    scale: Scale
    suffixes: tuple[str, ...]
    inferred: bool
    option: str


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
        return _scalar(role, value, "probability", catalogue, inferred=False)
    return _spread(role, value, catalogue)


def inferred_candidates(catalogue: Catalogue, taken: Sequence[str]) -> list[Candidate]:
    """Return every reading of the scores that the column names suggest."""
    found = _groups(catalogue, taken)
    spent = {*taken, *(name for candidate in found for name in candidate.columns)}
    for role, _scale in (("probs", "probability"), ("logits", "logit")):
        for name in catalogue.named_for(f"{role} list", ("list",), spent):
            found.append(_list(role, name, inferred=True))
    for name in catalogue.named_for("score", _SCALAR, spent):
        found.append(_scalar("score", name, "probability", catalogue, inferred=True))
    for name in catalogue.named_for("logit", ("number",), spent):
        found.append(
            Candidate("logits", (name,), "column", "logit", (), True, _typed("logits", name))
        )
    confident = catalogue.named_for("confidence", _SCALAR, spent) or [
        column.name
        for column in catalogue.columns
        if column.kind == "number"
        and column.name not in spent
        and folded(column.name).endswith(SUFFIXES["confidence"])
    ]
    for name in confident:
        found.append(_scalar("confidence", name, "probability", catalogue, inferred=True))
    return found


def class_columns(names: Sequence[str]) -> Candidate:
    """Return the reading of columns that carry the names of the classes."""
    option = _typed("probs", ",".join(names))
    return Candidate("probs", tuple(names), "columns", "probability", tuple(names), True, option)


def _scalar(
    role: str, name: str, scale: Scale, catalogue: Catalogue, *, inferred: bool
) -> Candidate:
    column = catalogue.require(name, f"--{role}")
    if column.kind == "list":
        raise InputError(
            f"{catalogue.where}: the column {name!r} holds lists. Use --probs {name} or "
            f"--logits {name}."
        )
    if column.kind not in _SCALAR:
        raise InputError(f"{catalogue.where}: the column {name!r} ({column.kind}) is no score.")
    return Candidate(role, (name,), "column", scale, (), inferred, _typed(role, name))


def _list(role: str, name: str, *, inferred: bool) -> Candidate:
    scale: Scale = "logit" if role == "logits" else "probability"
    return Candidate(role, (name,), "list", scale, (), inferred, _typed(role, name))


def _spread(role: str, value: str | tuple[str, ...], catalogue: Catalogue) -> Candidate:
    option = f"--{role}"
    scale: Scale = "logit" if role == "logits" else "probability"
    if isinstance(value, str) and "," in value and value not in catalogue:
        value = tuple(name.strip() for name in value.split(","))
    if isinstance(value, str) or len(value) == 1:
        name = value if isinstance(value, str) else value[0]
        if name in catalogue:
            column = catalogue.require(name, option)
            if column.kind == "list":
                return _list(role, name, inferred=False)
            if role == "logits":
                return _scalar(role, name, "logit", catalogue, inferred=False)
            return _scalar("score", name, "probability", catalogue, inferred=False)
        value = _prefixed(name, option, catalogue)
        suffixes = tuple(column.removeprefix(name) for column in value)
        suffixes = tuple(suffix.lstrip("_. -") or suffix for suffix in suffixes)
        return Candidate(role, value, "columns", scale, suffixes, False, _typed(role, name))
    for name in value:
        if catalogue.require(name, option).kind not in _SCALAR:
            raise InputError(f"{catalogue.where}: the column {name!r} holds no numbers.")
    if len(set(value)) < len(value):
        raise SettingsError(f"{option}: a column is named twice.")
    return Candidate(
        role, value, "columns", scale, _common_suffixes(value), False, _typed(role, ",".join(value))
    )


def _prefixed(prefix: str, option: str, catalogue: Catalogue) -> tuple[str, ...]:
    every = [c for c in catalogue.columns if c.name.startswith(prefix) and c.name != prefix]
    counted = [c for c in every if c.name.removeprefix(prefix).lstrip("_. -").isdigit()]
    chosen = counted if len(counted) > 1 else [c for c in every if c.kind == "number"]
    if len(chosen) < 2:
        catalogue.require(prefix, option)
    for column in chosen:
        catalogue.require(column.name, option)
    names = [column.name for column in chosen]
    return tuple(sorted(names, key=natural_key) if chosen is counted else names)


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
        if match is None or column.kind not in _SCALAR or column.name in taken:
            continue
        role, prefix, suffix = match
        if column.kind == "text" and not suffix.isdigit():
            continue
        groups.setdefault((role, prefix), []).append((suffix, column.name))
    return [
        _group(role, prefix, members)
        for (role, prefix), members in groups.items()
        if len(members) > 1
    ]


def _group(role: str, prefix: str, members: list[tuple[str, str]]) -> Candidate:
    if all(suffix.isdigit() for suffix, _ in members):
        members = sorted(members, key=lambda member: int(member[0]))
    scale: Scale = "logit" if role == "logits" else "probability"
    return Candidate(
        role,
        tuple(name for _, name in members),
        "columns",
        scale,
        tuple(suffix for suffix, _ in members),
        True,
        _typed(role, prefix),
    )


def choices(candidates: Sequence[Candidate]) -> str:
    """Return the options that would settle which reading is meant."""
    return listed([candidate.option for candidate in candidates], 8)


def _typed(role: str, value: str) -> str:
    """Return the option as one types it in a shell."""
    return f"--{role} {shlex.quote(value)}"
