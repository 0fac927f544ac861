"""What the first lines of a certificate say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from calaudit.api.fitting import fit
from tests.calibrators.simulated import binary, several
from tests.certificates import fit_text


def shown(fitted) -> str:
    """Return the certificate as one line."""
    return " ".join(fit_text(fitted).split())


def test_identity_that_was_asked_for() -> None:
    """Nothing is claimed of other methods, which were not tried."""
    z, y = binary(500)
    text = shown(fit(y, z, scale="logit", method="identity"))
    assert text.startswith("→ No calibration: nothing was fitted, and no method was tried.")


def test_identity_that_was_chosen() -> None:
    """The choice of auto is stated as the comparison that it is."""
    z, y = binary(3000)
    fitted = fit(y, z, scale="logit")
    assert fitted.method == "identity"
    assert shown(fitted).startswith("→ No calibration: no candidate is clearly better on rows that")


def split(classes: int, *, worse: bool) -> pa.Table:
    """Return rows whose second half has the same calibration, or one that is turned around."""
    z, y = binary(2000, 2.0) if classes == 2 else several(2000, classes, 2.0)
    rest = np.arange(2000) >= 1000
    z = np.where((rest & worse) if z.ndim == 1 else (rest & worse)[:, None], z * 0.05, z)
    scores = {"logit": z} if classes == 2 else {f"logit_{k}": z[:, k] for k in range(classes)}
    return pa.table(scores | {"label": y, "part": np.where(rest, "test", "val")})


@pytest.mark.parametrize("classes", [2, 4])
def test_worse_on_held_out_rows(classes) -> None:
    """A calibrator that does harm on held-out rows is said to, first, with the figures."""
    logits = "logit" if classes == 2 else "logit_"
    options: dict[str, Any] = {
        "logits": logits,
        "label": "label",
        "split": "part=val",
        "method": "temperature",
    }
    fitted = fit(split(classes, worse=True), **options)
    held = fitted.certificate.checks[0]
    text = shown(fitted)
    assert text.startswith("✗ This calibrator makes the scores worse: do not use it. On 1,000 held")
    assert f"rises from {held.before.log_loss:.4f} to {held.after.log_loss:.4f}, by" in text
    assert text.count("makes the scores worse") == 1
    assert fitted.certificate.remarks[-1].code == "makes-worse"
    good = fit(split(classes, worse=False), **options)
    assert "makes the scores worse" not in shown(good)


def test_worse_when_cross_fitted() -> None:
    """The same without held-out rows: rates of bins in place of good scores do harm."""
    rng = np.random.default_rng(0)
    p = rng.random(2000)
    y = (rng.random(2000) < p).astype(int)
    fitted = fit(y, p, method="histogram")
    assert shown(fitted).startswith("✗ This calibrator makes the scores worse")
    assert "2,000 fit rows, cross-fitted, the log loss rises" in shown(fitted)


@pytest.mark.parametrize(("method", "between"), [("vector", False), ("matrix", True)])
def test_penalty(method, between) -> None:
    """Vector and matrix scaling say that they are regularised, by how much and to what."""
    z, y = several(600, 4, 2.0)
    t = fit(y, z, scale="logit", method="temperature").parameters()["T"]
    fitted = fit(y, z, scale="logit", method=method)
    remark = next(r for r in fitted.certificate.remarks if r.code == "penalised")
    assert "regularised, not that of maximum likelihood" in remark.text
    assert f"T = {t:.5g}; K = 4 classes, n = 600 rows" in remark.text
    assert ("between classes" in remark.text) is between
    assert "regularised" in shown(fitted)
