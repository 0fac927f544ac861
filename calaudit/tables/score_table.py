"""The score table: everything about one column of scores and its labels, in bounded space.

A table maps cells of scores to counts by label, with exact integer sums of where in the
cell the scores lie. It is a commutative monoid: tables of parts of the data merge to the
table of all of it, exactly and in any order, because the level of the cells depends only on
the multiset of rows (the finest level that has at most ``cap`` occupied cells).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import MergeError, NotEnoughData
from calaudit.tables.cells import Cells, cells_of
from calaudit.tables.keys import EXACT_LEVEL, ONE_KEY

CAP = 1 << 17
"""Default largest number of occupied cells. Up to so many distinct scores a table is exact."""

LOW_BITS = 24
"""Sums of offsets are kept in two parts, the bits from the 24th up and those below. Cells begin
at multiples of their size, so that no carry ever passes from one part to the other, whatever
the level: both are plain sums over rows."""

LOW_FROM = 13
"""Level from which the lower part is kept. Below, the upper part alone places a score to 28
bits of its tail."""

_LOW_MASK = np.int64((1 << LOW_BITS) - 1)

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weighted sums of a table, each (2, m) float64: by label and cell.

    Attributes:
        w: sum of weights.
        w2: sum of squared weights.
        wr: sum of weight times offset, in units of the key.
    """

    w: NDArray[np.float64]
    w2: NDArray[np.float64]
    wr: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """Counts of scores by cell and label.

    Attributes:
        level: mantissa bits that tell cells apart; 52 means a cell for every distinct score.
        starts: (m,) sorted int64 key at which each occupied cell begins.
        counts: (2, m) int64 rows by label and cell.
        high, low: (2, m) int64, sums over rows of the two parts of the offset, which is
            key - (key floored to ``level``): ``offset >> 24`` and ``offset & (2**24 - 1)``.
            ``low`` is zero below level 13; both are in an exact table.
        cuts: sorted keys at which cells are split, whatever the level: the edges of bins.
        cap: largest number of cells.
        weights: weighted sums, or None when every row counts once.
    """

    level: int
    starts: Ints
    counts: Ints
    high: Ints
    low: Ints
    cuts: tuple[int, ...] = ()
    cap: int = CAP
    weights: Weights | None = None

    @property
    def rows(self) -> int:
        """Number of rows, of both labels."""
        return int(self.counts.sum())

    @property
    def exact(self) -> bool:
        """Whether every distinct score has a cell of its own."""
        return self.level == EXACT_LEVEL

    @property
    def tells_rows(self) -> bool:
        """Whether other rows would hardly have the same counts by chance (once in 10⁹).

        The chance is about Π (4πn)^−½ over the counts, of which the largest follows from the sum.
        """
        bits = 0.5 * np.log(4.0 * np.pi * self.counts[self.counts > 0])
        return bool(bits.sum() - bits.max(initial=0.0) > np.log(1e9))

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def empty(cls, *, cuts: tuple[int, ...] = (), cap: int = CAP) -> ScoreTable:
        """Return the identity of `merge`."""
        none = np.zeros((2, 0), np.int64)
        starts = np.zeros(0, np.int64)
        return cls(EXACT_LEVEL, starts, none, none, none, all_cuts(cuts), cap)

    @classmethod
    def of(
        cls,
        scores: NDArray[Any],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None = None,
        *,
        cuts: tuple[int, ...] = (),
        cap: int = CAP,
    ) -> ScoreTable:
        """Return the table of one array of scores.

        Args:
            scores: (n,) probabilities in [0, 1].
            labels: (n,) 0 or 1.
            weights: (n,) non-negative, or None.
            cuts: keys at which cells are split.
            cap: largest number of cells.
        """
        from calaudit.tables.builder import TableBuilder

        builder = TableBuilder(cuts=cuts, cap=cap)
        builder.add(scores, labels, weights)
        return builder.table()

    def merge(self, other: ScoreTable) -> ScoreTable:
        """Return the table of the rows of both; neither is changed.

        Raises:
            MergeError: if the tables were made with other cuts, another cap, or if only one
                of them has weights.
        """
        if self.cuts != other.cuts or self.cap != other.cap:
            raise MergeError("tables made with different bins or caps cannot be merged")
        if not len(other):
            return self
        if not len(self):
            return other
        if (self.weights is None) != (other.weights is None):
            raise MergeError("a table with weights cannot be merged with one without")
        level = min(self.level, other.level)
        parts = (self.coarsened(level), other.coarsened(level))
        return join(parts).fitted()

    def coarsened(self, level: int) -> ScoreTable:
        """Return the same rows in cells of ``level``, which must not be finer than now."""
        if level >= self.level:
            return self
        shift = np.int64(EXACT_LEVEL - level)
        floor = floor_to(self.starts, self.level)
        moved = floor - ((floor >> shift) << shift)
        high = self.high + self.counts * (moved >> LOW_BITS)
        low = self.low + self.counts * (moved & _LOW_MASK)
        if level < LOW_FROM:
            low = np.zeros_like(low)
        weights = self.weights
        if weights is not None:
            wr = weights.wr + weights.w * moved.astype(np.float64)
            weights = Weights(weights.w, weights.w2, wr)
        starts = starts_of(self.starts, level, np.array(self.cuts, np.int64))
        finer = ScoreTable(level, starts, self.counts, high, low, self.cuts, self.cap, weights)
        return join((finer,))

    def with_cuts(self, cuts: tuple[int, ...]) -> ScoreTable:
        """Return an exact table, whose cells are single scores, as if made with other cuts."""
        if not self.exact:
            raise MergeError("a table of cells with several scores has the cuts that it has")
        return replace(self, cuts=all_cuts(cuts))

    def fitted(self) -> ScoreTable:
        """Return the table at the finest level that has at most ``cap`` cells."""
        if len(self) <= self.cap:
            return self
        return self.coarsened(finest_level(self.starts, self.level, self.cuts, self.cap))

    def within(self, cells: int, *, level: int = EXACT_LEVEL) -> ScoreTable:
        """Return the table at its finest level of at most ``cells`` cells, and at most ``level``.

        Where even level 0 has more cells, because the scores span so many octaves, they all stay.
        """
        if len(self) <= cells:
            return self
        try:
            finest = finest_level(self.starts, self.level, self.cuts, cells)
        except MergeError:
            finest = 0
        return self.coarsened(min(finest, level))

    def cells(self) -> Cells:
        """Return the table as arrays of probabilities and weights, for the metrics.

        Raises:
            NotEnoughData: there are no rows, or their weights sum to 0.
        """
        if not len(self):
            raise NotEnoughData("there are no rows to compute figures from")
        if self.weights is not None and not self.weights.w.any():
            raise NotEnoughData("the weights of the rows sum to 0")
        return cells_of(self)


