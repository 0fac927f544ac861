"""Forecasts of a number: coverage of intervals for a coverage, size and power of the tests."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from scipy import stats

from calaudit.metrics.probability_integral import kuiper_test
from calaudit.metrics.stated_coverage import coverage, jointly, widening

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "200"))
FEWEST = 100
HUB = np.array([0.01, 0.025, *np.arange(1, 20) / 20, 0.975, 0.99])


def within(rate: float, replicates: int) -> float:
    """Return three standard errors of a rate."""
    return 3.0 * math.sqrt(rate * (1.0 - rate) / replicates)


@pytest.mark.parametrize(("groups", "size"), [(60, 40), (20, 100)])
def test_intervals_of_groups_hold_the_coverage(groups: int, size: int) -> None:
    """Of hits that depend on each other (0.2) Korn-Graubard holds 0.9, and rows alone do not."""
    rng, n = np.random.default_rng([groups, 1]), max(REPLICATES, FEWEST)
    group, held = np.repeat(np.arange(groups), size), np.zeros(2)
    cut = stats.norm.ppf(0.9)
    for _ in range(n):
        common = rng.standard_normal(groups)[group]
        hit = math.sqrt(0.2) * common + math.sqrt(0.8) * rng.standard_normal(len(group)) < cut
        sums = np.bincount(group, hit).astype(float), np.full(groups, float(size))
        for k, each in enumerate((None, sums)):
            found = coverage(hit.sum(), len(group), 0.95, each)
            assert found.low is not None
            assert found.high is not None
            held[k] += found.low <= 0.9 <= found.high
    assert held[0] / n < 0.8
    assert held[1] / n > 0.95 - within(0.95, n) - 0.02


def test_all_levels_at_once_and_kuiper_have_their_size() -> None:
    """Of right forecasts at most about 1 in 20 is found; rows of groups need the groups."""
    rng, n = np.random.default_rng(2), max(REPLICATES, FEWEST)
    found = np.zeros(3)
    for _ in range(n):
        u = rng.random(400)
        shares = (u[:, None] <= HUB).mean(axis=0)
        rows = np.full(len(HUB), 400.0)
        joint = jointly(shares, HUB, rows, rng, level=0.95, nested=True)
        single = 2 * stats.norm.sf(np.abs(shares - HUB) / np.sqrt(HUB * (1 - HUB) / 400))
        kuiper = kuiper_test(u, rng).p_value or 0.0
        found += joint.p.min() < 0.05, single.min() < 0.05, kuiper < 0.05
    assert found[0] / n < 0.05 + within(0.05, n)
    assert found[1] / n > 0.25  # what looking at each level by itself would find
    assert found[2] / n < 0.05 + within(0.05, n)


def test_tests_of_groups_have_their_size() -> None:
    """Of a PIT that depends within 20 groups of 50 the multipliers reject 1 in 20."""
    rng, n = np.random.default_rng(3), max(REPLICATES, FEWEST)
    group, found = np.repeat(np.arange(20), 50), np.zeros(3)
    for _ in range(n):
        common = rng.standard_normal(20)[group]
        u = stats.norm.cdf(math.sqrt(0.2) * common + math.sqrt(0.8) * rng.standard_normal(1000))
        below = u[:, None] <= HUB
        off = np.stack([np.bincount(group, x, 20).astype(float) for x in (below - HUB).T], axis=1)
        rows = np.full(len(HUB), 1000.0)
        joint = jointly(below.mean(axis=0), HUB, rows, rng, level=0.95, nested=True, off=off)
        ends = kuiper_test(u, rng).p_value or 0.0, kuiper_test(u, rng, group).p_value or 0.0
        found += joint.p.min() < 0.05, ends[0] < 0.05, ends[1] < 0.05
    assert found[0] / n < 0.05 + within(0.05, n)
    assert found[1] / n > 0.2
    assert found[2] / n < 0.05 + within(0.05, n)


def test_kuiper_sees_a_wrong_spread_where_kolmogorov_does_not() -> None:
    """Of 100 laws that are too narrow by 1.3 Kuiper's test finds about 65 in 100, KS half."""
    rng, n, found = np.random.default_rng(4), 2 * max(REPLICATES, FEWEST), np.zeros(2)
    for _ in range(n):
        u = stats.norm.cdf(1.3 * rng.standard_normal(100))
        kuiper = kuiper_test(u, rng).p_value or 0.0
        found += kuiper < 0.05, stats.kstest(u, "uniform").pvalue < 0.05
    assert found[0] / n > 0.65 - within(0.65, n)
    assert found[1] / n < 0.29 + within(0.29, n)


def test_intervals_of_the_factor_hold_it() -> None:
    """Of 300 rows the interval of the factor holds 1.5 in about 95 of 100."""
    rng, n, held = np.random.default_rng(5), 2 * max(REPLICATES, FEWEST), 0
    for _ in range(n):
        ratio = 1.5 * np.abs(rng.standard_normal(300)) / stats.norm.ppf(0.95)
        found = widening(ratio, 0.9, 0.95)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.5 <= found.high
    assert held / n > 0.95 - within(0.95, n)
