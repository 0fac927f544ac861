"""Exact binomial tails, without scipy at run time; the tests hold them against it."""

from __future__ import annotations

import math

import numpy as np


def binomial_cdf(successes: int, trials: int, p: float) -> float:
    """Return P(X ≤ successes) of a binomial X, 0 < p < 1.

    Terms are added from the largest down: each is the one before times a ratio.
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
    # Beyond a few standard deviations the terms vanish; 60 of them are far below 1e-300.
    reach = min(successes, int(60 * math.sqrt(trials * p * (1 - p))) + 1000)
    k = np.arange(successes, successes - reach, -1, dtype=np.float64)
    ratios = k / (trials - k + 1.0) * ((1.0 - p) / p)
    terms = np.cumprod(ratios)
    return min(1.0, _probability(successes, trials, p) * (1.0 + float(terms.sum())))


def _probability(successes: int, trials: int, p: float) -> float:
    """Return P(X = successes) by its saddle point, to the last digits also for millions of trials.

    Differences of logarithms of factorials would lose a digit with every digit of ``trials``.

    Source: Loader 2000, Fast and accurate computation of binomial probabilities.
    """
    failures = trials - successes
    if successes == 0:
        return math.exp(trials * math.log1p(-p))
    if failures == 0:
        return math.exp(trials * math.log(p))
    log = _stirling_error(trials) - _stirling_error(successes) - _stirling_error(failures)
    log -= _deviance(successes, trials * p) + _deviance(failures, trials * (1.0 - p))
    return math.exp(log) * math.sqrt(trials / (2.0 * math.pi * successes * failures))


def _stirling_error(n: int) -> float:
    """Return ln n! less Stirling's formula for it."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2.0 * math.pi)
    square = 1.0 / (n * n)
    series = 1 / 12 - square * (
        1 / 360
        - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * 691 / 360360)))
    )
    return series / n


def _deviance(x: float, mean: float) -> float:
    """Return x ln(x/mean) + mean − x, without the loss of digits where the two are close."""
    if abs(x - mean) >= 0.1 * (x + mean):
        return x * math.log(x / mean) + mean - x
    v = (x - mean) / (x + mean)
    total, term, j = (x - mean) * v, 2.0 * x * v, 0
    while True:
        term *= v * v
        j += 1
        longer = total + term / (2 * j + 1)
        if longer == total:
            return total
        total = longer


def least_trials(rate: float, confidence: float) -> int:
    """Return the fewest trials whose having no failure shows that the rate is at most ``rate``.

    (1 − rate)^n ≤ 1 − confidence.
    """
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-rate) - 1e-12)
