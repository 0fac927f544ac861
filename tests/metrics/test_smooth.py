"""The smooth calibration error against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.metrics.bins import residuals_of
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.smooth import (
    absolute_integral,
    coefficients,
    smece,
    smece_value,
)
from calaudit.tables import ScoreTable
from tests.metrics.tables import cells_of, masses, residuals
from tests.naive import smooth_calibration_error, smooth_residual_integral


def value_of(p, y, w=None) -> float:
    """Return smECE of rows."""
    return smece_value(cells_of(p, y, w), residuals(p, y, w))


def sample(kind: str, n: int = 60):
    """Return rows of one kind."""
    rng = np.random.default_rng(2)
    p = {
        "uniform": rng.random(n),
        "two decimals": np.round(rng.random(n), 2),
        "ends": np.where(rng.random(n) < 0.5, rng.integers(0, 2, n), rng.random(n)),
        "high": 1 - 0.05 * rng.random(n),
        "few": rng.choice([0.1, 0.5, 0.9], n),
    }[kind].astype(float)
    return p, (rng.random(n) < 0.2 + 0.5 * p).astype(int)


KINDS = ["uniform", "two decimals", "ends", "high", "few"]


def test_residuals_of_one_sign():
    """Where every residual is positive, smoothing cancels nothing: smECE is the mean residual."""
    p, y = np.array([0.2, 0.6, 0.7]), np.ones(3, int)
    assert value_of(p, y) == pytest.approx((0.8 + 0.4 + 0.3) / 3, abs=1e-12)


def test_two_points_by_hand():
    """Masses of opposite sign at 0 and 1 partly cancel; the integral there is an error function.

    Residual m at 0 and −m at 1, reflected: r(x) = 2m Σ_k ±φ_σ(x − k), of which images beyond the
    neighbours do not matter at this width. By symmetry v = 2∫₀^½ r, whose terms are Φ's.
    """
    p, y = np.array([0.0, 1.0]), np.array([1, 0])
    got = value_of(p, y)

    def v(sigma: float) -> float:
        def phi(x: float) -> float:
            return 0.5 * math.erfc(-x / math.sqrt(2))

        total = sum((-1) ** k * (phi((0.5 - k) / sigma) - phi(-k / sigma)) for k in range(-30, 31))
        return float(2 * total)  # 2·(m = ½)·2·∫ from 0 to ½

    assert got == pytest.approx(v(got), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_against_quadrature_of_the_definition(kind, weighted):
    """The fixed point agrees with kernels summed on a fine grid and bisected."""
    p, y = sample(kind)
    w = np.random.default_rng(1).exponential(1.0, len(p)) if weighted else None
    assert value_of(p, y, w) == pytest.approx(smooth_calibration_error(p, y, w), abs=2e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sigma", [0.01, 0.05, 0.3])
def test_integral_at_a_width(kind, sigma):
    """∫|r_σ| from cosine coefficients is that of summed kernels, at any width."""
    p, y = sample(kind)
    count = int(9 / (math.pi * sigma)) + 5
    d = coefficients(p, (y - p) / len(p), count)
    k = np.arange(count)
    got = absolute_integral(d * np.exp(-((sigma * math.pi * k) ** 2) / 2))
    assert got == pytest.approx(smooth_residual_integral(p, y, sigma), abs=5e-5)


@pytest.mark.parametrize("count", [1, 7, 100, 1500])
def test_coefficients_against_sums(count):
    """Coefficients by FFT are the sums of cosines, for points anywhere, to 1e-12."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.random(500), [0.0, 1.0, 0.5]])
    m = rng.normal(size=len(x))
    want = np.array([(m * np.cos(np.pi * k * x)).sum() for k in range(count)])
    np.testing.assert_allclose(
        coefficients(x, m, count), want, rtol=0, atol=2e-12 * np.abs(m).sum()
    )


@pytest.mark.parametrize("n", [50, 1000, 20_000])
def test_is_a_fixed_point(n):
    """v(smECE) − smECE vanishes when v is evaluated with other code on a fine trapezoid."""
    rng = np.random.default_rng(n)
    p = rng.random(n)
    y = (rng.random(n) < p**1.2).astype(int)
    sigma = value_of(p, y)
    k = np.arange(int(9 / (math.pi * sigma)) + 5)
    d = np.array([((y - p) * np.cos(math.pi * j * p)).sum() / n for j in k])
    d *= np.exp(-((sigma * math.pi * k) ** 2) / 2)
    points = 1 << 18
    padded = np.zeros(points + 1, complex)
    padded[: len(k)] = d
    field = np.abs(np.fft.irfft(padded, 2 * points)[: points + 1]) * 2 * points
    v = (field.sum() - field[0] / 2 - field[-1] / 2) / points
    assert abs(v - sigma) < 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_invariants(seed, kind):
    """Flipping scores and labels, repeating rows and reordering them change nothing."""
    rng = np.random.default_rng(seed)
    p, _ = sample(kind)
    y = rng.integers(0, 2, len(p))
    value = value_of(p, y)
    assert value_of(1 - p, 1 - y) == pytest.approx(value, abs=1e-9)
    assert value_of(np.tile(p, 2), np.tile(y, 2)) == pytest.approx(value, abs=1e-9)
    assert value_of(p, y, np.full(len(p), 2.0)) == pytest.approx(value, abs=1e-9)
    order = rng.permutation(len(p))
    assert value_of(p[order], y[order]) == value


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_bounds(seed, kind):
    """The value lies between |mean residual| and the sum of absolute cell residuals."""
    rng = np.random.default_rng(seed)
    p, _ = sample(kind)
    y = rng.integers(0, 2, len(p))
    r = residuals(p, y)
    value = value_of(p, y)
    assert abs(r.r.sum()) / len(p) - 1e-9 <= value <= np.abs(r.r).sum() / len(p) + 1e-9


def test_below_the_plain_ece_on_saturated_scores():
    """Mass at exactly 0 and 1 is counted once: smECE stays below the plug-in ECE."""
    rng = np.random.default_rng(5)
    p = rng.choice([0.0, 1.0, 0.99, 0.01], 5000, p=[0.4, 0.4, 0.1, 0.1])
    y = (rng.random(5000) < 0.03 + 0.94 * p).astype(int)
    assert value_of(p, y) <= ece_value(masses(p, y)) + 1e-12


def test_coarse_table():
    """A table with several scores in a cell gives nearly the same value."""
    rng = np.random.default_rng(6)
    p = rng.random(20_000)
    y = (rng.random(20_000) < p**1.2).astype(int)
    coarse = ScoreTable.of(p, y, cap=3000).cells()
    assert not coarse.exact
    assert smece_value(coarse, residuals_of(coarse)) == pytest.approx(value_of(p, y), abs=1e-6)


def test_estimate_is_whole_and_seeded():
    """Interval, point, floor and p-value come with the value, the same for the same seed."""
    p, y = sample("uniform", 800)
    cells, r = cells_of(p, y), residuals(p, y)
    one = smece(cells, r, level=0.95, rng=np.random.default_rng(1))
    assert one == smece(cells, r, level=0.95, rng=np.random.default_rng(1))
    assert one.value == smece_value(cells, r)
    assert one.low is not None
    assert one.high is not None
    assert one.unbiased is not None
    assert one.low <= one.unbiased <= one.high
    assert one.p_value is not None
    assert one.p_value < 0.01  # labels at 0.2 + 0.5 p are far from p
