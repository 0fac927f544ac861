"""Ranks of conformal offsets and of recalibrated quantiles, against scipy and by hand."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from calaudit.metrics.conformal import central_ranks, coverage_of_rank, fewest_rows, rank_of


def test_ranks_by_hand() -> None:
    """Of 9 rows 90 % takes the 9th; of 8 there is none. Both ends take 19 rows."""
    assert rank_of(9, 0.9) == 9
    assert rank_of(8, 0.9) == 9  # above 8: infinite
    assert [fewest_rows(0.9), fewest_rows(0.8), fewest_rows(0.9, central=True)] == [9, 4, 19]
    assert central_ranks(19, 0.9) == (1, 19)
    assert central_ranks(18, 0.9)[0] == 0
    assert coverage_of_rank(9, 9, 0.95)[0] == pytest.approx(0.9)


@pytest.mark.parametrize("rows", [29, 100, 517, 2000])
@pytest.mark.parametrize("stated", [0.5, 0.9])
def test_ranks_with_confidence_are_the_smallest(rows: int, stated: float) -> None:
    """P(Beta(k, n + 1 − k) ≥ stated) reaches 0.95 at k and not before, by scipy's beta."""
    k = rank_of(rows, stated, 0.95)
    sure = [stats.beta.sf(stated, j, rows + 1 - j) for j in (k - 1, k)]
    assert sure[0] < 0.95 <= sure[1]
    first, last = central_ranks(rows, stated, 0.95)
    assert 0 <= last - first - k <= 1
    assert first == rows + 1 - last
    plain = central_ranks(rows, stated)
    assert plain[0] == math.floor((rows + 1) * (1 - stated) / 2 + 1e-9)
    assert plain[1] == math.ceil((rows + 1) * (1 + stated) / 2 - 1e-9)


def test_the_fewest_rows_are_just_enough() -> None:
    """One row fewer than it needs is too few, with and without a confidence."""
    for stated in (0.5, 0.8, 0.9, 0.95, 0.99):
        for confidence in (None, 0.9, 0.95):
            n = fewest_rows(stated, confidence)
            assert rank_of(n, stated, confidence) <= n
            assert n == 1 or rank_of(n - 1, stated, confidence) > n - 1
            both = fewest_rows(stated, confidence, central=True)
            assert central_ranks(both, stated, confidence)[0] >= 1
            assert central_ranks(both - 1, stated, confidence)[0] < 1


def test_the_coverage_of_a_rank_is_beta() -> None:
    """Mean and ends are those of Beta(k, n + 1 − k)."""
    mean, low, high = coverage_of_rank(91, 100, 0.95)
    law = stats.beta(91, 10)
    assert (mean, low, high) == pytest.approx((law.mean(), *law.interval(0.95)), abs=1e-9)
