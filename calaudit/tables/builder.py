"""Building a score table from a stream of rows, at a few nanoseconds a row.

Rows wait in a buffer until there are enough to sort. What happens to later rows depends on
what the first ones showed:

- few distinct scores: each new row is looked up among the known scores (`KnownScores`);
- more distinct scores than the cap: rows are added to dense arrays indexed by cell
  (`DenseCounts`), at the finest level that the rows so far allow.

Rows that the quick way cannot place go back to the buffer. All ways add integers, so they
give the same table; the way only decides how long it takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.dense_counts import DenseCounts
from calaudit.tables.keys import KeyBuffers, keys_of, keys_of_tails
from calaudit.tables.known_scores import KnownScores
from calaudit.tables.score_table import (
    CAP,
    LOW_BITS,
    LOW_FROM,
    ScoreTable,
    Weights,
    finest_level,
    floor_to,
    join,
    starts_of,
)

BLOCK = 1 << 15
"""Rows worked on at a time, so that scratch arrays stay in the processor's cache."""

WAITING = 1 << 18
"""Rows that wait before they are sorted."""

COARSEST_DENSE = 3
"""Coarsest level of a dense array: below it a block of rows could overflow the packed sums."""

_LOW_MASK = np.int64((1 << LOW_BITS) - 1)

Ints = NDArray[np.int64]


