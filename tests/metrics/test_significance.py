"""Spiegelhalter's z, the test of Cox's line and Hosmer–Lemeshow."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calaudit.metrics.significance import hosmer_lemeshow, line_test, spiegelhalter_z
from calaudit.tables import ScoreTable
from tests.metrics.tables import cells_of, masses, widths
from tests.naive import groups_of_quantiles


def sample(seed: int, n: int = 1000):
    """Return rows a little off."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.6, 0.8, n)
    return p, (rng.random(n) < p**1.2).astype(int)


def test_spiegelhalter_by_hand():
    """Scores .2 and .9, both right: z = (−.2·.6 + .1·(−.8)) / √(.36·.16 + .64·.09)."""
    got = spiegelhalter_z(cells_of(np.array([0.2, 0.9]), np.array([0, 1])))
    assert got.value == pytest.approx((-0.12 - 0.08) / math.sqrt(0.36 * 0.16 + 0.64 * 0.09))


@pytest.mark.parametrize("seed", range(3))
def test_spiegelhalter_against_rows(seed):
    """Spiegelhalter's z and its two-sided p-value from the rows."""
    p, y = sample(seed)
    top = ((y - p) * (1 - 2 * p)).sum()
    z = top / math.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    got = spiegelhalter_z(cells_of(p, y))
    assert got.value == pytest.approx(z, rel=1e-11)
    assert got.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


@pytest.mark.parametrize("n", [60, 300, 3000])
def test_line_against_rows(n):
    """Q = UᵀI⁻¹U from the rows, U = Σ(y − p)(1, logit p), not from the cells it is simulated on."""
    p, y = sample(4, n)
    x = np.stack([np.ones(n), np.log(p / (1 - p))])
    u = x @ (y - p)
    q = u @ np.linalg.solve((x * (p * (1 - p))) @ x.T, u)
    table = ScoreTable.of(p, y)
    got = line_test(table, table.cells(), rng=np.random.default_rng(0))
    assert got.value == pytest.approx(q, rel=1e-9)
    assert got.p_value == pytest.approx(stats.chi2.sf(q, 2), abs=0.05)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_spiegelhalter_flip(seed):
    """Which class is called positive does not matter."""
    p, y = sample(seed, 50)
    a, b = spiegelhalter_z(cells_of(p, y)).value, spiegelhalter_z(cells_of(1 - p, 1 - y)).value
    assert a == pytest.approx(b, abs=1e-9)


def test_spiegelhalter_is_normal_when_calibrated():
    """Over simulated calibrated data sets z has mean 0 and variance 1."""
    rng = np.random.default_rng(0)
    p = rng.beta(0.5, 0.5, 400)
    z = [spiegelhalter_z(cells_of(p, (rng.random(400) < p).astype(int))).value for _ in range(1000)]
    assert abs(np.mean(np.array(z, float))) < 0.13
    assert abs(np.std(np.array(z, float)) - 1) < 0.1


@pytest.mark.parametrize("fitted", [False, True])
def test_hosmer_lemeshow_against_rows(fitted):
    """χ² over quantile bins with the degrees of freedom of its source."""
    p, y = sample(4)
    chi2 = 0.0
    group = groups_of_quantiles(p, 10)
    for b in range(10):
        n, mean = (group == b).sum(), p[group == b].mean()
        chi2 += (y[group == b].sum() - n * mean) ** 2 / (n * mean * (1 - mean))
    got = hosmer_lemeshow(masses(p, y, bins=10), fitted=fitted)
    assert got.value == pytest.approx(chi2, rel=1e-11)
    assert got.df == (8 if fitted else 10)
    assert got.p_value == pytest.approx(stats.chi2.sf(chi2, got.df), rel=1e-9)


def test_hosmer_lemeshow_leaves_empty_bins_out():
    """Only bins that hold rows count as degrees of freedom."""
    p, y = np.tile([0.11, 0.12, 0.91], 20), np.tile([0, 1, 1], 20)
    assert hosmer_lemeshow(widths(p, y, bins=10)).df == 2


def test_hosmer_lemeshow_says_what_it_leaves_out():
    """A wrong row at a score of exactly 0 would make χ² infinite: it is named instead."""
    p = np.concatenate([np.zeros(50), np.full(50, 0.5)])
    y = np.concatenate([[1], np.zeros(49, int), np.tile([0, 1], 25)])
    got = hosmer_lemeshow(masses(p, y, bins=10))
    assert got.reason is not None
    assert "1 bin(s)" in got.reason


def test_weights_do_not_inflate_the_tests():
    """Weight 2 on every row is no more evidence than weight 1."""
    p, y = sample(5)
    w = np.full(len(p), 2.0)
    assert spiegelhalter_z(cells_of(p, y, w)).value == pytest.approx(
        spiegelhalter_z(cells_of(p, y)).value, rel=1e-12
    )
    assert hosmer_lemeshow(widths(p, y, w)).value == pytest.approx(
        hosmer_lemeshow(widths(p, y)).value, rel=1e-12
    )
