"""The same question for rows that depend on each other within a batch: its means alone are used."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BANDS = 3
"""Bands of scores, a third of the rows of the first batch each."""

FIRST_LOOK = 10
"""Batches from which the limits, which are asymptotic, are looked at."""

MOST_LOOKS = 1000
TUNING = 1.0 / 15.0
"""η²: the limits are the shortest after some 1/η² · log(1/α) batches."""


@dataclass(frozen=True, slots=True, eq=False)
class RunningMeans:
    """Means over the batches so far, each (t, b) by batch and band.

    Attributes:
        mean: of the batches' mean outcome less mean score; NaN before a band has rows.
        half: half the width of limits that hold at all looks together; inf before the tenth.
    """

    mean: Floats
    half: Floats

    def beyond(self, tolerance: float) -> NDArray[np.bool_]:
        """Return (t,) where some band is beyond the tolerance."""
        far: NDArray[np.bool_] = np.abs(self.mean) - self.half > tolerance
        found: NDArray[np.bool_] = np.logical_or.reduce(far, axis=1)
        return found


def running_means(means: Floats, alpha: float) -> RunningMeans:
    """Return the running means of batches, with an asymptotic confidence sequence.

    s·√((tη² + 1)/(t²η²) · 2·log(√(tη² + 1)/α)), α shared by the bands. Rows of a batch may
    depend on each other in any way; batches, given those before them, may not.

    Args:
        means: (t, b) mean of y − p of each batch and band; NaN where there are no rows.
        alpha: probability that any limit is ever beyond.

    Limits: from the tenth batch on, and slower than `Evidence` where rows are independent.
    Source: Waudby-Smith et al. 2024, "Time-uniform central limit theory".
    """
    held = ~np.isnan(means)
    t = np.cumsum(held, axis=0).astype(np.float64)
    x = np.where(held, means, 0.0)
    n = np.maximum(t, 1.0)
    mean = np.cumsum(x, axis=0) / n
    squares = np.maximum(np.cumsum(x * x, axis=0) - n * mean * mean, 0.0)
    spread = np.sqrt(squares / np.maximum(n - 1.0, 1.0))
    wide = n * TUNING + 1.0
    reach = wide / (n * n * TUNING) * (np.log(wide) - 2.0 * math.log(alpha / means.shape[1]))
    half = np.where(t >= FIRST_LOOK, spread * np.sqrt(reach), np.inf)
    return RunningMeans(np.where(t > 0, mean, np.nan), half)


def expected_looks(means: Floats, shift: float, tolerance: float, alpha: float) -> int | None:
    """Return after about how many batches a shift that begins now is beyond; None for never.

    Batches to come vary as those so far do.

    Args:
        means: (t, b) as in `running_means`, t ≥ 2.
        shift: of all means.
        tolerance: as in `RunningMeans.beyond`.
        alpha: as in `running_means`.
    """
    times = -(-MOST_LOOKS // len(means))
    slowest = 0
    for sign in (-1.0, 1.0):
        ahead = np.tile(means + sign * shift, (times, 1))
        beyond = running_means(np.concatenate([means, ahead]), alpha).beyond(tolerance)
        found = np.flatnonzero(beyond[len(means) :])
        slowest = max(slowest, int(found[0]) + 1 if len(found) else MOST_LOOKS + 1)
    return slowest if slowest <= MOST_LOOKS else None
