"""The laws of every mergeable statistic, in one place."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any, Generic, TypeVar

import numpy as np

from calaudit.predictions.intake import Intake
from calaudit.tables.multiclass import ClassSums
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary
from calaudit.tables.worst import WorstRows

T = TypeVar("T", bound=Any)

ROUNDING = 1e-12
"""Relative difference allowed between float sums that were added up in another order."""


@dataclass(frozen=True)
class Mergeable(Generic[T]):
    """A statistic under test: how it is made of rows, its identity, and when two are the same."""

    of: Callable[[Any], T]
    empty: Callable[[], T]
    same: Callable[[T, T], None]


def check_laws(kind: Mergeable[T], parts: Sequence[Any], whole: Any) -> None:
    """Assert that the statistics of ``parts`` form a commutative monoid that adds up to all."""
    all_at_once = kind.of(whole)
    pieces = [kind.of(part) for part in parts]
    before = [pickle.dumps(piece) for piece in pieces]
    none = kind.empty()
    for piece in pieces:
        kind.same(none.merge(piece), piece)
        kind.same(piece.merge(none), piece)
    for a, b in pairwise(pieces):
        kind.same(a.merge(b), b.merge(a))
    for a, b, c in zip(pieces, pieces[1:], pieces[2:], strict=False):
        kind.same(a.merge(b).merge(c), a.merge(b.merge(c)))
    kind.same(_reduced(pieces, none), all_at_once)
    kind.same(_reduced(pieces[::-1], none), all_at_once)
    kind.same(_as_tree(pieces, none), all_at_once)
    carried = [pickle.loads(data) for data in before]
    kind.same(_reduced(carried, none), all_at_once)
    kind.same(pickle.loads(pickle.dumps(_reduced(pieces, none))), all_at_once)
    after = [pickle.dumps(piece) for piece in pieces]
    assert after == before, "merging changed an argument"


def _reduced(pieces: Sequence[T], none: T) -> T:
    result: T = reduce(lambda a, b: a.merge(b), pieces, none)
    return result


def _as_tree(pieces: Sequence[T], none: T) -> T:
    level = list(pieces) or [none]
    while len(level) > 1:
        paired = [a.merge(b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[2 * len(paired) :]
    return level[0]


def same_table(a: ScoreTable, b: ScoreTable) -> None:
    """Assert that two tables are equal, to the last bit in all that is not a float sum."""
    assert a.level == b.level
    assert (a.cuts, a.cap) == (b.cuts, b.cap)
    for name in ("starts", "counts", "high", "low"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    if len(a):
        assert (a.weights is None) == (b.weights is None)
    if a.weights is not None and b.weights is not None:
        for name in ("w", "w2", "wr"):
            close(getattr(a.weights, name), getattr(b.weights, name))


def same_intake(a: Intake, b: Intake) -> None:
    """Assert that two intakes are equal."""
    assert a == b


def same_worst(a: WorstRows, b: WorstRows) -> None:
    """Assert that two lists of wrong rows are equal, in order."""
    assert a.rows == b.rows


def same_classes(a: ClassSums, b: ClassSums) -> None:
    """Assert that two sums by class are equal: counts and Brier to the bit, others to rounding."""
    assert (a.rows, a.brier, a.brier2, a.has_weights) == (b.rows, b.brier, b.brier2, b.has_weights)
    close(a.weighted, b.weighted)
    for name in ("p", "y", "w", "q", "pq", "w2", "counts"):
        # What is in the first bin is a difference, so that rounding is relative to the column.
        x, y = getattr(a, name), getattr(b, name)
        np.testing.assert_allclose(x, y, rtol=ROUNDING, atol=ROUNDING * max(1.0, np.abs(y).sum()))


def same_summary(a: Summary, b: Summary) -> None:
    """Assert that two summaries are equal, part by part."""
    assert a.task == b.task
    same_table(a.table, b.table)
    assert (a.truth is None) == (b.truth is None)
    if a.truth is not None and b.truth is not None:
        same_table(a.truth, b.truth)
    assert (a.classes is None) == (b.classes is None)
    if a.classes is not None and b.classes is not None:
        same_classes(a.classes, b.classes)
    assert a.slices.keys() == b.slices.keys()
    for key in a.slices:
        same_table(a.slices[key], b.slices[key])
    same_worst(a.worst, b.worst)


def close(a: Any, b: Any) -> None:
    """Assert that two arrays of sums of non-negative numbers agree to rounding."""
    np.testing.assert_allclose(a, b, rtol=ROUNDING, atol=0)
