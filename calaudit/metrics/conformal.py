"""How far into sorted rows one must go so that as many of new ones are held as is wanted.

All of it holds for rows that are exchangeable: in no order, none belonging to another.
"""

from __future__ import annotations

import math

import numpy as np

from calaudit.metrics.beta import beta_cdf, beta_quantile
from calaudit.metrics.estimate import Estimate

SLACK = 1e-9
"""What a product such as 0.9 · 20 may be off by."""


def rank_of(rows: int, stated: float, confidence: float | None = None) -> int:
    """Return which of n sorted scores at least ``stated`` of new ones do not exceed.

    ⌈(n + 1)·stated⌉: on average over files of n rows; or, with a confidence, the smallest k with
    P(Beta(k, n + 1 − k) ≥ stated) ≥ confidence: of this file. Above n there is none.

    Source: Vovk, Gammerman & Shafer 2005; of this file: Vovk 2012.
    """
    if confidence is None:
        return math.ceil((rows + 1) * stated - SLACK)
    low, high = 0, rows + 1
    while high - low > 1:
        middle = (low + high) // 2
        sure = beta_cdf(stated, middle, rows + 1 - middle) <= 1.0 - confidence
        low, high = (low, middle) if sure else (middle, high)
    return high


def central_ranks(rows: int, stated: float, confidence: float | None = None) -> tuple[int, int]:
    """Return between which of n sorted scores ``stated`` of new ones lie, as in `rank_of`.

    ⌊(n + 1)α/2⌋ and ⌈(n + 1)(1 − α/2)⌉, or as far apart as the confidence asks; none below 1.
    """
    first = (rows + 1 - rank_of(rows, stated, confidence)) // 2
    return first, rows + 1 - first


def coverage_of_rank(rank: int, rows: int, level: float) -> tuple[float, float, float]:
    """Return the coverage of a rank: on average over fits, and what that of one lies between.

    Args:
        rank: how many of n + 1 gaps between sorted scores are held.
        rows: n; the coverage of one fit is Beta(rank, n + 1 − rank).
        level: of the interval.
    """
    tail = (1.0 - level) / 2.0
    low, high = (beta_quantile(p, rank, rows + 1.0 - rank) for p in (tail, 1.0 - tail))
    return rank / (rows + 1.0), low, high


def fewest_rows(stated: float, confidence: float | None = None, *, central: bool = False) -> int:
    """Return the fewest rows of which there is such a rank: 1/α − 1, of both ends 2/α − 1."""
    miss = 1.0 - stated
    rows = math.ceil((2.0 if central else 1.0) / miss - 1.0 - SLACK)
    if confidence is not None:
        rows = math.ceil(math.log(1.0 - confidence) / math.log(stated) - SLACK)
    while central and central_ranks(rows, stated, confidence)[0] < 1:
        rows += 1
    return rows


def guaranteed(stated: float, calibration: int, rows: int, level: float) -> Estimate:
    """Return what split conformal prediction, rightly made, can be found to hold.

    Of the coverage of `coverage_of_rank` m new ``rows`` hold as many as is beta-binomial: the mean,
    and the middle ``level``.

    Limits: scores without ties, and one quantile for all rows.
    Source: Vovk 2012, Conditional validity of inductive conformal predictors.
    """
    n, k = calibration, rank_of(calibration, stated)
    if k > n:
        return Estimate(value=None, reason=f"{stated:g} takes {fewest_rows(stated)} such rows")
    held = np.arange(rows, dtype=np.float64)
    steps = np.log((rows - held) * (held + k) / ((held + 1.0) * (rows - held + n - k)))
    log = np.concatenate([[0.0], np.cumsum(steps)])
    below = np.cumsum(np.exp(log - log.max()))
    low, high = np.searchsorted(below / below[-1], [0.5 - level / 2, 0.5 + level / 2]) / rows
    return Estimate(
        value=k / (n + 1), low=float(low), high=float(high), level=level, method="beta-binomial"
    )
