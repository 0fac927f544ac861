"""The PIT and its test, against scipy and simulation."""

import numpy as np
import pytest
from scipy import stats

from calaudit.metrics.probability_integral import (
    kuiper_tail,
    kuiper_test,
    pit_members,
    shape_of,
)
from calaudit.metrics.stated_coverage import deciles, jointly, widening


def test_kuiper_tail_is_that_of_a_bridge():
    """Kuiper tail is that of a bridge."""
    # Critical values of Stephens 1970.
    assert [kuiper_tail(x) for x in (1.620, 1.747, 2.001)] == pytest.approx(
        [0.10, 0.05, 0.01], abs=3e-4
    )
    assert kuiper_tail(0.1) == 1.0


def test_kuiper_statistic_is_the_sum_of_both_sides_of_scipy():
    """Kuiper statistic is the sum of both sides of scipy."""
    u = np.random.default_rng(0).random(300)
    sides = [stats.ks_1samp(u, stats.uniform.cdf, alternative=a) for a in ("less", "greater")]
    assert kuiper_test(u, np.random.default_rng(0)).value == pytest.approx(
        sum(side.statistic for side in sides)
    )


def test_members_pit_has_the_rank_of_the_truth():
    """Members PIT has the rank of the truth."""
    rng = np.random.default_rng(1)
    y, x = np.array([0.0, 2.0, 9.0]), np.array([[1.0, 2.0, 3.0]] * 3)
    steps = [np.floor(pit_members(y, x, rng) * 4) for _ in range(40)]
    assert {tuple(step) for step in steps} == {(0, 1, 3), (0, 2, 3)}  # tied with the second


def test_members_pit_of_counts_is_uniform():
    """Members PIT of counts is uniform."""
    rng = np.random.default_rng(2)
    y, x = (rng.poisson(3, size).astype(np.float64) for size in (4000, (4000, 7)))
    u = pit_members(y, x, rng)
    assert stats.kstest(u, "uniform").pvalue > 0.01


@pytest.mark.parametrize(
    ("scale", "shift", "sign"), [(0.5, 0.0, (0, 1)), (2.0, 0.0, (0, -1)), (1.0, 0.5, (1, 0))]
)
def test_shape_tells_narrow_wide_and_biased(scale, shift, sign):
    """Shape tells narrow wide and biased."""
    z = np.random.default_rng(3).standard_normal(400)
    found = shape_of(stats.norm.cdf((z + shift) / scale))
    told = [np.sign(x) if abs(x) > 4 else 0 for x in (found.bias, found.spread)]
    assert tuple(told) == sign


def test_groups_make_the_kuiper_test_less_sure():
    """Groups make the kuiper test less sure."""
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(40), 50)
    shared = np.repeat(rng.standard_normal(40), 50)
    u = stats.norm.cdf(0.8 * shared + rng.normal(0, 0.6, 2000))
    plain, grouped = kuiper_test(u, rng).p_value, kuiper_test(u, rng, group).p_value
    assert (plain or 0.0) < 0.01 < (grouped or 0.0)


def test_deciles_keep_equal_widths_together():
    """Deciles keep equal widths together."""
    width = np.array([1.0] * 30 + list(range(2, 72)))
    found = deciles(width)
    assert len(set(found[:30])) == 1
    assert np.bincount(found).tolist() == [30, *[10] * 7]
    assert deciles(np.ones(5)).tolist() == [0] * 5


def test_widened_intervals_hold_what_they_state():
    """Widened intervals hold what they state."""
    y = np.abs(np.random.default_rng(5).standard_normal(2000))
    found = widening(y / 1.0, 0.9, 0.95)
    assert np.mean(y <= found.value) == pytest.approx(0.9, abs=1e-3)
    assert found.low < stats.norm.ppf(0.95) < found.high
    whole = widening(y, 0.9, 0.95, np.arange(2000))
    assert (whole.low, whole.high) == pytest.approx((found.low, found.high), rel=0.02)
    assert widening(np.array([np.inf] * 3), 0.9, 0.95).value is None


def test_disjoint_sets_need_sidaks_level():
    """Disjoint sets need Šidák's level."""
    k, rng = 10, np.random.default_rng(6)
    found = jointly(
        np.full(k, 0.9), np.full(k, 0.9), np.full(k, 50.0), rng, level=0.95, nested=False
    )
    assert found.level == pytest.approx(0.95 ** (1 / k), abs=4e-4)


def test_groups_of_one_row_are_rows():
    """Groups of one row are rows."""
    rng = np.random.default_rng(7)
    hit = rng.random((3000, 3)) < np.array([0.2, 0.5, 0.8])
    stated = np.array([0.2, 0.5, 0.8])
    rows = np.full(3, 3000.0)
    plain = jointly(hit.mean(axis=0), stated, rows, rng, level=0.95, nested=False)
    grouped = jointly(
        hit.mean(axis=0), stated, rows, rng, off=hit - stated, level=0.95, nested=False
    )
    assert grouped.p == pytest.approx(plain.p, abs=0.05)
