"""A score table as plain arrays: what every metric computes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.keys import EXACT_LEVEL, HALF_KEY, ONE_KEY, tails_of

if TYPE_CHECKING:
    from calaudit.tables.groups import Clusters
    from calaudit.tables.score_table import ScoreTable

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The occupied cells of a table in the order of their scores.

    A cell of an exact table holds one distinct score; otherwise its scores lie between
    ``lower`` and ``upper_bound`` and are represented by their mean for each label.

    Attributes:
        starts: (m,) int64 first key of each cell.
        p: (m,) weighted mean score of the rows in the cell.
        q: (2, m) mean distance of the scores of each label from the nearer of 0 and 1.
        above: (m,) whether p = 1 - q (else p = q).
        w: (2, m) total weight by label; row counts when unweighted.
        w2: (2, m) total squared weight by label.
        counts: (2, m) rows by label.
        width: (m,) width of the cell on the score axis; 0 where all its scores are equal.
        exact: whether every distinct score has a cell of its own.
        groups: the same rows by group, where rows belong together.
    """

    starts: NDArray[np.int64]
    p: Floats
    q: Floats
    above: NDArray[np.bool_]
    w: Floats
    w2: Floats
    counts: NDArray[np.int64]
    width: Floats
    exact: bool
    groups: Clusters | None = None

    def __len__(self) -> int:
        return len(self.p)

    @property
    def total(self) -> Floats:
        """(m,) total weight of each cell."""
        total: Floats = self.w[0] + self.w[1]
        return total

    @property
    def p_by_label(self) -> Floats:
        """(2, m) mean score of the rows of each label."""
        return np.where(self.above, 1.0 - self.q, self.q)

    def take(self, chosen: NDArray[Any]) -> Cells:
        """Return the cells picked by a boolean or integer index."""
        return Cells(
            self.starts[chosen], self.p[chosen], self.q[:, chosen], self.above[chosen],
            self.w[:, chosen], self.w2[:, chosen], self.counts[:, chosen], self.width[chosen],
            self.exact,
        )  # fmt: skip


def cells_of(table: ScoreTable) -> Cells:
    """Return the cells of a table."""
    counts = table.counts
    if table.weights is None:
        w = counts.astype(np.float64)
        w2 = w
    else:
        w, w2 = table.weights.w, table.weights.w2
    tail, above = tails_of(table.starts)
    if table.exact:
        q = np.stack([tail, tail])
        p = np.where(above, 1.0 - tail, tail)
        return Cells(table.starts, p, q, above, w, w2, counts, np.zeros(len(p)), True)
    above = table.starts >= HALF_KEY  # a wider cell that begins at one half lies above it
    q, width = _mean_tails(table, w, above)
    by_label = np.where(above, 1.0 - q, q)
    total = w[0] + w[1]
    # A cell without weight takes the mean of its rows, so that scores stay in order.
    share = np.where(total > 0, w[1], counts[1]) / np.where(total > 0, total, counts.sum(axis=0))
    p = by_label[0] + share * (by_label[1] - by_label[0])
    return Cells(table.starts, p, q, above, w, w2, counts, width, False)


def _mean_tails(table: ScoreTable, w: Floats, above: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the mean tail of each cell and label, and the width of each cell.

    The float64 with bits b is linear in b within an octave, so that the mean tail follows
    exactly from the mean offset of the keys.
    """
    from calaudit.tables.score_table import LOW_BITS, LOW_FROM, floor_to

    size = np.int64(1) << np.int64(EXACT_LEVEL - table.level)
    floor = floor_to(table.starts, table.level)
    # Below one half the tail grows with the key from `floor`; above it falls from there.
    bits = np.where(above, ONE_KEY - floor, floor)
    other = np.where(above, np.maximum(bits - size, 0), bits + size)
    begin, end = bits.view(np.float64), other.view(np.float64)
    slope = (end - begin) / np.maximum(np.abs(other - bits), 1)
    if table.weights is None:
        rows = np.maximum(table.counts, 1)
        unit = float(1 << LOW_BITS)
        low = table.low / rows if table.level >= LOW_FROM else 0.5 * unit
        offset = (table.high / rows) * unit + low
    else:
        safe = np.where(w > 0, w, 1.0)
        offset = table.weights.wr / safe
    single = (table.starts == 0) | (table.starts == ONE_KEY)
    width = np.where(single, 0.0, np.abs(end - begin))
    q = begin + slope * offset
    empty = table.counts == 0
    if empty.any():  # a label without rows takes the mean of the other
        q = np.where(empty, q[::-1], q)
    return np.clip(q, 0.0, 0.5), width
