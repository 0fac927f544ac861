"""Histogram binning: the observed rate of each bin (Zadrozny & Elkan 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import ProbabilityMap, Shares
from calaudit.calibrators.expression import stepped
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.calibrators.isotonic import mixed

Floats = NDArray[np.float64]

BINS = 15
LEAST_ROWS = 10 * BINS


@dataclass(frozen=True, slots=True, eq=False)
class Histogram(ProbabilityMap):
    """One value for each right-closed bin (edges[b], edges[b + 1]]; 0 is in the first.

    Attributes:
        edges: (B + 1,) rising from 0 to 1. values: (B,) in [0, 1].
    """

    method: ClassVar[str] = "histogram"
    edges: Shares
    values: Shares

    def of_bins(self) -> tuple[Floats, ...]:
        """Return what there is of each bin."""
        return (self.values,)

    def probabilities(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return the value of the bin of p."""
        return self.values[np.searchsorted(self.edges[1:-1], p, side="left")]

    def expression(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return the value of the bin of p."""
        return stepped(p, self.edges[1:-1], self.values)


def fit_histogram(sample: Sample, *, mix: bool = True) -> Histogram:
    """Return the observed rates of (at most) 15 bins of about equal weight.

    Bins end at a score and never split equal scores, so that heavily tied scores have fewer.

    Limits: all scores in a bin become one, so that AUROC falls.

    Raises:
        NotEnoughData: one class, or too few rows.
    """
    sample.require(LEAST_ROWS, Histogram.method, each=LABEL_ROWS)
    w = sample.w[0] + sample.w[1]
    held = w > 0
    p, w, w1 = sample.p[held], w[held], sample.w[1][held]
    share = np.cumsum(w) / w.sum()
    last = np.searchsorted(share, np.arange(1, BINS) / BINS - 1e-12)
    # A bin of its own for what lies above the last score would be empty.
    inner = np.unique(p[last[last < len(p) - 1]])
    inner = inner[(inner > 0.0) & (inner < 1.0)]
    bin_of = np.searchsorted(inner, p, side="left")
    bins = len(inner) + 1
    rate = np.bincount(bin_of, w1, bins) / np.bincount(bin_of, w, bins)
    values = mixed(rate, sample.effective_rows) if mix else rate
    return Histogram(np.concatenate([[0.0], inner, [1.0]]), values)