class TableBuilder:
    """Accumulates rows into a `ScoreTable`.

    Args:
        cuts: keys at which cells are split.
        cap: largest number of cells.
        waiting: rows that wait before they are sorted.
        quick: whether arrays for the quick ways may be kept; without them a builder is small,
            for when there are many.
    """

    def __init__(
        self,
        *,
        cuts: tuple[int, ...] = (),
        cap: int = CAP,
        waiting: int = WAITING,
        quick: bool = True,
    ) -> None:
        self._table = ScoreTable.empty(cuts=cuts, cap=cap)
        self._buffers = KeyBuffers(BLOCK) if quick else None
        self._short_buffers = KeyBuffers(BLOCK, np.float32) if quick else None
        self._most_waiting = waiting
        self._may_be_quick = quick
        self._waiting: list[tuple[Ints, NDArray[Any], NDArray[np.float64] | None]] = []
        self._rows_waiting = 0
        self._quick: DenseCounts | KnownScores | None = None

    def add(
        self,
        scores: NDArray[Any],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        """Add rows: probabilities in [0, 1], labels 0 or 1, weights or None; each (n,)."""
        for begin in range(0, len(scores), BLOCK):
            part = slice(begin, begin + BLOCK)
            block, given = scores[part], None if weights is None else weights[part]
            self._add(block, labels[part], given)

    def _add(
        self, scores: NDArray[Any], labels: NDArray[Any], weights: NDArray[np.float64] | None
    ) -> None:
        quick = self._quick
        if scores.dtype == np.float32 and isinstance(quick, DenseCounts) and quick.short:
            rest = self._count(quick, keys_of(scores, self._short_buffers), labels, weights)
            if not len(rest):
                return
            scores, labels = scores[rest], labels[rest]
            weights = None if weights is None else weights[rest]
            self._wait(keys_of(scores.astype(np.float64)), labels, weights)
        else:
            keys = keys_of(scores.astype(np.float64, copy=False), self._buffers)
            self._place(keys, labels, weights)

    def add_tails(
        self,
        q: NDArray[np.float64],
        upper: NDArray[np.bool_],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        """Add rows given by their tails; see `calaudit.tables.keys.keys_of_tails`."""
        for begin in range(0, len(q), BLOCK):
            part = slice(begin, begin + BLOCK)
            keys = keys_of_tails(q[part], upper[part])
            self._place(keys, labels[part], None if weights is None else weights[part])

    def add_table(self, table: ScoreTable) -> None:
        """Add the rows of another table made with the same cuts and cap."""
        self._table = self._table.merge(table)

    def table(self) -> ScoreTable:
        """Return the table of all rows added so far."""
        self._sort_waiting()
        if isinstance(self._quick, DenseCounts):
            self._table = self._table.merge(self._quick.table())
            self._quick.clear()
        elif self._quick is not None:
            self._table = self._table.merge(self._quick.table())
            self._quick = None
        return self._table

    def _count(
        self,
        quick: DenseCounts | KnownScores,
        keys: NDArray[Any],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None,
    ) -> NDArray[np.intp]:
        """Add rows the quick way and return the indices of those that it cannot place."""
        rest = quick.add(keys, labels, weights)
        if isinstance(quick, DenseCounts) and quick.outgrown():
            self._choose_quick()
        return rest

    def _place(self, keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None) -> None:
        if self._quick is not None:
            rest = self._count(self._quick, keys, labels, weights)
            if not len(rest):
                return
            keys, labels = keys[rest], labels[rest]
            weights = None if weights is None else weights[rest]
        self._wait(keys, labels, weights)

    def _wait(self, keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None) -> None:
        """Keep rows until there are enough to sort."""
        # Copies: the keys live in a scratch array, the others in the caller's.
        self._waiting.append(
            (keys.copy(), labels.astype(np.uint8), None if weights is None else weights.copy())
        )
        self._rows_waiting += len(keys)
        if self._rows_waiting >= self._most_waiting:
            if self._may_be_quick:
                self._choose_quick()
            else:
                self._sort_waiting()

    def _sort_waiting(self) -> None:
        if not self._waiting:
            return
        keys = np.concatenate([k for k, _, _ in self._waiting])
        labels = np.concatenate([y for _, y, _ in self._waiting])
        given = [w for _, _, w in self._waiting if w is not None]
        weights = np.concatenate(given) if given else None
        self._waiting, self._rows_waiting = [], 0
        level = self._table.level
        if isinstance(self._quick, DenseCounts):
            level = min(level, self._quick.level)
        sorted_part = _table_of_keys(keys, labels, weights, self._table, level)
        self._table = self._table.merge(sorted_part)

    def _choose_quick(self) -> None:
        """Pick the quick way that suits the table, and move what the old one holds into it."""
        self.table()
        if self._table.exact:
            self._quick = KnownScores.of(self._table)
        elif self._table.level < COARSEST_DENSE:
            self._quick = None
        elif not isinstance(self._quick, DenseCounts) or self._quick.level != self._table.level:
            self._quick = DenseCounts(self._table, BLOCK)


def _sorted_rows(
    keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None
) -> tuple[Ints, NDArray[Any], NDArray[np.float64] | None]:
    """Return the rows in the order of their keys, in one order whatever theirs was."""
    if weights is not None:
        order = np.lexsort((weights, labels, keys))
        return keys[order], labels[order], weights[order]
    # The label rides in the lowest bit, so that one plain sort does.
    tagged = (keys.view(np.uint64) << np.uint64(1)) | labels
    tagged.sort()
    return (tagged >> np.uint64(1)).view(np.int64), (tagged & np.uint64(1)).astype(np.uint8), None


def _table_of_keys(
    keys: Ints,
    labels: NDArray[Any],
    weights: NDArray[np.float64] | None,
    like: ScoreTable,
    level: int,
) -> ScoreTable:
    """Return the table of keyed rows, cut and capped as ``like``, at ``level`` or coarser."""
    keys, labels, weights = _sorted_rows(keys, labels, weights)
    cuts = np.array(like.cuts, np.int64)
    distinct = starts_of(keys[np.flatnonzero(np.diff(keys, prepend=-1))], level, cuts)
    if 1 + np.count_nonzero(np.diff(distinct)) > like.cap:
        level = finest_level(distinct, level, like.cuts, like.cap)
    starts = starts_of(keys, level, cuts)
    offset = keys - floor_to(keys, level)
    new = np.flatnonzero(np.diff(starts, prepend=-1))
    high, low = offset >> LOW_BITS, offset & _LOW_MASK
    if level < LOW_FROM:
        low[:] = 0
    sums = None
    if weights is not None:
        w2, wr = weights * weights, weights * offset
        sums = Weights(*(_by_label(x, labels, new) for x in (weights, w2, wr)))
    ones = np.ones(len(keys), np.int64)
    return join(
        (
            ScoreTable(
                level,
                starts[new],
                _by_label(ones, labels, new),
                _by_label(high, labels, new),
                _by_label(low, labels, new),
                like.cuts,
                like.cap,
                sums,
            ),
        )
    )


def _by_label(values: NDArray[Any], labels: NDArray[Any], new: NDArray[np.intp]) -> NDArray[Any]:
    """Return sums of values over runs that begin at ``new``, one row a label."""
    one = np.add.reduceat(np.where(labels == 1, values, 0), new)
    zero = np.add.reduceat(np.where(labels == 0, values, 0), new)
    return np.stack([zero, one])
