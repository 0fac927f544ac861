"""Counts of rows whose scores are among few known ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.keys import EXACT_LEVEL
from calaudit.tables.score_table import ScoreTable, exact_table

FINEST = 14
"""Finest level at which known scores are looked up."""

MOST_SLOTS = 1 << 23
"""Most cells that the lookup covers."""

Ints = NDArray[np.int64]


class KnownScores:
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
    def of(cls, table: ScoreTable) -> KnownScores | None:
        """Return a lookup for the scores of an exact table, or None if it would not pay."""
        for level in range(6, FINEST + 1, 2):
            cells = table.starts >> np.int64(EXACT_LEVEL - level)
            if len(cells) > 1 and not np.all(np.diff(cells)):
                continue
            base = int(cells[0])
            size = int(cells[-1]) - base + 1
            if size > MOST_SLOTS:
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
        return exact_table(self._keys, self._counts, sums, self._like)
