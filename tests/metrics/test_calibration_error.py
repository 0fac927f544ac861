"""Binned calibration errors: by hand, against loops over rows, and their invariants."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from calaudit.metrics import calibration_error as binned
from calaudit.metrics.normal import normal_quantile
from tests.metrics.tables import masses, widths
from tests.naive import (
    debiased_squared_error,
    debiased_variance,
    gaps_of_groups,
    groups_of_quantiles,
)

LEVEL = 0.95

P = np.array([0.1, 0.2, 0.2, 0.9, 0.8])
Y = np.array([0, 1, 0, 1, 0])


def rng() -> np.random.Generator:
    """Return a generator in a known state."""
    return np.random.default_rng(3)


def sample(n: int = 3000, seed: int = 0):
    """Return overconfident rows."""
    generator = np.random.default_rng(seed)
    p = generator.beta(0.7, 0.7, n)
    y = (generator.random(n) < 0.1 + 0.8 * p).astype(int)
    return p, y


def test_by_hand():
    """Two bins of [0, 1]: (0, ½] holds p = .1, .2, .2 with y = 0, 1, 0; (½, 1] .9, .8 with 1, 0."""
    bins = widths(P, Y, bins=2)
    first, second = abs(0.5 / 3 - 1 / 3), abs(1.7 / 2 - 1 / 2)
    assert binned.ece_value(bins) == pytest.approx(3 / 5 * first + 2 / 5 * second, abs=1e-15)
    assert binned.mce(bins, level=LEVEL, rng=rng()).value == pytest.approx(second, abs=1e-15)
    rmsce = math.sqrt(3 / 5 * first**2 + 2 / 5 * second**2)
    assert binned.rmsce(bins, level=LEVEL, rng=rng()).value == pytest.approx(rmsce, abs=1e-15)
    v0 = (0.09 + 0.16 + 0.16, 0.09 + 0.16)
    floor = math.sqrt(2 / math.pi) * (math.sqrt(v0[0]) + math.sqrt(v0[1])) / 5
    assert binned.noise_floor(bins).value == pytest.approx(floor, abs=1e-15)


def test_debiased_by_hand():
    """One bin of three rows with residuals −.1, .8, −.2: T = (.5² − .69)/2/3."""
    p, y = np.array([0.1, 0.2, 0.2]), np.array([0, 1, 0])
    t = (0.5**2 - (0.01 + 0.64 + 0.04)) / 2 / 3
    got = binned.debiased_ece(masses(p, y, bins=1), level=LEVEL)
    assert got.value == pytest.approx(-math.sqrt(-t), abs=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_against_rows(seed):
    """MCE and RMSCE agree with gaps that a loop over rows finds."""
    p, y = sample(seed=seed)
    group = np.maximum(np.ceil(p * 15).astype(int) - 1, 0)
    count, gap = gaps_of_groups(p, y, group)
    bins = widths(p, y)
    assert binned.mce(bins, level=LEVEL, rng=rng()).value == pytest.approx(np.abs(gap).max())
    want = math.sqrt((count * gap**2).sum() / len(p))
    assert binned.rmsce(bins, level=LEVEL, rng=rng()).value == pytest.approx(want)


@pytest.mark.parametrize("bins", [5, 10, 15])
def test_bins_are_those_of_scikit_learn(bins):
    """Mean score and mean label of each bin are those of sklearn.calibration_curve."""
    p, y = sample()
    observed, mean = calibration_curve(y, p, n_bins=bins)
    sums = widths(p, y, bins=bins)
    held = sums.used
    np.testing.assert_allclose(sums.sums.wy[held] / sums.sums.w[held], observed, rtol=1e-12)
    np.testing.assert_allclose(sums.sums.wp[held] / sums.sums.w[held], mean, rtol=1e-12)


@pytest.mark.parametrize(("n", "bins"), [(60, 15), (500, 15), (3000, 10)])
def test_debiased_against_rows(n, bins):
    """T and its closed-form interval agree with a transcription that loops over bins."""
    p, y = sample(n)
    group = groups_of_quantiles(p, bins)
    t = debiased_squared_error(p, y, group)
    half = normal_quantile(0.975) * math.sqrt(debiased_variance(p, y, group))
    got = binned.debiased_ece(masses(p, y, bins=bins), level=LEVEL)
    for ours, want in ((got.value, t), (got.low, t - half), (got.high, t + half)):
        assert ours == pytest.approx(math.copysign(math.sqrt(abs(want)), want), rel=1e-9)


def test_debiased_is_unbiased():
    """Over simulated calibrated data sets the mean of T is 0, where that of ECE² is not."""
    generator = np.random.default_rng(8)
    signed, plain = [], []
    for _ in range(400):
        p = generator.random(300)
        y = (generator.random(300) < p).astype(int)
        bins = masses(p, y)
        value = binned.debiased_ece(bins, level=LEVEL).value
        assert value is not None
        signed.append(math.copysign(value**2, value))
        plain.append(binned.ece_value(bins) ** 2)
    error = np.std(signed) / math.sqrt(len(signed))
    assert abs(np.mean(signed)) < 3 * error
    assert np.mean(plain) > 10 * error


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_flip(seed):
    """Swapping labels and complementing scores changes nothing where no score is on an edge."""
    p, y = sample(200, seed)
    for make in (widths, masses):
        a, b = make(p, y), make(1.0 - p, 1 - y)
        assert binned.ece_value(a) == pytest.approx(binned.ece_value(b), abs=1e-12)
        assert binned.noise_floor(a).value == pytest.approx(binned.noise_floor(b).value, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_integer_weights_are_repeated_rows(seed):
    """A weight of k counts as k equal rows in every point figure."""
    generator = np.random.default_rng(seed)
    p, y = sample(100, seed)
    w = generator.integers(0, 4, 100).astype(float)
    again = np.repeat(np.arange(100), w.astype(int))
    for make in (widths, masses):
        weighted, repeated = make(p, y, w), make(p[again], y[again])
        assert binned.ece_value(weighted) == pytest.approx(binned.ece_value(repeated), abs=1e-12)
        for figure in (binned.mce, binned.rmsce):
            a = figure(weighted, level=LEVEL, rng=rng()).value
            assert a == pytest.approx(figure(repeated, level=LEVEL, rng=rng()).value, abs=1e-12)


def test_weights_of_one_change_nothing():
    """Unit weights give the figures of no weights, intervals included."""
    p, y = sample(500)
    for figure in (binned.ece, binned.mce, binned.rmsce):
        a = figure(widths(p, y), level=LEVEL, rng=rng())
        assert figure(widths(p, y, np.ones(500)), level=LEVEL, rng=rng()) == a


def test_interval_holds_point_and_unbiased():
    """The unbiased point lies in its interval and below the plain figure, which noise inflates."""
    for n in (200, 2000, 20_000):
        p, y = sample(n)
        got = binned.ece(widths(p, y), level=LEVEL, rng=rng())
        assert got.value is not None
        assert got.low is not None
        assert got.high is not None
        assert got.unbiased is not None
        assert got.low <= got.unbiased <= got.high
        assert got.unbiased <= got.value + 1e-12


def test_intervals_nest():
    """A higher level gives a wider interval from the same draws."""
    bins = widths(*sample(1000))
    narrow = binned.ece(bins, level=0.8, rng=rng())
    wide = binned.ece(bins, level=0.99, rng=rng())
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.low is not None
    assert wide.high is not None
    assert wide.low < narrow.low < narrow.high < wide.high


def test_random_numbers_are_the_callers():
    """The same generator state gives the same interval, another one another."""
    bins = widths(*sample(300))
    assert binned.ece(bins, level=LEVEL, rng=rng()) == binned.ece(bins, level=LEVEL, rng=rng())
    other = binned.ece(bins, level=LEVEL, rng=np.random.default_rng(99))
    assert other != binned.ece(bins, level=LEVEL, rng=rng())
