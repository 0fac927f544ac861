"""Scores that tell rows of another kind: scikit-learn, scipy, hand counts and the golden case."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax, logsumexp, softmax
from scipy.stats import entropy, norm
from sklearn.metrics import average_precision_score, roc_auc_score

from calaudit.metrics.out_of_distribution import SCORES, abnormality, separation_of
from tests.golden.cases import ABSENT, FOLDER


def error_at(kept: Any, other: Any) -> tuple[float, float]:
    """Return the first cutoff that keeps 95 % of one side, and the share of the other below it."""
    for cutoff in np.unique(kept):
        if np.mean(kept <= cutoff) >= 0.95:
            return float(cutoff), float(np.mean(other <= cutoff))
    raise AssertionError


@pytest.mark.parametrize("digits", [15, 1])
def test_figures_of_raw_rows(digits: int) -> None:
    """With ties (one digit) and without."""
    rng = np.random.default_rng(3)
    inside, outside = rng.normal(0, 1, 400).round(digits), rng.normal(1.2, 1.5, 250).round(digits)
    found = separation_of(inside, outside, level=0.95, seed=0)
    both, truth = np.concatenate([inside, outside]), np.repeat([0, 1], [400, 250])
    assert found.auroc.value == pytest.approx(roc_auc_score(truth, both), abs=1e-12)
    ap = average_precision_score(truth, both), average_precision_score(1 - truth, -both)
    assert found.outside_precision.value == pytest.approx(ap[0], abs=1e-12)
    assert found.inside_precision.value == pytest.approx(ap[1], abs=1e-12)
    accepted, flagged = error_at(inside, outside), error_at(-outside, -inside)
    assert (found.accepted.cutoff, found.accepted.rate.value) == pytest.approx(accepted)
    assert (-found.flagged.cutoff, found.flagged.rate.value) == pytest.approx(flagged)
    assert found.accepted.kept == np.mean(inside <= accepted[0])
    assert found.flagged.kept == np.mean(outside >= -flagged[0])


def test_scores_of_outputs() -> None:
    """As scipy has them, also where one class has nearly all of the probability."""
    z = np.random.default_rng(1).normal(0, 3, (50, 4))
    z[:5] *= 12
    p = softmax(z, axis=1)
    expected = {
        "max-probability": 1 - p.max(axis=1), "entropy": entropy(p, axis=1),
        "max-logit": -z.max(axis=1), "energy": -logsumexp(z, axis=1),
    }  # fmt: skip
    for name, values in expected.items():
        np.testing.assert_allclose(abnormality(name, z, "logit"), values, rtol=1e-9, atol=1e-12)
    for name in ("max-probability", "entropy"):
        np.testing.assert_allclose(abnormality(name, p, "probability"), expected[name], atol=1e-12)
    far = np.array([[0.0, -60.0]])
    tail = np.exp(log_softmax(far, axis=1))[0, 1]
    assert abnormality("max-probability", far, "logit")[0] == pytest.approx(tail, rel=1e-12)


def test_golden_attack() -> None:
    """Figures of independent code to 1e-9; its bootstrap's ends to .01."""
    if not FOLDER.exists():
        pytest.skip(ABSENT)
    golden = json.loads((FOLDER / "golden2.json").read_text())
    expected = next(v for k, v in golden.items() if k.startswith("ood_attack_pair"))
    clean, attack = (
        -pd.read_csv(FOLDER / "ood_attack_pair" / f"{name}.csv")["score"].to_numpy()
        for name in ("clean", "attack")
    )
    found = separation_of(clean, attack, level=0.95, seed=0)
    assert found.auroc.value == pytest.approx(expected["auroc"]["value"], abs=1e-9)
    ends = (expected["auroc"]["low_logit"], expected["auroc"]["high_logit"])
    assert (found.auroc.low, found.auroc.high) == pytest.approx(ends, abs=1e-9)
    assert found.outside_precision.value == pytest.approx(
        expected["average_precision_ood"], abs=1e-9
    )
    assert found.inside_precision.value == pytest.approx(expected["average_precision_id"], abs=1e-9)
    for rate, key in (
        (found.accepted, "fpr95_id_positive_ood_accepted"),
        (found.flagged, "fpr95_ood_positive_id_flagged"),
    ):
        assert rate.rate.value == pytest.approx(expected[key]["value"], abs=1e-9)
        assert rate.kept == pytest.approx(expected[key]["tpr"], abs=1e-9)
        ends = expected[key]["boot_mc"]
        assert (rate.rate.low, rate.rate.high) == pytest.approx(tuple(ends), abs=0.01)


@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_the_order_of_classes_breaks_no_tie(scale: Literal["logit", "probability"]) -> None:
    """Rows with the same values for other classes are equally abnormal, to the last bit."""
    rng = np.random.default_rng(3)
    z = np.round(rng.normal(0, 3, (500, 6)), 1)
    rows = z if scale == "logit" else np.round(np.exp(z) / np.exp(z).sum(1, keepdims=True), 3)
    for name in SCORES[scale]:
        one, other = (abnormality(name, each, scale) for each in (rows, rng.permuted(rows, axis=1)))
        assert (one == other).all()


@pytest.mark.slow
@pytest.mark.parametrize(("n", "shift"), [(200, 1.5), (1000, 1.0), (3000, 2.5)])
def test_intervals_cover(n: int, shift: float) -> None:
    """Of the error at 95 % and of the AUROC, in 400 draws: two standard errors below 95 %."""
    rng = np.random.default_rng([n, 14])
    error, auroc = norm.cdf(norm.ppf(0.95), shift), norm.cdf(shift / np.sqrt(2))
    hits = np.zeros(2)
    for draw in range(400):
        found = separation_of(rng.normal(0, 1, n), rng.normal(shift, 1, n), level=0.95, seed=draw)
        for i, (estimate, truth) in enumerate(((found.accepted.rate, error), (found.auroc, auroc))):
            assert estimate.low is not None
            assert estimate.high is not None
            hits[i] += estimate.low <= truth <= estimate.high
    assert np.all(hits / 400 > 0.928)
    assert np.all(hits / 400 < 0.985)
