"""Building a score table from a stream of rows, at a few nanoseconds a row.

Rows wait in a buffer until there are enough to sort. What happens to later rows depends on
what the first ones showed:

- few distinct scores: each new row is looked up among the known scores (`_Known`);
- more distinct scores than the cap: rows are added to dense arrays indexed by cell
  (`_Dense`), at the finest level that the rows so far allow.

Rows that the quick way cannot place go back to the buffer. All ways add integers, so they
give the same table; the way only decides how long it takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.keys import EXACT_LEVEL, ONE_KEY, KeyBuffers, keys_of, keys_of_tails
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

__all__ = ["TableBuilder"]

BLOCK = 1 << 15
"""Rows worked on at a time, so that scratch arrays stay in the processor's cache."""

WAITING = 1 << 18
"""Rows that wait before they are sorted."""

WINDOW = 1 << 20
"""Most cells that a dense array covers."""

KNOWN_LEVEL = 14
"""Finest level at which known scores are looked up."""

COARSEST_DENSE = 3
"""Coarsest level of a dense array: below it a block of rows could overflow the packed sums."""

_LOW_MASK = np.int64((1 << LOW_BITS) - 1)
_COUNT_SHIFT = np.int64(40)
_HIGH_MASK = np.int64((1 << 40) - 1)

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
        self._most_waiting = waiting
        self._may_be_quick = quick
        self._waiting: list[tuple[Ints, NDArray[Any], NDArray[np.float64] | None]] = []
        self._rows_waiting = 0
        self._quick: _Dense | _Known | None = None

    def add(
        self,
        scores: NDArray[Any],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        """Add rows: probabilities in [0, 1], labels 0 or 1, weights or None; each (n,)."""
        for begin in range(0, len(scores), BLOCK):
            part = slice(begin, begin + BLOCK)
            block = scores[part].astype(np.float64, copy=False)
            keys = keys_of(block, self._buffers)
            self._place(keys, labels[part], None if weights is None else weights[part])

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
        if isinstance(self._quick, _Dense):
            self._table = self._table.merge(self._quick.table())
            self._quick.clear()
        elif self._quick is not None:
            self._table = self._table.merge(self._quick.table())
            self._quick = None
        return self._table

    def _place(self, keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None) -> None:
        if self._quick is not None:
            rest = self._quick.add(keys, labels, weights)
            if isinstance(self._quick, _Dense) and self._quick.outgrown():
                self._choose_quick()
            if not len(rest):
                return
            keys, labels = keys[rest], labels[rest]
            weights = None if weights is None else weights[rest]
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
        if isinstance(self._quick, _Dense):
            level = min(level, self._quick.level)
        sorted_part = _table_of_keys(keys, labels, weights, self._table, level)
        self._table = self._table.merge(sorted_part)

    def _choose_quick(self) -> None:
        """Pick the quick way that suits the table, and move what the old one holds into it."""
        self.table()
        if self._table.exact:
            self._quick = _Known.of(self._table)
        elif self._table.level < COARSEST_DENSE:
            self._quick = None
        elif not isinstance(self._quick, _Dense) or self._quick.level != self._table.level:
            self._quick = _Dense(self._table)


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


def _split(interleaved: NDArray[Any], used: NDArray[np.intp]) -> NDArray[Any]:
    """Return (2, m) sums by label of the used cells, from label sums that stand in pairs."""
    return np.ascontiguousarray(interleaved.reshape(-1, 2)[used].T)


def _exact_table(
    keys: Ints, counts: Ints, sums: NDArray[np.float64] | None, like: ScoreTable
) -> ScoreTable:
    """Return the exact table of keys with interleaved counts and, where given, Σw and Σw²."""
    used = np.flatnonzero(counts[::2] | counts[1::2])
    if not len(used):
        return ScoreTable.empty(cuts=like.cuts, cap=like.cap)
    none = np.zeros((2, len(used)), np.int64)
    weights = None
    if sums is not None:
        w, w2 = (_split(total, used) for total in sums)
        weights = Weights(w, w2, np.zeros_like(w))
    return ScoreTable(
        EXACT_LEVEL, keys[used], _split(counts, used), none, none, like.cuts, like.cap, weights
    )


class _Dense:
    """Counts in arrays indexed by cell, over a window of cells of one level."""

    def __init__(self, table: ScoreTable) -> None:
        self.level = table.level
        self._like = table
        self._shift = np.int64(EXACT_LEVEL - table.level)
        occupied = table.starts >> self._shift
        # The window begins with the commonest cells: saturated scores, far out in the tails,
        # would make it needlessly wide and are placed by sorting.
        inside = (table.starts > 0) & (table.starts < ONE_KEY)
        rows = np.cumsum(table.counts.sum(axis=0) * inside)
        first, last = np.searchsorted(rows, [rows[-1] * 1e-3, rows[-1] * (1 - 1e-3)])
        low, high = _window(int(occupied[first]), int(occupied[last]), table.level)
        self._base = low - 1
        size = high - low + 1
        self._size = size + 2
        # One int64 holds a count (upper bits) and the high part of the offsets (lower 40).
        self._packed = np.zeros(2 * self._size, np.int64)
        self._low = np.zeros(2 * self._size, np.int64)
        self._sums = [np.zeros(0)] * 3
        high_bits = max(0, EXACT_LEVEL - table.level - LOW_BITS)
        self._room = min(1 << 23, 1 << (40 - high_bits))
        self._rows = 0
        # Unpacked sums; no array until the packed ones run out of room.
        self._counts: Any = 0
        self._high: Any = 0
        self._next_look = 4 * WAITING
        self._seen = 0
        self._end_counts = np.zeros(4, np.int64)
        self._end_sums = np.zeros((2, 4))
        self._slow: NDArray[np.bool_] = np.zeros(self._size, np.bool_)
        self._slow[[0, -1]] = True
        cut = (np.array(table.cuts, np.int64) >> self._shift) - self._base
        self._slow[cut[(cut > 0) & (cut < self._size)]] = True
        self._cell = np.empty(BLOCK, np.int64)
        self._offset = np.empty(BLOCK, np.int64)
        self._part = np.empty(BLOCK, np.int64)

    def add(
        self, keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None
    ) -> NDArray[np.intp]:
        """Add rows and return the indices of those that must be placed by sorting."""
        n = len(keys)
        cell, offset, part = self._cell[:n], self._offset[:n], self._part[:n]
        np.right_shift(keys, self._shift, out=cell)
        np.subtract(cell, self._base, out=cell)
        np.maximum(cell, 0, out=cell)
        np.minimum(cell, self._size - 1, out=cell)
        slow = np.flatnonzero(self._slow[cell])
        np.bitwise_and(keys, (np.int64(1) << self._shift) - 1, out=offset)
        np.left_shift(cell, 1, out=cell)
        np.add(cell, labels, out=cell, casting="unsafe")
        np.right_shift(offset, LOW_BITS, out=part)
        np.add(part, np.int64(1) << _COUNT_SHIFT, out=part)
        np.add.at(self._packed, cell, part)
        if weights is not None:
            self._add_weights(cell, offset, weights)
        if self.level >= LOW_FROM:
            np.bitwise_and(offset, _LOW_MASK, out=offset)
            np.add.at(self._low, cell, offset)
        self._rows += n
        self._seen += n
        if self._rows + BLOCK > self._room:
            self._unpack()
        return self._add_ends(keys, labels, weights, slow) if len(slow) else slow

    def _add_ends(
        self,
        keys: Ints,
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None,
        slow: NDArray[np.intp],
    ) -> NDArray[np.intp]:
        """Count the slow rows at exactly 0 and 1, of which saturated models have many."""
        key = keys[slow]
        rest = (key != 0) & (key != ONE_KEY)
        if rest.all():
            return slow
        end = slow[~rest]
        index = 2 * (keys[end] == ONE_KEY).astype(np.intp) + labels[end]
        self._end_counts += np.bincount(index, minlength=4)
        if weights is not None:
            w = weights[end]
            self._end_sums[0] += np.bincount(index, w, 4)
            self._end_sums[1] += np.bincount(index, w * w, 4)
        others: NDArray[np.intp] = slow[rest]
        return others

    def outgrown(self) -> bool:
        """Return whether a coarser level would do, at a few points of the rows' growth."""
        if self._seen < self._next_look:
            return False
        self._next_look = 4 * self._seen
        counts, _ = self._unpacked()
        return int(np.count_nonzero(counts[::2] | counts[1::2])) > self._like.cap

    def _add_weights(self, cell: Ints, offset: Ints, weights: NDArray[np.float64]) -> None:
        if not len(self._sums[0]):
            self._sums = [np.zeros(2 * self._size) for _ in range(3)]
        for total, values in zip(
            self._sums, (weights, weights * weights, weights * offset), strict=True
        ):
            np.add.at(total, cell, values)

    def _unpack(self) -> None:
        self._counts, self._high = self._unpacked()
        self._packed[:] = 0
        self._rows = 0

    def _unpacked(self) -> tuple[Ints, Ints]:
        counts, high = self._packed >> _COUNT_SHIFT, self._packed & _HIGH_MASK
        counts += self._counts
        high += self._high
        return counts, high

    def table(self) -> ScoreTable:
        """Return the table of the rows placed so far; cells marked slow are left out."""
        counts, high = self._unpacked()
        occupied = (counts[::2] | counts[1::2]) != 0
        used = np.flatnonzero(occupied & ~self._slow)
        counts, high, low = (_split(x, used) for x in (counts, high, self._low))
        sums = None
        if len(self._sums[0]):
            sums = Weights(*(_split(total, used) for total in self._sums))
        like = self._like
        starts = (used + self._base) << self._shift
        inner = ScoreTable(self.level, starts, counts, high, low, like.cuts, like.cap, sums)
        ends = self._end_table()
        return join((inner,)).fitted().merge(ends) if len(used) else ends

    def _end_table(self) -> ScoreTable:
        """Return the table of the rows at exactly 0 and 1."""
        like = self._like
        sums = self._end_sums if len(self._sums[0]) else None
        keys = np.array([0, ONE_KEY], np.int64)
        return _exact_table(keys, self._end_counts, sums, like)

    def clear(self) -> None:
        """Forget all rows."""
        self._end_counts[:] = 0
        self._end_sums[:] = 0
        self._counts = self._high = 0
        self._packed[:] = 0
        self._rows = 0
        self._low[:] = 0
        for total in self._sums:
            total[:] = 0


def _window(first: int, last: int, level: int) -> tuple[int, int]:
    """Return the first and last cell of a dense window around the cells first..last.

    A tail of scores usually goes on below what the first rows showed, so the window takes in
    a few octaves more at each end that lies in a tail, as far as it has room.
    """
    octave = 1 << level
    low, high = first - 8 * octave, last + 8 * octave
    if high - low >= WINDOW:
        low, high = first, last
    if high - low >= WINDOW:
        high = low + WINDOW - 1
    return max(low, 0), high


class _Known:
    """Counts of scores already seen, found through their cell of a fine level."""

    def __init__(self, table: ScoreTable, level: int, base: int, slots: NDArray[np.int32]) -> None:
        self._like = table
        self._shift = np.int64(EXACT_LEVEL - level)
        self._base = base
        self._slots = slots
        # Slot 0 belongs to no score: its key is one that no row has.
        self._keys = np.concatenate([np.array([-1], np.int64), table.starts])
        self._counts = np.zeros(2 * len(self._keys), np.int64)
        self._sums = np.zeros((2, 0))

    @classmethod
    def of(cls, table: ScoreTable) -> _Known | None:
        """Return a lookup for the scores of an exact table, or None if it would not pay."""
        for level in range(6, KNOWN_LEVEL + 1, 2):
            cells = table.starts >> np.int64(EXACT_LEVEL - level)
            if len(cells) > 1 and not np.all(np.diff(cells)):
                continue
            base = int(cells[0])
            size = int(cells[-1]) - base + 1
            if size > WINDOW * 8:
                return None
            slots = np.zeros(size, np.int32)
            slots[cells - base] = np.arange(1, len(cells) + 1, dtype=np.int32)
            return cls(table, level, base, slots)
        return None

    def add(
        self, keys: Ints, labels: NDArray[Any], weights: NDArray[np.float64] | None
    ) -> NDArray[np.intp]:
        """Add the rows whose score is known and return the indices of the others."""
        cell = (keys >> self._shift) - self._base
        np.clip(cell, 0, len(self._slots) - 1, out=cell)
        slot = self._slots[cell].astype(np.int64)
        known = self._keys[slot] == keys
        rest = np.flatnonzero(~known)
        if len(rest):
            slot, labels = slot[known], labels[known]
            weights = None if weights is None else weights[known]
        index = 2 * slot + labels
        np.add.at(self._counts, index, 1)
        if weights is not None:
            if not len(self._sums[0]):
                self._sums = np.zeros((2, len(self._counts)))
            np.add.at(self._sums[0], index, weights)
            np.add.at(self._sums[1], index, weights * weights)
        return rest

    def table(self) -> ScoreTable:
        """Return the table of the rows placed so far."""
        sums = self._sums if len(self._sums[0]) else None
        return _exact_table(self._keys, self._counts, sums, self._like)
