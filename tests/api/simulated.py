"""Predictions with a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["binary", "logit", "multiclass", "sigmoid", "top_label"]

Floats = NDArray[np.float64]


def logit(p: Any) -> Floats:
    """Return log p/(1 − p)."""
    p = np.asarray(p, np.float64)
    result: Floats = np.log(p / (1 - p))
    return result


def sigmoid(z: Any) -> Floats:
    """Return 1/(1 + e^−z)."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.asarray(z, np.float64)))
    return result


def binary(
    n: int, seed: int = 0, *, slope: float = 1.0, shift: float = 0.0, centre: float = 0.0
) -> tuple[Floats, NDArray[np.int64]]:
    """Return scores and labels of a model whose true rate is sigmoid(shift + slope·logit(p)).

    Args:
        n: rows.
        seed: of the draws.
        slope: below 1 the scores are too extreme, above 1 too timid.
        shift: above 0 the scores are too low.
        centre: mean of the logits of the scores.
    """
    rng = np.random.default_rng([seed, n])
    z = centre + rng.normal(size=n) * 1.5
    return sigmoid(z), (rng.random(n) < sigmoid(shift + slope * z)).astype(np.int64)


def top_label(n: int, seed: int = 0, *, gap: float = 0.0) -> tuple[Floats, NDArray[np.int64]]:
    """Return confidences and whether they were right, in a share of confidence − gap."""
    rng = np.random.default_rng([seed, n, 1])
    confidence = 0.5 + 0.5 * rng.beta(4, 1.5, n)
    right = rng.random(n) < np.clip(confidence - gap, 0, 1)
    return confidence, right.astype(np.int64)


def multiclass(
    n: int, classes: int = 4, seed: int = 0, *, temperature: float = 1.0
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return logits, their softmax, and labels drawn from the softmax of logits/temperature."""
    rng = np.random.default_rng([seed, n, classes])
    z = rng.normal(size=(n, classes)) * 2

    def softmax(z: Floats) -> Floats:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        result: Floats = e / e.sum(axis=1, keepdims=True)
        return result

    truth = softmax(z / temperature)
    labels = (truth.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return z, softmax(z), np.minimum(labels, classes - 1)
