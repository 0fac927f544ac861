"""Cutoffs that are shown to keep a limit, against exact Clopper–Pearson bounds of scipy."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calaudit.errors import NotEnoughData
from calaudit.thresholds.constraints import Constraints, permitted
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.guarantee import Sets, shown_rungs
from calaudit.thresholds.problem import Impossible, Problem
from tests.thresholds.rows import Rows, ladder_from


@cache
def upper_bound(wrong: int, cases: int, confidence: float) -> float:
    """Return the exact one-sided upper bound of an error rate (Clopper & Pearson 1934)."""
    if wrong == cases:
        return 1.0
    return float(stats.beta.ppf(confidence, wrong + 1, cases - wrong))


@cache
def least_flawless(limit: float, delta: float) -> int:
    """Return the fewest cases without an error that show a limit at level δ."""
    n = 1
    while (1 - limit) ** n > delta * (1 + 1e-12):
        n += 1
    return n


def shown_sets(y_by_order: Any, sizes: Any, limit: float, confidence: float) -> list[int]:
    """Return the sizes of the sets that pass: from each start a tenth more, … up to a failure.

    Starts are at 10, 15, …, 100 % of the rows, each with δ/20 where that could show anything, and
    with what is left of δ at 5 %, and at 4 ln(1/δ)/r cases where these are fewer; where neither
    could show anything, at half of the rows if these are enough. A start is the next set that ties
    allow; parts of δ that fall on one set add up.

    Args:
        y_by_order: (n,) 1 where the decision is wrong, from the strictest cutoff on.
        sizes: the numbers of cases that a cutoff can have.
        limit: of the error rate.
        confidence: of the statement.
    """
    most, delta = max(sizes), 1 - confidence
    levels: dict[int, float] = dict.fromkeys(sizes, 0.0)

    def next_set(wanted: float) -> int:
        return int(min(size for size in sizes if size >= wanted))

    for k in range(2, 21):
        start = next_set(k * most / 20)
        if start >= least_flawless(limit, delta / 20):
            levels[start] += delta / 20
    left, few = delta - sum(levels.values()), 4 * math.log(1 / delta) / limit
    small = {next_set(most / 20)} | ({next_set(few)} if few < most / 20 else set())
    small = {n for n in small if n >= least_flawless(limit, left / len(small))}
    if not small:
        wanted = max(min(few, most / 2), least_flawless(limit, left))
        small = {next_set(wanted)} if wanted <= most else set()
    for start in small:
        levels[start] += left / len(small)
    assert sum(levels.values()) <= delta * (1 + 1e-12)
    passed: set[int] = set()
    for start, level in levels.items():
        n = start
        while level and upper_bound(int(sum(y_by_order[:n])), n, 1 - level) <= limit:
            passed.add(n)
            if n == most:
                break
            n = next_set(min(max(1.1 * n, n + 1), most))
    return sorted(passed)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 400),
    st.integers(1, 400),
    st.sampled_from([0.02, 0.1, 0.2, 0.4]),
    st.sampled_from([0.5, 0.8, 0.95, 0.99]),
    st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    st.integers(0, 10**6),
)
def test_sequence(
    n: int, cells: int, limit: float, confidence: float, risk: float, seed: int
) -> None:
    """The sets that pass are those of the procedure, with bounds by scipy, on rows with ties."""
    rng = np.random.default_rng(seed)
    cell = np.sort(rng.integers(0, cells, n))
    wrong = (rng.random(n) < min(limit * risk, 0.9)).astype(int)
    cases = np.searchsorted(cell, np.arange(cells), side="right")
    errors = np.concatenate([[0], np.cumsum(wrong)])[cases]
    shown = shown_rungs(Sets(cases, errors), limit=limit, confidence=confidence)
    sizes = sorted(set(cases.tolist()) - {0})
    assert sorted(cases[shown.passed].tolist()) == shown_sets(wrong, sizes, limit, confidence)
    for at in shown.passed:
        assert upper_bound(int(errors[at]), int(cases[at]), confidence) <= limit + 1e-9
        assert at == cells - 1 or cases[at + 1] > cases[at]
    assert shown.tried >= len(shown.passed)
    assert (shown.available, shown.least) == (n, math.ceil(math.log1p(-confidence)
                                              / math.log1p(-limit) - 1e-9))  # fmt: skip


@pytest.mark.parametrize(("n", "limit"), [(400, 0.05), (2000, 0.05), (10_000, 0.02)])
def test_what_a_twentieth_of_the_chance_shows_passes(n: int, limit: float) -> None:
    """What Bonferroni over twenty shares proves of a tenth of the rows or more is not refused.

    As many of the surest are wrong as each share can bear, all of them before any other row.
    """
    cases = np.arange(1, n + 1)
    tried = 0
    for size in (share * n // 20 for share in range(2, 21)):
        wrong = int(stats.binom.ppf(0.05 / 20, size, limit)) - 1
        if wrong < 0:  # so few rows show nothing at a twentieth of the chance
            continue
        errors = np.minimum(cases, wrong) + np.maximum(cases - size, 0)
        shown = shown_rungs(Sets(cases, errors), limit=limit, confidence=0.95)
        assert max(cases[shown.passed], default=0) >= size
        tried += 1
    assert tried >= 10


def test_few_scores_start_with_the_set_that_is_near() -> None:
    """150 flawless cases show a limit of 5 %, though the next score brings 2,000 doubtful ones."""
    cases, wrong = np.array([150, 2150]), np.array([0, 1000])
    shown = shown_rungs(Sets(cases, wrong), limit=0.05, confidence=0.95)
    assert cases[shown.passed].tolist() == [150]
    assert upper_bound(0, 150, 0.995) <= 0.05


def test_bound_of_a_refusal_is_above_the_limit() -> None:
    """What is quoted as possible is what the test left possible, never less than the limit.

    Of the three sets 282 cases with 49 wrong come nearest, at sixteen of twenty parts of the chance
    of error, which the starts at 20, 25, …, 95 % of the rows share.
    """
    shown = shown_rungs(
        Sets(np.array([57, 282, 293]), np.array([6, 49, 54])), limit=0.2, confidence=0.95
    )
    assert not len(shown.passed)
    assert shown.nearest == (282, 49)
    assert shown.bound is not None
    assert shown.bound == pytest.approx(upper_bound(49, 282, 1 - 0.05 * 16 / 20), rel=1e-9)
    assert shown.bound > 0.2


def data(n: int, seed: int, power: float = 1.0) -> tuple[Any, Any]:
    """Return calibrated scores with ties and labels."""
    rng = np.random.default_rng(seed)
    s = np.round(rng.beta(0.4, 0.4, n) ** power, 3)
    return s, (rng.random(n) < s).astype(int)


@pytest.mark.parametrize("two_sided", [True, False])
def test_error_is_shown_on_each_side(two_sided: bool) -> None:
    """Each rung that may be used has an exact bound below the limit, at a shared confidence."""
    s, y = data(3000, 1)
    rows = Rows.of(s, y)
    limits = Constraints(max_error=0.1, confidence=0.9)
    allowed = permitted(ladder_from(s, y), limits, two_sided=two_sided)
    confidence = 0.95 if two_sided else 0.9
    ends = [(allowed.high, rows.at)]
    if two_sided:
        ends.append((allowed.low, rows.at[:, :1][::-1] - rows.at[::-1]))
    for kept, (wrong, right) in ends:
        rungs = np.flatnonzero(kept)
        assert len(rungs) > 3
        empty = 0
        for k in rungs:
            n = int(wrong[k] + right[k])
            empty += n == 0
            assert n == 0 or upper_bound(int(wrong[k]), n, confidence) <= 0.1
        assert empty == 1, "an end where nothing is decided is always allowed"
    if not two_sided:
        assert allowed.low.all()


@pytest.mark.parametrize(("name", "limit", "label"), [("min_recall", 0.9, 1), ("max_fpr", 0.1, 0)])
def test_share_of_a_label(name: str, limit: float, label: int) -> None:
    """All rungs whose exact bound is below the limit may be used, and no others."""
    s, y = data(1200, 2)
    rows = Rows.of(s, y)
    allowed = permitted(ladder_from(s, y), Constraints(**{name: limit}, confidence=0.95))
    n = int(rows.at[label, 0])
    wrong = n - rows.at[1] if label else rows.at[0]
    wanted = [upper_bound(int(k), n, 0.95) <= 0.1 for k in wrong]
    assert 10 < sum(wanted) < len(wanted) - 10
    kept, other = (allowed.low, allowed.high) if label else (allowed.high, allowed.low)
    assert kept.tolist() == wanted
    assert other.all()


def test_precision() -> None:
    """A precision of 0.9 is an error rate of 0.1 among those acted on."""
    s, y = data(3000, 3)
    ladder = ladder_from(s, y)
    one = permitted(ladder, Constraints(min_precision=0.9, confidence=0.95))
    two = permitted(ladder, Constraints(max_error=0.1, confidence=0.95), two_sided=False)
    nothing = len(ladder)
    assert one.high[:nothing].any()
    assert one.high[:nothing].tolist() == two.high[:nothing].tolist()
    assert not one.high[nothing], "the precision of nothing is no precision"


def test_confidence_is_shared() -> None:
    """Two limits share δ: each is tested as it would be alone at half of it."""
    s, y = data(3000, 4)
    ladder = ladder_from(s, y)
    both = permitted(ladder, Constraints(min_precision=0.85, min_recall=0.8, confidence=0.9))
    precision = permitted(ladder, Constraints(min_precision=0.85, confidence=0.95))
    recall = permitted(ladder, Constraints(min_recall=0.8, confidence=0.95))
    assert both.high.tolist() == precision.high.tolist()
    assert both.low.tolist() == recall.low.tolist()
    assert set(both.shown) == {"min_precision", "min_recall"}


def test_review_all_stays_possible() -> None:
    """Where reviews are nearly free, a limit does not force cases to be decided without one."""
    s, y = data(3000, 5)
    limits = Constraints(max_error=0.1, confidence=0.95)
    costs = Costs(fp=1000.0, fn=1000.0, review=0.001)
    problem = Problem(costs=costs, limits=limits, reviews=True)
    policy = problem.empirical(ladder_from(s, y))
    done = Rows.of(s, y).done(policy)
    assert done[0, 1] + done[2, 0] == 0
    assert done[1].sum() > 0.5 * len(s)


def test_impossible_says_how_many() -> None:
    """With 100 rows an error of 1 % cannot be shown: it takes 299, and the message says so."""
    s, y = data(100, 6)
    problem = Problem(
        limits=Constraints(max_error=0.01, confidence=0.95), reviews=True, two_sided=False
    )
    with pytest.raises(Impossible, match=r"at least 299 .*; there are 100"):
        problem.empirical(ladder_from(s, y))


def test_weights_are_no_counts() -> None:
    """Weighted rows get no guarantee, and a message that says what they can get."""
    s, y = data(500, 7)
    ladder = ladder_from(s, y, np.full(500, 2.0))
    with pytest.raises(NotEnoughData, match=r"rests on counts of rows.*--guarantee none"):
        permitted(ladder, Constraints(max_error=0.2, confidence=0.95))
    assert permitted(ladder, Constraints(max_error=0.2)).low.any()
