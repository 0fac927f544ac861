"""Bounds of a difference from those of its parts, and one-sided bounds from an interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from calaudit.gate.comparison import SLACK, Bounds, bounds_of, change_between
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import wilson
from tests.gate.figures import inverted, normal

NEWCOMBE = [
    # successes and trials of both samples, and the interval of their difference
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
]
"""Method 10 of table II of Newcombe 1998, which is MOVER on Wilson intervals."""


@pytest.mark.parametrize(("a", "n", "b", "m", "low", "high"), NEWCOMBE)
def test_published_intervals(a: int, n: int, b: int, m: int, low: float, high: float) -> None:
    """Differences of proportions have the intervals that were published for them."""

    def proportion(successes: int, trials: int) -> Bounds:
        ends = wilson(np.array([successes / trials]), np.array([trials]), 0.95)
        return Bounds(successes / trials, *(float(end[0]) for end in ends))

    change = change_between(proportion(b, m), proportion(a, n))
    assert [change.low, change.high] == pytest.approx([low, high], abs=5e-5)


def test_by_hand() -> None:
    """Distances of 0.3 and 0.4 make one of 0.5; each side takes the distances that belong to it."""
    before, after = Bounds(1.0, 0.95, 1.4), Bounds(3.0, 2.7, 3.12)
    change = change_between(before, after)
    assert change.value == pytest.approx(2.0)
    assert change.low == pytest.approx(2.0 - 0.5)  # √(0.3² + 0.4²)
    assert change.high == pytest.approx(2.0 + 0.13)  # √(0.12² + 0.05²)


def test_matched_rows_by_hand() -> None:
    """Among matched rows 2ρab is subtracted under the root; nothing is left of equal distances."""
    before, after = Bounds(1.0, 0.95, 1.4), Bounds(3.0, 2.7, 3.12)
    change = change_between(before, after, 0.5)
    assert change.low == pytest.approx(2.0 - math.sqrt(0.09 + 0.16 - 0.12))
    assert change.high == pytest.approx(2.0 + math.sqrt(0.0144 + 0.0025 - 0.006))
    same = change_between(after, Bounds(3.5, 3.38, 3.8), 1.0)
    assert [same.low, same.high] == pytest.approx([0.5, 0.5])


def test_slack_by_hand() -> None:
    """A fifth of the distance of separate rows is added, and stays where the rows are matched."""
    before, after = Bounds(1.0, 0.95, 1.4, SLACK), Bounds(3.0, 2.7, 3.12, SLACK)
    assert SLACK == 0.2
    assert change_between(before, after).low == pytest.approx(2.0 - 0.5 - 0.1)
    matched = change_between(before, after, 0.5)
    assert matched.low == pytest.approx(2.0 - math.sqrt(0.13) - 0.1)


def test_where_one_side_may_be_calibrated() -> None:
    """A change lies between −θ_A and θ_B: these are its bounds where the other may be 0."""
    calibrated, off = Bounds(0.004, 0.0, 0.02, SLACK), Bounds(0.05, 0.03, 0.08, SLACK)
    risen, fallen = change_between(calibrated, off), change_between(off, calibrated)
    assert risen.high == pytest.approx(0.08 + 0.2 * math.hypot(0.03, 0.004))
    assert risen.low == pytest.approx(0.046 - 1.2 * math.hypot(0.02, 0.016))
    assert fallen.low == pytest.approx(-0.08 - 0.2 * math.hypot(0.03, 0.004))
    assert fallen.high == pytest.approx(-0.046 + 1.2 * math.hypot(0.02, 0.016))
    # Their errors go together less than ρ says: it is not used.
    assert change_between(calibrated, off, 0.9) == risen
    assert change_between(off, calibrated, 0.9) == fallen


def test_a_figure_by_itself() -> None:
    """Against nothing the lower bound is the figure's own, and the upper one has the slack."""
    change = change_between(Bounds(0.0, 0.0, 0.0), Bounds(0.05, 0.03, 0.08, SLACK))
    assert [change.low, change.high] == pytest.approx([0.03, 0.08 + 0.2 * 0.03])


