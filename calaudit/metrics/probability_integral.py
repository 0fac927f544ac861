"""The probability integral transform (PIT): where in its forecast each truth fell, from 0 to 1.

It is uniform where forecasts are right. High at both ends: they are too narrow; in the middle: too
wide; at one end: biased.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import FEWEST, TOO_FEW, clustered_error, multiples
from calaudit.metrics.estimate import Estimate

Floats = NDArray[np.float64]

GRID = 200
"""Points at which the distribution of rows that belong together is followed."""

DRAWS = 1999
SQUARE = math.sqrt(1.0 / 180.0)
"""Standard deviation of (u − ½)² of a uniform u."""


def pit_members(y: Floats, members: Floats, rng: np.random.Generator) -> Floats:
    """Return (n,) the PIT of truths among (n, M) members, spread at random over its steps.

    Uniform, ties or not, where the truth is as likely as each member to have any rank.
    """
    below = np.count_nonzero(members < y[:, None], axis=1)
    ties = np.count_nonzero(members == y[:, None], axis=1)
    pit: Floats = (below + rng.random(len(y)) * (ties + 1.0)) / (members.shape[1] + 1.0)
    return pit


def kuiper_tail(x: float) -> float:
    """Return P(range of a Brownian bridge > x) (Kuiper 1960)."""
    if x < 0.4:
        return 1.0
    square = (np.arange(1, 51) * x) ** 2
    return float(np.clip(2.0 * ((4.0 * square - 1.0) * np.exp(-2.0 * square)).sum(), 0.0, 1.0))


def kuiper_test(
    pit: Floats, rng: np.random.Generator, group: NDArray[np.intp] | None = None
) -> Estimate:
    """Return Kuiper's V = D⁺ + D⁻ of a PIT, with the p-value that it is uniform.

    Sees a wrong spread, of which Kolmogorov's D sees half as much.

    Args:
        pit: (n,) in [0, 1].
        rng: source of the draws for rows that belong together.
        group: (n,) the group of each row; None where rows are independent.

    Source: Kuiper 1960, with Stephens' 1970 factor for few rows; of groups the multiplier
        bootstrap of the distribution function at 200 points.
    """
    u, n = np.sort(pit), len(pit)
    upper, lower = np.arange(1, n + 1) / n - u, u - np.arange(n) / n
    value = float(max(upper.max(), 0.0) + max(lower.max(), 0.0))
    if group is None:
        return Estimate(value=value, p_value=kuiper_tail(value * (n**0.5 + 0.155 + 0.24 / n**0.5)))
    groups = int(group.max()) + 1
    if groups < FEWEST:
        return Estimate(value=value, reason=TOO_FEW)
    cell = np.minimum((pit * GRID).astype(np.intp), GRID - 1)
    held = np.bincount(group * GRID + cell, minlength=groups * GRID).reshape(groups, GRID)
    grid = np.arange(1, GRID + 1) / GRID
    off = np.cumsum(held, axis=1) - held.sum(axis=1, keepdims=True) * grid
    noise = multiples(groups, rng, DRAWS) @ off / n
    observed = np.ptp(np.append(off.sum(axis=0) / n, 0.0))
    spread = np.maximum(noise.max(axis=1), 0.0) - np.minimum(noise.min(axis=1), 0.0)
    p = (1.0 + np.count_nonzero(spread >= observed)) / (1.0 + DRAWS)
    return Estimate(value=value, p_value=float(p), method="multipliers of groups")


@dataclass(frozen=True, slots=True)
class Shape:
    """What is wrong with a PIT, in standard errors of a uniform one.

    Attributes:
        bias: of its mean; above 0: truths lie above the forecasts.
        spread: of its mean square distance from ½; above 0: forecasts are too narrow.
    """

    bias: float
    spread: float


def shape_of(pit: Floats, group: NDArray[np.intp] | None = None) -> Shape:
    """Return how a PIT leans and how it is spread; see `kuiper_test` for the arguments."""
    found = []
    for x, sd in ((pit - 0.5, 12.0**-0.5), ((pit - 0.5) ** 2 - 1.0 / 12.0, SQUARE)):
        error = sd / math.sqrt(len(pit))
        if group is not None:
            rows = np.bincount(group).astype(np.float64)
            off = x - x.mean()
            sums = np.bincount(group, off).astype(np.float64)
            error = max(clustered_error(sums, rows, float((off * off).mean()))[0], 1e-300)
        found.append(float(x.mean()) / error)
    return Shape(*found)
