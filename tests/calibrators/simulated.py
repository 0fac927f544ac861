"""Predictions with a known calibrator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def binary(n: int, temperature: float = 1.0, seed: int = 0) -> tuple[Floats, NDArray[np.int64]]:
    """Return logits and labels whose best temperature is about ``temperature``."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.3, 1.8, n)
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-z))).astype(np.int64)
    return z * temperature, y


def several(
    n: int, k: int, temperature: float = 1.0, seed: int = 0
) -> tuple[Floats, NDArray[np.int64]]:
    """Return (n, k) logits and labels whose best temperature is about ``temperature``."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, 1.7, (n, k))
    y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    return z * temperature, y


def reference_temperature(z: Any, y: Any, w: Any = None) -> float:
    """Return T by Brent's method on the gradient in extended precision, from the stored values."""
    from scipy.optimize import brentq

    z = np.asarray(z).astype(np.longdouble)
    if z.ndim == 1:
        z = np.stack([np.zeros_like(z), z], axis=1)
    z = z - z.max(axis=1, keepdims=True)
    mine = z[np.arange(len(z)), y]
    weight = np.ones(len(z)) if w is None else np.asarray(w)

    def slope(log_t: float) -> float:
        e = np.exp(z * np.exp(np.longdouble(-log_t)))
        return float((weight * ((e * z).sum(axis=1) / e.sum(axis=1) - mine)).sum())

    return float(np.exp(brentq(slope, -12.0, 12.0, xtol=1e-15, rtol=1e-14)))
