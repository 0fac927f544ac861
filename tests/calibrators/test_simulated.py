"""Simulations: coverage of the interval for T, and what each choice costs."""

from __future__ import annotations

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.methods import AUTO
from calaudit.errors import NotEnoughData

pytestmark = pytest.mark.slow

REPLICATES = 1000


def _logits(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    return rng.normal(0.0, 1.7, n if k == 2 else (n, k))


def _labels(rng: np.random.Generator, z: np.ndarray, noise: float) -> np.ndarray:
    """Return labels of the model, a share ``noise`` of them replaced at random."""
    k = 2 if z.ndim == 1 else z.shape[1]
    if k == 2:
        y = (rng.random(len(z)) < 1 / (1 + np.exp(-z))).astype(np.int64)
    else:
        y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    return np.where(rng.random(len(z)) < noise, rng.integers(0, k, len(z)), y)


@pytest.mark.parametrize("k", [2, 10])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_coverage_of_the_interval_for_t(k, noise, measured) -> None:
    """The 95 % interval for T holds the truth in 93 to 97 % of data sets, label noise or not."""
    big = np.random.default_rng(1)
    z = _logits(big, 400_000, k)
    truth = fit(_labels(big, z, noise), 2.0 * z, scale="logit", method="temperature").parameters()[
        "T"
    ]
    rng = np.random.default_rng([7, k, int(10 * noise)])
    held = 0
    for _ in range(REPLICATES):
        z = _logits(rng, 1000, k)
        fitted = fit(_labels(rng, z, noise), 2.0 * z, scale="logit", method="temperature")
        (t,) = fitted.certificate.parameters
        assert t.low is not None
        assert t.high is not None
        held += t.low <= truth <= t.high
    measured.note(f"T interval coverage, K={k}, noise {noise}", held / REPLICATES, "")
    assert 0.93 <= held / REPLICATES <= 0.97


def _truth(z: np.ndarray, model: str) -> np.ndarray:
    if model == "calibrated":
        return z
    if model == "overconfident":
        return z / 2.0
    if model == "shifted":
        return 0.8 * z + 0.7
    return z - 1.2 * np.tanh(1.5 * z) + 0.3  # "bent"


def _excess(s: np.ndarray, truth: np.ndarray) -> float:
    """Return the expected log loss of logits s less that of the true ones."""
    p = 1 / (1 + np.exp(-truth))
    loss = p * np.logaddexp(0, -s) + (1 - p) * np.logaddexp(0, s)
    best = p * np.logaddexp(0, -truth) + (1 - p) * np.logaddexp(0, truth)
    return float((loss - best).mean())


@pytest.mark.parametrize("rows", [1000, 10_000])
@pytest.mark.parametrize("model", ["calibrated", "overconfident", "shifted", "bent"])
def test_excess_loss_of_auto(model, rows, measured) -> None:
    """``auto`` costs little where nothing is wrong, and never much more than the best method."""
    grid = np.random.default_rng(99).normal(0.2, 1.8, 20_000)
    rng = np.random.default_rng([11, rows])
    excess: dict[str, list[float]] = {method: [] for method in ("auto", *AUTO)}
    for _ in range(60 if rows == 1000 else 25):
        z = rng.normal(0.2, 1.8, rows)
        y = (rng.random(rows) < 1 / (1 + np.exp(-_truth(z, model)))).astype(np.int64)
        for method, found in excess.items():
            try:
                p = fit(y, z, scale="logit", method=method).apply(grid)
            except NotEnoughData:
                continue
            p = np.clip(p, 1e-15, 1 - 1e-15)
            found.append(_excess(np.log(p) - np.log1p(-p), _truth(grid, model)))
    means = {method: 1e4 * float(np.mean(found)) for method, found in excess.items()}
    for method, mean in means.items():
        measured.note(f"{model} {rows} {method}: excess ×1e4", mean, "")
    if model == "calibrated":
        # At n = 1000 temperature alone costs about 6, which "auto" must not exceed.
        assert means["auto"] < min(means["beta"], means["venn-abers"])
        assert means["auto"] < (6.0 if rows == 1000 else 1.0)
    else:
        best = min(means[method] for method in AUTO)
        assert means["auto"] < 2.0 * best + 10_000 / rows * 3.0
