"""Calibration of every class probability, one class against the rest."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import BinSums, Residuals
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import invert, normal_draws
from calaudit.tables.multiclass import ClassSums

__all__ = ["bins_of_class", "classwise_ece", "ece_by_class", "noise_floor_by_class"]

BUDGET = 4_000_000
"""Random numbers drawn for the interval: with many classes there are fewer draws."""


def ece_by_class(sums: ClassSums) -> NDArray[np.float64]:
    """Return (K,) the equal-width ECE of each class probability."""
    total = sums.w.sum(axis=1)
    result: NDArray[np.float64] = np.abs(sums.y - sums.p).sum(axis=1) / total
    return result


def noise_floor_by_class(sums: ClassSums) -> NDArray[np.float64]:
    """Return (K,) the ECE that calibrated probabilities of each class would show by chance."""
    expected = np.sqrt(2.0 / math.pi * np.maximum(sums.v0, 0.0)).sum(axis=1)
    result: NDArray[np.float64] = expected / sums.w.sum(axis=1)
    return result


def bins_of_class(sums: ClassSums, k: int) -> BinSums:
    """Return the equal-width bins of the probability of class ``k``.

    Of weights only the ratios matter: they are in units in which Σw² = Σw, as without weights.
    """
    unit = float(sums.w2[k].sum() / sums.w[k].sum())
    there = sums.counts[k] > 0

    def scaled(values: NDArray[np.float64], by: float) -> NDArray[np.float64]:
        # Sums of the first bin are differences, which rounding may leave below 0.
        return np.where(there, np.maximum(values, 0.0) / by, 0.0)

    p, y, w = (scaled(x[k], unit) for x in (sums.p, sums.y, sums.w))
    q, v0, w2 = (scaled(x[k], unit * unit) for x in (sums.q, sums.v0, sums.w2))
    rows = np.rint(w) if sums.frequency else sums.counts[k]
    residuals = Residuals(
        r=y - p, q=q, v0=v0, w=w, wp=p, wy=y, w2=w2, r2=np.zeros(len(w)), rows=rows
    )
    return BinSums(residuals, sums.binning.lower, sums.binning.upper, float(w.sum()))


def classwise_ece(sums: ClassSums, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the mean over classes of the one-vs-rest ECE, in [0, 1]; 0 is best.

    Limits: with many classes nearly all probabilities are near 0, and so is this figure.
    Source: Nixon et al. 2019; Kull et al. 2019.
    """
    k = len(sums.p)
    n = float(sums.w[0].sum())
    value = float(ece_by_class(sums).mean())
    held = sums.v0 > 0
    r, q, v0 = (sums.y - sums.p)[held], sums.q[held], sums.v0[held]
    if not len(r):
        return Estimate(value=value, reason="no interval without variation")
    draws = int(np.clip(BUDGET // len(r), 59, 999))
    scale = n * k

    def statistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = np.abs(x).sum(axis=1) / scale
        return result

    null = statistic(normal_draws(rng, draws, len(r)) * np.sqrt(v0))
    noise = normal_draws(rng, draws, len(r)) * np.sqrt(np.maximum(q, v0))
    inverted = invert(value, r, noise, null, statistic, level)
    return Estimate(
        value=value,
        low=inverted.low,
        high=min(inverted.high, 1.0),
        level=level,
        method="test inversion",
        unbiased=min(inverted.unbiased, 1.0),
        noise_floor=float(np.sqrt(2.0 / math.pi * sums.v0[held]).sum()) / scale,
        p_value=inverted.p_value,
    )
