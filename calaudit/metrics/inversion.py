"""Intervals for figures that are never negative and never zero by chance: test inversion.

A calibration error estimated from n rows is above 0 even for a perfect model, so that a
percentile bootstrap around it never covers the truth. The interval here asks instead which
true errors t·G would show the observed G: it scales the observed residuals by t, adds noise
of the size that n rows have, and keeps the t that are compatible (after Carpenter 1999).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import Residuals
from calaudit.metrics.clustered import multiplied
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_tail

Floats = NDArray[np.float64]

SCALES = np.concatenate([np.linspace(0.0, 3.0, 61), np.geomspace(3.2, 60.0, 24)])
"""Multiples t of the observed residuals at which the statistic is simulated."""


LUCKY = 0.9
"""Share of noise-only draws above the observed figure from which it is called lucky."""

NORMAL_FROM = 6.0
"""Variance of a residual from which its null draws are normal instead of binomial."""


@dataclass(frozen=True, slots=True)
class Inverted:
    """The result of a test inversion.

    Attributes:
        low, high: ends of the interval.
        unbiased: the median-unbiased point.
        floor: mean of the statistic when calibrated.
        p_value: share of calibrated draws at least as large as the observed statistic.
    """

    low: float
    high: float
    unbiased: float
    floor: float
    p_value: float

    def estimate(self, value: float, level: float, **other: float) -> Estimate:
        """Return a figure, at most 1, with its interval; ``other`` stands for what it has."""
        found = replace(self, **other)
        return Estimate(
            value=value, low=found.low, high=min(found.high, 1.0), level=level,
            method="test inversion", unbiased=min(found.unbiased, 1.0), noise_floor=found.floor,
            p_value=found.p_value,
        )  # fmt: skip


def normal_draws(rng: np.random.Generator, draws: int, size: int) -> Floats:
    """Return (draws, size) standard normal numbers, each with its mirror image.

    Antithetic pairs halve the work and make the draws symmetric.
    """
    half = rng.standard_normal(((draws + 1) // 2, size))
    return np.concatenate([half, -half])[:draws]


def null_residuals(
    sums: Residuals,
    rng: np.random.Generator,
    draws: int,
    *,
    normal_from: float = NORMAL_FROM,
    rates: bool = False,
) -> Floats:
    """Return (draws, m) residuals Σw(y − p) of a calibrated model with these scores.

    Normal with the variance V0, except where few events are expected, which is far from
    normal: there labels are drawn, as binomials. They are of n rows that weigh ω₀ and ω₁, as many
    of either as make Σw with Σwy = Σwp, and each that is of label 1 adds u to the residual.

    Args:
        sums: residual sums.
        rng: source of the draws.
        draws: how many.
        normal_from: variance, in units of u², from which draws are normal.
        rates: whether residuals are such that divided by Σw they are those of rates, which are
            divided by the weight of what was drawn.
    """
    if sums.groups is not None:
        return multiplied(sums.groups, rng, draws) + _unseen(sums, rng, draws)
    residuals = normal_draws(rng, draws, len(sums.r)) * np.sqrt(sums.v0)
    unit = sums.unit
    few = np.flatnonzero((sums.v0 > 0) & (sums.v0 < normal_from * unit**2))
    if len(few):
        none, one = sums.near[:, few]
        w, unit = sums.w[few], unit[few]
        share = np.clip(sums.wp[few] / w * none / unit, 0.0, 1.0)
        exact = w * (unit / (none * one))
        n = np.clip(np.rint(exact), 1.0, 2.0**53)  # weights may be a hundred powers of ten apart
        ones = rng.binomial(n.astype(np.int64), share, (draws, len(few)))
        scale = np.sqrt(exact / n)
        if rates:
            scale = w / (ones * one + (n - ones) * none)
        residuals[:, few] = (ones - n * share) * (scale * unit)
    return residuals


def noise_residuals(
    sums: Residuals,
    rng: np.random.Generator,
    draws: int,
    *,
    gaps: Callable[[], Floats] | None = None,
) -> Floats:
    """Return (draws, m) noise of the residuals around any truth.

    Args:
        sums: residual sums.
        rng: source of the draws.
        draws: how many.
        gaps: returns (m,) the mean residual of a row at the score, which only rows that belong
            together need; None for that of each bin.
    """
    if sums.groups is not None:
        own = sums.r / np.where(sums.w > 0, sums.w, 1.0)
        drawn = multiplied(sums.groups, rng, draws, gaps=own if gaps is None else gaps())
        return drawn + _unseen(sums, rng, draws)
    return np.sqrt(sums.noise()) * normal_draws(rng, draws, len(sums.r))


def _unseen(sums: Residuals, rng: np.random.Generator, draws: int) -> Floats:
    """Return (draws, m) noise of surprises that no group has had."""
    if not sums.unseen.any():
        return np.zeros((1, len(sums.r)))
    return normal_draws(rng, draws, len(sums.r)) * np.sqrt(sums.unseen)


def middle(rates: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the ends, (m,) each, of the middle ``level`` of draws of rates, (draws, m)."""
    ordered = np.sort(rates, axis=0)
    outside = int((1.0 - level) / 2.0 * len(rates))  # draws left out at each end
    low, high = np.clip(ordered[[outside, -1 - outside]], 0.0, 1.0)
    return low, high