def all_cuts(cuts: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cuts with those that keep exact 0 and exact 1 in cells of their own."""
    return tuple(sorted({*cuts, 1, ONE_KEY}))


def floor_to(keys: Ints, level: int) -> Ints:
    """Return each key floored to the beginning of its cell of ``level``, cuts aside."""
    shift = np.int64(EXACT_LEVEL - level)
    return (keys >> shift) << shift


def starts_of(keys: Ints, level: int, cuts: Ints) -> Ints:
    """Return where the cell of each key begins: at its level's boundary, or at a cut."""
    floor = floor_to(keys, level)
    if not len(cuts):
        return floor
    before = np.searchsorted(cuts, keys, side="right")
    last = np.where(before > 0, cuts[np.maximum(before - 1, 0)], np.int64(0))
    return np.maximum(floor, last)


def finest_level(starts: Ints, level: int, cuts: tuple[int, ...], cap: int) -> int:
    """Return the finest level at which sorted ``starts`` occupy at most ``cap`` cells.

    Raises:
        MergeError: if even level 0 has more cells than ``cap``.
    """
    edges = np.array(cuts, np.int64)

    def full(level: int) -> bool:  # as are those above: occupied cells grow with the level
        return bool(1 + np.count_nonzero(np.diff(starts_of(starts, level, edges))) > cap)

    first = bisect_left(range(level + 1), True, key=full)
    if first == 0:
        raise MergeError(f"the scores do not fit into {cap} cells; raise the cap")
    return first - 1


def join(parts: tuple[ScoreTable, ...]) -> ScoreTable:
    """Return the sum of tables of one level, adding cells that begin at the same key."""
    first = parts[0]
    starts = np.concatenate([part.starts for part in parts])
    order: Any = slice(None)
    if len(parts) > 1:
        order = np.argsort(starts, kind="stable")
        starts = starts[order]
    new = np.flatnonzero(np.diff(starts, prepend=-1))

    def add(columns: list[NDArray[Any]]) -> NDArray[Any]:
        joined = np.concatenate(columns, axis=1)[:, order]
        return joined if len(new) == len(starts) else np.add.reduceat(joined, new, axis=1)

    high = add([part.high for part in parts])
    low = add([part.low for part in parts])
    weights = None
    if first.weights is not None:
        sums = [part.weights for part in parts if part.weights is not None]
        weights = Weights(
            add([s.w for s in sums]), add([s.w2 for s in sums]), add([s.wr for s in sums])
        )
    counts = add([part.counts for part in parts])
    return ScoreTable(first.level, starts[new], counts, high, low, first.cuts, first.cap, weights)


def split_labels(interleaved: NDArray[Any], used: NDArray[np.intp]) -> NDArray[Any]:
    """Return (2, m) sums by label of the used cells, from label sums that stand in pairs."""
    return np.ascontiguousarray(interleaved.reshape(-1, 2)[used].T)


def exact_table(
    keys: Ints, counts: Ints, sums: NDArray[np.float64] | None, like: ScoreTable
) -> ScoreTable:
    """Return the exact table of keys with interleaved counts and, where given, Σw and Σw²."""
    used = np.flatnonzero(counts[::2] | counts[1::2])
    if not len(used):
        return ScoreTable.empty(cuts=like.cuts, cap=like.cap)
    none = np.zeros((2, len(used)), np.int64)
    weights = None
    if sums is not None:
        w, w2 = (split_labels(total, used) for total in sums)
        weights = Weights(w, w2, np.zeros_like(w))
    return ScoreTable(
        EXACT_LEVEL,
        keys[used],
        split_labels(counts, used),
        none,
        none,
        like.cuts,
        like.cap,
        weights,
    )
