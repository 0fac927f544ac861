"""Cutoffs whose error rate is shown, with stated confidence, to be below a limit.

Fixed-sequence testing (Learn then Test, Angelopoulos, Bates, Candès, Jordan & Lei 2021): the
cutoffs are tried in an order that no label has a say in, from the strictest on, each by an exact
binomial test at the full level, up to the first failure. All that passed hold together with the
stated confidence, so that any of them may be picked, for its cost for instance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.binomial import binomial_cdf, least_trials

__all__ = ["Shown", "shown_rungs"]

Ints = NDArray[np.int64]

GROWTH = 1.1
"""Each step tries a cutoff with a tenth more cases than the one before."""

START = 4.0
"""The first step has START ln(1/δ)/limit cases, where it may bear a few errors."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the tests showed.

    Attributes:
        passed: indices into the sequence, of the cutoffs that passed, in the order tried.
        tried: number of tests.
        least: the fewest cases that could ever show it: none of them wrong.
        available: cases in all.
        first: cases of the strictest set tried, and of these wrong; None where none was tried.
    """

    passed: NDArray[np.intp]
    tried: int
    least: int
    available: int
    first: tuple[int, int] | None = None


def shown_rungs(cases: Ints, wrong: Ints, *, limit: float, confidence: float) -> Shown:
    """Return which of a nested sequence of sets have an error rate of at most ``limit``.

    Args:
        cases: (r,) non-decreasing numbers of cases of each set.
        wrong: (r,) of these wrong.
        limit: largest error rate, in (0, 1).
        confidence: of all that pass, together.
    """
    delta = 1.0 - confidence
    least = least_trials(limit, confidence)
    available = int(cases[-1]) if len(cases) else 0
    wanted = min(START * math.log(1.0 / delta) / limit, float(max(available, 1)))
    wanted = max(wanted, least)
    passed: list[int] = []
    first = None
    tried = 0
    while wanted <= available:
        at = int(np.searchsorted(cases, math.ceil(wanted), side="left"))
        n, k = int(cases[at]), int(wrong[at])
        # All sets of the same cases are one set; the last of them has the fewest cells to spare.
        at = int(np.searchsorted(cases, n, side="right")) - 1
        tried += 1
        first = first or (n, k)
        if binomial_cdf(k, n, limit) > delta:
            break
        passed.append(at)
        if n == available:
            break
        wanted = min(max(n * GROWTH, n + 1.0), float(available))
    return Shown(np.array(passed, np.intp), tried, least, available, first)