def invert(
    observed: float,
    signal: Floats,
    noise: Floats,
    null: Floats,
    statistic: Callable[[Floats], Floats],
    level: float,
    *,
    extrapolate: bool = False,
) -> Inverted:
    """Return the test-inversion interval of one statistic.

    Args:
        observed: the observed statistic G, above or equal to 0.
        signal: (m,) observed residuals; a truth of t·G has residuals t·signal.
        noise: (draws, m) draws of the noise of the residuals around any truth.
        null: (draws,) draws of the statistic of a calibrated model.
        statistic: maps (draws, m) residuals to (draws,) statistics; homogeneous of degree 1.
        level: confidence level of the interval.
        extrapolate: whether the p-value may fall below what the draws resolve; see `p_of`.

    Returns:
        Interval, point, floor and one-sided p-value.
    """
    tail = (1.0 - level) / 2.0
    p_value = p_of(observed, null, extrapolate=extrapolate)
    floor = float(null.mean())
    alone = np.sort(statistic(noise))
    typical = max(quantile_of(alone, 0.5), float(np.median(null)))
    if observed <= 1e-9 * typical or observed <= 0.0:
        # Nothing to scale; all that is left to say is what noise of this size could hide.
        hidden = max(quantile_of(x, level) for x in (np.sort(null), alone))
        return Inverted(0.0, hidden, 0.0, floor, p_value)
    rising = _rising(observed, signal, noise, null, statistic, tail)
    low = 0.0 if rising[0] > tail else observed * _crossing(rising, tail)
    middle = 0.0 if rising[0] >= 0.5 else observed * _crossing(rising, 0.5)
    high = observed * _crossing(rising, 1.0 - tail)
    if observed < typical:
        # Luck can make the figure smaller than any truth gives, and the set of compatible
        # truths empty. The upper end is then that of typical data, and after great luck no
        # less than what noise alone could hide.
        lucky = np.mean(alone >= observed) >= LUCKY
        signal = signal * (typical / observed)
        rising = _rising(typical, signal, noise, null, statistic, tail)
        high = max(high, typical * _crossing(rising, 1.0 - tail))
        if lucky:
            high = max(high, quantile_of(alone, 1.0 - tail))
    return Inverted(low, max(high, middle), middle, floor, p_value)


def quantile_of(ordered: Floats, level: float) -> float:
    """Return the smallest value with at least ``level`` of a sorted sample at or below it.

    (numpy.quantile imports numpy.ma, which takes longer than many an audit.)
    """
    index = math.ceil(level * len(ordered)) - 1
    return float(ordered[min(max(index, 0), len(ordered) - 1)])


def p_of(observed: float, null: Floats, *, extrapolate: bool = False) -> float:
    """Return the p-value of a statistic among draws of it under the null hypothesis.

    (1 + draws at least as large)/(1 + draws); it is never 0. With ``extrapolate``, where no
    draw is as large, the tail is that of the gamma distribution with the mean and variance of
    the draws (by Wilson & Hilferty 1931), for when many p-values are adjusted.
    """
    beyond = int(np.count_nonzero(null >= observed * (1 - 1e-12)))
    simulated = (1.0 + beyond) / (1.0 + len(null))
    mean, variance = float(null.mean()), float(null.var())
    if not extrapolate or beyond > 0 or mean <= 0 or variance <= 0:
        return simulated
    shape = mean * mean / variance
    root = 1.0 / (9.0 * shape)
    z = ((observed / mean) ** (1.0 / 3.0) - (1.0 - root)) / math.sqrt(root)
    return min(normal_tail(z), simulated)


def _rising(
    observed: float,
    signal: Floats,
    noise: Floats,
    null: Floats,
    statistic: Callable[[Floats], Floats],
    tail: float,
) -> Floats:
    """Return P(statistic >= observed) over `SCALES`, made to rise as it does but for noise."""
    above = _exceedance(observed, signal, noise, statistic, (tail, 1.0 - tail))
    above[0] = np.mean(null >= observed)
    return np.maximum.accumulate(above)


def _exceedance(
    observed: float,
    signal: Floats,
    noise: Floats,
    statistic: Callable[[Floats], Floats],
    between: tuple[float, float],
) -> Floats:
    """Return P(statistic(t·signal + noise) >= observed) at each of `SCALES`.

    Scales above the first that is almost always exceeded are not simulated.
    """
    above = np.ones(len(SCALES))
    for i, scale in enumerate(SCALES):
        above[i] = np.mean(statistic(scale * signal + noise) >= observed)
        if above[i] > between[1] and i > 0 and above[i - 1] > between[1]:
            break
    return above


def _crossing(rising: Floats, level: float) -> float:
    """Return the scale at which a rising curve over `SCALES` first reaches ``level``."""
    i = int(np.searchsorted(rising, level, side="left"))
    if i == 0:
        return float(SCALES[0])
    if i == len(rising):
        return float(SCALES[-1])
    step = rising[i] - rising[i - 1]
    share = (level - rising[i - 1]) / step if step > 0 else 1.0
    return float(SCALES[i - 1] + share * (SCALES[i] - SCALES[i - 1]))
