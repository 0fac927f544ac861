"""Venn-Abers prediction: isotonic regression with the row to be predicted among its rows, once
as each label (Vovk, Petej & Fedorova 2015, inductive).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import ProbabilityMap, Shares
from calaudit.calibrators.expression import stepped
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample

Floats = NDArray[np.float64]

LEAST_ROWS = 20
POINTS = 2_000
"""Most groups of scores; of more distinct scores neighbours are taken for equal."""


@dataclass(frozen=True, slots=True, eq=False)
class VennAbers(ProbabilityMap):
    """Two probabilities for each right-closed bin (edges[b], edges[b + 1]]; 0 is in the first.

    Of a row of the same law as those it was fitted on, one of the two, it is not known which, is
    the probability of its label in the long run, whatever the law. They are no confidence
    interval; how far they lie apart says what the rows know of such a score.

    Attributes:
        edges: (B + 1,) rising from 0 to 1. low: (B,) of the row as a negative.
        high: (B,) of the row as a positive, above ``low``.
    """

    method: ClassVar[str] = "venn-abers"
    edges: Shares
    low: Shares
    high: Shares

    @property
    def values(self) -> Floats:
        """(B,) the one probability that stands for both: with the least regret in log loss."""
        return self.high / (1.0 - self.low + self.high)

    def of_bins(self) -> tuple[Floats, ...]:
        """Return what there is of each bin."""
        return self.low, self.high

    def probabilities(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return the value of the bin of p."""
        return self.values[self._bins(p)]

    def between(self, p: Floats) -> tuple[Floats, Floats]:
        """Return (n,) the lower and the upper probability of scores p."""
        bins = self._bins(p)
        return self.low[bins], self.high[bins]

    def expression(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return the value of the bin of p."""
        return stepped(p, self.edges[1:-1], self.values)

    def _bins(self, p: Floats) -> NDArray[np.int64]:
        return np.searchsorted(self.edges[1:-1], p, side="left")


def fit_venn_abers(sample: Sample) -> VennAbers:
    """Return both probabilities for every score there can be.

    A score between two of the sample takes the lower probability of the one below and the upper
    one of the one above; below the first and above the last they are 0 and 1. With weights a new
    row counts as much as a usual one, Σw²/Σw.

    Limits: the guarantee is for rows that are exchangeable with those of the fit, one by one:
    not for weighted rows, rows that belong together, or another time.

    Raises:
        NotEnoughData: one class, or too few rows.
    """
    sample.require(LEAST_ROWS, VennAbers.method, each=LABEL_ROWS)
    w = sample.w.sum(axis=0)
    held = w > 0
    p, w, w1 = sample.p[held], w[held], sample.w[1][held]
    begin = np.flatnonzero(np.diff(p, prepend=-1.0) > 0)
    size = -(-len(begin) // POINTS)
    begin = begin[::size]
    end = np.append(begin[1:], len(p)) - 1
    w, w1 = np.add.reduceat(w, begin), np.add.reduceat(w1, begin)
    unit = float(sample.w2.sum() / w.sum())
    high = _with_a_positive(w, w1, unit)
    low = 1.0 - _with_a_positive(w[::-1], (w - w1)[::-1], unit)[::-1]
    # Bins in turn: below the first score, at it, between it and the second, at that, …
    edges = np.zeros(2 * len(w) + 2)
    edges[1:-1:2], edges[2::2] = np.nextafter(p[begin], 0.0), p[end]
    edges[1:-1] = np.maximum.accumulate(edges[1:-1])
    edges[2] = max(edges[2], np.nextafter(0.0, 1.0))  # a bin of its own for 0
    edges[-1] = 1.0
    return _merged(edges, np.append(0.0, np.repeat(low, 2)), np.append(np.repeat(high, 2), 1.0))


def _merged(edges: Floats, low: Floats, high: Floats) -> VennAbers:
    """Return the bins without those that hold no number, and equal neighbours as one."""
    held = np.diff(edges) > 0
    starts, low, high = edges[:-1][held], low[held], high[held]
    new = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0))
    return VennAbers(np.append(starts[new], 1.0), low[new], high[new])


def _with_a_positive(w: Floats, w1: Floats, unit: float) -> Floats:
    """Return (m,) the isotonic fit at each of m scores, with one more positive there.

    That is the slope, over the new row, of the greatest convex minorant of the cumulative sums.
    From a score to the next the new row trades places with the rows of one, which moves one
    corner: so all take as long as two fits (Vovk, Petej & Fedorova 2015, algorithms 1 and 2).

    Args:
        w: (m,) weights by score, above 0.
        w1: (m,) those of positives.
        unit: weight of the new row.
    """
    xs, ys = [-unit, 0.0, *np.cumsum(w).tolist()], [-unit, 0.0, *np.cumsum(w1).tolist()]
    corners = [0]
    for i in range(1, len(xs)):
        while len(corners) > 1 and _above(xs, ys, corners[-2], corners[-1], i):
            corners.pop()
        corners.append(i)
    corners.reverse()
    found = np.empty(len(w))
    for i in range(len(w)):
        left, right = corners[-1], corners[-2]
        found[i] = (ys[right] - ys[left]) / (xs[right] - xs[left])
        # The point after the rows of score i, were the new row behind them.
        xs[i + 1], ys[i + 1] = xs[i] + (xs[i + 2] - xs[i + 1]), ys[i] + (ys[i + 2] - ys[i + 1])
        if not _above(xs, ys, left, i + 1, right):
            corners.pop()
            while len(corners) > 1 and _above(xs, ys, i + 1, corners[-1], corners[-2]):
                corners.pop()
            corners.append(i + 1)
    return np.clip(found, 0.0, 1.0)


def _above(xs: list[float], ys: list[float], a: int, b: int, c: int) -> bool:
    """Return whether point b is on or above the line from a to c, which lie on both sides."""
    return (ys[b] - ys[a]) * (xs[c] - xs[a]) >= (ys[c] - ys[a]) * (xs[b] - xs[a])
