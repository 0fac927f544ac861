"""Simulated models whose true miscalibration is known, from their densities and not from draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta

Floats = NDArray[np.float64]

POINTS = 200_000
"""Quantiles that stand for the population of scores."""

TARGET = 0.02
"""True calibration error of the models that are off."""


@dataclass(frozen=True, eq=False)
class Model:
    """Scores and what their labels are drawn from.

    Attributes:
        name: for messages.
        quantile: quantile function of the scores.
        rate: true rate of label 1 at each score.
    """

    name: str
    quantile: Callable[[Floats], Floats]
    rate: Callable[[Floats], Floats]

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Return n rows."""
        p = self.quantile(rng.random(n))
        return p, (rng.random(n) < self.rate(p)).astype(np.int64)

    @cached_property
    def population(self) -> tuple[Floats, Floats]:
        """Scores at evenly spaced quantiles, and the true residual rate − score at each."""
        p = self.quantile((np.arange(POINTS) + 0.5) / POINTS)
        return p, self.rate(p) - p

    def binned_error(self, bins: int) -> float:
        """Return Σ |∫ residual over the bin| over equal-width bins."""
        p, r = self.population
        group = np.clip(np.ceil(p * bins).astype(int) - 1, 0, bins - 1)
        return float(np.abs(np.bincount(group, r, bins)).sum() / POINTS)

    def squared_error(self, bins: int) -> float:
        """Return the mean square of the bin residuals over equal-mass bins."""
        _, r = self.population
        return float((r.reshape(bins, -1).mean(axis=1) ** 2).mean())

    def smooth_error(self) -> float:
        """Return σ with ∫|smoothed residual| = σ, by cosine sums over the population."""
        p, r = self.population
        if np.abs(r).max() == 0:
            return 0.0
        k = np.arange(400)
        d = np.array([float((r * np.cos(math.pi * j * p)).mean()) for j in k])
        x = (np.arange(20_000) + 0.5) / 20_000
        cosines = np.cos(math.pi * np.outer(x, k)) * np.where(k == 0, 1.0, 2.0)

        def excess(sigma: float) -> float:
            damped = d * np.exp(-((sigma * math.pi * k) ** 2) / 2)
            return float(np.abs(cosines @ damped).mean()) - sigma

        return float(brentq(excess, 0.008, 0.5, xtol=1e-9))

    def mean_of(self, function: Callable[[Floats, Floats], Floats]) -> float:
        """Return the expectation of f(score, rate)."""
        p, r = self.population
        return float(function(p, p + r).mean())


def _uniform(u: Floats) -> Floats:
    return u


@cache
def _top_grid() -> tuple[Floats, Floats]:
    u = np.concatenate([[0.0], np.linspace(1e-7, 1 - 1e-7, 100_001), [1.0]])
    return u, np.asarray(beta.ppf(u, 5.0, 0.6), np.float64)


def _top(u: Floats) -> Floats:
    """Confidences of a five-class network: from 0.2 to 1, 91 % on average."""
    return 0.2 + 0.8 * np.interp(u, *_top_grid())


def _same(p: Floats) -> Floats:
    return p


def _bump(p: Floats) -> Floats:
    """Three periods of a wave: no shift, little slope, and next to nothing to cumulative sums."""
    return p + 0.5 * math.pi * TARGET * np.sin(6 * math.pi * p)


def _overconfident(p: Floats) -> Floats:
    """Right less often than it says, by a constant share of the way to chance."""
    mean = float(_top((np.arange(POINTS) + 0.5) / POINTS).mean())
    return p - TARGET * (p - 0.2) / (mean - 0.2)


MODELS = {
    model.name: model
    for model in (
        Model("uniform, calibrated", _uniform, _same),
        Model("top-label, calibrated", _top, _same),
        Model("uniform, bump", _uniform, _bump),
        Model("top-label, overconfident", _top, _overconfident),
    )
}