errors = st.floats(1e-4, 1.0)
numbers = st.floats(-10, 10)


@given(numbers, errors, numbers, errors, st.floats(-1, 1), st.floats(0.6, 0.999))
def test_of_normal_figures(
    a: float, se_a: float, b: float, se_b: float, rho: float, confidence: float
) -> None:
    """Between normal figures it is the normal bound of a difference of correlated means."""
    z = float(stats.norm.ppf(confidence))
    bounds = [bounds_of(normal(x, se), confidence) for x, se in ((a, se_a), (b, se_b))]
    before, after = bounds
    assert before is not None
    assert after is not None
    change = change_between(before, after, rho)
    covariance = np.array([[se_a**2, rho * se_a * se_b], [rho * se_a * se_b, se_b**2]])
    contrast = np.array([-1.0, 1.0])
    half = z * math.sqrt(max(contrast @ covariance @ contrast, 0.0))
    assert change.value == b - a
    assert change.low == pytest.approx(b - a - half, abs=1e-7)
    assert change.high == pytest.approx(b - a + half, abs=1e-7)


@given(numbers, errors, numbers, errors)
def test_the_other_way_round(a: float, se_a: float, b: float, se_b: float) -> None:
    """Of negated figures, the change is the negative one with its ends exchanged."""
    assume(a != se_a and b != se_b)  # a figure that is not below 0 is not above it when negated
    before = Bounds(a, a - se_a, a + 2 * se_a, SLACK)
    after = Bounds(b, b - se_b, b + se_b / 2, SLACK)
    one = change_between(before, after)
    other = change_between(before.negated(), after.negated())
    assert (other.value, other.low, other.high) == (-one.value, -one.high, -one.low)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("confidence", [0.6, 0.95, 0.999])
def test_one_sided_bounds(level: float, confidence: float) -> None:
    """Whatever the level of a report, its bounds are those of the confidence of the rule."""
    bounds = bounds_of(normal(0.4, 0.03, level), confidence)
    z = float(stats.norm.ppf(confidence))
    assert bounds is not None
    assert bounds.point == 0.4
    assert bounds.low == pytest.approx(0.4 - 0.03 * z, abs=1e-8)
    assert bounds.high == pytest.approx(0.4 + 0.03 * z, abs=1e-8)
    assert bounds.slack == 0.0


def test_bounds_of_a_test_inversion() -> None:
    """They are about the median-unbiased point, not the plain value, and have slack."""
    bounds = bounds_of(inverted(0.04, 0.02, 0.09), 0.95)
    ratio = float(stats.norm.ppf(0.95) / stats.norm.ppf(0.975))
    assert bounds is not None
    assert bounds.point == 0.04
    assert bounds.low == pytest.approx(0.04 - 0.02 * ratio)
    assert bounds.high == pytest.approx(0.04 + 0.05 * ratio)
    assert bounds.slack == SLACK


@pytest.mark.parametrize("confidence", [0.6, 0.95, 0.999])
def test_ends_stay(confidence: float) -> None:
    """An interval that reaches 0 or 1 still does at any other confidence."""
    low = bounds_of(inverted(0.03, 0.0, 0.05), confidence)
    high = bounds_of(Estimate(value=0.98, low=0.9, high=1.0, level=0.95), confidence)
    assert low is not None
    assert low.low == 0.0
    assert high is not None
    assert high.high == 1.0


def test_point_outside_of_the_interval() -> None:
    """A plain value above its interval, as that of a largest gap may be, is its upper bound."""
    bounds = bounds_of(Estimate(value=0.3, low=0.1, high=0.25, level=0.95), 0.975)
    assert bounds is not None
    assert [bounds.point, bounds.low, bounds.high] == pytest.approx([0.3, 0.1, 0.3])


@pytest.mark.parametrize("gone", ["value", "low", "high", "level"])
def test_no_interval_no_bounds(gone: str) -> None:
    """A figure without an interval has no bounds."""
    parts = {"value": 0.1, "low": 0.05, "high": 0.2, "level": 0.95}
    assert bounds_of(Estimate(**{**parts, gone: None}), 0.95) is None  # type: ignore[arg-type]
