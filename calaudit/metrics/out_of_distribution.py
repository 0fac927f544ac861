"""Scores that should tell rows of another kind from the model's own: which do, and at what price.

A score is higher for what is more abnormal. Only its order counts, so that all figures come from
the rows of both sides at each distinct value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.discrimination import auroc, average_precision
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.options.choices import Scale
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

SCORES = {
    "probability": ("max-probability", "entropy"),
    "logit": ("max-probability", "entropy", "max-logit", "energy"),
}
"""Scores that probabilities, and logits, of several classes give."""

CAUGHT = 0.95
"""Share of one side that is kept, or caught, where the error on the other is read."""

DRAWS = 2000


def abnormality(name: str, values: NDArray[np.floating], scale: Scale) -> Floats:
    """Return how abnormal rows are by a score of the model's own outputs.

    Args:
        name: of the score: ``max-probability`` is 1 − max p (Hendrycks & Gimpel 2017); ``entropy``
            −Σ p log p, in nats; ``max-logit`` −max z (Hendrycks et al. 2022); ``energy``
            −log Σ exp z (Liu et al. 2020).
        values: (n, K) probabilities or logits.
        scale: which.

    Returns:
        (n,), higher for what is more abnormal.
    """
    # In order: rows with the same values for other classes have the same sums, and are ties.
    x = np.sort(values.astype(np.float64), axis=1)
    if scale == "logit":
        top = x[:, -1]
        e = np.exp(x - top[:, None])
        others = e[:, :-1].sum(axis=1)  # the largest term is 1: its loss of digits is spared
        by_logits: dict[str, Floats] = {
            "max-logit": -top,
            "energy": -(top + np.log1p(others)),
            "max-probability": others / (1.0 + others),
        }
        if name in by_logits:
            return by_logits[name]
        x = e / (1.0 + others)[:, None]
    if name == "max-probability":
        return np.asarray(1.0 - x[:, -1])
    return np.asarray(-(x * np.log(np.where(x > 0, x, 1.0))).sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAt:
    """The error on one side at the cutoff that keeps most of the other.

    Attributes:
        cutoff: rows at or beyond it are kept, or caught. kept: share that is, in truth.
        rate: share of the other side that is, too: in [0, 1], 0 is best.
    """

    cutoff: float
    kept: float
    rate: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well a score separates the rows of two sides.

    Attributes:
        auroc: probability that a row from outside is the more abnormal one, ties half.
        outside_precision, inside_precision: average precision with either side as the positive.
        accepted: outside rows that are accepted where 95 % of the inside rows are kept.
        flagged: inside rows that are flagged where 95 % of the outside rows are caught.
    """

    auroc: Estimate
    outside_precision: Estimate
    inside_precision: Estimate
    accepted: RateAt
    flagged: RateAt


def separation_of(inside: Floats, outside: Floats, *, level: float, seed: int) -> Separation:
    """Return how well a score separates rows, (n,) and (m,) of any finite numbers.

    AUROC: DeLong on the logit scale. Average precisions: the infinitesimal jackknife. The errors
    at 95 %: the bootstrap of both sides on the logit scale, which takes the cutoff for what it is,
    an estimate: the cutoff of a resample is an order statistic, whose rank is drawn from its beta
    distribution, and the rows of the other side beyond it are binomial.
    """
    values, at = np.unique(np.concatenate([inside, outside]), return_inverse=True)
    parts = at[: len(inside)], at[len(inside) :]
    counts = np.stack([np.bincount(part, minlength=len(values)) for part in parts])
    rng = np.random.default_rng([seed, 14])
    turned = counts[::-1, ::-1]
    return Separation(
        auroc=auroc(_ranked(counts), level=level),
        outside_precision=average_precision(_ranked(counts), level=level),
        inside_precision=average_precision(_ranked(turned), level=level),
        accepted=_rate_at(values, counts, level, rng),
        flagged=_rate_at(values[::-1], turned, level, rng),
    )


def _ranked(counts: NDArray[np.int64]) -> Cells:
    """Return cells in which scores are ranks: (2, m) rows of label 0 and 1."""
    m = counts.shape[1]
    p = (np.arange(m) + 0.5) / m
    above = p > 0.5
    tail = np.where(above, 1.0 - p, p)
    w = counts.astype(np.float64)
    starts = np.arange(m, dtype=np.int64)
    return Cells(starts, p, np.stack([tail, tail]), above, w, w, counts, np.zeros(m), exact=True)


def _rate_at(
    values: Floats, counts: NDArray[np.int64], level: float, rng: np.random.Generator
) -> RateAt:
    """Return the share of the second side before the cutoff that keeps most of the first.

    Args:
        values: (m,) in the order in which rows are kept.
        counts: (2, m) rows.
        level: of the interval.
        rng: of the draws.
    """
    kept, others = np.cumsum(counts[0]), np.cumsum(counts[1])
    n, m = int(kept[-1]), int(others[-1])
    needed = math.ceil(CAUGHT * n - 1e-9)
    at = int(np.searchsorted(kept, needed))
    rate = float(others[at]) / m
    # The needed-th row of a resample of n rows is the row of this rank among those that there are.
    ranks = np.ceil(n * rng.beta(needed, n + 1 - needed, DRAWS)).astype(np.int64)
    cutoffs = np.searchsorted(kept, np.clip(ranks, 1, n))
    drawn = (rng.binomial(m, others[cutoffs] / m) + 0.5) / (m + 1)
    spread = float(np.log(drawn / (1.0 - drawn)).std(ddof=1))
    middle = (float(others[at]) + 0.5) / (m + 1)
    z = normal_quantile(0.5 + level / 2)
    odds = [math.log(middle / (1.0 - middle)) + sign * z * spread for sign in (-1, 1)]
    low, high = (1.0 / (1.0 + math.exp(-x)) for x in odds)
    return RateAt(
        cutoff=float(values[at]),
        kept=float(kept[at]) / n,
        rate=Estimate(
            value=rate, low=min(low, rate), high=max(high, rate), level=level,
            method="bootstrap of both sides, logit",
        ),
    )  # fmt: skip
