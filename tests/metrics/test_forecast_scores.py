"""Scores of forecasts, against sums over raw rows, integrals and scipy."""

import json
import math

import numpy as np
import pytest
from scipy import integrate, stats

from calaudit.metrics.forecast_scores import (
    central_pairs,
    crosses,
    crps_members,
    crps_normal,
    crps_quantiles,
    interval_score,
    is_symmetric,
    normal_cdf,
    pinball,
)
from calaudit.metrics.stated_coverage import coverage, jointly

HUB = np.array([0.01, 0.025, *np.arange(1, 20) / 20, 0.975, 0.99])
"""Levels of the European COVID-19 forecast hub."""


def test_interval_score_by_hand():
    """Interval score by hand."""
    y, low, high = np.array([1.0, 5.0, 12.0]), np.full(3, 2.0), np.full(3, 10.0)
    assert interval_score(y, low, high, 0.8).tolist() == pytest.approx([18.0, 8.0, 28.0])


def test_wis_by_hand_is_twice_the_mean_pinball():
    """WIS by hand is twice the mean pinball."""
    # Median 4, interval 2 to 10 at 0.5 and truth 5: (½·1 + ½·0.5·8) / 1.5.
    loss = pinball(np.array([5.0]), np.array([[2.0, 4.0, 10.0]]), np.array([0.25, 0.5, 0.75]))
    assert 2 * loss.mean() == pytest.approx((0.5 * 1 + 0.25 * 8.0) / 1.5)
    assert is_symmetric([0.25, 0.5, 0.75])
    assert not is_symmetric([0.25, 0.75])
    assert not is_symmetric([0.25, 0.5, 0.9])


def test_central_pairs_are_found_by_level():
    """Central pairs are found by level."""
    assert central_pairs([0.05, 0.1, 0.5, 0.9, 0.95]) == [(0, 4, 0.9), (1, 3, 0.8)]
    assert len(central_pairs(HUB.tolist())) == 11


@pytest.mark.parametrize(("y", "mean", "std"), [(0.3, 0.0, 1.0), (-4.0, 2.0, 0.5), (7.0, 7.0, 3.0)])
def test_normal_crps_is_the_integral(y, mean, std):
    """Normal CRPS is the integral."""

    def square(x):
        return (stats.norm.cdf(x, mean, std) - (x >= y)) ** 2

    far = 12 * std + abs(y - mean)
    parts = [integrate.quad(square, *ends)[0] for ends in ((mean - far, y), (y, mean + far))]
    found = crps_normal(np.array([y]), np.array([mean]), np.array([std]))
    assert found[0] == pytest.approx(sum(parts), abs=1e-7)


def test_normal_crps_without_spread_is_the_absolute_error():
    """Normal CRPS without spread is the absolute error."""
    assert crps_normal(np.array([3.0]), np.array([1.0]), np.array([0.0])).tolist() == [2.0]


def test_normal_cdf_is_that_of_scipy_in_the_tails_too():
    """Normal cdf is that of scipy in the tails too."""
    z = np.linspace(-30, 10, 201)
    np.testing.assert_allclose(normal_cdf(z), stats.norm.cdf(z), rtol=1e-11)


def test_trapezoid_is_within_a_percent_of_a_perfect_normal_forecast():
    """Trapezoid is within a percent of a perfect normal forecast."""
    y = np.random.default_rng(0).standard_normal(20_000)
    loss = pinball(y, np.tile(stats.norm.ppf(HUB), (len(y), 1)), HUB)
    exact = crps_normal(y, np.zeros(len(y)), np.ones(len(y))).mean()
    assert crps_quantiles(loss, HUB).mean() / exact == pytest.approx(0.997, abs=0.001)
    assert 2 * loss.mean() / exact == pytest.approx(0.892, abs=0.002)


