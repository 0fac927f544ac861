"""Each method by hand or against an independent fit, and what must hold for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from calaudit.api.fitting import fit
from calaudit.calibrators.beta import fit_beta
from calaudit.calibrators.cross_fitted import cross_fit, deal_folds
from calaudit.calibrators.fit_points import calibrated_cells, sample_of
from calaudit.calibrators.held_out import JudgeSums
from calaudit.calibrators.histogram_binning import fit_histogram
from calaudit.calibrators.identity import MulticlassIdentity
from calaudit.calibrators.isotonic import fit_centered_isotonic, fit_isotonic
from calaudit.calibrators.methods import BINARY_METHODS
from calaudit.calibrators.rows import Rows
from calaudit.calibrators.temperature import MulticlassTemperature, fit_temperature
from calaudit.tables import ScoreTable
from tests.calibrators.simulated import binary, several


def points(p, y, w=None):
    """Return the sample of rows."""
    weights = None if w is None else np.asarray(w, float)
    return sample_of(ScoreTable.of(np.asarray(p), np.asarray(y), weights).cells())


@pytest.mark.parametrize("method", [m for m in BINARY_METHODS if m != "histogram"])
def test_maps_do_not_fall(method) -> None:
    """A higher score never becomes a lower one (but for histogram binning, which may)."""
    z, y = binary(4000, 2.0)
    fitted = fit(y, z, scale="logit", method=method)
    after = fitted.apply(np.linspace(-30, 30, 3001))
    assert np.all(np.diff(after) >= 0)
    assert after.min() >= 0
    assert after.max() <= 1


@pytest.mark.parametrize(
    "method", ["intercept", "platt", "beta", "spline", "isotonic", "histogram"]
)
def test_mean_is_kept(method) -> None:
    """What has a free intercept predicts the observed rate on the rows it was fitted on."""
    z, y = binary(3000, 3.0)
    p = 1 / (1 + np.exp(-z))
    fitted = fit(y, p, method=method, mix=False)
    assert fitted.apply(p).mean() == pytest.approx(y.mean(), abs=1e-9)


def test_weights_count_rows() -> None:
    """A row of weight 2 is two rows, for every method but those that ask what a row weighs."""
    z, y = binary(800, 2.0)
    p = 1 / (1 + np.exp(-z))
    w = 1 + np.arange(800) % 2
    for method in (each for each in BINARY_METHODS if each not in ("venn-abers", "spline")):
        one = fit(y, p, sample_weight=w, method=method, mix=False)
        two = fit(np.repeat(y, w), np.repeat(p, w), method=method, mix=False)
        assert one.apply(p) == pytest.approx(two.apply(p), abs=1e-9), method


def test_isotonic_is_that_of_scikit_learn() -> None:
    """Knots and values agree with scikit-learn, ties, weights and all."""
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(5)
    p, y = np.round(rng.random(3000), 3), None
    y = (rng.random(3000) < p**2).astype(int)
    w = rng.random(3000)
    peer = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, y, w)
    ours = fit_isotonic(points(p, y, w), mix=False)
    assert ours.x == pytest.approx(peer.X_thresholds_, abs=0)
    assert ours.y == pytest.approx(peer.y_thresholds_, abs=1e-12)


def test_centered_isotonic_by_hand() -> None:
    """A pooled stretch becomes one knot at its mean score; one at 0 keeps both its ends."""
    p = np.repeat([0.1, 0.2, 0.4, 0.6, 0.8], 10)
    ones = [0, 0, 6, 4, 9]
    y = np.concatenate([np.arange(10) < k for k in ones]).astype(int)
    fitted = fit_centered_isotonic(points(p, y), mix=False)
    assert fitted.x == pytest.approx([0.1, 0.2, 0.5, 0.8])
    assert fitted.y == pytest.approx([0.0, 0.0, 0.5, 0.9])


def test_histogram_by_hand() -> None:
    """Bins are of equal weight, right-closed at scores, and never split equal scores."""
    p = np.repeat(np.arange(1, 31) / 31, 10)
    y = np.tile([0, 0, 0, 0, 0, 0, 0, 1, 1, 1], 30)
    fitted = fit_histogram(points(p, y), mix=False)
    assert fitted.edges == pytest.approx([0, *(np.arange(2, 30, 2) / 31), 1])
    assert fitted.values == pytest.approx(np.full(15, 0.3))
    at_edge = fitted.probabilities(fitted.edges, fitted.edges)
    assert at_edge == pytest.approx([fitted.values[0], *fitted.values])
    tied = fit_histogram(points(np.repeat([0.2, 0.7], 100), np.tile([0, 1], 100)))
    assert len(tied.values) == 2


def test_beta_with_a_slope_at_zero() -> None:
    """Where the free optimum falls at one end, the constrained one is found."""
    rng = np.random.default_rng(1)
    p = rng.uniform(0.02, 0.98, 4000)
    truth = 1 / (1 + np.exp(-(0.4 - np.log1p(-p) * 1.2 - 0.2 * np.log(p))))
    y = (rng.random(4000) < truth).astype(int)
    curve = fit_beta(points(p, y))

    def loss(x: np.ndarray) -> float:
        s = x[0] * np.log(p) - x[1] * np.log1p(-p) + x[2]
        return float(np.logaddexp(0, np.where(y == 1, -s, s)).mean())

    found = minimize(loss, [0.5, 0.5, 0.0], bounds=[(0, None), (0, None), (None, None)], tol=1e-12)
    assert curve.a == 0.0
    assert loss(np.array([curve.a, curve.b, curve.c])) <= found.fun + 1e-9


def test_mixing_keeps_the_loss_finite() -> None:
    """With mixing no probability is 0 or 1; without, rates are as they are."""
    p = np.linspace(0.01, 0.99, 400)
    y = (p > 0.5).astype(int)
    mixed = fit(y, p, method="isotonic").apply(p)
    plain = fit(y, p, method="isotonic", mix=False).apply(p)
    assert mixed.min() == pytest.approx(0.5 / 401)
    assert mixed.max() == pytest.approx(1 - 0.5 / 401)
    assert set(plain) == {0.0, 1.0}


@pytest.mark.parametrize("method", BINARY_METHODS)
@pytest.mark.parametrize("weighted", [False, True])
def test_mixing_is_once_and_for_rates_alone(method, weighted) -> None:
    """Rates are pulled inwards by half an effective row of n + 1, once; curves are left alone."""
    z, y = binary(2000, 2.0)
    p = np.round(1 / (1 + np.exp(-z)), 3)
    w = np.random.default_rng(4).random(2000) if weighted else np.ones(2000)
    mixed, plain = (
        fit(y, p, sample_weight=w, method=method, mix=mix, floor=1e-12).parameters()
        for mix in (True, False)
    )
    rates = {"isotonic": "y", "centered-isotonic": "y", "histogram": "values"}.get(method)
    n = w.sum() ** 2 / (w * w).sum()
    for name, values in plain.items():
        expected = np.array(values)
        if name == rates:
            expected = (1 - 1 / (n + 1)) * expected + 0.5 / (n + 1)
        assert mixed[name] == pytest.approx(expected, rel=1e-12)


def test_mixing_is_part_of_what_is_judged() -> None:
    """Cross-fitted maps are mixed too, with the rows that they were fitted on: no infinite loss."""
    z = np.linspace(-4, 4, 300)
    y = (z + 0.3 * np.sin(np.arange(300)) > 0).astype(int)
    (check,) = fit(y, z, scale="logit", method="isotonic").certificate.checks
    assert check.after.log_loss is not None
    (check,) = fit(y, z, scale="logit", method="isotonic", mix=False).certificate.checks
    assert check.after.log_loss is None


def test_a_row_alone_is_judged_as_among_others() -> None:
    """Losses of several methods do not depend on how the rows come: one by one, or at once."""
    z, y = several(40, 3, 2.0)
    methods = {"identity": MulticlassIdentity(), "1": MulticlassTemperature(1.0)}
    maps = {name: [mapping] * 3 for name, mapping in methods.items()}
    rows = Rows(z, y, None, np.arange(40) % 3 - 1)
    whole, alone = JudgeSums(maps, 1e-12), JudgeSums(maps, 1e-12)
    whole.add(rows)
    for i in range(40):
        alone.add(rows.take(slice(i, i + 1)))
    for one, other in zip(whole.sums, alone.sums, strict=True):
        assert one.loss == pytest.approx(other.loss)
        assert one.brier == pytest.approx(other.brier)
    assert whole.sums[1].loss[0] == pytest.approx(whole.sums[1].loss[1])


@pytest.mark.parametrize("method", ["vector", "matrix"])
def test_multiclass_optimum(method) -> None:
    """Vector and matrix scaling are the optimum of the objective that they state."""
    z, y = several(500, 3, 2.0, seed=3)
    z = z + np.array([0.5, 0.0, -1.0])
    fitted = fit(y, z, scale="logit", method=method)
    t = fit(y, z, scale="logit", method="temperature").parameters()["T"]
    u, n, k = z / t, len(z), 3
    at = np.arange(n)

    def loss(x: np.ndarray) -> float:
        wide = method == "matrix"
        v = x[:-k].reshape(k, k) if wide else np.diag(x[:-k])
        s = u @ (np.eye(k) + v).T + x[-k:]
        inner = np.sum(np.diag(v) ** 2) + np.sum(x[-k:] ** 2)
        outer = np.sum(v**2) - np.sum(np.diag(v) ** 2)
        nll = float((np.logaddexp.reduce(s, axis=1) - s[at, y]).mean())
        return nll + float(k * inner + k * k * outer) / (2 * n)

    found = minimize(loss, np.zeros(k * k + k if method == "matrix" else 2 * k), tol=1e-12)
    v = found.x[:-k].reshape(k, k) if method == "matrix" else np.diag(found.x[:-k])
    s = u @ (np.eye(k) + v).T + found.x[-k:]
    p = np.exp(s - np.logaddexp.reduce(s, axis=1)[:, None])
    assert fitted.apply(z) == pytest.approx(p, abs=1e-5)


@given(st.integers(0, 1000))
def test_folds_are_a_division(seed) -> None:
    """The folds hold every row once, whatever the seed."""
    z, y = binary(300, 1.0, seed=seed)
    p = np.round(1 / (1 + np.exp(-z)), 2)
    sample = points(p, y, np.arange(300) % 3)
    folds = deal_folds(sample, np.random.default_rng(seed))
    assert np.array_equal(sum(f.counts for f in folds), sample.counts)
    assert sum(f.w for f in folds) == pytest.approx(sample.w)
    assert sum(f.w2 for f in folds) == pytest.approx(sample.w2)


def test_a_fold_is_judged_by_the_others() -> None:
    """The map of a fold is that of the other rows, and no other."""
    z, y = binary(500, 2.0)
    p = 1 / (1 + np.exp(-z))
    sample = points(p, y)
    folds = deal_folds(sample, np.random.default_rng(0))
    crossed = cross_fit(sample, folds, fit_temperature)
    order = np.argsort(p)
    for fold, mapping in crossed.parts:
        rest = (fold.counts.sum(axis=0) == 0)[np.argsort(order)]
        assert mapping.parameters()["T"] == pytest.approx(
            fit_temperature(points(p[rest], y[rest])).T, rel=1e-9
        )


def test_calibrated_cells_keep_the_rows() -> None:
    """Tables of calibrated scores hold the same weights, in the order of the new scores."""
    z, y = binary(500, 2.0)
    sample = points(1 / (1 + np.exp(-z)), y)
    cells = calibrated_cells([(sample, fit_isotonic(sample))])
    assert cells.w.sum() == 500
    assert np.all(np.diff(cells.p) > 0)
    assert len(cells) < 100
