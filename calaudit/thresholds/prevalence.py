"""Base rates other than that of the file."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.normal import normal_quantile

__all__ = ["Prevalence", "estimated_prevalence", "label_factors"]

Floats = NDArray[np.float64]

STEPS = 200


def label_factors(base_rate: float, prevalence: float) -> tuple[float, float]:
    """Return what the weights of negatives and of positives are multiplied by."""
    return (1.0 - prevalence) / (1.0 - base_rate), prevalence / base_rate


@dataclass(frozen=True, slots=True)
class Prevalence:
    """A base rate estimated from rows without labels, with its interval."""

    value: float
    low: float
    high: float
    rows: float


def estimated_prevalence(p: Floats, w: Floats, base_rate: float, *, level: float) -> Prevalence:
    """Return the share of positives among rows without labels.

    The maximum-likelihood share π of the mixture π f₁ + (1 − π) f₀, where calibrated scores p
    on rows with base rate π₀ give f₁/f₀ ∝ p(1 − π₀)/((1 − p)π₀). This is what the EM iteration of
    Saerens, Latinne & Decaestecker (2002) converges to; the likelihood is concave, and its
    slope is bisected. The interval rests on the curvature at the maximum; that the scores are
    calibrated on the labelled rows, and that only the base rate differs, is taken for granted.

    Args:
        p: (m,) calibrated probabilities.
        w: (m,) weight of each.
        base_rate: of the rows that the scores are calibrated on.
        level: of the interval.
    """
    up, down = p / base_rate, (1.0 - p) / (1.0 - base_rate)
    slope = up - down

    def gradient(share: float) -> float:
        return float((w * slope / (share * up + (1.0 - share) * down)).sum())

    low, high = 1e-12, 1.0 - 1e-12
    if gradient(low) <= 0:
        share = 0.0
    elif gradient(high) >= 0:
        share = 1.0
    else:
        for _ in range(STEPS):
            share = 0.5 * (low + high)
            if not low < share < high:
                break
            if gradient(share) > 0:
                low = share
            else:
                high = share
    at = min(max(share, 1e-12), 1.0 - 1e-12)
    curvature = float((w * (slope / (at * up + (1.0 - at) * down)) ** 2).sum())
    half = normal_quantile(0.5 + level / 2) / math.sqrt(curvature) if curvature > 0 else 1.0
    return Prevalence(share, max(share - half, 0.0), min(share + half, 1.0), float(w.sum()))
