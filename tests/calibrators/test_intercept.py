"""A shift of the logits: fitted against scipy, by formula against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import expit

from calaudit.api.fitting import fit
from calaudit.calibrators.prior_shift import shifted, uncalibrated
from calaudit.errors import NotEnoughData
from tests.calibrators.simulated import binary, several


def test_fitted_shift_is_the_root() -> None:
    """The mean score is the observed rate there, weighted too, with an interval that covers 1.2."""
    z, y = binary(3000, 1.0)
    w = 1.0 + np.arange(3000) % 3
    found = fit(y, z - 1.2, scale="logit", method="intercept", sample_weight=w)
    root = brentq(lambda b: (w * (expit(z - 1.2 + b) - y)).sum(), -9, 9, xtol=1e-14)
    assert found.parameters()["b"] == pytest.approx(root, abs=1e-10)
    (estimate,) = found.certificate.parameters
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < 1.2 < estimate.high
    p, total = expit(z - 1.2 + root), (w * expit(z - 1.2 + root) * expit(1.2 - z - root)).sum()
    error = np.sqrt((w**2 * (y - p) ** 2).sum()) / total
    assert estimate.high - estimate.value == pytest.approx(1.959964 * error, rel=1e-5)


def test_fitted_shifts_of_several_classes() -> None:
    """The penalised optimum of scipy, to an additive constant."""
    z, y = several(1500, 4, 1.0)
    z = z + np.array([0.0, 1.0, -1.0, 0.5])
    found = fit(y, z, scale="logit", method="intercept")

    def loss(b: np.ndarray) -> float:
        s = z + b
        rows = np.logaddexp.reduce(s, axis=1) - s[np.arange(len(y)), y]
        return float(rows.mean() + 4.0 / (2.0 * len(y)) * (b @ b))

    best = minimize(loss, np.zeros(4), tol=1e-13).x
    assert found.parameters()["b"] == pytest.approx(best - best.mean(), abs=1e-5)


def test_not_from_one_class() -> None:
    """Fewer than five rows of a label tell no base rate."""
    y = (np.arange(100) < 4).astype(int)
    with pytest.raises(NotEnoughData, match="at least 5 rows of each label"):
        fit(y, np.linspace(0.1, 0.9, 100), method="intercept")


@pytest.mark.parametrize("classes", [2, 3])
def test_formula_is_bayes(classes: int) -> None:
    """Posteriors of one naive Bayes model under two priors are each other's shift."""
    from sklearn.naive_bayes import GaussianNB

    rng = np.random.default_rng(3)
    y = rng.integers(0, classes, 600)
    x = rng.normal(size=(600, 2)) + y[:, None]
    was, now = (
        np.full(classes, 1 / classes),
        np.linspace(1, 9, classes) / np.linspace(1, 9, classes).sum(),
    )
    old, new = (GaussianNB(priors=prior).fit(x, y).predict_proba(x) for prior in (was, now))
    names = tuple("abc"[:classes])
    task = "binary" if classes == 2 else "multiclass"
    for scale in ("probability", "logit"):
        given = np.log(old) if scale == "logit" else old
        if classes == 2:
            given = given[:, 1] - given[:, 0] * (scale == "logit")
        found = shifted(uncalibrated(task, scale, names), now / was).probabilities(given)
        assert found == pytest.approx(new[:, 1] if classes == 2 else new, abs=1e-12)


def test_certainty_stays() -> None:
    """What is exactly 0 or 1 is so at every base rate."""
    odds = np.array([98.0, 2.0])
    found = shifted(uncalibrated("binary", "probability", ("0", "1")), odds)
    assert found.probabilities(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    three = shifted(
        uncalibrated("multiclass", "probability", tuple("abc")), np.array([1.0, 2.0, 3.0])
    )
    with np.errstate(divide="ignore"):
        after = three.probabilities(np.array([[0.0, 0.5, 0.5]]))
    assert after == pytest.approx(np.array([[0.0, 0.4, 0.6]]))
    assert after[0, 0] == 0.0
