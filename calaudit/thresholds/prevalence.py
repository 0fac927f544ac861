"""Base rates other than that of the file."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.fit_points import Sample
from calaudit.calibrators.platt import Platt, fit_platt
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import expit
from calaudit.metrics.normal import normal_quantile

Floats = NDArray[np.float64]

STEPS = 200

VANISHES = "the rows of one label have all the weight there is: there is no base rate to go by"


def label_factors(base_rate: float, prevalence: float) -> tuple[float, float]:
    """Return what the weights of negatives and of positives are multiplied by.

    Raises:
        NotEnoughData: beside the weight of one label that of the other vanishes.
    """
    if not 0.0 < base_rate < 1.0:
        raise NotEnoughData(VANISHES)
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


def prevalence_of(others: Sample, labelled: Sample, *, level: float) -> Prevalence:
    """Return the share of positives among rows without labels, calibrated on rows with them.

    `estimated_prevalence` of the scores after Platt scaling, with an interval that counts in how
    uncertain that line and the base rate are: with few labelled rows this is most of it.

    Args:
        others: scores without labels (the weights of both labels are taken together).
        labelled: the rows to calibrate on.
        level: of the interval.

    Raises:
        NotEnoughData: the labelled rows allow no Platt scaling.
    """
    line = fit_platt(labelled)
    rate = float(labelled.w[1].sum()) / labelled.total
    if not 0.0 < rate < 1.0:
        raise NotEnoughData(VANISHES)
    p, w = expit(line.logits(others.p, others.z)), others.w.sum(axis=0)
    found = estimated_prevalence(p, w, rate, level=level)
    if not 0.0 < found.value < 1.0:
        return found
    quantile = normal_quantile(0.5 + level / 2)
    own, lent = _variances(others, labelled, line, found.value)
    half = quantile * math.sqrt(own + lent)
    low, high = max(found.value - half, 0.0), min(found.value + half, 1.0)
    return Prevalence(found.value, low, high, found.rows)


def _variances(others: Sample, labelled: Sample, line: Platt, share: float) -> tuple[float, float]:
    """Return the variance of the share over rows without labels, and over rows with them.

    The share solves Σ w g(r) = 0, g = (r − 1)/(π r + 1 − π), where the ratio of the densities
    r = exp(a z + b − logit π₀) hangs on the line and on the base rate alone.
    """
    rate = float(labelled.w[1].sum()) / labelled.total
    w, w2 = others.w.sum(axis=0), others.w2.sum(axis=0)
    ratio = np.exp(np.clip(line.a * others.z + line.b - math.log(rate / (1.0 - rate)), -700, 700))
    mixed = share * ratio + 1.0 - share
    g = (ratio - 1.0) / mixed
    information = float((w * g**2).sum())
    own = float((w2 * g**2).sum()) / information**2
    by_line = ratio / mixed**2 * w / information  # of the share, by a shift of the logit of r
    effect = np.array([by_line.sum(), (by_line * others.z).sum()])
    # Of a labelled row: its part in the line, (Xᵀ W X)⁻¹ x (y − p), less that in the base rate.
    x = np.stack([np.ones_like(labelled.z), labelled.z])
    p = expit(line.logits(labelled.p, labelled.z))
    solved = np.linalg.solve((x * (labelled.w.sum(axis=0) * p * (1.0 - p))) @ x.T, effect)
    lent = 0.0
    for label in (0, 1):
        of_base = (label - rate) / (labelled.total * rate * (1.0 - rate))
        influence = solved @ x * (label - p) - effect[0] * of_base
        lent += float((labelled.w2[label] * influence**2).sum())
    return own, lent