def test_trapezoid_is_that_of_numpy():
    """Trapezoid is that of numpy."""
    rng = np.random.default_rng(1)
    y, q = rng.normal(size=50), np.sort(rng.normal(size=(50, 23)), axis=1)
    loss, ends = pinball(y, q, HUB), np.zeros((50, 1))
    x = np.concatenate([[0.0], HUB, [1.0]])
    expected = 2 * np.trapezoid(np.hstack([ends, loss, ends]), x, axis=1)
    np.testing.assert_allclose(crps_quantiles(loss, HUB), expected, rtol=1e-12)


def test_fair_crps_is_the_double_sum_and_fair_for_few_members():
    """Fair CRPS is the double sum and fair for few members."""
    rng = np.random.default_rng(2)
    y, x = rng.normal(size=40), rng.normal(size=(40, 5)).round(1)
    pairs = np.abs(x[:, :, None] - x[:, None, :]).sum(axis=(1, 2)) / (2 * 5 * 4)
    np.testing.assert_allclose(crps_members(y, x), np.abs(x - y[:, None]).mean(axis=1) - pairs)
    y, x = rng.normal(size=60_000), rng.normal(size=(60_000, 5))
    assert crps_members(y, x).mean() == pytest.approx(1 / math.sqrt(math.pi), abs=0.006)


def test_crossing_rows_are_found():
    """Crossing rows are found."""
    assert crosses(np.array([[1.0, 2.0, 2.0], [1.0, 3.0, 2.0]])).tolist() == [False, True]


def test_golden_of_the_forecast_hub(cases):
    """Every figure of the six forecasters of cases and deaths, to 1e-9."""
    pandas = pytest.importorskip("pandas")
    stored = json.loads((cases / "golden2.json").read_text())["covid_quantiles"]
    rows = pandas.read_parquet(cases / "covid_quantiles" / "data.parquet")
    key = ["location", "target_end_date", "target_type", "model", "horizon", "observed"]
    wide = rows.pivot_table(index=key, columns="quantile_level", values="predicted").reset_index()
    for name, golden in stored["by"].items():
        target, model = name.split(" / ")
        part = wide[(wide.target_type == target) & (wide.model == model)]
        y, q = part.observed.to_numpy(float), part[list(HUB.round(3))].to_numpy(float)
        loss, below = pinball(y, q, HUB), y[:, None] <= q
        group = np.unique(part.target_end_date.astype(str), return_inverse=True)[1]
        assert 2 * loss.mean() == pytest.approx(golden["wis"], rel=1e-9)
        assert crps_quantiles(loss, HUB).mean() == pytest.approx(golden["crps_trapezoid"], rel=1e-9)
        for level, share in golden["share_below"].items():
            at = int(np.argmin(np.abs(HUB - float(level))))
            assert below[:, at].mean() == pytest.approx(share, rel=1e-9)
        for i, j, level in central_pairs(HUB.round(3).tolist()):
            expected = golden["coverage"].get(f"{level:g}")
            if expected is None:
                continue
            hit = (y >= q[:, i]) & (y <= q[:, j])
            score = interval_score(y, q[:, i], q[:, j], level).mean()
            assert score == pytest.approx(golden["interval_score"][f"{level:g}"], rel=1e-9)
            found = coverage(hit.sum(), len(y), 0.95)
            assert [found.low, found.high] == pytest.approx(expected["exact"], rel=1e-9)
            sums = np.bincount(group, hit).astype(float), np.bincount(group).astype(float)
            found = coverage(hit.sum(), len(y), 0.95, sums)
            ends = [found.low, found.high]
            assert ends == pytest.approx(expected["korn_graubard_by_date"], rel=1e-9)


def test_all_levels_of_the_hub_together_need_2_892_errors():
    """All levels of the hub together need 2.892 errors."""
    found = jointly(HUB, HUB, np.full(23, 100.0), np.random.default_rng(0), level=0.95, nested=True)
    assert stats.norm.isf((1 - found.level) / 2) == pytest.approx(2.892, abs=0.02)
    assert found.p.tolist() == [1.0] * 23
