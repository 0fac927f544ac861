"""Counts, rates and mean costs of policies against figures worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from statsmodels.stats.proportion import proportion_confint

from calaudit.metrics.weighting import Weighed
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.outcome import Outcome, mean_cost, outcome_of
from calaudit.thresholds.policy import Policy
from tests.thresholds.rows import Rows, ladder_from


def outcome(counts: Any) -> Outcome:
    """Return the outcome of rows that count once, (3, 2): pass, review, act; by label."""
    c = np.array(counts, np.float64)
    return Outcome(c, c, c)


def mover(cost: Any, count: Any, base: int) -> tuple[float, float, float]:
    """Return the mean of a cost and its MOVER interval, term by term (Zou & Donner 2008, eq. 8)."""
    n = sum(count)
    others = [i for i in range(len(cost)) if i != base]
    c = [cost[i] - cost[base] for i in others]
    p = [count[i] / n for i in others]
    limits = [proportion_confint(count[i], n, 0.05, "wilson") for i in others]
    mean = cost[base] + sum(a * b for a, b in zip(c, p, strict=True))
    ends = []
    for side in (0, 1):
        gaps = [ci * (limits[i][side if ci > 0 else 1 - side] - p[i]) for i, ci in enumerate(c)]
        total = 0.0
        for i, a in enumerate(gaps):
            for j, b in enumerate(gaps):
                # Of shares the correlation is below 0; of shares times costs by their signs.
                odds = math.sqrt(p[i] / (1 - p[i]) * p[j] / (1 - p[j]))
                total += a * b * (1.0 if i == j else -odds * math.copysign(1.0, c[i] * c[j]))
        ends.append(math.sqrt(max(total, 0.0)))
    return mean, mean - ends[0], mean + ends[1]


def cases(count: Any) -> Weighed:
    """Return so many cases of each outcome, unweighted."""
    w = np.array(count, np.float64)
    return Weighed(w, w, w)


def test_one_error_by_hand() -> None:
    """10 of 100 cases cost 10: ten times Wilson's 0.0552 to 0.1744, the textbook interval."""
    found = mean_cost(np.array([0.0, 10.0]), cases([90.0, 10.0]), 0.95)
    assert found == pytest.approx((1.0, 0.552, 1.744), abs=1e-3)


@pytest.mark.parametrize(
    ("cost", "count"),
    [
        ([0.0, 1.0, 5.0], [70, 20, 10]),
        ([0.0, 1.0, 5.0], [10, 70, 20]),
        ([-2.0, 0.0, 3.0, 0.5], [50, 200, 3, 47]),
        ([0.0, 20.0, 1.0], [300, 0, 0]),
    ],
)
def test_several_costs(cost: list[float], count: list[int]) -> None:
    """The interval joins those of the outcomes, with the correlations of a multinomial."""
    wanted = mover(cost, count, int(np.argmax(count)))
    assert mean_cost(np.array(cost), cases(count), 0.95) == pytest.approx(wanted, rel=1e-9)


def test_outcomes_of_one_cost_are_one() -> None:
    """Two outcomes that cost the same have the interval of the two together."""
    one = mean_cost(np.array([0.0, 4.0, 4.0]), cases([60.0, 25, 15]), 0.9)
    two = mean_cost(np.array([0.0, 4.0]), cases([60.0, 40]), 0.9)
    assert one == pytest.approx(two, rel=1e-12)


@pytest.mark.parametrize(("scale", "shift"), [(3.0, 0.0), (1.0, 7.0), (0.01, -2.0)])
def test_units(scale: float, shift: float) -> None:
    """The interval follows the unit of the cost and a sum that every case costs."""
    c, sums = np.array([0.0, 1.0, 5.0, 2.0]), cases([70.0, 20.0, 10.0, 4.0])
    plain = np.array(mean_cost(c, sums, 0.95))
    assert_allclose(mean_cost(scale * c + shift, sums, 0.95), scale * plain + shift, rtol=1e-12)


