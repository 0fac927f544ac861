"""Counts of rows in arrays indexed by cell: two passes of arithmetic and one scatter a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.keys import (
    EXACT_LEVEL,
    ONE_KEY,
    SHORT_BASE,
    SHORT_LEAST,
    SHORT_LEVEL,
    SHORT_ONE,
    SHORT_SHIFT,
)
from calaudit.tables.score_table import (
    LOW_BITS,
    LOW_FROM,
    ScoreTable,
    Weights,
    exact_table,
    join,
    split_labels,
)

WAITING = 1 << 18
"""Most rows that wait for their scatter."""

WINDOW = 1 << 20
"""Most cells that a dense array covers."""

FIRST_LOOK = 1 << 20
"""Rows after which it is looked whether the level is too fine."""

_LOW_MASK = np.int64((1 << LOW_BITS) - 1)
_COUNT_SHIFT = np.int64(40)
_HIGH_MASK = np.int64((1 << 40) - 1)

Ints = NDArray[np.int64]


class DenseCounts:
    """Counts in arrays indexed by cell, over a window of cells of one level.

    Args:
        table: whose level, cuts and cap are taken, and the window from where its rows lie.
        block: rows that are added at a time, at most.

    Attributes:
        short: whether short keys can be added: they tell every cell of the window.
    """

    def __init__(self, table: ScoreTable, block: int) -> None:
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
        self._next_look = FIRST_LOOK
        self._seen = 0
        self._end_counts = np.zeros(4, np.int64)
        self._end_sums = np.zeros((2, 4))
        self._slow: NDArray[np.bool_] = np.zeros(self._size, np.bool_)
        self._slow[[0, -1]] = True
        cut = (np.array(table.cuts, np.int64) >> self._shift) - self._base
        self._slow[cut[(cut > 0) & (cut < self._size)]] = True
        self.short = (
            table.level <= SHORT_LEVEL
            and low > SHORT_LEAST >> self._shift
            and high < (ONE_KEY - SHORT_LEAST) >> self._shift
        )
        # Where there are several kinds of sums, rows wait for the scatter: those of one kind fit
        # into the processor's cache, those of all kinds do not.
        self._most = max(block, min(WAITING, self._room))
        self._filled, self._filled_short = 0, False
        self._at, self._part, self._below = (np.empty(self._most, np.int64) for _ in range(3))
        self._weight = np.empty((2, 0))
        self._offset, self._is_slow = np.empty(block, np.int64), np.empty(block, np.bool_)
        self._short_cell, self._short_offset = np.empty(block, np.int32), np.empty(block, np.int32)

    def add(
        self, keys: NDArray[Any], labels: NDArray[Any], weights: NDArray[np.float64] | None
    ) -> NDArray[np.intp]:
        """Add rows by their keys, or short keys, and return the indices of those to be sorted."""
        n, short = len(keys), keys.dtype == np.int32
        if self._filled + n > self._most or short != self._filled_short:
            self._scatter()
        here = slice(self._filled, self._filled + n)
        self._filled, self._filled_short = here.stop, short
        at, part = self._at[here], self._part[here]
        cell: NDArray[Any]
        offset: NDArray[Any]
        if short:
            cell, offset = self._short_cell[:n], self._short_offset[:n]
            shift = int(self._shift) - SHORT_SHIFT
            base = int(self._base) - (SHORT_BASE >> int(self._shift))
        else:
            cell, offset = at, self._offset[:n]
            shift, base = int(self._shift), int(self._base)
        np.right_shift(keys, shift, out=cell)
        np.subtract(cell, base, out=cell)
        np.maximum(cell, 0, out=cell)
        np.minimum(cell, self._size - 1, out=cell)
        if short:
            np.copyto(at, cell)
        # Checked already: "clip" spares the look at every index that "raise" costs.
        slow = np.flatnonzero(np.take(self._slow, at, out=self._is_slow[:n], mode="clip"))
        np.left_shift(at, 1, out=at)
        np.add(at, labels, out=at, casting="unsafe")
        np.bitwise_and(keys, (1 << shift) - 1, out=offset)
        if short:  # the lower part of an offset is 0
            np.left_shift(offset, SHORT_SHIFT - LOW_BITS, out=offset)
            np.add(offset, np.int64(1) << _COUNT_SHIFT, out=part)
        else:
            np.right_shift(offset, LOW_BITS, out=part)
            np.add(part, np.int64(1) << _COUNT_SHIFT, out=part)
            np.bitwise_and(offset, _LOW_MASK, out=self._below[here])
        if weights is not None:
            if not self._weight.size:
                self._weight = np.empty((2, self._most))
            self._weight[0, here] = weights
            whole = offset * float(1 << LOW_BITS) if short else offset
            np.multiply(weights, whole, out=self._weight[1, here])
        elif short or self.level < LOW_FROM:
            self._scatter()
        self._seen += n
        return self._add_ends(keys, labels, weights, slow) if len(slow) else slow

    def _scatter(self) -> None:
        """Add the rows that wait to the sums, one kind of sum after another."""
        n, at = self._filled, self._at[: self._filled]
        self._filled = 0
        np.add.at(self._packed, at, self._part[:n])
        if self.level >= LOW_FROM and not self._filled_short:
            np.add.at(self._low, at, self._below[:n])
        if self._weight.size:
            if not len(self._sums[0]):
                self._sums = [np.zeros(2 * self._size) for _ in range(3)]
            weight, moved = self._weight[:, :n]
            for total, values in zip(self._sums, (weight, weight * weight, moved), strict=True):
                np.add.at(total, at, values)
        self._rows += n
        if self._rows + self._most > self._room:
            self._unpack()

    def _add_ends(
        self,
        keys: NDArray[Any],
        labels: NDArray[Any],
        weights: NDArray[np.float64] | None,
        slow: NDArray[np.intp],
    ) -> NDArray[np.intp]:
        """Count the slow rows at exactly 0 and 1, of which saturated models have many."""
        key = keys[slow]
        one = ONE_KEY if key.dtype == np.int64 else SHORT_ONE
        rest = (key != 0) & (key != one)
        if rest.all():
            return slow
        end = slow[~rest]
        index = 2 * (keys[end] == one).astype(np.intp) + labels[end]
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

    def _unpack(self) -> None:
        self._counts, self._high = self._unpacked()
        self._packed[:] = 0
        self._rows = 0

    def _unpacked(self) -> tuple[Ints, Ints]:
        if self._filled:
            self._scatter()
        counts, high = self._packed >> _COUNT_SHIFT, self._packed & _HIGH_MASK
        counts += self._counts
        high += self._high
        return counts, high

    def table(self) -> ScoreTable:
        """Return the table of the rows placed so far; cells marked slow are left out."""
        counts, high = self._unpacked()
        occupied = (counts[::2] | counts[1::2]) != 0
        used = np.flatnonzero(occupied & ~self._slow)
        counts, high, low = (split_labels(x, used) for x in (counts, high, self._low))
        sums = None
        if len(self._sums[0]):
            sums = Weights(*(split_labels(total, used) for total in self._sums))
        like = self._like
        starts = (used + self._base) << self._shift
        inner = ScoreTable(self.level, starts, counts, high, low, like.cuts, like.cap, sums)
        ends = self._end_table()
        return join((inner,)).fitted().merge(ends) if len(used) else ends

    def _end_table(self) -> ScoreTable:
        """Return the table of the rows at exactly 0 and 1."""
        like = self._like
        sums = self._end_sums if self._weight.size else None
        keys = np.array([0, ONE_KEY], np.int64)
        return exact_table(keys, self._end_counts, sums, like)

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
