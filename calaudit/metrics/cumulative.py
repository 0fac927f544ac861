"""Calibration errors without bins or kernels: the cumulative residual (ECCE)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import Residuals
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import invert, noise_residuals, null_residuals

Floats = NDArray[np.float64]

DRAWS = 399
FEW = 100
"""Below so many distinct scores p-values are simulated: the asymptotic ones are conservative."""

BLOCKS = 128
"""Runs of cells that the simulation keeps apart."""


def ecce_r(residuals: Residuals, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the range of the cumulative Σ(y − p)/n in score order; in [0, 1], 0 is best.

    The largest average miscalibration over any interval of scores, times its share of rows.
    Source: Arrieta-Ibarra et al. 2022 (JMLR 23:351); p-value: Tygert 2022 (arXiv 2202.00100).
    """

    def spread(x: Floats) -> Floats:
        path = np.cumsum(x, axis=1)
        result: Floats = np.maximum(path.max(axis=1), 0.0) - np.minimum(path.min(axis=1), 0.0)
        return result

    return _cumulative(residuals, spread, range_tail, 2.0 * math.sqrt(2.0 / math.pi), level, rng)


def ecce_mad(residuals: Residuals, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the largest absolute cumulative Σ(y − p)/n (the KS calibration error); 0 is best.

    Source: Gupta et al. 2021; Arrieta-Ibarra et al. 2022.
    """

    def largest(x: Floats) -> Floats:
        result: Floats = np.abs(np.cumsum(x, axis=1)).max(axis=1)
        return result

    return _cumulative(residuals, largest, mad_tail, math.sqrt(math.pi / 2.0), level, rng)


def _cumulative(
    residuals: Residuals,
    statistic: Callable[[Floats], Floats],
    tail: Callable[[float], float],
    mean: float,
    level: float,
    rng: np.random.Generator,
) -> Estimate:
    """Return the estimate of a statistic of the cumulative residual.

    Args:
        residuals: residual sums of the cells.
        statistic: maps (draws, m) residuals to (draws,) statistics.
        tail: tail of the statistic of a standard Brownian motion on [0, 1].
        mean: its mean.
        level: confidence level of the interval.
        rng: source of the draws.
    """
    n = float(residuals.w.sum())
    value = float(statistic(residuals.r[None, :])[0]) / n
    sigma = math.sqrt(float(residuals.v0.sum())) / n
    blocks = _blocks(residuals)
    coarse = float(statistic(blocks.r[None, :])[0]) / n
    null = statistic(null_residuals(blocks, rng, DRAWS)) / n
    noise = noise_residuals(blocks, rng, DRAWS, gaps=blocks.near_gaps) / n
    inverted = invert(coarse, blocks.r / n, noise, null, statistic, level)
    few = len(residuals.r) < FEW or residuals.groups is not None
    if few or sigma <= 0:
        p_value, floor = inverted.p_value, inverted.floor
    else:
        p_value, floor = tail(value / sigma), mean * sigma
    high = max(inverted.high, inverted.low)
    return inverted.estimate(value, level, high=high, floor=floor, p_value=p_value)


def _blocks(residuals: Residuals) -> Residuals:
    """Return sums over at most `BLOCKS` runs of cells of about equal null variance."""
    if len(residuals.r) <= BLOCKS:
        return residuals
    spare = 1e-9 * max(float(residuals.v0.sum()), np.finfo(np.float64).tiny)
    share = np.cumsum(residuals.v0 + residuals.w / residuals.w.sum() * spare)
    group = np.minimum((share / share[-1] * BLOCKS).astype(np.intp), BLOCKS - 1)
    return residuals.grouped(group, BLOCKS)


def range_tail(x: float) -> float:
    """Return P(range of a standard Brownian motion on [0, 1] > x) (Feller 1951)."""
    if x <= 0.3:
        return 1.0
    if x > 6.0:
        return _range_far_tail(x)
    k = np.arange(200)
    rate = (k + 0.5) ** 2 * math.pi**2
    cdf = ((8.0 / x**2 + 2.0 / rate) * np.exp(-2.0 * rate / x**2)).sum()
    return float(np.clip(1.0 - cdf, 0.0, 1.0)) if cdf < 1 - 1e-9 else _range_far_tail(x)


def _range_far_tail(x: float) -> float:
    """Return the same where the series cancels: 8 Σ (−1)^{k−1} k Φ̄(kx)."""
    terms = [(-1.0) ** (k - 1) * k * math.erfc(k * x / math.sqrt(2.0)) for k in range(1, 6)]
    return min(1.0, 4.0 * sum(terms))


def mad_tail(x: float) -> float:
    """Return P(max |standard Brownian motion on [0, 1]| > x)."""
    if x <= 0.2:
        return 1.0
    if x > 4.0:
        return min(1.0, 2.0 * math.erfc(x / math.sqrt(2.0)))
    k = np.arange(50)
    terms = (-1.0) ** k / (2 * k + 1) * np.exp(-((2 * k + 1) ** 2) * math.pi**2 / (8 * x * x))
    return float(np.clip(1.0 - 4.0 / math.pi * terms.sum(), 0.0, 1.0))
