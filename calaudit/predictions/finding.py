"""The scores, where none are declared: one reading that names and values agree on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.options.choices import Task
from calaudit.predictions.candidates import (
    NUMBERS,
    PLACE,
    Candidate,
    Unclear,
    class_columns,
    inferred_candidates,
    matrix_of,
    single,
)
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.look import sums_to_one
from calaudit.predictions.melted import labels_of
from calaudit.predictions.names import measures, suggests
from calaudit.predictions.roles import Roles
from calaudit.predictions.spelling import NEGATIVE, POSITIVE, joined
from calaudit.predictions.truth import KINDS, Truth

_MOST_CLASSES = 64
"""Class columns whose values are looked at before all rows are; more speak for themselves."""

_MOST_COLUMNS = 200
_SORTED = 10
"""Different rows whose scores of three classes or more are in one order by no chance."""

_ROWS = 5
"""Distributions that columns hold by chance in fewer rows than that."""


def find_scores(catalogue: Catalogue, roles: Roles, task: Task | None, truth: Truth) -> Candidate:
    """Return the one reading of the scores that names and values allow.

    Raises:
        Unclear: there are several, or none. InputError: there are no columns.
    """
    found = inferred_candidates(catalogue, truth.taken)
    if roles.correct or roles.prediction or task == "top-label":
        top = [c for c in found if c.form == "column" and c.scale == "probability"]
        found = [c for c in top if c.role == "confidence"] or top or found
    elif task in ("binary", "multiclass"):
        found = [c for c in found if c.role != "confidence"] or found
    found = _plausible(catalogue, found)
    if len(found) > 1:
        raise Unclear(
            f"{len(found)} readings of the scores are possible.", [{c.role: c.value} for c in found]
        )
    if not found:
        return guess_scores(catalogue, truth)
    _check_values(catalogue, found[0], truth)
    return found[0]


def guess_scores(catalogue: Catalogue, truth: Truth | None = None) -> Candidate:
    """Return the scores of a file without a column named like one.

    Args:
        catalogue: its columns.
        truth: of rows with labels; without, a column is taken by its values only where it is the
            only one.
    """
    taken = () if truth is None else truth.taken
    numbers = catalogue.free(NUMBERS, taken)
    if not catalogue.columns:
        raise InputError(f"{catalogue.where}: there are no columns. Write a header line and rows.")
    logs = catalogue.named_for("logprob", ("number",), taken)
    logs = logs or catalogue.suggested("logprob", ("number",), taken)
    logs = [name for name in logs if catalogue.look(name).falling]
    probable = [n for n in catalogue.suggested("score", NUMBERS, taken) if catalogue.look(n).inner]
    named = None if truth is None else _named_classes(catalogue, truth, numbers)
    if named is not None and {*probable} <= {*named.columns}:
        return named
    if len(logs) + len(probable) == 1:
        return single("score", catalogue[probable[0] if probable else f"exp({logs[0]})"])
    inner = _inner(catalogue, numbers) if len(numbers) <= _MOST_COLUMNS else probable
    hot = None if truth is None else _beside_flags(catalogue, truth, inner)
    if hot is not None:
        return hot
    guesses = [n for n in inner if "guess" in suggests(n)]
    if guesses == inner and len(inner) == 1:
        return single("score", catalogue[inner[0]])
    lists = [n for n in catalogue.free(("list",), taken) if _is_wide(catalogue.look(n).values)]
    whole = [name for name in lists if sums_to_one(catalogue.look(name).values)]
    if len(whole) == 1 and not guesses:
        return single("probs", catalogue[whole[0]])
    only = len(inner) == 1 and not lists and not measures(inner[0])
    if only and _alone(catalogue, truth, (*taken, *inner)):
        return single("score", catalogue[inner[0]])
    options = [{"score": name} for name in inner] + [{"score": f"exp({name})"} for name in logs]
    options += [{"probs" if name in whole else "logits": name} for name in lists]
    how = " Name it with --score COLUMN, --probs PREFIX, --logits PREFIX or --confidence COLUMN."
    columns = f" Columns: {listed(column.name for column in catalogue.columns)}."
    raise Unclear("no column is named like a score.", options, otherwise=how + columns)


def _alone(catalogue: Catalogue, truth: Truth | None, used: Sequence[str]) -> bool:
    """Return whether beside the scores there is nothing but a label and what is explained."""
    if truth is None:
        return not catalogue.free((*KINDS, "list"), used)
    rest = truth.unexplained(used)
    return not rest or (len(rest) == 1 and catalogue.look(rest[0]).classes)


def _is_wide(values: NDArray[Any]) -> bool:
    """Return whether lists are of two numbers or more, all alike."""
    return bool(values.ndim == 2 and values.shape[1] > 1 and np.isfinite(values).any())


def _inner(catalogue: Catalogue, names: Iterable[str]) -> list[str]:
    """Return the number columns whose values could be probabilities."""
    numbers = [name for name in names if catalogue[name].kind == "number"]
    catalogue.look_ahead(numbers)
    return [name for name in numbers if catalogue.look(name).inner]


def _plausible(catalogue: Catalogue, found: list[Candidate]) -> list[Candidate]:
    """Leave out single columns that no values bear out, where other readings remain."""
    singles = [c for c in found if c.form == "column" and c.scale == "probability"]
    if len(found) < 2 or not singles:
        return found
    doubtful = [c for c in singles if not catalogue.look(c.columns[0]).inner]
    return [c for c in found if c not in doubtful] or found


def _check_values(catalogue: Catalogue, candidate: Candidate, truth: Truth) -> None:
    """Refuse a reading by name that the values contradict.

    Raises:
        Unclear: they do.
    """
    names, wide = candidate.columns, len(candidate.columns) > _MOST_CLASSES
    if wide or (candidate.form == "column" and candidate.scale == "probability"):
        return
    singles = [{"score": name} for name in names]
    matrix = matrix_of(catalogue, candidate)
    check_order(candidate, truth, matrix)
    unit = bool(matrix.size) and np.nanmin(matrix) >= 0 and np.nanmax(matrix) <= 1
    if candidate.form == "column" and unit:
        others = _inner(catalogue, catalogue.free(NUMBERS, (*truth.taken, *names)))
        raise Unclear(
            f"{names[0]!r} is named like a logit, but all its values lie in [0, 1].",
            [{"logits": names[0]}, *singles, *({"score": name} for name in others)],
        )
    if candidate.scale == "logit":
        if unit and sums_to_one(matrix):
            raise Unclear(
                f"{listed(names, 3)} are named like logits, but sum to 1 like probabilities.",
                [{"probs": candidate.value}, {"logits": candidate.value}],
            )
        return
    if unit and not sums_to_one(matrix, 0.5):
        stems = _stems(names)
        whole = [[matrix[:, names.index(stem + end)] for end in stems[stem]] for stem in stems]
        if len(stems) > 1 and all(sums_to_one(np.stack(each, axis=1)) for each in whole):
            raise _several_models(stems)
        flags = truth.flags(candidate, (*names, *truth.taken)) if candidate.suffixes else ()
        pairs = [{"score": one, "label": other} for one, other in zip(names, flags, strict=False)]
        what = (
            f"of {len(flags)} labels ({listed(flags, 3)})"
            if flags
            else "of several models or labels"
        )
        several = bool(flags) or _several_labels(catalogue, truth.roles)
        raise Unclear(
            f"{listed(names, 3)} do not sum to 1: they are no classes of one model, but the scores "
            f"{what}.{' All labels at once: --task multilabel.' if several else ''}",
            pairs or (singles if candidate.form == "columns" else ()),
        )
    if candidate.form == "columns":
        _check_rivals(catalogue, candidate, truth, len(names) > 2 and len(matrix) >= _ROWS and unit)


def _several_labels(catalogue: Catalogue, roles: Roles) -> bool:
    """Return whether the columns can be read as the scores and truths of several labels."""
    try:
        return bool(labels_of(catalogue, roles))
    except InputError:
        return False


def check_order(candidate: Candidate, truth: Truth, matrix: NDArray[Any]) -> None:
    """Refuse scores that fall in every row: the best, the second, … and of other classes each time.

    Raises:
        Unclear: they do, and the classes stand beside them or there are too many rows for chance.
    """
    names, value = candidate.columns, {candidate.role: candidate.value}
    rows = matrix[np.isfinite(matrix).all(axis=1)] if matrix.ndim == 2 else matrix
    if not rows.size or rows.shape[1] < 2 or not all(s.isdigit() for s in candidate.suffixes):
        return
    if not ((np.diff(rows, axis=1) <= 0).all() and (rows[:, 0] > rows[:, -1]).all()):
        return
    ranked = truth.ranked(candidate)
    if not ranked and (rows.shape[1] == 2 or len(np.unique(rows, axis=0)) < _SORTED):
        return
    top = {"confidence": names[0], "prediction": ranked[0] if ranked else PLACE}
    options = [top] if candidate.form == "columns" and candidate.scale == "probability" else []
    beside = f" of the classes in {listed(ranked, 3)}" if ranked else ""
    raise Unclear(
        f"{listed(names, 3)} fall in every row: they seem to be the best scores by rank{beside}, "
        "rather than one a class.",
        [*options, *([] if ranked else [value])],
        otherwise=" Write one column a class.",
    )


def _check_rivals(catalogue: Catalogue, candidate: Candidate, truth: Truth, sums: bool) -> None:
    """Refuse a group of columns that may be rival models rather than classes."""
    suffixes = candidate.suffixes
    if not suffixes or sums or _names_fit(catalogue, suffixes, truth):
        return
    if truth.flags(candidate, (*candidate.columns, *truth.taken)):
        return
    if all(suffix.lstrip("-").isdigit() for suffix in suffixes):
        first = int(suffixes[0])
        if first <= 0 or (first == 1 and len(suffixes) > 2):
            return
    raise Unclear(
        f"the columns {listed(candidate.columns, 4)} could be the classes of one model, the scores "
        "of several, or those of a label each (--task multilabel).",
        [{candidate.role: candidate.value}, *({"score": name} for name in candidate.columns)],
    )


def _names_fit(catalogue: Catalogue, suffixes: Sequence[str], truth: Truth) -> bool:
    words = {suffix.casefold() for suffix in suffixes}
    if len(words) == 2 and words & POSITIVE and words & NEGATIVE:
        return True
    seen = [catalogue.labels(name) for name in truth.named(())]
    return any(kinds and {text.casefold() for text in kinds} <= words for kinds in seen)


def _named_classes(catalogue: Catalogue, truth: Truth, numbers: Sequence[str]) -> Candidate | None:
    """Return the columns whose names hold the values of the label, if they sum to 1.

    Raises:
        Unclear: several sets of columns do, each with a beginning of its own.
    """
    texts = catalogue.free(("text",), (*truth.taken, *truth.predictions(None, ())))
    labels = truth.named(()) or (texts if len(texts) <= _MOST_COLUMNS else [])
    found: dict[tuple[str, ...], Candidate] = {}
    begins: set[str] = set()
    for label in labels:
        free = [name for name in numbers if name != label and catalogue[name].kind == "number"]
        kinds = catalogue.labels(label)
        if 1 < len(kinds) <= len(free):
            every = [class_columns(n, classes, joined(n)) for n, classes in _templates(free, kinds)]
            whole = [c for c in every if len(c.columns) > _MOST_CLASSES
                     or sums_to_one(matrix_of(catalogue, c))]  # fmt: skip
            found |= {each.columns: each for each in whole[:1]}
            begins |= {os.path.commonprefix(each.columns) for each in whole}  # noqa: RUF071
    if len(begins) > 1 and "" not in begins:
        raise _several_models(begins)
    return next(iter(found.values())) if len(found) == 1 else None


def _several_models(begins: Iterable[str]) -> Unclear:
    options = [{"probs": begin} for begin in sorted(begins)]
    return Unclear(f"{len(options)} sets of columns hold the classes, of a model each.", options)


def _stems(names: Iterable[str]) -> dict[str, list[str]]:
    """Return by what names begin with what they end in."""
    found: dict[str, list[str]] = {}
    for name in names:
        end = re.split(r"[_. -]+", name)[-1]
        found.setdefault(name.removesuffix(end), []).append(end)
    return found


def _beside_flags(catalogue: Catalogue, truth: Truth, inner: Sequence[str]) -> Candidate | None:
    """Return the distribution beside columns of 0 and 1 of the same ends, as ``true_cat``."""
    found = []
    for stem, ends in _stems(inner).items():
        names = [stem + end for end in ends]
        candidate = class_columns(names, ends, stem)
        whole = len(ends) > 1 and sums_to_one(matrix_of(catalogue, candidate))
        if whole and truth.flags(candidate, (*names, *truth.taken)):
            found.append(candidate)
    return found[0] if len(found) == 1 else None


def _templates(
    columns: Sequence[str], kinds: Sequence[str]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return columns called alike but for the class, with the classes; those of more classes first.

    ``P (y=cat)`` and ``P (y=dog)`` are so for cat and dog, as are the bare names.
    """
    known = {name.strip().casefold(): name for name in columns}
    first = max(kinds, key=len).casefold()
    found = []
    for name in known:
        at = name.find(first)
        while at >= 0:
            before, after = name[:at], name[at + len(first) :]
            if all(before + kind.casefold() + after in known for kind in kinds):
                alike = [n for n in known if n.startswith(before) and n.endswith(after)]
                for members in (alike, [before + kind.casefold() + after for kind in kinds]):
                    names = tuple(known[n] for n in known if n in members)
                    width = len(after)
                    cut = [n.strip()[len(before) : len(n.strip()) - width] for n in names]
                    found.append((names, tuple(cut)))
            at = name.find(first, at + 1)
    return found
