"""Cox's line, isotonic regression and the CORP decomposition."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression, minimize
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.recalibration import corp, corp_estimates, cox, isotonic_fit
from tests.metrics.tables import cells_of, residuals

LEVEL = 0.95


def sample(seed: int, n: int = 2000):
    """Return overconfident, biased rows."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(0.6 * z - 0.3)))).astype(int)
    return 1 / (1 + np.exp(-z)), y


@pytest.mark.parametrize("weighted", [False, True])
def test_cox_against_scikit_learn(weighted):
    """The line is scikit-learn's unpenalised logistic regression on the logits."""
    p, y = sample(0)
    w = np.random.default_rng(0).exponential(1.0, len(p)) if weighted else None
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(np.log(p / (1 - p))[:, None], y, sample_weight=w)
    line = cox(cells_of(p, y, w), level=LEVEL)
    assert line.slope.value == pytest.approx(model.coef_[0, 0], abs=1e-6)
    assert line.intercept.value == pytest.approx(model.intercept_[0], abs=1e-6)


def test_cox_sandwich_against_rows():
    """The standard errors are the sandwich of the scores of single rows."""
    p, y = sample(1)
    x = np.column_stack([np.ones(len(p)), np.log(p / (1 - p))])
    line = cox(cells_of(p, y), level=LEVEL)
    beta = np.array([line.intercept.value, line.slope.value], float)
    fit = 1 / (1 + np.exp(-x @ beta))
    bread = np.linalg.inv((x * (fit * (1 - fit))[:, None]).T @ x)
    score = x * (y - fit)[:, None]
    error = np.sqrt(np.diag(bread @ score.T @ score @ bread))
    for estimate, want in ((line.intercept, error[0]), (line.slope, error[1])):
        assert estimate.low is not None
        assert estimate.high is not None
        half = (estimate.high - estimate.low) / 2
        assert half == pytest.approx(normal_quantile(0.975) * want, rel=1e-8)


def test_cox_on_the_truth():
    """Scores that are the truth have slope 1 and intercept 0 within their intervals."""
    rng = np.random.default_rng(2)
    p = rng.beta(2, 2, 20_000)
    line = cox(cells_of(p, (rng.random(20_000) < p).astype(int)), level=0.999)
    assert line.slope.low is not None
    assert line.slope.high is not None
    assert line.intercept.low is not None
    assert line.intercept.high is not None
    assert line.slope.low < 1 < line.slope.high
    assert line.intercept.low < 0 < line.intercept.high


@pytest.mark.parametrize(
    ("p", "y", "reason"),
    [
        ([0.1, 0.2, 0.8], [0, 0, 1], "separate"),
        ([0.1, 0.5, 0.5, 0.8], [0, 0, 1, 1], "separate"),
        ([0.8, 0.9, 0.1], [0, 0, 1], "separate"),
        ([0.3, 0.3, 0.3], [0, 1, 0], "equal"),
        ([0.3, 0.4, 0.5], [1, 1, 1], "one class"),
    ],
)
def test_cox_without_a_finite_fit(p, y, reason):
    """Separable, constant or one-class data have no line, and the reason is given."""
    line = cox(cells_of(np.array(p), np.array(y)), level=LEVEL)
    assert line.slope.value is None
    assert line.slope.reason is not None
    assert reason in line.slope.reason


def test_cox_flip():
    """Swapping classes keeps the slope and turns the intercept around."""
    p, y = sample(3)
    a, b = cox(cells_of(p, y), level=LEVEL), cox(cells_of(1 - p, 1 - y), level=LEVEL)
    assert a.slope.value == pytest.approx(b.slope.value, abs=1e-9)
    assert b.intercept.value is not None
    assert a.intercept.value == pytest.approx(-b.intercept.value, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0, 1 / 3, -2.0]), st.floats(0.01, 100)),
        min_size=1,
        max_size=80,
    )
)
def test_isotonic_against_scipy(pairs):
    """The fit is scipy's for any values and weights, ties included."""
    y, w = np.array(pairs).T
    want = isotonic_regression(y, weights=w).x
    np.testing.assert_allclose(isotonic_fit(y, w), want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["falling", "late fall", "saw", "labels", "long tail"])
