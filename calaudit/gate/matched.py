"""The change of the ECE of matched rows, by inversion of a test of both files at once.

Each row has a residual y − p in a bin of either file, with the same label and so nearly the same
noise. It cancels in the difference of the two ECEs, also where it hides what each of them is: a
joined interval (`comparison`) cannot know that, and has little power there. The lower bound here
is the smallest change Δ that explains the observed difference D = G_B − G_A::

    P(G_B* − G_A* ≥ D) > 1 − confidence

where G_A* is of residuals that are scaled to an error of θ, G_B* of such that are scaled to θ + Δ,
and both have the joint noise of the rows. θ is not known: the bound holds for each of some values
that the interval of A allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.gate.comparison import Bounds, Change

__all__ = ["MatchedErrors", "matched_errors"]

Floats = NDArray[np.float64]

DRAWS = 999
STEPS = 15

MOST = 200
"""Bins of which the joint noise is drawn."""

FEWEST = 5
"""Draws that an error rate must leave beyond a bound for it to be one."""


@dataclass(frozen=True, slots=True, eq=False)
class MatchedErrors:
    """Mean residuals of both files by bin, with their joint noise.

    Attributes:
        before, after: (k,) Σw(y − p)/Σw of each bin.
        root: (2k, 2k) of the covariance of their noise, one file after the other.
        seed: of the draws of it.
    """

    before: Floats
    after: Floats
    root: Floats
    seed: int

    def bounded(self, change: Change, before: Bounds, confidence: float) -> Change:
        """Return the change with a lower bound of matched rows, where the draws can tell it.

        Args:
            change: as of the two figures.
            before: the first of them, larger for the worse.
            confidence: one-sided.
        """
        if (1.0 - confidence) * DRAWS < FEWEST:
            return change
        half = np.random.default_rng(self.seed).standard_normal(((DRAWS + 1) // 2, len(self.root)))
        noise = np.concatenate([half, -half]) @ self.root.T
        errors = sorted({before.point, 0.5 * (before.point + before.high), before.high})
        low = min(self._least(noise, error, confidence) for error in errors)
        value = change.value
        if low > value:  # both figures may be 0 where the rows show that one is larger
            value = min(self._least(noise, error, 0.5) for error in errors)
        return Change(value, low, max(change.high, value))

    def _least(self, noise: Floats, error: float, confidence: float) -> float:
        """Return the smallest change that explains what was found, were the first ECE ``error``."""
        sizes = [float(np.abs(side).sum()) for side in (self.before, self.after)]
        found = sizes[1] - sizes[0]
        parts = np.split(noise, 2, axis=1)

        def drawn(truth: float, i: int) -> Floats:
            scale = truth / sizes[i] if sizes[i] > 0 else 0.0
            total: Floats = np.abs(scale * (self.before, self.after)[i] + parts[i]).sum(axis=1)
            return total

        first = drawn(error, 0)

        def explains(change: float) -> bool:
            share = np.mean(drawn(error + change, 1) - first >= found)
            return float(share) > 1.0 - confidence

        low, high = -error, max(found, 0.0) + error + 0.1
        if explains(low):
            return low
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if explains(middle) else (middle, high)
        return low


def matched_errors(
    bins: Sequence[NDArray[np.int64]], residuals: Sequence[Floats], seed: int
) -> MatchedErrors | None:
    """Return what the change of the ECE of matched rows depends on; None with too many bins.

    Args:
        bins: (n,) bin of each row in the first file and in the second.
        residuals: (n,) w(y − p)/Σw of each row in either; in a file that has it not 0, in a bin
            of its own.
        seed: of the draws.
    """
    count = 1 + max(int(side.max()) for side in bins)
    if count > MOST:
        return None
    sums: list[Any] = [np.bincount(b, r, count) for b, r in zip(bins, residuals, strict=True)]
    centred = [
        r - (s / np.maximum(np.bincount(b, minlength=count), 1))[b]
        for b, r, s in zip(bins, residuals, sums, strict=True)
    ]
    one, two = centred
    across = np.bincount(bins[0] * count + bins[1], one * two, count * count).reshape(count, count)
    ends = [np.diag(np.bincount(b, c * c, count)) for b, c in zip(bins, centred, strict=True)]
    covariance = np.block([[ends[0], across], [across.T, ends[1]]])
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return MatchedErrors(sums[0], sums[1], root, seed)
