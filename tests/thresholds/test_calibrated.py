"""The rule for calibrated scores against every band, where the calibrated values are the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.calibrators.platt import fit_platt
from calaudit.errors import NotEnoughData
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.problem import Problem
from tests.thresholds.rows import NEAR, Rows, cheapest, ladder_from, price

SCORES = np.concatenate([np.arange(1, 12) / 12, [0.1 + 0.2, 0.3, 0.7, 0.1 * 7, 1e-9, 1 - 1e-9]])
"""With some that differ by a last digit, as 0.1 + 0.2 and 0.3 do."""


@st.composite
def tables(draw: Any) -> tuple[Any, Any]:
    """Draw enough scores with ties for a line, and labels of both kinds."""
    n = draw(st.integers(24, 60))
    s = SCORES[draw(st.lists(st.integers(0, len(SCORES) - 1), min_size=n, max_size=n))]
    u = np.random.default_rng(draw(st.integers(0, 10_000))).random(n)
    return s, (u < s).astype(int)


@settings(max_examples=150, deadline=None)
@given(
    tables(),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([None, 0.0, 0.1, 0.5, 0.9]),
    st.sampled_from([None, 0.03, 0.1, 0.3, 0.7]),
    st.booleans(),
    st.sampled_from([(1.0, 1.0), (0.5, 2.25), (1.5, 0.125)]),
)
def test_cheapest_for_its_line(
    table: Any, fp: int, fn: int, review: float | None, capacity: float | None, two_sided: bool,
    factors: tuple[float, float],
) -> None:  # fmt: skip
    """If Platt scaling is the truth no band is cheaper, nor one with a cell split at its side."""
    s, y = table
    if review is None:
        capacity, two_sided = None, True
    if review == 0.0 and capacity is None:
        return
    if capacity is not None:  # of rows of unlike weights the last to fit is a matter of packing
        factors = (1.0, 1.0)
    costs = Costs(fp=float(fp), fn=float(fn if two_sided else fp))
    if review is not None:
        pays = costs.review_pays_below if two_sided else costs.fp
        costs = Costs(fp=costs.fp, fn=costs.fn, review=review * pays)
    problem = Problem(
        costs=costs, capacity=capacity, reviews=review is not None, two_sided=two_sided,
        factors=factors,
    )  # fmt: skip
    ladder = ladder_from(s, y)
    try:
        policy = problem.calibrated(ladder)
    except NotEnoughData:
        return
    line = fit_platt(ladder.sample)
    # Another share of positives has other odds at each score.
    odds = np.exp(line.a * (np.log(s) - np.log1p(-s)) + line.b) * factors[1] / factors[0]
    p = odds / (1 + odds)
    by = np.where(y == 1, factors[1], factors[0])
    both, label = np.tile(s, 2), np.repeat([1, 0], len(s))
    weights = np.concatenate([by * p, by * (1 - p)])
    rows = Rows.of(both, label, weights, size=np.unique(s, return_counts=True)[1])
    done = rows.done(policy)
    best = cheapest(rows, costs, capacity=capacity, reviews=problem.reviews, two_sided=two_sided)
    assert float(price(done, costs)) == pytest.approx(best, rel=1e-7)
    room = np.inf if capacity is None else capacity * by.sum()
    assert done[1].sum() <= (room if problem.reviews else 0.0) + NEAR


def test_elkan_and_chow() -> None:
    """Of a fine grid of probabilities each gets the decision of the smallest expected cost."""
    p = (np.arange(20_000) + 0.5) / 20_000
    for costs in (
        Costs(fp=1, fn=20),
        Costs(fp=1, fn=20, review=0.5),
        Costs(fp=7, fn=3, tp=-2, tn=-1, review=1.0),
        Costs(fp=7, fn=3, tp=-2, tn=-1),
    ):
        expected = costs.table() @ np.stack([1 - p, p])
        if costs.review is None:
            expected = expected[[0, 2]]
        low, high = costs.band
        wanted = np.where(p >= high, len(expected) - 1, np.where(p >= low, 1, 0))
        assert (expected.argmin(axis=0) == wanted).all(), costs


def test_review_pays_below_by_hand() -> None:
    """A false alarm of 1 and a miss of 4: reviews pay below 4/5, with benefits counted in."""
    assert Costs(fp=1, fn=4).review_pays_below == pytest.approx(0.8)
    assert Costs(fp=0, fn=1, tn=-1, tp=-3).review_pays_below == pytest.approx(0.8)
    assert Costs(fp=1, fn=4).cutoff == pytest.approx(0.2)
    assert Costs(fp=1, fn=4, review=0.4).band == pytest.approx((0.1, 0.6))


def test_table_by_hand() -> None:
    """Pass, review, act by negative, positive: benefits are kept by the review, less its cost."""
    costs = Costs(fp=5, fn=9, review=1.5, tp=-4, tn=-0.5)
    assert costs.table().tolist() == [[-0.5, 9], [1.0, -2.5], [5, -4]]
    assert costs.with_ratio(2.0).miss == pytest.approx(2 * costs.miss)


@pytest.mark.parametrize("capacity", [0.05, 0.1, 0.2, 0.3, 0.5])
def test_capacity_holds_among_near_equal_scores(capacity: float) -> None:
    """Scores that differ in the last digits have one calibrated value, and do not overfill."""
    rng = np.random.default_rng(0)
    costs = Costs(fp=1.0, fn=1.0, review=0.05)
    filled = 0
    for _ in range(100):
        u = rng.random(8)
        s = np.tile(np.concatenate([u, np.nextafter(u, 1), np.nextafter(np.nextafter(u, 1), 1)]), 3)
        y = (rng.random(len(s)) < s).astype(int)
        try:
            policy = Problem(costs=costs, capacity=capacity, reviews=True).calibrated(
                ladder_from(s, y)
            )
        except NotEnoughData:
            continue
        reviewed = Rows.of(s, y).done(policy)[1].sum()
        assert reviewed <= capacity * len(s) + NEAR
        filled += bool(reviewed > capacity * len(s) - 1)
    assert filled > 10
