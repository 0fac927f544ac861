"""Cutoffs whose error rate is shown, with stated confidence, to be below a limit.

Fixed-sequence testing (Learn then Test, Angelopoulos, Bates, Candès, Jordan & Lei 2021): the
cutoffs are tried in an order that no label has a say in, from the strictest on, each by an
exact binomial test at the level of its sequence, up to the first failure. All that passed
hold together with the stated confidence, so that any of them may be picked, for its cost for
instance. Two sequences that start at different places share the chance of error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.binomial import binomial_cdf, largest_rate, least_trials

__all__ = ["Shown", "shown_rungs"]

Ints = NDArray[np.int64]

GROWTH = 1.1
"""Each step tries a cutoff with a tenth more cases than the one before."""

STARTS = ((4.0, 0.9), (1.5, 0.1))
"""Where sequences start, in ln(1/δ)/limit cases, and their share of δ. The first set must be able
to bear a few errors; but where only the most certain cases are almost all right, it must be
small. What either shows holds, because both have their own share of δ."""

ALONE = ((4.0, 1.0),)
"""The only sequence where there are too few cases for the first start; from half of them on."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the tests showed.

    Attributes:
        passed: indices into the sequence, of the cutoffs that passed, in the order tried.
        tried: number of tests.
        least: the fewest cases that could ever show it: none of them wrong.
        available: cases in all.
        first: cases of the first set tried, and of these wrong; None where none was tried.
        bound: the largest error rate that the test of it leaves possible.
    """

    passed: NDArray[np.intp]
    tried: int
    least: int
    available: int
    first: tuple[int, int] | None = None
    bound: float | None = None


def shown_rungs(cases: Ints, wrong: Ints, *, limit: float, confidence: float) -> Shown:
    """Return which of a nested sequence of sets have an error rate of at most ``limit``.

    Args:
        cases: (r,) non-decreasing numbers of cases of each set.
        wrong: (r,) of these wrong.
        limit: largest error rate, in (0, 1).
        confidence: of all that pass, together.
    """
    available = int(cases[-1]) if len(cases) else 0
    passed: set[int] = set()
    firsts: list[tuple[int, int, float]] = []
    tried = 0
    least = least_trials(limit, confidence)
    room = available >= STARTS[0][0] * math.log(1.0 / (1.0 - confidence)) / limit
    for multiple, share in STARTS if room else ALONE:
        delta = share * (1.0 - confidence)
        least_here = least_trials(limit, 1.0 - delta)
        wanted = max(min(multiple * math.log(1.0 / delta) / limit, 0.5 * available), least_here)
        wanted = _start(cases, wanted, least_here)
        while wanted <= available:
            at = int(np.searchsorted(cases, math.ceil(wanted), side="left"))
            n, k = int(cases[at]), int(wrong[at])
            # All sets of the same cases are one set; the last has the fewest cells to spare.
            at = int(np.searchsorted(cases, n, side="right")) - 1
            tried += 1
            firsts.append((n, k, 1.0 - delta))
            if binomial_cdf(k, n, limit) > delta:
                break
            passed.add(at)
            if n == available:
                break
            wanted = min(max(n * GROWTH, n + 1.0), float(available))
    found = Shown(np.array(sorted(passed), np.intp), tried, least, available)
    if not firsts:
        return found
    n, k, left = firsts[0]
    return replace(found, first=(n, k), bound=largest_rate(k, n, left))


def _start(cases: Ints, wanted: float, least: int) -> float:
    """Return the cases of the set that a sequence starts with.

    The next larger one, as everywhere; but where scores are few, that can be many times what is
    wanted, and the one below is taken where it is the nearer by its ratio and large enough.
    """
    above = int(np.searchsorted(cases, math.ceil(wanted), side="left"))
    if above == 0 or above == len(cases):
        return wanted
    low, high = int(cases[above - 1]), int(cases[above])
    return float(low) if low >= least and low * high > wanted * wanted else wanted
