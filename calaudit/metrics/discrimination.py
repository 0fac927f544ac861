"""How well scores order the labels: AUROC, average precision, accuracy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile, wilson
from calaudit.tables.cells import Cells

__all__ = [
    "accuracy_at_half",
    "auroc",
    "average_precision",
    "effective_rows",
    "proportion",
]

Floats = NDArray[np.float64]

FEW = 20
"""Rows of a label below which intervals by the usual variances are too narrow."""


def auroc(cells: Cells, *, level: float) -> Estimate:
    """Return the probability that a positive outscores a negative, ties counting half.

    In [0, 1]; 1 is best, ½ is chance. Interval: DeLong et al. 1988, on the logit scale. In a
    table with several scores in a cell, the order inside a cell is estimated from the means of
    its two labels; ``error_bound`` is ½ Σ n1·n0/(P·N) over such cells, the worst case.
    """
    w0, w1 = cells.w
    negatives, positives = float(w0.sum()), float(w1.sum())
    if negatives <= 0 or positives <= 0:
        return Estimate(value=None, reason=_one_class(negatives, positives))
    below = np.cumsum(w0) - w0
    above = positives - np.cumsum(w1)
    inside = _order_inside(cells)
    # Placement of each cell: the share of the other label that it beats.
    of_positive = (below + w0 * inside) / negatives
    of_negative = (above + w1 * inside) / positives
    value = float((w1 * of_positive).sum()) / positives
    bound = None
    if not cells.exact:
        mixed = cells.width > 0
        bound = 0.5 * float((w1 * w0)[mixed].sum()) / (positives * negatives)
    variance = _placement_variance(of_positive, w1, cells.w2[1], value)
    variance += _placement_variance(of_negative, w0, cells.w2[0], value)
    fewest = min(effective_rows(w0, cells.w2[0]), effective_rows(w1, cells.w2[1]))
    if fewest < FEW:  # DeLong's variance is far too small there; this is the largest possible
        variance = max(variance, value * (1.0 - value) / max(fewest, 1.0))
    low, high, reason = _logit_interval(value, math.sqrt(variance), level)
    if fewest < 2:
        low, high, reason = None, None, "no interval from one row of a label"
    return Estimate(
        value=value,
        low=low,
        high=high,
        level=level if reason is None else None,
        method="DeLong, on the logit scale" if reason is None else None,
        reason=reason,
        error_bound=bound,
    )


def effective_rows(w: Floats, w2: Floats) -> float:
    """Return the number of rows of equal weight that are worth as much."""
    squares = float(w2.sum())
    return float(w.sum()) ** 2 / squares if squares > 0 else 0.0


def _order_inside(cells: Cells) -> Floats:
    """Return the probability that a positive outscores a negative of the same cell.

    ½ where all scores are equal. Elsewhere ½ + (mean of positives − mean of negatives)/width,
    exact to first order for scores spread evenly over the cell.
    """
    inside = np.full(len(cells), 0.5)
    mixed = cells.width > 0
    q0, q1 = cells.q[:, mixed]
    shift = np.where(cells.above[mixed], q0 - q1, q1 - q0) / cells.width[mixed]
    inside[mixed] += np.clip(shift, -0.5, 0.5)
    return inside


def _placement_variance(placement: Floats, w: Floats, w2: Floats, mean: float) -> float:
    total, squares = float(w.sum()), float(w2.sum())
    effective = total * total / squares
    if effective <= 1:
        return 0.0
    spread = float((w2 * (placement - mean) ** 2).sum()) / total**2
    return spread * effective / (effective - 1.0)


def average_precision(cells: Cells, *, level: float) -> Estimate:
    """Return Σ (R_k − R_{k−1}) P_k over distinct scores from the highest down; in [0, 1].

    1 is best; chance is the base rate. As scikit-learn's ``average_precision_score``. The
    interval is the infinitesimal jackknife over rows (the delta method for the multinomial
    counts of the cells), on the logit scale.
    """
    w0, w1 = cells.w[:, ::-1]
    positives = float(w1.sum())
    if positives <= 0 or float(w0.sum()) <= 0:
        return Estimate(value=None, reason=_one_class(float(w0.sum()), positives))
    true, false = np.cumsum(w1), np.cumsum(w0)
    flagged = true + false
    safe = np.where(flagged > 0, flagged, 1.0)
    precision = true / safe
    share = w1 / positives
    value = float((share * precision).sum())
    # d(value)/d(count): a row counts for every threshold at or below its own score.
    after = np.cumsum((share * false / safe**2)[::-1])[::-1]
    lost = np.cumsum((share * true / safe**2)[::-1])[::-1]
    by_positive = (precision - value) / positives + after
    s0, s1 = cells.w2[:, ::-1]
    variance = float((s1 * by_positive**2).sum() + (s0 * lost**2).sum())
    low, high, reason = _logit_interval(value, math.sqrt(variance), level)
    if effective_rows(w1, s1) < FEW:
        low, high, reason = None, None, f"no interval from fewer than {FEW} rows of label 1"
    return Estimate(
        value=value,
        low=low,
        high=high,
        level=level if reason is None else None,
        method="infinitesimal jackknife, on the logit scale" if reason is None else None,
        reason=reason,
    )


def _logit_interval(
    value: float, error: float, level: float
) -> tuple[float | None, float | None, str | None]:
    if not 0 < value < 1 or error <= 0:
        return None, None, "no interval at the end of the scale or without variation"
    z = normal_quantile(0.5 + level / 2)
    logit = math.log(value / (1 - value))
    half = z * error / (value * (1 - value))
    return _expit(logit - half), _expit(logit + half), None


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _one_class(negatives: float, positives: float) -> str:
    if negatives <= 0 and positives <= 0:
        return "no rows"
    return "every label is 1" if negatives <= 0 else "every label is 0"


def accuracy_at_half(cells: Cells, *, level: float) -> Estimate:
    """Return the share of rows on the right side of p = ½ (p ≥ ½ predicts label 1)."""
    high = cells.p >= 0.5
    right = float(cells.w[1][high].sum() + cells.w[0][~high].sum())
    total = float(cells.w.sum())
    return proportion(right, total, float(cells.w2.sum()), level=level)


def proportion(hits: float, total: float, squares: float, *, level: float) -> Estimate:
    """Return a proportion with its Wilson interval (Wilson 1927).

    Args:
        hits: weight of the hits.
        total: Σw.
        squares: Σw², for the effective number of rows.
        level: confidence level.
    """
    share = hits / total
    effective = total * total / squares
    low, high = wilson(np.array([share]), np.array([effective]), level)
    return Estimate(
        value=share, low=float(low[0]), high=float(high[0]), level=level, method="Wilson"
    )
