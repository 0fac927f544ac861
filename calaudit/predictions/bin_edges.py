"""Where bins of about as many rows each begin: at round numbers, after one pass over a column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.arrays import doubles
from calaudit.predictions.columns import parse_numbers
from calaudit.predictions.cuts import Bins
from calaudit.predictions.layout import Layout
from calaudit.predictions.source import Source

_CELLS = 1 << 15
"""Values that are told apart; of more, neighbours are counted together."""

_ROWS = 1 << 16
_NEAR = 0.1
"""Share of a bin by which its end may move to be round."""

_SIGN = np.uint64(1 << 63)


def with_edges(
    sources: Sequence[Source], layout: Layout, given: Mapping[str, Sequence[float]]
) -> Layout:
    """Return the layout with the edges of all bins: those given, or of this data.

    Raises:
        InputError: a column has fewer than two different numbers.
    """
    cuts = dict(layout.cuts)
    for name, cut in layout.cuts.items():
        if not isinstance(cut, Bins):
            continue
        edges = tuple(given.get(name, ())) or _edges(_counted(sources, cut.column), cut.bins)
        if not edges:
            raise InputError(
                f"{sources[0].input.path}: {name!r} cuts the numbers in {cut.column!r}, which has "
                f"no two different ones. Dates are cut by {cut.column}:month and the like."
            )
        cuts[name] = replace(cut, edges=edges)
    return replace(layout, cuts=cuts)


class _Counts:
    """Counts of rows by value, of neighbours together where there are many values.

    Which are together depends on the values alone, and not on their order: bits are dropped one
    by one until the cells are few enough.

    Attributes:
        cells: rising keys of values without their last bits. rows: in each. dropped: bits.
    """

    def __init__(self) -> None:
        self.cells = np.zeros(0, np.uint64)
        self.rows = np.zeros(0, np.int64)
        self.dropped = np.uint64(0)

    def add(self, values: NDArray[np.float64]) -> None:
        """Count finite values."""
        bits = (values + 0.0).view(np.uint64)  # -0.0 is 0
        keys = np.where(bits & _SIGN, ~bits, bits | _SIGN) >> self.dropped
        self._merge(*np.unique(keys, return_counts=True))
        while len(self.cells) > _CELLS:
            self.dropped += np.uint64(1)
            cells, rows = self.cells >> np.uint64(1), self.rows
            self.cells, self.rows = np.zeros(0, np.uint64), np.zeros(0, np.int64)
            self._merge(cells, rows)

    def _merge(self, cells: NDArray[np.uint64], rows: NDArray[np.int64]) -> None:
        cells, rows = np.append(self.cells, cells), np.append(self.rows, rows)
        self.cells, at = np.unique(cells, return_inverse=True)
        self.rows = np.zeros(len(self.cells), np.int64)
        np.add.at(self.rows, at, rows)

    def values(self) -> NDArray[np.float64]:
        """Return the smallest value of each cell, rising."""
        keys = self.cells << self.dropped
        found: NDArray[np.float64] = np.where(keys & _SIGN, keys ^ _SIGN, ~keys).view(np.float64)
        return found


def _counted(sources: Sequence[Source], column: str) -> _Counts:
    counts = _Counts()
    for source in sources:
        for part in source.parts([column]):
            for batch in part.batches([column], _ROWS):
                values = doubles(parse_numbers(batch.column(0)).values)
                counts.add(values[np.isfinite(values)])
    return counts


def _edges(counts: _Counts, bins: int) -> tuple[float, ...]:
    """Return rising edges, fewer than bins − 1 where single values have more rows than a bin."""
    values, below = counts.values(), np.cumsum(counts.rows)
    if len(values) < 2:
        return ()
    size, edges, ends = below[-1] / bins, list[float](), [0.0, below[-1]]
    for k in range(1, bins):
        off = np.abs(below[:-1] - k * size)  # of a border behind each value
        near = np.flatnonzero(off <= max(_NEAR * size, off.min()))
        low, best, high = values[[near[0], off.argmin() + 1, near[-1] + 1]].tolist()
        edge = _round(low, best, high)
        rows = below[np.searchsorted(values, edge) - 1]
        if min(abs(rows - end) for end in ends) >= size / 2 or (k == bins - 1 and not edges):
            edges.append(edge)
            ends.append(rows)
    return tuple(edges)


def _round(low: float, best: float, high: float) -> float:
    """Return the number with the fewest digits that is above ``low`` and at most ``high``.

    Of several that nearest to the best.

    >>> _round(18.2, 21.3, 23.9), _round(0.0, 1.0, 1.0), _round(-0.13, -0.12, -0.11)
    (20.0, 1.0, -0.12)
    """
    top = math.floor(math.log10(max(abs(low), abs(high)))) + 1
    for power in range(top, top - 18, -1):
        for part in (10, 5, 2):
            at = round(best / (part * 10.0 ** (power - 1)))
            found = [float(f"{n * part}e{power - 1}") for n in (at - 1, at, at + 1)]
            inside = [edge for edge in found if low < edge <= high]
            if inside:
                return min(inside, key=lambda edge: abs(edge - best))
    return best
