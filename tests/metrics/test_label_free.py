"""Figures without labels: by hand, by derivatives, by draws, and against the golden ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2
from sklearn.metrics import roc_auc_score

from calaudit.api.fitting import fit
from calaudit.calibrators.curve_errors import (
    curve_covariance,
    curve_features,
    saved_covariance,
)
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.methods import BINARY_FITS
from calaudit.metrics.judges import Paired, powered_share
from calaudit.metrics.label_free import (
    Expected,
    atc_accuracy,
    expected_auroc,
    expected_mean,
    expected_recall,
    labels_to_tell,
    right_if,
    slope_shift,
    uniform_shift,
)
from calaudit.metrics.logistic import fit_logistic, logistic_nll
from calaudit.tables import ScoreTable

CASES = Path(__file__).parents[3] / "shared" / "cases"


def sample(p: np.ndarray, y: np.ndarray, floor: float = 1e-3) -> Sample:
    """Return the points of rows."""
    return sample_of(ScoreTable.of(p, y).cells(), floor=floor)


def expected(labelled: Sample, others: Sample, method: str = "platt") -> Expected:
    """Return what a calibrator of labelled rows expects of others."""
    fitted = BINARY_FITS[method](labelled)
    return Expected(
        others.w.sum(axis=0), others.p, fitted.logits(others.p, others.z),
        curve_features(fitted, others.z), curve_covariance(fitted, labelled),
    )  # fmt: skip


def drawn(
    n: int, seed: int, *, shift: float = 0.0, steep: float = 1.5
) -> tuple[np.ndarray, np.ndarray]:
    """Return scores that are too extreme by half, and labels."""
    rng = np.random.default_rng(seed)
    z = rng.normal(shift, 1.5, n)
    return expit(steep * z), (rng.random(n) < expit(z)).astype(int)


@pytest.mark.skipif(not CASES.exists(), reason="the folder of cases is not here")
def test_california_housing() -> None:
    """The figures of independent code, to nine digits; the map had changed, and realised .722."""
    golden = json.loads((CASES / "golden2.json").read_text())
    case = golden["california_housing reference (A) -> analysis (B), unpaired"]
    found = case["label_free"]
    files = (CASES / "california_housing" / f"{name}.csv" for name in ("reference", "analysis"))
    (s1, y1), (s2, y2) = ((f.score.to_numpy(), f.label.to_numpy()) for f in map(pd.read_csv, files))
    labelled, others = sample(s1, y1), sample(s2, np.zeros_like(y2))
    rows = expected(labelled, others)
    accuracy = expected_mean(rows, right_if(rows.p, binary=True), level=0.95)
    assert accuracy.value == pytest.approx(found["cbpe_accuracy"], abs=1e-9)
    assert (accuracy.low, accuracy.high) == pytest.approx((found["low"], found["high"]), abs=1e-9)
    auroc = expected_auroc(rows, level=0.95, rng=np.random.default_rng(0))
    assert auroc.value == pytest.approx(found["cbpe_auroc"], abs=1e-9)
    assert auroc.low is not None
    assert auroc.low > found["realised_auroc"]
    assert accuracy.low is not None
    assert accuracy.low > found["realised"] == pytest.approx(((s2 >= 0.5) == y2).mean())
    share, cutoff = atc_accuracy(
        np.maximum(labelled.p, 1 - labelled.p), labelled.w.sum(axis=0), ((s1 >= 0.5) == y1).mean(),
        np.maximum(others.p, 1 - others.p), others.w.sum(axis=0),
    )  # fmt: skip
    assert (share, cutoff) == pytest.approx((found["atc_accuracy"], found["atc_threshold"]))


@pytest.mark.parametrize("method", ["platt", "beta", "temperature", "intercept"])
def test_derivatives(method: str) -> None:
    """The calibrator's part of the variance is gᵀCg with the gradient of finite differences."""
    labelled, others = sample(*drawn(800, 1)), sample(*drawn(500, 2, shift=0.5))
    rows = expected(labelled, others, method)
    values = np.random.default_rng(3).random((2, len(rows.p)))
    chosen = rows.p > 0.4

    def mean(move: np.ndarray) -> float:
        q = expit(rows.z + move @ rows.x)
        return float((rows.n * chosen) @ (values[0] + (values[1] - values[0]) * q)) / n

    def recall(move: np.ndarray) -> float:
        q = expit(rows.z + move @ rows.x)
        return float(rows.n @ (q * chosen)) / float(rows.n @ q)

    n, steps = float(rows.n @ chosen), 1e-5 * np.eye(len(rows.x))
    own = (rows.n * chosen) @ ((values[1] - values[0]) ** 2 * rows.q * (1 - rows.q)) / n**2
    total = rows.n @ rows.q
    own_recall = rows.n @ ((chosen - recall(0 * steps[0])) ** 2 * rows.q * (1 - rows.q)) / total**2
    for function, chance, found in (
        (mean, own, expected_mean(rows, values, level=0.9, chosen=chosen)),
        (recall, own_recall, expected_recall(rows, chosen, level=0.9)),
    ):
        slope = np.array([(function(s) - function(-s)) / 2e-5 for s in steps])
        half = 1.644854 * np.sqrt(chance + slope @ rows.covariance @ slope)
        assert found.value == pytest.approx(function(0 * steps[0]))
        assert found.high is not None
        assert found.value is not None
        assert found.high - found.value == pytest.approx(half, rel=1e-4)


