"""The cheapest policy against every cutoff and band, on random tables full of ties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.thresholds.constraints import Constraints
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Impossible, Problem
from tests.thresholds.rows import NEAR, Rows, bands, cheapest, keeps, ladder_from, price

PRICE = st.integers(1, 12)
LIMITS: dict[str, st.SearchStrategy[float]] = {
    "max_error": st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.4]),
    "min_precision": st.sampled_from([0.5, 0.6, 0.75, 0.9]),
    "min_recall": st.sampled_from([0.5, 0.8, 0.9, 0.95]),
    "max_fpr": st.sampled_from([0.05, 0.1, 0.3, 0.5]),
}
FACTORS = st.sampled_from([(1.0, 1.0), (0.5, 2.25), (1.5, 0.125)])


@st.composite
def tables(draw: Any) -> tuple[Any, Any, Any]:
    """Draw scores with ties, labels of both kinds, and whole weights or none."""
    n = draw(st.integers(2, 40))
    s = np.array(draw(st.lists(st.integers(0, 12), min_size=n, max_size=n))) / 12
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    y[0], y[-1] = 0, 1
    if not draw(st.booleans()):
        return s, y, None
    w = np.array(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), np.float64)
    w[0], w[-1] = w[0] + 1, w[-1] + 1
    return s, y, w


@st.composite
def prices(draw: Any) -> Costs:
    """Draw costs, with benefits and with a review where a band may pay."""
    right = [-float(draw(st.integers(0, 3))) for _ in range(2)]
    costs = Costs(fp=float(draw(PRICE)), fn=float(draw(PRICE)), tp=right[0], tn=right[1])
    if draw(st.booleans()):
        return costs
    review = draw(st.sampled_from([0.05, 0.4, 0.9])) * costs.review_pays_below
    return Costs(fp=costs.fp, fn=costs.fn, tp=right[0], tn=right[1], review=float(review))


CAPACITY = st.sampled_from([None, 0.05, 0.1, 0.3, 0.6])
LIMITED = st.fixed_dictionaries({}, optional=LIMITS)


def check(
    table: tuple[Any, Any, Any], problem: Problem, factors: tuple[float, float] = (1.0, 1.0)
) -> None:
    """Assert that the policy of a problem costs what the best of all bands does, and is allowed."""
    s, y, w = table
    plain = np.ones(len(s)) if w is None else w
    rows = Rows.of(s, y, plain * np.where(y == 1, factors[1], factors[0]))
    assert problem.costs is not None
    best = cheapest(
        rows, problem.costs, limits=problem.limits.given, capacity=problem.capacity,
        reviews=problem.reviews, two_sided=problem.two_sided,
    )  # fmt: skip
    try:
        policy = problem.empirical(ladder_from(s, y, w))
    except Impossible:
        assert best == np.inf
        return
    done = rows.done(policy)
    assert float(price(done, problem.costs)) == pytest.approx(best, rel=1e-9, abs=1e-9)
    assert keeps(done, problem.limits.given)
    room = np.inf if problem.capacity is None else problem.capacity * rows.w.sum()
    assert done[1].sum() <= (room if problem.reviews else 0.0) + NEAR


@settings(max_examples=150, deadline=None)
@given(tables(), prices(), CAPACITY, FACTORS)
def test_costs(
    table: Any, costs: Costs, capacity: float | None, factors: tuple[float, float]
) -> None:
    """With costs alone no cutoff or band is cheaper, with capacity also none that splits a cell."""
    reviews = costs.review is not None
    problem = Problem(
        costs=costs, capacity=capacity if reviews else None, reviews=reviews, factors=factors
    )
    check(table, problem, factors)


@settings(max_examples=150, deadline=None)
@given(tables(), prices(), LIMITED, CAPACITY, FACTORS)
def test_costs_and_limits(
    table: Any, costs: Costs, limits: Any, capacity: float | None, factors: tuple[float, float]
) -> None:
    """With limits on the rows no allowed band is cheaper, and none is missed or broken."""
    reviews = costs.review is not None
    problem = Problem(
        costs=costs, limits=Constraints(**limits), capacity=capacity if reviews else None,
        reviews=reviews, factors=factors,
    )  # fmt: skip
    check(table, problem, factors)


@settings(max_examples=100, deadline=None)
@given(tables(), PRICE, st.sampled_from([0.05, 0.3, 0.8]), LIMITED, CAPACITY)
def test_accepting(
    table: Any, error: int, review: float, limits: Any, capacity: float | None
) -> None:
    """Where nothing may be let pass, no cutoff between reviewing and accepting is cheaper."""
    limits = {k: v for k, v in limits.items() if k in ("max_error", "min_precision")}
    costs = Costs(fp=float(error), fn=float(error), review=review * error)
    problem = Problem(
        costs=costs, limits=Constraints(**limits), capacity=capacity, reviews=True, two_sided=False
    )
    check(table, problem)


@settings(max_examples=100, deadline=None)
@given(tables(), LIMITED.filter(bool), CAPACITY, st.booleans())
def test_fewest_reviews(table: Any, limits: Any, capacity: float | None, two_sided: bool) -> None:
    """Without costs: the fewest reviews that keep the limits, and of these the fewest errors."""
    if not two_sided:
        limits = {k: v for k, v in limits.items() if k in ("max_error", "min_precision")}
        if not limits:
            return
    s, y, w = table
    rows = Rows.of(s, y, w)
    room = np.inf if capacity is None else capacity * rows.w.sum()
    allowed = np.concatenate(
        [o[:, :, keeps(o, limits)] for o in bands(rows, room, split=False, two_sided=two_sided)],
        axis=2,
    )
    problem = Problem(
        limits=Constraints(**limits), capacity=capacity, reviews=True, two_sided=two_sided
    )
    try:
        done = rows.done(problem.empirical(ladder_from(s, y, w)))
    except Impossible:
        assert allowed.shape[2] == 0
        return
    assert keeps(done, limits)
    reviewed, wrong = allowed[1].sum(axis=0), allowed[0, 1] + allowed[2, 0]
    assert done[1].sum() == pytest.approx(reviewed.min())
    least = wrong[reviewed <= reviewed.min() + NEAR].min()
    assert done[0, 1] + done[2, 0] == pytest.approx(least)


@settings(max_examples=100, deadline=None)
@given(tables(), LIMITED.filter(bool))
def test_one_cutoff_for_limits(table: Any, limits: Any) -> None:
    """Without costs and reviews: the most recall, or the fewest false alarms for a recall."""
    s, y, w = table
    rows = Rows.of(s, y, w)
    cuts = np.concatenate([o[:, :, o[1].sum(axis=0) == 0] for o in bands(rows, 0.0, split=False)],
                          axis=2)  # fmt: skip
    cuts = cuts[:, :, keeps(cuts, limits)]
    try:
        done = rows.done(Problem(limits=Constraints(**limits)).empirical(ladder_from(s, y, w)))
    except Impossible:
        assert cuts.shape[2] == 0
        return
    assert keeps(done, limits)
    at = (2, 0) if "min_recall" in limits else (0, 1)
    assert done[at] == pytest.approx(cuts[at].min())


@settings(max_examples=100, deadline=None)
@given(tables(), prices(), st.sampled_from([0.05, 0.1, 0.3, 0.6]), st.data())
def test_one_split_cell_is_enough(table: Any, costs: Costs, capacity: float, data: Any) -> None:
    """No band with the room divided between the cells at both of its ends is cheaper."""
    costs = Costs(fp=costs.fp, fn=costs.fn, review=costs.review or 0.0)
    s, y, _ = table
    rows = Rows.of(s, y)
    problem = Problem(costs=costs, capacity=capacity, reviews=True)
    best = float(price(rows.done(problem.empirical(ladder_from(s, y))), costs))
    m = len(rows.cutoffs) - 1
    low = data.draw(st.integers(0, m))
    high = data.draw(st.integers(low, m))
    rung = np.searchsorted(rows.cutoffs, rows.s)
    left = int(capacity * len(s) + NEAR) - int(((rung >= low) & (rung < high)).sum())
    if left < 0:
        return
    share, first = np.zeros(len(s)), data.draw(st.integers(0, left))
    for cell, room in ((low - 1, first), (high, left - first)):
        if (rung == cell).any():
            share[rung == cell] = min(room / (rung == cell).sum(), 1.0)
    action = np.where(rung >= high, 2, np.where(rung >= low, 1, 0))
    assert best <= float(price(rows.counts(share, action), costs)) + 1e-9


def test_split_by_hand() -> None:
    """Ten cases at 0.5, room for three: three are reviewed, and the others are let pass."""
    s = np.repeat([0.1, 0.5, 0.9], [10, 10, 10])
    y = np.concatenate([np.zeros(10), np.arange(10) < 3, np.ones(10)]).astype(int)
    costs = Costs(fp=10.0, fn=10.0, review=1.0)
    policy = Problem(costs=costs, capacity=0.1, reviews=True).empirical(ladder_from(s, y))
    # At 0.5 passing costs 30 in all, acting 70 and reviewing 10.
    assert policy == Policy(low=2, high=2, split=1, split_share=3 / 10)
    done = Rows.of(s, y).done(policy)
    assert done == pytest.approx(np.array([[14.9, 2.1], [2.1, 0.9], [0.0, 10.0]]))