def test_weights_widen() -> None:
    """Weights that are 0 for half of the rows give the interval of the others; equal ones none."""
    c, w = np.array([0.0, 1.0, 5.0]), np.array([70.0, 20.0, 10.0])
    half = mean_cost(c, Weighed(w / 2, w / 2, w / 2), 0.95)
    assert mean_cost(c, Weighed(w, 2 * w, w / 2), 0.95) == pytest.approx(half, rel=1e-9)
    three = mean_cost(c, Weighed(3 * w, 9 * w, w), 0.95)
    assert three == pytest.approx(mean_cost(c, Weighed(w, w, w), 0.95), rel=1e-9)


def weighted_cases(seed: int) -> tuple[Any, Any, Any, Outcome]:
    """Return what is done with rows, labels and weights of two sizes by label, and the outcome."""
    rng = np.random.default_rng(seed)
    n = 4_000
    y = (rng.random(n) < 0.3).astype(int)
    done = np.where(rng.random(n) < np.where(y == 1, 0.7, 0.2), 2, 0)
    w = np.where(y == 1, 1.0, 50.0) * rng.choice([1.0, 3.0], n)
    at = done * 2 + y
    each = [np.bincount(at, x, 6).reshape(3, 2).astype(np.float64) for x in (w, w * w, w > 0)]
    return done, y, w, Outcome(each[0], each[1], each[2])


def test_weights_by_label() -> None:
    """Costs and rates have the variance Σw²(x − m)²/(Σw)² of the rows, and not that of Kish's n."""
    done, y, w, found = weighted_cases(1)
    costs = Costs(fp=2.0, fn=20.0)
    paid = costs.table()[done, y]
    rows = {
        "recall": (done == 2)[y == 1],
        "precision": y[done == 2] == 1,
        "act_share": done == 2,
        "error": (done == 2) != (y == 1),
    }
    weights = {"recall": w[y == 1], "precision": w[done == 2]}
    rates = found.rates(0.95)
    for name, x in rows.items():
        mean, error = sandwich(x, weights.get(name, w))
        one: Any = rates[name]
        assert one.value == pytest.approx(mean, rel=1e-12)
        assert (one.high - one.low) / 2 == pytest.approx(1.96 * error, rel=0.02), name
    mean, error = sandwich(paid, w)
    cost: Any = found.cost(costs, 0.95)
    assert cost.value == pytest.approx(1000 * mean)
    assert (cost.high - cost.low) / 2 == pytest.approx(1000 * 1.96 * error, rel=0.02)


def sandwich(x: Any, w: Any) -> tuple[float, float]:
    """Return the weighted mean of rows and its standard error, from the rows themselves."""
    mean = (w * x).sum() / w.sum()
    return mean, math.sqrt((w**2 * (x - mean) ** 2).sum()) / w.sum()


COSTS = Costs(fp=2.0, fn=20.0, review=0.5, tp=-1.0)


def test_cost_by_hand() -> None:
    """50 misses at 20, 40 reviews at 0.5 (ten of positives, which earn 1), 30 false alarms at 2."""
    found = outcome([[800, 50], [30, 10], [30, 80]]).cost(COSTS, 0.95)
    assert found.value == pytest.approx((50 * 20 + 40 * 0.5 - 10 + 30 * 2 - 80) / 1000 * 1000)
    wanted = mover([20.0, 0.5, -0.5, 2.0, -1.0, 0.0], [50, 30, 10, 30, 80, 800], 5)
    assert (found.low, found.high) == pytest.approx((1000 * wanted[1], 1000 * wanted[2]))


def test_what_is_never_done_costs_nothing() -> None:
    """To review everything costs what a review costs, to act on all at most all false alarms."""
    costs = Costs(fp=1.0, fn=20.0, review=0.5)
    every = outcome([[0, 0], [200, 100], [0, 0]]).cost(costs, 0.95)
    assert (every.low, every.high) == (500.0, 500.0)
    acting = outcome([[0, 0], [0, 0], [200, 100]]).cost(costs, 0.95)
    low, high = proportion_confint(200, 300, 0.05, "wilson")
    assert (acting.low, acting.high) == pytest.approx((1000 * low, 1000 * high))


