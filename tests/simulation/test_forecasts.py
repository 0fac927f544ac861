"""Forecasts: coverage of intervals for a coverage, size and power of the tests."""

from __future__ import annotations

import math
import os

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
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


def sets_of(hit: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return sets of five classes that hold the truth where they are to."""
    inside = rng.random((len(y), 5)) < 0.3
    inside[np.arange(len(y)), y] = hit
    return pd.DataFrame({"label": y, "sets": [np.flatnonzero(row).tolist() for row in inside]})


@pytest.mark.parametrize("groups", [0, 60])
def test_of_right_sets_classes_are_seldom_found(groups: int) -> None:
    """Where each class is held 9 times in 10, about 1 file in 20 has a class that is off.

    Also of hits that depend on each other (0.2) within 60 groups. The interval of all holds 0.9.
    """
    rng, n = np.random.default_rng([groups, 6]), max(REPLICATES, FEWEST)
    rows = 1200
    group = np.arange(rows) % max(groups, 1)
    share = 0.2 if groups else 0.0
    held, off, cut = 0, 0, stats.norm.ppf(0.9)
    for _ in range(n):
        common = rng.standard_normal(max(groups, 1))[group]
        hit = math.sqrt(share) * common + math.sqrt(1 - share) * rng.standard_normal(rows) < cut
        data = sets_of(hit, rng.integers(0, 5, rows), rng).assign(site=group)
        report = calaudit.forecast(data, stated=0.9, group="site" if groups else None)
        found = report.intervals[0].coverage
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.9 <= found.high
        off += any(part.off for part in report.by_class)
    assert held / n > 0.95 - within(0.95, n) - (0.02 if groups else 0.0)
    assert off / n < 0.05 + within(0.05, n) + (0.02 if groups else 0.0)


@pytest.mark.parametrize("calibration", [30, 100, 500])
def test_right_conformal_sets_lie_where_their_rows_allow(calibration: int) -> None:
    """Sets of the classes with p above a conformal quantile hold what `guaranteed` tells of.

    Of 95 in 100 files of 400 rows, and 0.9 or little more on average; the coverage interval alone
    would find fault with many of those from 30 rows.
    """
    rng, n = np.random.default_rng([calibration, 7]), max(REPLICATES, FEWEST)
    inside, shares, off = 0, [], 0
    for _ in range(n):
        p = rng.dirichlet(np.full(5, 0.4), calibration + 400)
        y = (p.cumsum(axis=1) < rng.random((len(p), 1))).sum(axis=1).clip(max=4)
        score = 1 - p[np.arange(len(p)), y]
        cut = np.sort(score[:calibration])[math.ceil((calibration + 1) * 0.9) - 1]
        sets = [np.flatnonzero(1 - row <= cut).tolist() for row in p[calibration:]]
        data = pd.DataFrame({"label": y[calibration:], "sets": sets})
        report = calaudit.forecast(data, stated=0.9, calibration_rows=calibration)
        may, found = report.metrics["guaranteed"], report.intervals[0]
        assert may.low is not None
        assert may.high is not None
        shares.append(found.coverage.value or 0.0)
        inside += may.low <= shares[-1] <= may.high
        off += found.off
    assert inside / n > 0.95 - within(0.95, n)
    promised = math.ceil((calibration + 1) * 0.9) / (calibration + 1)
    assert abs(np.mean(shares) - promised) < 3 * np.std(shares) / math.sqrt(n)
    assert off / n > 0.3 or calibration > 30
