"""The cumulative calibration errors and their null distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.metrics.cumulative import ecce_mad, ecce_r, mad_tail, range_tail
from tests.metrics.tables import residuals


def rng() -> np.random.Generator:
    """Return a generator in a known state."""
    return np.random.default_rng(1)


def test_by_hand():
    """Residuals .8, −.5, −.9 in score order: sums .8, .3, −.6, range 1.4, largest .8."""
    p, y = np.array([0.9, 0.2, 0.5]), np.array([0, 1, 0])
    r = residuals(p, y)
    assert ecce_r(r, level=0.95, rng=rng()).value == pytest.approx(1.4 / 3)
    assert ecce_mad(r, level=0.95, rng=rng()).value == pytest.approx(0.8 / 3)


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_against_rows(decimals):
    """Range and largest of the cumulative sum over blocks of tied rows."""
    generator = np.random.default_rng(0)
    p = np.round(generator.random(2000), decimals)
    y = (generator.random(2000) < p**1.3).astype(int)
    path, total = [0.0], 0.0
    for score in np.unique(p):
        total += float((y - p)[p == score].sum())
        path.append(total)
    r = residuals(p, y)
    assert ecce_r(r, level=0.95, rng=rng()).value == pytest.approx(
        (max(path) - min(path)) / 2000, abs=1e-12
    )
    assert ecce_mad(r, level=0.95, rng=rng()).value == pytest.approx(
        max(abs(x) for x in path) / 2000, abs=1e-12
    )


def test_tails_against_simulated_brownian_motion():
    """Both tails, and the means that the floors use, are those of simulated random walks."""
    generator = np.random.default_rng(3)
    steps, walks = 4000, 4000
    ranges, largest = np.empty(walks), np.empty(walks)
    for i in range(walks):
        path = np.cumsum(generator.choice([-1.0, 1.0], steps)) / math.sqrt(steps)
        ranges[i] = max(path.max(), 0) - min(path.min(), 0)
        largest[i] = np.abs(path).max()
    for x in (0.9, 1.2, 1.6, 2.0, 2.5):
        assert range_tail(x) == pytest.approx((ranges > x).mean(), abs=0.03)
        assert mad_tail(x) == pytest.approx((largest > x).mean(), abs=0.03)
    assert ranges.mean() == pytest.approx(2 * math.sqrt(2 / math.pi), abs=0.03)
    assert largest.mean() == pytest.approx(math.sqrt(math.pi / 2), abs=0.03)


@pytest.mark.parametrize("tail", [range_tail, mad_tail])
def test_tails_fall_from_one_to_nothing(tail):
    """Tails are decreasing, without a step where one formula takes over from another."""
    x = np.linspace(0.0, 12.0, 2401)
    values = np.array([tail(v) for v in x])
    assert values[0] == 1.0
    assert (np.diff(values) <= 1e-12).all()
    assert 0.0 <= values[-1] < 1e-25
    ratio = values[1:][values[1:] > 0] / values[:-1][values[1:] > 0]
    assert ratio.min() > 0.9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_invariants(seed):
    """Flipping scores and labels keeps the range; weight 2 is every row twice."""
    generator = np.random.default_rng(seed)
    p = np.round(generator.random(50), 2)
    y = generator.integers(0, 2, 50)
    for figure in (ecce_r, ecce_mad):
        value = figure(residuals(p, y), level=0.95, rng=rng()).value
        doubled = figure(residuals(p, y, np.full(50, 2.0)), level=0.95, rng=rng()).value
        assert doubled == pytest.approx(value, abs=1e-13)
        if figure is ecce_r:  # the largest from the other end is not the same
            flipped = figure(residuals(1 - p, 1 - y), level=0.95, rng=rng()).value
            assert flipped == pytest.approx(value, abs=1e-12)


def test_p_value_with_few_scores_is_simulated():
    """With two scores the asymptotic p-value would be far too large; ours is about uniform."""
    generator = np.random.default_rng(4)
    small = 0
    for _ in range(300):
        p = generator.choice([0.3, 0.8], 200)
        y = (generator.random(200) < p).astype(int)
        p_value = ecce_r(residuals(p, y), level=0.95, rng=generator).p_value
        assert p_value is not None
        small += p_value <= 0.2
    assert 0.2 - 4 * 0.023 < small / 300 < 0.2 + 4 * 0.023