def test_no_error_is_no_certainty() -> None:
    """Of 300 cases without an error one more may be one: Wilson's 3.84/303.84 of them."""
    found = outcome([[200, 0], [0, 0], [0, 100]]).cost(Costs(fp=1.0, fn=1.0), 0.95)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(1000 * 3.8415 / 303.8415, rel=1e-4)


def test_given_prevalence() -> None:
    """With the prevalence given the labels are two samples: their variances add up."""
    o = outcome([[800, 50], [0, 0], [30, 80]])
    costs = Costs(fp=2.0, fn=20.0)
    factors = (0.95 / (830 / 960), 0.05 / (130 / 960))
    found: Any = o.scaled(factors).cost(costs, 0.95, prevalence=True)
    miss, alarm = 50 / 130, 30 / 830
    assert found.value == pytest.approx(1000 * (0.05 * 20 * miss + 0.95 * 2 * alarm))
    ends = [proportion_confint(k, n, 0.05, "wilson") for k, n in ((50, 130), (30, 830))]
    for side, end in ((0, found.low), (1, found.high)):
        gap = math.hypot(0.05 * 20 * (miss - ends[0][side]), 0.95 * 2 * (alarm - ends[1][side]))
        assert end == pytest.approx(found.value + 1000 * (gap if side else -gap))


def test_rates_by_hand() -> None:
    """Each rate is the share that its name says, with Wilson's interval of statsmodels."""
    found = outcome([[800, 50], [30, 10], [30, 80]]).rates(0.95)
    wanted = {
        "act_share": (110, 1000),
        "review_share": (40, 1000),
        "pass_share": (850, 1000),
        "precision": (80, 110),
        "recall": (90, 140),
        "fpr": (30, 860),
        "specificity": (830, 860),
        "npv": (800, 850),
        "error": (80, 960),
    }
    assert set(found) == set(wanted)
    for name, (part, whole) in wanted.items():
        low, high = proportion_confint(part, whole, 0.05, "wilson")
        one = found[name]
        assert (one.value, one.low, one.high) == pytest.approx((part / whole, low, high)), name


def test_rates_of_nothing() -> None:
    """A rate of no cases is none, and says of what there are none."""
    rates = outcome([[8, 5], [0, 0], [0, 0]]).rates(0.95)
    assert (rates["precision"].value, rates["precision"].reason) == (None, "nothing is acted on")
    rates = outcome([[0, 0], [8, 0], [0, 0]]).rates(0.95)
    assert (rates["error"].value, rates["recall"].value) == (None, None)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 8), st.integers(0, 8), st.sampled_from([-1, 0, 1]))
def test_counts_are_those_of_the_rows(seed: int, one: int, two: int, side: int) -> None:
    """What a policy does to the cells of a table is what it does row by row."""
    rng = np.random.default_rng(seed)
    s, y = rng.integers(0, 9, 60) / 9, rng.integers(0, 2, 60)
    w = rng.integers(1, 5, 60).astype(float)
    ladder = ladder_from(s, y, w)
    m = len(ladder)
    low, high = min(one, two, m), min(max(one, two), m)
    split = {0: None, -1: low - 1, 1: high}[side]
    if split is not None and not 0 <= split < m:
        split = None
    policy = Policy(low=low, high=high, split=split, split_share=0.25 if split is not None else 0)
    sample = ladder.sample
    found = outcome_of(policy.shares(m), sample.w, sample.w2, sample.counts)
    assert_allclose(found.w, Rows.of(s, y, w).done(policy), atol=1e-9)
    assert_allclose(found.w2, Rows.of(s, y, w * w).done(policy), atol=1e-9)
    assert_allclose(found.counts, Rows.of(s, y).done(policy), atol=1e-9)
