"""Closed forms of the normal and chi-squared distributions against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calaudit.metrics.beta import beta_cdf, student_quantile
from calaudit.metrics.normal import (
    chi2_tail,
    normal_quantile,
    normal_tail,
    two_sided_p,
    wilson,
)


@pytest.mark.parametrize("probability", [1e-9, 0.025, 0.5, 0.84, 0.975, 1 - 1e-9])
def test_normal_quantile(probability):
    """Quantiles are scipy's."""
    assert normal_quantile(probability) == pytest.approx(stats.norm.ppf(probability), abs=1e-9)


@pytest.mark.parametrize("z", [-3.0, 0.0, 0.5, 1.96, 8.0, 30.0])
def test_normal_tails(z):
    """Tails are scipy's, far out too."""
    assert normal_tail(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)
    assert two_sided_p(z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7, 8, 10, 15, 100, 101, 5000, 9999])
def test_chi2_tail(df):
    """Tails are scipy's for even and odd degrees of freedom, few and many."""
    for x in (0.0, 1e-8, 0.3, 1.0, df / 2, df, df + 3 * np.sqrt(2 * df), 4.0 * df + 40):
        assert chi2_tail(x, df) == pytest.approx(stats.chi2.sf(x, df), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("x", [1e5, 1e300])
def test_chi2_tail_of_nothing_like_chance(x):
    """An absurd statistic has p-value 0 and not NaN."""
    assert chi2_tail(x, 10) == 0.0
    assert chi2_tail(x, 11) == 0.0


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 10, 11, 59, 400, 65_535])
def test_student_quantile(df):
    """Quantiles are scipy's for even and odd degrees of freedom, few and many."""
    for probability in (0.5, 0.75, 0.975, 0.9995):
        want = stats.t.ppf(probability, df)
        assert student_quantile(probability, df) == pytest.approx(want, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "b"), [(0.18013544018058694, 5.827067669172933), (0.16636553161918, 6.516290726817043)]
)
def test_beta_at_its_mean(x, b):
    """Where rounding puts both x and 1 − x above the mean of their distributions."""
    assert x > 1.5 / (b + 2.5)
    assert 1 - x > (b + 1) / (b + 2.5)
    assert beta_cdf(x, 0.5, b) == pytest.approx(stats.beta.cdf(x, 0.5, b), rel=1e-12)


@pytest.mark.parametrize(("k", "n"), [(0, 5), (1, 5), (5, 5), (37, 100), (1, 1)])
def test_wilson(k, n):
    """The interval is scipy's Wilson interval."""
    low, high = wilson(np.array([k / n]), np.array([float(n)]), 0.95)
    want = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert (low[0], high[0]) == pytest.approx((want.low, want.high), abs=1e-12)