def test_covariance_is_that_of_refits() -> None:
    """Refits of resampled labels vary as the covariance says, for each parameter."""
    p, y = drawn(1500, 4)
    fitted = BINARY_FITS["platt"](sample(p, y))
    q = expit(fitted.logits(p, logit(p)))
    rng, found = np.random.default_rng(5), []
    for _ in range(200):
        again = BINARY_FITS["platt"](sample(p, (rng.random(len(p)) < q).astype(int)))
        found.append([again.parameters()["b"], again.parameters()["a"]])
    assert np.cov(np.transpose(found)) == pytest.approx(
        curve_covariance(fitted, sample(p, y)), rel=0.35, abs=2e-4
    )


@pytest.mark.parametrize("method", ["platt", "temperature", "intercept"])
def test_covariance_of_a_saved_calibrator(method: str) -> None:
    """Its certificate tells nearly the covariance that its rows do."""
    p, y = drawn(4000, 6, steep=1.0)  # of which each method has the right form
    saved = fit(y, p, method=method)
    told = saved_covariance(saved)
    own = curve_covariance(BINARY_FITS[method](sample(p, y, 1e-12)), sample(p, y, 1e-12))
    assert told is not None
    ratio = np.sqrt(np.diag(told) / np.diag(own))
    assert ratio == pytest.approx(1.0, abs=0.15)
    if len(own) > 1:
        corr = [c[0, 1] / np.sqrt(c[0, 0] * c[1, 1]) for c in (told, own)]
        assert corr[0] == pytest.approx(corr[1], abs=0.1)
    assert saved_covariance(fit(y, p, method="isotonic")) is None


def test_auroc_is_the_mean_over_labels() -> None:
    """Scikit-learn's AUROC of labels drawn by the calibrated scores has that mean and spread."""
    labelled, others = sample(*drawn(3000, 7)), sample(*drawn(400, 8))
    rows = expected(labelled, others)
    rng = np.random.default_rng(9)
    found = expected_auroc(rows, level=0.9, rng=rng)
    moves = rng.multivariate_normal(np.zeros(2), rows.covariance, 400)
    seen = [
        roc_auc_score(rng.random(len(rows.p)) < expit(rows.z + move @ rows.x), rows.p)
        for move in moves
    ]
    assert found.value == pytest.approx(np.mean(seen), abs=0.004)
    assert (found.low, found.high) == pytest.approx(np.quantile(seen, [0.05, 0.95]), abs=0.01)


def test_shifts_do_what_they_say() -> None:
    """The share of label 1 moves by as much, or accuracy falls by it; or nothing can."""
    rows = expected(sample(*drawn(2000, 10)), sample(*drawn(1000, 11)))
    b, _ = uniform_shift(rows, 0.05)
    assert abs(np.average(expit(rows.z + b) - rows.q, weights=rows.n)) == pytest.approx(0.05)
    right = right_if(rows.p, binary=True)
    shift = slope_shift(rows, right, 0.05)
    assert shift is not None
    before, after = (
        np.average(right[0] + (right[1] - right[0]) * expit(s * rows.z), weights=rows.n)
        for s in (1.0, 1.0 + shift[1])
    )
    assert before - after == pytest.approx(0.05)
    assert slope_shift(rows, right, 0.5) is None


def test_so_many_labels_tell() -> None:
    """The likelihood-ratio test of a known line finds each shift in about 80 %, else in 5 %."""
    others = sample(*drawn(3000, 12))
    rows = expected(sample(*drawn(200_000, 13)), others)
    rng = np.random.default_rng(14)
    at = np.repeat(rows.z, rows.n.astype(int))
    shift = slope_shift(rows, right_if(rows.p, binary=True), 0.05)
    assert shift is not None
    for moved in (uniform_shift(rows, 0.05), shift):
        labels = labels_to_tell(rows, moved)
        assert labels is not None
        found = []
        for truth in (moved, 0 * moved):
            fired = 0
            for _ in range(300):
                z = rng.choice(at, labels, replace=False)
                y = (rng.random(labels) < expit(truth[0] + (1 + truth[1]) * z)).astype(float)
                line = np.stack([np.ones(labels), z])
                beta, _ = fit_logistic(line, 1 - y, y, np.array([0.0, 1.0]))
                gain = logistic_nll(z, 1 - y, y) - logistic_nll(beta @ line, 1 - y, y)
                fired += 2 * gain > chi2.ppf(0.95, 2)
            found.append(fired / 300)
        assert 0.7 <= found[0] <= 0.9
        assert found[1] <= 0.09


def test_a_small_reference_cannot_tell() -> None:
    """Where the line itself is hardly known no labels of other rows show that it has moved."""
    rows = expected(sample(*drawn(60, 15)), sample(*drawn(1000, 16)))
    assert labels_to_tell(rows, uniform_shift(rows, 0.02)) is None


def test_powered_share_by_hand() -> None:
    """With predictions that say nothing the share is the labelled one; perfect ones tell all."""
    y = np.array([0.0, 1.0, 1.0, 0.0] * 25)
    constant = Paired.of(np.ones(100), y, np.full(100, 0.5))
    found = powered_share(constant, (900, 450, 225), 50, level=0.95)
    assert found.value == pytest.approx(0.5)
    assert found.high == pytest.approx(0.5 + 1.959964 * np.sqrt(0.25 / 99), rel=1e-5)
    perfect = Paired.of(np.ones(100), y, y)
    told = powered_share(perfect, (900, 180, 180), 50, level=0.95)
    assert told.value == pytest.approx(0.2)  # nothing but the chance of the other rows is left
    assert told.high == pytest.approx(0.2 + 1.959964 * np.sqrt(0.16 / 899), rel=1e-3)
