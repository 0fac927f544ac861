"""Binned calibration errors: ECE, MCE, RMSCE and the debiased squared error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import BinSums
from calaudit.metrics.clustered import DEPENDENT
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import Inverted, invert, noise_residuals, null_residuals
from calaudit.metrics.normal import normal_quantile

Floats = NDArray[np.float64]

EMPTY = Estimate(value=None, reason="the convention leaves out every row: all scores are 0")

FEW = 20
DRAWS = 399
"""Simulated data sets behind an interval; quantiles at 2.5 % have ten of them beyond."""


def ece_value(bins: BinSums) -> float:
    """Return Σ_b (n_b/n) |mean p − mean y|, in [0, 1]; 0 is best.

    Source: Guo et al. 2017; Naeini et al. 2015. Equal-mass bins: Nguyen & O'Connor 2015.
    """
    return float(np.abs(bins.sums.r).sum()) / bins.denominator


def noise_floor(bins: BinSums) -> Estimate:
    """Return the ECE that a perfectly calibrated model with these scores would show.

    (1/n) Σ_b √(2/π · Σ p(1−p)), the mean of half-normal bin sums. Within 8 % of the simulated
    mean for n ≥ 500.
    """
    if not bins.denominator:
        return EMPTY
    groups = bins.sums.groups
    variance = bins.sums.v0 if groups is None else groups.null_variance()
    total = float(np.sqrt(2.0 / math.pi * variance).sum())
    return Estimate(value=total / bins.denominator)


def ece(bins: BinSums, *, level: float, rng: np.random.Generator, draws: int = DRAWS) -> Estimate:
    """Return the ECE with its test-inversion interval, median-unbiased point and noise floor."""
    n = bins.denominator
    if not n:
        return EMPTY

    def statistic(x: Floats) -> Floats:
        result: Floats = np.abs(x).sum(axis=1) / n
        return result

    inverted = _invert(bins, ece_value(bins), statistic, level, rng, draws)
    return inverted.estimate(ece_value(bins), level, floor=noise_floor(bins).value or 0.0)


def mce(bins: BinSums, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the largest gap of any bin, in [0, 1] (Naeini et al. 2015).

    The interval joins Wilson intervals of the bins at a level of 1 − (1 − level)/B, so that it
    holds whichever bin is the worst; the p-value is that of the largest gap in units of its
    standard error, simulated. The interval ends at 0 where that test finds nothing: Wilson's is
    too short for a handful of rows with scores near 0 or 1.

    Limits: a bin with a handful of rows often decides the value; look at the interval.
    """
    s = bins.sums
    used = np.flatnonzero(bins.used)
    value = float(np.abs(bins.gaps).max(initial=0.0))
    if not len(used):
        return Estimate(value=None, reason="no bin has rows")
    score = s.wp[used] / s.w[used]
    low, high = (end[used] for end in s.rates(1.0 - (1.0 - level) / len(used)))
    least = np.maximum(np.maximum(low - score, score - high), 0.0)
    most = np.maximum(score - low, high - score)
    null = null_residuals(s, rng, DRAWS, rates=True)
    spread = np.sqrt(s.v0)
    certain = (spread <= 0) & (np.abs(s.r) > 1e-12 * s.w)  # scores of 0 or 1 that were wrong
    unit = np.where(spread > 0, spread, 1.0)
    largest = math.inf if certain.any() else float(np.abs(s.r / unit)[used].max())
    simulated = np.abs(null / unit).max(axis=1)
    beyond = int(np.count_nonzero(simulated >= largest * (1 - 1e-12)))
    p_value = (1.0 + beyond) / (1.0 + DRAWS)
    return Estimate(
        value=value,
        low=float(least.max()) if p_value <= 1.0 - level else 0.0,
        high=float(min(most.max(), 1.0)),
        level=level,
        method=f"{'Wilson' if s.groups is None else 'Korn–Graubard'}, over all bins at once",
        noise_floor=float(np.abs(null[:, used] / s.w[used]).max(axis=1).mean()),
        p_value=p_value,
    )


def rmsce(bins: BinSums, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return √Σ_b (n_b/n) gap_b², in [0, 1] (Hendrycks et al. 2019)."""
    weight = np.where(bins.used, bins.sums.w, 1.0)
    n = bins.denominator
    if not n:
        return EMPTY

    def statistic(x: Floats) -> Floats:
        result: Floats = np.sqrt((x * x / weight).sum(axis=1) / n)
        return result

    value = float(statistic(bins.sums.r[None, :])[0])
    inverted = _invert(bins, value, statistic, level, rng)
    return inverted.estimate(value, level)


def debiased_ece(bins: BinSums, *, level: float) -> Estimate:
    """Return sign(T)·√|T| of the debiased squared error T; about 0 when calibrated.

    T = (1/n) Σ_b (R_b² − Q_b)/(n_b − 1) over equal-mass bins with at least two rows, with
    R_b = Σ(y−p) and Q_b = Σ(y−p)²; unbiased for the squared error of the binned scores.
    Weighted rows count Q_b = Σw²(y−p)² and n_b − 1 becomes W_b − Σw²/W_b.

    Source: Kumar, Liang & Ma 2019; Bröcker 2012; Sun et al. 2024. The interval is the closed
    form of the variance of T, that of a bin no less than calibration makes expect.
    Limits: no interval from fewer than 20 rows of a label, whose variance says nothing yet.
    """
    s = bins.sums
    rows = s.w * s.w / np.where(s.w2 > 0, s.w2, 1.0)  # effective rows; n_b when unweighted
    used = (s.rows >= 2) & (rows > 1.0 + 1e-9)
    if not used.any():
        return Estimate(value=None, reason="no bin has two rows")
    w, r, q, w2, rows = s.w[used], s.r[used], s.q[used], s.w2[used], rows[used]
    n = bins.denominator
    t = float(((r * r - q) / (w - w2 / w)).sum() / n)
    mean = r / w
    more = rows / (rows - 1.0)
    if s.groups is not None:
        return Estimate(value=_signed_root(t), reason=DEPENDENT)
    if min(s.ones.sum(), (s.rows - s.ones).sum()) < FEW:
        reason = f"no interval from fewer than {FEW} rows of a label"
        return Estimate(value=_signed_root(t), reason=reason)
    seen = (q - 2.0 * mean * s.r2[used] + mean**2 * w2) * more
    error = np.maximum(seen, s.v0[used]) / w**2  # of mean²
    distance = np.maximum(mean**2 - error, 0.0)
    share = w / n
    inside = 2.0 * error**2 * more + 4.0 * distance * error
    between = (w2 * (distance - float((share * distance).sum())) ** 2).sum() / n**2
    variance = float((share**2 * inside).sum()) + float(between)
    half = normal_quantile(0.5 + level / 2) * math.sqrt(max(variance, 0.0))
    return Estimate(
        value=_signed_root(t),
        low=_signed_root(t - half),
        high=_signed_root(t + half),
        level=level,
        method="normal, on the squared error",
    )


def _signed_root(x: float) -> float:
    return math.copysign(math.sqrt(abs(x)), x)


def _invert(
    bins: BinSums,
    value: float,
    statistic: Callable[[Floats], Floats],
    level: float,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Inverted:
    s = bins.sums
    null = statistic(null_residuals(s, rng, draws))
    noise = noise_residuals(s, rng, draws)
    return invert(value, s.r, noise, null, statistic, level)
