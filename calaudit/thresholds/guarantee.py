"""Cutoffs whose error rate is shown, with stated confidence, to be below a limit.

Fixed-sequence testing (Learn then Test, Angelopoulos, Bates, Candès, Jordan & Lei 2021): the
cutoffs are tried in an order that no label has a say in, from the strictest on, each by an
exact binomial test at the level of its sequence, up to the first failure. All that passed
hold together with the stated confidence, so that any of them may be picked, for its cost for
instance. Sequences that start at different places share the chance of error: one that starts
with few of the cases, and stops there where the surest are a little worse, shows nothing of the
many that could be accepted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.binomial import binomial_cdf, largest_rate, least_trials

__all__ = ["Shown", "shown_rungs"]

Ints = NDArray[np.int64]

GROWTH = 1.1
"""Each step tries a cutoff with a tenth more cases than the one before."""

STARTS = 20
"""Sequences start at each twentieth of the cases, from the second on with a twentieth of δ."""

FEW = 4.0
"""The first starts at FEW · ln(1/δ)/limit cases, which bear some errors, where those are fewer."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the tests showed.

    Attributes:
        passed: indices into the sequence, of the cutoffs that passed, in the order tried.
        tried: number of cutoffs that were tested.
        least: the fewest cases that could ever show it: none of them wrong.
        available: cases in all.
        nearest: cases of the start that came nearest to passing, and of these wrong; None where
            there was none.
        bound: the largest error rate that the test of it leaves possible.
    """

    passed: NDArray[np.intp]
    tried: int
    least: int
    available: int
    nearest: tuple[int, int] | None = None
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
    starts = _starts(cases, limit, 1.0 - confidence) if available else {}
    chance: dict[int, float] = {}
    passed: set[int] = set()
    for start, delta in starts.items():
        at = start
        while True:
            n = int(cases[at])
            if at not in chance:
                chance[at] = binomial_cdf(int(wrong[at]), n, limit)
            if chance[at] > delta:
                break
            passed.add(at)
            if n == available:
                break
            at = _set_of(cases, min(max(n * GROWTH, n + 1.0), float(available)))
    least = least_trials(limit, confidence)
    found = np.array(sorted(passed), np.intp), len(chance), least, available
    if not starts:
        return Shown(*found)
    at = min(starts, key=lambda start: chance[start] / starts[start])
    n, k = int(cases[at]), int(wrong[at])
    return Shown(*found, nearest=(n, k), bound=largest_rate(k, n, 1.0 - starts[at]))


def _starts(cases: Ints, limit: float, delta: float) -> dict[int, float]:
    """Return the sets that sequences start with, and the part of δ that each has.

    Whatever a twentieth of δ shows of a tenth of the cases or more passes. What could show
    nothing even if none were wrong takes no part; all that is left goes to the smallest starts.
    """
    available, part = int(cases[-1]), delta / STARTS
    starts: dict[int, float] = {}
    for k in range(2, STARTS + 1):
        at = _set_of(cases, k * available / STARTS)
        if cases[at] >= least_trials(limit, 1.0 - part):
            starts[at] = starts.get(at, 0.0) + part
    left, few = delta - sum(starts.values()), FEW * math.log(1.0 / delta) / limit
    sizes = {min(few, available / STARTS), available / STARTS}
    small = {_set_of(cases, size) for size in sizes}
    small = {at for at in small if cases[at] >= least_trials(limit, 1.0 - left / len(small))}
    if not small:  # so few cases: one sequence, from half of them on where that is enough
        size = max(min(few, available / 2), least_trials(limit, 1.0 - left))
        small = {_set_of(cases, size)} if size <= available else set()
    for at in small:
        starts[at] = starts.get(at, 0.0) + left / len(small)
    return starts


def _set_of(cases: Ints, size: float) -> int:
    """Return the smallest set of at least so many cases: of equal ones, that with most cells."""
    n = cases[int(np.searchsorted(cases, math.ceil(size), side="left"))]
    return int(np.searchsorted(cases, n, side="right")) - 1
