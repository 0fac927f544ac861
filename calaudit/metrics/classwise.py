"""Calibration of every class probability, one class against the rest."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import BinSums, Residuals
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import invert, normal_draws
from calaudit.metrics.unseen import unseen_share
from calaudit.tables.multiclass import ClassSums

Floats = NDArray[np.float64]

BUDGET = 4_000_000
"""Random numbers drawn for the interval: with many classes there are fewer draws."""


def ece_by_class(sums: ClassSums) -> Floats:
    """Return (K,) the equal-width ECE of each class probability."""
    total = sums.w.sum(axis=1)
    result: Floats = np.abs(sums.y - sums.p).sum(axis=1) / total
    return result


def noise_floor_by_class(sums: ClassSums) -> Floats:
    """Return (K,) the ECE that calibrated probabilities of each class would show by chance."""
    expected = np.sqrt(2.0 / math.pi * _null_variances(sums)).sum(axis=1)
    result: Floats = expected / sums.w.sum(axis=1)
    return result


def bins_of_class(sums: ClassSums, k: int) -> BinSums:
    """Return the equal-width bins of the probability of class ``k``.

    Of weights only the ratios matter: they are in units in which Σw² = Σw, as without weights.
    """
    unit = float(sums.w2[k].sum() / sums.w[k].sum())
    there = sums.counts[k] > 0

    def scaled(values: Floats, by: float) -> Floats:
        # Sums of the first bin are differences, which rounding may leave below 0.
        return np.where(there, np.maximum(values, 0.0) / by, 0.0)

    p, y, w = (scaled(x[k], unit) for x in (sums.p, sums.y, sums.w))
    pq, ppq = (scaled(x[k], unit) for x in (sums.pq, sums.ppq))
    q, w2, y2 = (scaled(x[k], unit * unit) for x in (sums.q, sums.w2, sums.y2))
    rows, ones = sums.counts[k], sums.ones[k]
    if sums.frequency:
        rows, ones = np.rint(w), np.rint(y)
    residuals = Residuals(
        r=y - p, q=q, pq=pq, ppq=ppq, w=w, wp=p, wy=y, w2=w2, w2y=y2,
        r2=np.zeros(len(w)), rows=rows, ones=ones,
    )  # fmt: skip
    return BinSums(residuals, sums.binning.lower, sums.binning.upper, float(w.sum()))


def _null_variances(sums: ClassSums) -> Floats:
    """Return (K, B) the variance of Σw(y − p) that calibration makes expect."""
    if not sums.has_weights:
        return np.where(sums.counts > 0, np.maximum(sums.pq, 0.0), 0.0)
    unit = float(sums.w2[0].sum() / sums.w[0].sum())
    return unit**2 * np.stack([bins_of_class(sums, k).sums.v0 for k in range(len(sums.p))])


def classwise_ece(sums: ClassSums, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the mean over classes of the one-vs-rest ECE, in [0, 1]; 0 is best.

    Limits: with many classes nearly all probabilities are near 0, and so is this figure.
    Source: Nixon et al. 2019; Kull et al. 2019.
    """
    k = len(sums.p)
    n = float(sums.w[0].sum())
    value = float(ece_by_class(sums).mean())
    expected = _null_variances(sums)
    held = expected > 0
    r, q, v0 = (sums.y - sums.p)[held], sums.q[held], expected[held]
    if not len(r):
        return Estimate(value=value, reason="no interval without variation")
    draws = int(np.clip(BUDGET // len(r), 59, 999))
    scale = n * k

    def statistic(x: Floats) -> Floats:
        result: Floats = np.abs(x).sum(axis=1) / scale
        return result

    null = statistic(normal_draws(rng, draws, len(r)) * np.sqrt(v0))
    noise = normal_draws(rng, draws, len(r)) * np.sqrt(np.maximum(q, v0))
    inverted = invert(value, r, noise, null, statistic, level)
    unit = float(sums.w2[0].sum()) / n
    wrong = 0.5 * max(float(sums.q.sum()), float(v0.sum())) / unit**2  # each in two classes
    room = 2.0 / k * unseen_share(wrong, n / unit, level)
    floor = float(np.sqrt(2.0 / math.pi * v0).sum()) / scale
    return inverted.estimate(value, level, high=inverted.high + room, floor=floor)
