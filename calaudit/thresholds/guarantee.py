"""Cutoffs whose error rate is shown, with stated confidence, to be below a limit.

Fixed-sequence testing (Learn then Test, Angelopoulos, Bates, Candès, Jordan & Lei 2021): the
cutoffs are tried in an order that no label has a say in, from the strictest on, each by an
exact binomial test at the level of its sequence (of rows that belong together by that of as many
independent rows as tell as much: Korn & Graubard 1998), up to the first failure. All that passed
hold together with the stated confidence, so that any of them may be picked, for its cost for
instance. Sequences that start at different places share the chance of error: one that starts
with few of the cases, and stops there where the surest are a little worse, shows nothing of the
many that could be accepted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import beta_cdf, student_quantile, upper_rate
from calaudit.metrics.clustered import FEW_GROUPS, effective_rows
from calaudit.metrics.normal import normal_quantile
from calaudit.thresholds.binomial import binomial_cdf, least_trials

Floats = NDArray[np.float64]
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
        grouped: whether ``least`` and ``available`` are of groups that rows belong together in.
    """

    passed: NDArray[np.intp]
    tried: int
    least: int
    available: int
    nearest: tuple[int, int] | None = None
    bound: float | None = None
    grouped: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """A nested sequence of sets of cases.

    Attributes:
        cases: (r,) non-decreasing numbers of cases of each set. wrong: (r,) of these wrong.
        held: (r,) groups that have a case in it, where rows belong together; else None.
        squares: (3, r) sums over groups of wrong², wrong · cases and cases².
    """

    cases: Ints
    wrong: Ints
    held: Ints | None = None
    squares: Floats | None = None

    @classmethod
    def of(cls, cases: Ints, wrong: Ints, groups: Sequence[Floats] | None) -> Sets:
        """Return sets with the same by group, (G, r) each; None where rows are independent."""
        if groups is None:
            return cls(cases, wrong)
        n, k = groups
        squares = [np.einsum("gr,gr->r", a, b) for a, b in ((k, k), (k, n), (n, n))]
        return cls(cases, wrong, (n > 0).sum(axis=0), np.stack(squares))

    def worth(self, at: int, delta: float) -> tuple[float, float]:
        """Return how many independent cases a set is worth, and of these wrong, at a risk δ."""
        n, k = float(self.cases[at]), float(self.wrong[at])
        if self.held is None or self.squares is None:
            return n, k
        groups = int(self.held[at])
        if groups < 2 or not 0.0 < k < n:
            return float(groups), groups * k / max(n, 1.0)
        share = k / n
        varied = float(self.squares[:, at] @ [1.0, -2.0 * share, share**2]) * groups / (groups - 1)
        factor = student_quantile(1.0 - delta, groups - 1) / normal_quantile(1.0 - delta)
        worth = effective_rows(share, n, varied, factor)
        return worth, worth * share

    def chance(self, at: int, limit: float, delta: float) -> float:
        """Return the chance of no more wrong ones than those of a set at a rate of ``limit``."""
        if self.held is None:
            return binomial_cdf(int(self.wrong[at]), int(self.cases[at]), limit)
        n, k = self.worth(at, delta)
        return beta_cdf(1.0 - limit, n - k, k + 1.0) if k < n else 1.0

    def enough(self, at: int, limit: float, delta: float) -> bool:
        """Return whether a set could show the limit, were none of it wrong."""
        if self.held is not None and self.held[at] < FEW_GROUPS:
            return False
        return bool(self.cases[at] >= least_trials(limit, 1.0 - delta))


def shown_rungs(sets: Sets, *, limit: float, confidence: float) -> Shown:
    """Return which of a nested sequence of sets have an error rate of at most ``limit``.

    Args:
        sets: the sequence.
        limit: largest error rate, in (0, 1).
        confidence: of all that pass, together.
    """
    cases = sets.cases
    available = int(cases[-1]) if len(cases) else 0
    starts = _starts(sets, limit, 1.0 - confidence) if available else {}
    chance: dict[tuple[int, float], float] = {}
    passed: set[int] = set()
    for start, delta in starts.items():
        at = start
        while True:
            n = int(cases[at])
            key = at, delta if sets.held is not None else 0.0
            if key not in chance:
                chance[key] = sets.chance(at, limit, delta)
            if chance[key] > delta:
                break
            passed.add(at)
            if n == available:
                break
            at = _set_of(cases, min(max(n * GROWTH, n + 1.0), float(available)))
    least, grouped = least_trials(limit, confidence), sets.held is not None
    if sets.held is not None:
        least, available = FEW_GROUPS, int(sets.held[-1])
    found = np.array(sorted(passed), np.intp), len({at for at, _ in chance}), least, available
    if not starts:
        return Shown(*found, grouped=grouped)
    at = min(starts, key=lambda start: sets.chance(start, limit, starts[start]) / starts[start])
    worth, of_them = sets.worth(at, starts[at])
    bound = upper_rate(of_them, worth, 1.0 - starts[at])
    nearest = int(cases[at]), int(sets.wrong[at])
    return Shown(*found, nearest=nearest, bound=bound, grouped=grouped)


def _starts(sets: Sets, limit: float, delta: float) -> dict[int, float]:
    """Return the sets that sequences start with, and the part of δ that each has.

    Whatever a twentieth of δ shows of a tenth of the cases or more passes. What could show
    nothing even if none were wrong takes no part; all that is left goes to the smallest starts.
    """
    cases = sets.cases
    available, part = int(cases[-1]), delta / STARTS
    starts: dict[int, float] = {}
    for k in range(2, STARTS + 1):
        at = _set_of(cases, k * available / STARTS)
        if sets.enough(at, limit, part):
            starts[at] = starts.get(at, 0.0) + part
    left, few = delta - sum(starts.values()), FEW * math.log(1.0 / delta) / limit
    sizes = {min(few, available / STARTS), available / STARTS}
    small = {_set_of(cases, size) for size in sizes}
    small = {at for at in small if sets.enough(at, limit, left / len(small))}
    if not small:  # so few cases: one sequence, from half of them on where that is enough
        size = max(min(few, available / 2), least_trials(limit, 1.0 - left))
        small = {_set_of(cases, size)} if size <= available else set()
        small = {at for at in small if sets.enough(at, limit, left)}
    for at in small:
        starts[at] = starts.get(at, 0.0) + left / len(small)
    return starts


def _set_of(cases: Ints, size: float) -> int:
    """Return the smallest set of at least so many cases: of equal ones, that with most cells."""
    n = cases[int(np.searchsorted(cases, math.ceil(size), side="left"))]
    return int(np.searchsorted(cases, n, side="right")) - 1
