"""Which of several models may be the best, and which pairs of them differ.

The noise of the mean losses of m models is normal with the covariance that rows (or groups of
rows) show. Drawing from it is the multiplier bootstrap, Σ e_i (L_i − mean)/n with e_i ~ N(0, 1)
shared by all models, for any number of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.paired import Rows

Floats = NDArray[np.float64]

DRAWS = 20_000
BATCH = 2_000
NOTHING = 1e-12
"""Standard error, as a share of the losses, below which two models are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """Mean losses of m models and their noise.

    Attributes:
        mean: (m,).
        covariance: (m, m) of the means.
        df: of the groups that it is made of; inf for rows, of which there are many.
    """

    mean: Floats
    covariance: Floats
    df: float = math.inf

    def draws(self, rng: np.random.Generator, count: int) -> Floats:
        """Return (count, m) draws of the noise of the means."""
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise: Floats = rng.standard_normal((count, len(values))) @ root.T
        if math.isfinite(self.df):
            noise *= np.sqrt(self.df / rng.chisquare(self.df, count))[:, None]
        return noise

    def error(self, contrast: Floats) -> Floats:
        """Return (k,) the standard errors of (k, m) contrasts of the means."""
        variance = np.einsum("ki,ij,kj->k", contrast, self.covariance, contrast)
        error: Floats = np.sqrt(np.maximum(variance, 0.0))
        error[error <= NOTHING * float(np.abs(self.mean).max() + 1e-300)] = 0.0
        return error


def losses_of(losses: Floats, rows: Rows) -> Losses:
    """Return the means of (m, n) losses of the same rows, and their covariance.

    Args:
        losses: finite.
        rows: their weights and groups.
    """
    mean = losses @ rows.w / rows.total
    off = losses - mean[:, None]
    if rows.group is None:
        w2 = rows.w if rows.frequency else rows.w * rows.w
        return Losses(mean, (off * w2) @ off.T / rows.total**2)
    sums = np.stack([rows.by_group(x) for x in off])
    g = len(rows.groups)
    return Losses(mean, g / max(g - 1, 1) * sums @ sums.T / rows.total**2, max(g - 1, 1))


def model_set(losses: Losses, rng: np.random.Generator, draws: int = DRAWS) -> Floats:
    """Return the p-value of each model in the Model Confidence Set, (m,).

    Those above 1 − level cannot be told from the best. The model with the largest t of its loss
    less the mean is taken out in turn (T_max); its p-value is no less than those before it.

    Source: Hansen, Lunde & Nason 2011.
    """
    noise = losses.draws(rng, draws)
    left = list(range(len(losses.mean)))
    found = np.ones(len(left))
    p = 0.0
    while len(left) > 1:
        contrast = np.zeros((len(left), len(losses.mean)))
        contrast[:, left] = np.eye(len(left)) - 1.0 / len(left)
        error = losses.error(contrast)
        safe = np.where(error > 0, error, math.inf)
        t = contrast @ losses.mean / safe
        largest = (noise @ contrast.T / safe).max(axis=1)
        p = max(p, float((largest >= t.max()).mean()))
        found[left.pop(int(np.argmax(t)))] = p
    return found


def holm(p: Floats) -> Floats:
    """Return p-values that hold for all tests at once (Holm 1979).

    Args:
        p: (k,) of single tests.
    """
    order = np.argsort(p)
    result = np.empty(len(p))
    steps = np.arange(len(p), 0, -1)
    result[order] = np.minimum(np.maximum.accumulate(steps * p[order]), 1.0)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Differences of all pairs of models, later minus earlier.

    Attributes:
        first, second: (k,) the models.
        value, error: (k,) mean loss of the second less that of the first, and standard error.
        p: (k,) adjusted for all pairs (step-down max-t).
        reach: errors on either side of a value in intervals that hold all at once.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    value: Floats
    error: Floats
    p: Floats
    reach: float


def all_pairs(
    losses: Losses, rng: np.random.Generator, *, level: float, draws: int = DRAWS
) -> Pairs:
    """Return how all pairs of models differ, with p-values and intervals of all at once.

    Args:
        losses: of the models.
        rng: source of the draws.
        level: of the intervals.
        draws: how many.

    Source: step-down max-t, Romano & Wolf 2005.
    """
    m = len(losses.mean)
    first, second = np.triu_indices(m, 1)
    contrast = np.zeros((len(first), m))
    contrast[np.arange(len(first)), first] = -1.0
    contrast[np.arange(len(first)), second] = 1.0
    value, error = contrast @ losses.mean, losses.error(contrast)
    safe = np.where(error > 0, error, math.inf)
    t = np.abs(value) / safe
    order = np.argsort(t, kind="stable")  # from the smallest
    beyond = np.zeros(len(t))
    largest: list[Floats] = []
    for begin in range(0, draws, BATCH):
        noise = losses.draws(rng, min(BATCH, draws - begin)) @ contrast[order].T / safe[order]
        highest = np.maximum.accumulate(np.abs(noise), axis=1)
        beyond += (highest >= t[order]).sum(axis=0)
        largest.append(highest[:, -1])
    p = np.empty(len(t))
    p[order] = np.maximum.accumulate((beyond / draws)[::-1])[::-1]
    top = np.sort(np.concatenate(largest))
    return Pairs(first, second, value, error, p, float(top[math.ceil(level * draws) - 1]))
