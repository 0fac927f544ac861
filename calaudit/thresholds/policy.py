"""A policy: which scores are let pass, reviewed, or acted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.costs import ACT, PASS, REVIEW

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Two rungs of a ladder: pass below ``low``, review up to ``high``, act from there.

    Attributes:
        low, high: rungs, low ≤ high; equal where nothing is reviewed.
        split: the cell beside the band of which only a part is reviewed because no more
            reviews can be had: ``low − 1`` (the rest passes) or ``high`` (the rest is acted on).
        split_share: the part of that cell that is reviewed, in (0, 1).
        cuts: numbers that make the rungs, from which to review and from which to act, where they
            were given or are rounded; None for the shortest that do.
    """

    low: int
    high: int
    split: int | None = None
    split_share: float = 0.0
    cuts: tuple[float | None, float | None] | None = None

    def shares(self, cells: int) -> Floats:
        """Return (3, cells) the part of each cell that is let pass, reviewed and acted on."""
        shares = np.zeros((3, cells))
        shares[PASS, : self.low] = 1.0
        shares[REVIEW, self.low : self.high] = 1.0
        shares[ACT, self.high :] = 1.0
        if self.split is not None:
            shares[REVIEW, self.split] = self.split_share
            rest = PASS if self.split < self.low else ACT
            shares[rest, self.split] = 1.0 - self.split_share
        return shares
