"""The normal, chi-squared and Student distributions and the intervals that rest on them.

These few closed forms stand here, and not as calls of scipy.special, because importing that
takes longer than a whole audit of a small file; the tests hold them against scipy.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    return NormalDist().inv_cdf(probability)


def normal_tail(z: float) -> float:
    """Return P(Z > z) for a standard normal Z."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def two_sided_p(z: float) -> float:
    """Return P(|Z| > |z|) for a standard normal Z."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def chi2_tail(x: float, df: int) -> float:
    """Return P(X > x) for a chi-squared X with a whole number of degrees of freedom.

    The finite sums of Abramowitz & Stegun 26.4.4 and 26.4.5.
    """
    if x <= 0:
        return 1.0
    # Terms are summed as logarithms, which many degrees of freedom would make overflow.
    half = x / 2.0
    if df % 2 == 0:
        ratios = np.log(half / np.arange(1, df // 2))
        terms = np.concatenate([[0.0], np.cumsum(ratios)]) - half
        return min(1.0, float(np.exp(terms).sum()))
    ratios = np.log(x / np.arange(3, df - 1, 2))
    terms = np.concatenate([[0.5 * math.log(2.0 * x / math.pi)], np.cumsum(ratios)])
    terms[1:] += terms[0]
    return min(1.0, math.erfc(math.sqrt(half)) + float(np.exp(terms[: df // 2] - half).sum()))


def wilson(share: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the Wilson score interval of a binomial proportion (Wilson 1927).

    Args:
        share: observed proportions, in [0, 1].
        n: numbers of rows, above 0; effective numbers where rows are weighted.
        level: confidence level.
    """
    z = normal_quantile(0.5 + level / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = np.where(share <= 0, 0.0, np.maximum(middle - half, 0.0))
    high = np.where(share >= 1, 1.0, np.minimum(middle + half, 1.0))
    return low, high
