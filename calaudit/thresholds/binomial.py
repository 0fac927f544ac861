"""Exact binomial tails, without scipy at run time; the tests hold them against it."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["binomial_cdf", "least_trials"]


def binomial_cdf(successes: int, trials: int, p: float) -> float:
    """Return P(X ≤ successes) of a binomial X, 0 < p < 1.

    Terms are added from the largest down: each is the one before times a ratio, so that only
    the first needs a logarithm of factorials.
    """
    if successes < 0:
        return 0.0
    if successes >= trials:
        return 1.0
    mode = min(math.floor((trials + 1) * p), trials)
    if successes > mode:  # the upper tail is the shorter sum
        return 1.0 - _tail(trials - successes - 1, trials, 1.0 - p)
    return _tail(successes, trials, p)


def _tail(successes: int, trials: int, p: float) -> float:
    """Return P(X ≤ successes) for successes up to the mode: terms fall from the first one."""
    first = (
        math.lgamma(trials + 1)
        - math.lgamma(successes + 1)
        - math.lgamma(trials - successes + 1)
        + successes * math.log(p)
        + (trials - successes) * math.log1p(-p)
    )
    # Beyond a few standard deviations the terms vanish; 60 of them are far below 1e-300.
    reach = min(successes, int(60 * math.sqrt(trials * p * (1 - p))) + 1000)
    k = np.arange(successes, successes - reach, -1, dtype=np.float64)
    ratios = k / (trials - k + 1.0) * ((1.0 - p) / p)
    terms = np.cumprod(ratios)
    return min(1.0, math.exp(first) * (1.0 + float(terms.sum())))


def least_trials(rate: float, confidence: float) -> int:
    """Return the fewest trials whose having no failure shows that the rate is at most ``rate``.

    (1 − rate)^n ≤ 1 − confidence.
    """
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-rate) - 1e-12)