def test_isotonic_of_hard_orders(kind):
    """Orders in which every pass pools one block only are fitted right, and in good time."""
    m = 50_000
    rng = np.random.default_rng(0)
    y = {
        "falling": -np.arange(float(m)),
        "late fall": np.append(np.arange(m - 1.0), -1e9),
        "saw": np.arange(float(m)) % 2 - np.arange(m) / (2 * m),
        "labels": rng.integers(0, 2, m).astype(float),
        "long tail": np.append(np.repeat([0.0, 1.0], m // 2), [0.0, 0.0]),
    }[kind]
    began = time.perf_counter()
    fit = isotonic_fit(y, np.ones(len(y)))
    assert time.perf_counter() - began < 5
    np.testing.assert_allclose(fit, isotonic_regression(y).x, rtol=1e-9, atol=1e-9)


def test_corp_by_hand():
    """Two scores in the wrong order: .2 (rate 1) and .8 (rate 0) pool to ½, which is the rate."""
    got = corp(residuals(np.array([0.2, 0.8]), np.array([1, 0])))
    assert got.mcb == pytest.approx(0.64 - 0.25)
    assert got.dsc == pytest.approx(0.0)
    assert got.unc == pytest.approx(0.25)


@pytest.mark.parametrize("weighted", [False, True])
def test_corp_against_scikit_learn(weighted):
    """The parts are those of scikit-learn's isotonic regression on the rows."""
    rng = np.random.default_rng(5)
    p = np.round(rng.random(1500), 2)
    y = (rng.random(1500) < p**1.5).astype(int)
    w = rng.exponential(1.0, 1500) if weighted else np.ones(1500)
    fit = IsotonicRegression().fit(p, y, sample_weight=w).predict(p)
    score, better = (np.average((x - y) ** 2, weights=w) for x in (p, fit))
    rate = np.average(y, weights=w)
    got = corp(residuals(p, y, w if weighted else None))
    assert got.mcb == pytest.approx(score - better, abs=1e-12)
    assert got.dsc == pytest.approx(rate * (1 - rate) - better, abs=1e-12)
    assert got.unc == pytest.approx(rate * (1 - rate), abs=1e-12)
    assert got.mcb - got.dsc + got.unc == pytest.approx(score, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_corp_invariants(seed):
    """All parts are non-negative; discrimination does not see a relabelling of the scores."""
    rng = np.random.default_rng(seed)
    p, y = np.round(rng.random(60), 1), rng.integers(0, 2, 60)
    a, b = corp(residuals(p, y)), corp(residuals(p**2, y))
    assert min(a.mcb, a.dsc, a.unc) >= -1e-15
    assert a.dsc == pytest.approx(b.dsc, abs=1e-12)


def test_corp_null():
    """The floor is the mean of MCB over calibrated data sets, simulated here from rows."""
    rng = np.random.default_rng(6)
    p = rng.random(1000)
    values = [corp(residuals(p, (rng.random(1000) < p).astype(int))).mcb for _ in range(300)]
    y = (rng.random(1000) < p).astype(int)
    mcb, _, _ = corp_estimates(residuals(p, y), rng=np.random.default_rng(1))
    assert mcb.low is None
    assert mcb.noise_floor == pytest.approx(np.mean(values), rel=0.08)


def test_maximum_likelihood_is_a_minimum():
    """No other line has a lower loss than Cox's: a general optimiser finds the same one."""
    p, y = sample(8, 300)
    z = np.log(p / (1 - p))

    def loss(beta):
        s = beta[0] + beta[1] * z
        return np.logaddexp(0, -s)[y == 1].sum() + np.logaddexp(0, s)[y == 0].sum()

    best = minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    line = cox(cells_of(p, y), level=LEVEL)
    assert [line.intercept.value, line.slope.value] == pytest.approx(best.x, abs=1e-6)
