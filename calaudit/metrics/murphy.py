"""The Murphy diagram: the mean cost of acting on scores, at every ratio of costs.

S_θ = θ·1{p > θ, y = 0} + (1 − θ)·1{p ≤ θ, y = 1}: whoever acts above θ pays θ for acting in vain
and 1 − θ for not acting in need. The Brier score is twice its integral, and a model that is lower
at every θ is better by every proper score (Ehm et al. 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.model_set import Losses
from calaudit.metrics.paired import Rows

Floats = NDArray[np.float64]

THETAS = np.arange(1, 100) / 100.0
FEW = 5
"""Rows of either label on which two models differ from which there is a band."""

DRAWS = 4000
BLOCK = 1 << 14


def elementary_scores(
    score: Floats, positive: NDArray[np.bool_], w: Floats, *, reached: bool = False
) -> Floats:
    """Return (99,) the mean of S_θ at `THETAS`.

    Args:
        score: (n,) p in [0, 1].
        positive: (n,) whether y = 1.
        w: (n,) weights.
        reached: whether p = θ acts as well, which is the limit of S from the left.
    """
    acts = np.searchsorted(THETAS, score, side="right" if reached else "left")
    size = len(THETAS) + 1
    ones, zeros = (np.bincount(acts, w * hit, size) for hit in (positive, ~positive))
    # Row i acts at the first `acts` thetas.
    missed = np.cumsum(ones)[:-1]
    in_vain = (zeros.sum() - np.cumsum(zeros))[:-1]
    scores: Floats = (THETAS * in_vain + (1.0 - THETAS) * missed) / w.sum()
    return scores


@dataclass(frozen=True, slots=True, eq=False)
class MurphyBand:
    """S_θ of B less that of A at `THETAS`, each (99,).

    Attributes:
        value: the difference.
        low, high: of a band that holds at all θ at once; NaN where too few rows differ.
    """

    value: Floats
    low: Floats
    high: Floats

    @property
    def better(self) -> NDArray[np.bool_]:
        """Where B surely costs less."""
        return self.high < 0

    @property
    def worse(self) -> NDArray[np.bool_]:
        """Where B surely costs more."""
        return self.low > 0

    @property
    def finding(self) -> str:
        """What may be said: "better", "worse", "cross" or "unknown".

        Of one at every θ only where the whole band is on one side, that they cross only where it
        is on both.
        """
        known = ~np.isnan(self.low)
        if self.better.any() and self.worse.any():
            return "cross"
        for name, side in (("better", self.better), ("worse", self.worse)):
            if known.any() and side[known].all():
                return name
        return "unknown"


def murphy_band(
    scores: tuple[Floats, Floats],
    positive: NDArray[np.bool_],
    rows: Rows,
    rng: np.random.Generator,
    *,
    level: float,
) -> MurphyBand:
    """Return the difference of the Murphy diagrams of the same rows, with its band.

    Args:
        scores: (n,) of A and of B.
        positive: (n,) whether y = 1.
        rows: their weights and groups.
        rng: source of the draws.
        level: of the band.
    """
    value = np.subtract(*(elementary_scores(x, positive, rows.w) for x in reversed(scores)))
    noise, differ = _noise(scores, positive, rows, value)
    held = (differ >= FEW).all(axis=0)
    low, high = np.full(len(THETAS), np.nan), np.full(len(THETAS), np.nan)
    if held.any():
        inside = Losses(value[held], noise.covariance[np.ix_(held, held)], noise.df)
        error = np.sqrt(np.diagonal(inside.covariance))
        largest = np.sort(np.abs(inside.draws(rng, DRAWS) / error).max(axis=1))
        z = largest[int(np.ceil(level * DRAWS)) - 1]
        # A variance that k rare rows show is as well known as with 2k degrees of freedom: Student's
        # quantile of the normal one (Abramowitz & Stegun 1964, 26.7.5).
        df = 2.0 * differ.min(axis=0)[held]
        longer = (z**3 + z) / (4.0 * df) + (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / (96.0 * df * df)
        reach = (z + longer) * error
        low[held], high[held] = value[held] - reach, value[held] + reach
    return MurphyBand(value, low, high)


def _noise(
    scores: tuple[Floats, Floats], positive: NDArray[np.bool_], rows: Rows, value: Floats
) -> tuple[Losses, Floats]:
    """Return the noise of the difference, and (2, 99) rows of each label that differ at θ."""
    a, b = (np.searchsorted(THETAS, score, side="left") for score in scores)
    size, w = len(THETAS), rows.w
    # Rows that act at the same θ under both and have the same label are alike.
    code = (a * (size + 1) + b) * 2 + positive
    alike, at = np.unique(code, return_inverse=True)
    acts, y = np.divmod(alike, 2)
    one, two = np.divmod(acts, size + 1)
    here = np.arange(size)
    off: Any = (here < two[:, None]) - (here < one[:, None]).astype(np.float64)
    count = np.bincount(at)[:, None] * np.abs(off)
    differ = np.stack([count[y == label].sum(axis=0) for label in (0, 1)])
    off = off * np.where(y[:, None] == 1, THETAS - 1.0, THETAS) - value
    if rows.group is None:
        w2 = np.bincount(at, w if rows.frequency else w * w)
        return Losses(value, (off.T * w2) @ off / rows.total**2), differ
    g = len(rows.groups)
    sums = np.zeros((g, size))
    for begin in range(0, len(at), BLOCK):
        part = slice(begin, begin + BLOCK)
        np.add.at(sums, rows.group[part], off[at[part]] * w[part, None])
    return Losses(value, g / max(g - 1, 1) * sums.T @ sums / rows.total**2, max(g - 1, 1)), differ
