"""How well scores order the labels: AUROC, average precision, accuracy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import FEWEST, clustered_share, spread, student_factor
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.unseen import RULE_OF_THREE, unseen_share
from calaudit.metrics.weighting import Weighed, near_weights, share_interval, stretch, weighed
from calaudit.tables.cells import Cells

EVERY_ZERO, EVERY_ONE = "every label is 0", "every label is 1"
"""Reasons why nothing can be ranked."""

Floats = NDArray[np.float64]

FEW = 20
"""Rows of a label below which intervals by the usual variances are too narrow."""


MOST_BIAS = 0.3
"""Bias of the average precision, by the second order of its expansion, in standard errors, from
which there is no interval; only what weights add to it is looked at."""


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
    if cells.groups is not None:
        off = np.stack([(of_negative - value) / negatives, (of_positive - value) / positives])
        return replace(_clustered(value, off, cells, level, "Obuchowski"), error_bound=bound)
    variance = _placement_variance(of_positive, w1, cells.w2[1], value)
    variance += _placement_variance(of_negative, w0, cells.w2[0], value)
    fewest = min(effective_rows(w0, cells.w2[0]), effective_rows(w1, cells.w2[1]))
    if fewest < FEW:  # DeLong's variance is far too small there; this is the largest possible
        variance = max(variance, value * (1.0 - value) / max(fewest, 1.0))
    off = np.stack([of_negative - value, of_positive - value])
    error = math.sqrt(variance) * _stretch(cells, off, level)
    # Were it lower than this, `fewest` pairs that share no row would hardly all be in order.
    apart = 1.0 - unseen_share(0.0, fewest, level)
    found = _logit_interval(value, error, level, "DeLong", (apart, 1.0 - apart))
    if fewest < 2:
        found = Estimate(value=value, reason="no interval from one row of a label")
    return replace(found, error_bound=bound)


def _stretch(cells: Cells, off: Floats, level: float) -> float:
    """Return `stretch` for two means, over the rows of either label, that are added."""
    n = cells.counts.sum(axis=1, keepdims=True)
    by = n / cells.w.sum(axis=1, keepdims=True)
    sums = Weighed(cells.w * by, cells.w2 * by * by, cells.counts)
    return float(stretch((off / n).ravel(), sums.of(np.ravel), level))


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

    Limits: where rows of label 0 were sampled more thinly than those of label 1, and few are left
    at the highest scores, the figure is too high, by more than an interval would say. There it
    has none.
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
    off = np.stack([lost, by_positive])[:, ::-1]
    error = math.sqrt(variance) * float(stretch(off.ravel(), weighed(cells).of(np.ravel), level))
    near = near_weights(weighed(cells), cells.p)[:, ::-1]
    heavier = np.maximum(np.cumsum(s0) + near[0] ** 2 - near[1] * (false + near[0]), 0.0)
    bias = float((share * np.minimum(true * heavier / safe**3, precision)).sum())
    if effective_rows(w1, s1) < FEW:
        reason = f"no interval from fewer than {FEW} rows of label 1"
        return Estimate(value=value, reason=reason)
    if cells.groups is not None:
        by_label = np.stack([-lost, by_positive])[:, ::-1]
        return _clustered(value, by_label, cells, level, "infinitesimal jackknife over groups")
    if bias > MOST_BIAS * error:
        reason = "no interval: few, heavy rows of label 0 at high scores"
        return Estimate(value=value, reason=reason)
    # Rows of label 0 that were not seen lower it most where they have the highest scores of all.
    above = float(w0.sum()) / positives * unseen_share(0.0, effective_rows(w0, s0), level)
    apart = 1.0 - above * math.log1p(1.0 / above)
    return _logit_interval(value, error, level, "infinitesimal jackknife", (apart, 0.0))


def _clustered(value: float, off: Floats, cells: Cells, level: float, method: str) -> Estimate:
    """Return a figure in [0, 1] of rows that belong together with its interval.

    Args:
        value: the figure.
        off: (2, m) what a row of each label and cell adds to it.
        cells: of the table, with groups.
        level: of the interval.
        method: of the error.
    """
    groups = cells.groups
    assert groups is not None
    fewest = int((groups.w.sum(axis=2) > 0).sum(axis=0).min())
    if fewest < FEWEST:
        return Estimate(
            value=value, reason=f"no interval: a label is in fewer than {FEWEST} groups"
        )
    error = math.sqrt(spread(groups.sums(off, cells.w))) * student_factor(len(groups), level)
    apart = 1.0 - unseen_share(0.0, fewest, level)
    return _logit_interval(value, error, level, method, (apart, 1.0 - apart))


def _logit_interval(
    value: float, error: float, level: float, method: str, ends: tuple[float, float]
) -> Estimate:
    """Return a figure in [0, 1] with its interval.

    Args:
        value: the figure.
        error: its standard error.
        level: of the interval.
        method: of the error.
        ends: the lower end where all rows are in order, which no others exceed, and the upper end
            where all are in reverse order.
    """
    if 0 < value < 1 and error <= 0:
        return Estimate(value=value, reason="no interval without variation")
    low, high = value, value
    if 0 < value < 1:
        half = normal_quantile(0.5 + level / 2) * error / (value * (1 - value))
        logit = math.log(value / (1 - value))
        low, high = _expit(logit - half), _expit(logit + half)
    if low > ends[0] or high < ends[1]:
        return Estimate(
            value=value, low=min(low, ends[0]), high=max(high, ends[1]), level=level,
            method=RULE_OF_THREE, one_sided=True,
        )  # fmt: skip
    method = f"{method}, on the logit scale"
    return Estimate(value=value, low=low, high=high, level=level, method=method)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _one_class(negatives: float, positives: float) -> str:
    if negatives <= 0 and positives <= 0:
        return "no rows"
    return EVERY_ONE if negatives <= 0 else EVERY_ZERO


def accuracy_at_half(cells: Cells, *, level: float) -> Estimate:
    """Return the share of rows on the right side of p = ½ (p ≥ ½ predicts label 1)."""
    high = cells.p >= 0.5
    return proportion(cells, np.stack([~high, high]), level=level)


def base_rate(cells: Cells, *, level: float) -> Estimate:
    """Return the share of label 1."""
    return proportion(cells, np.array([[False], [True]]), level=level)


def proportion(cells: Cells, hits: NDArray[np.bool_], *, level: float) -> Estimate:
    """Return the share of some rows with its Wilson interval (Wilson 1927).

    Weighted rows count as many as a share so uncertain has without weights: see `weighting`.
    Where none, or all, are counted, the others are taken to weigh what rows of their label do
    where calibrated scores would have them.

    Args:
        cells: cells of the table.
        hits: whether the rows of each label and cell are counted, (2, m) or (2, 1).
        level: confidence level.
    """
    hits = np.broadcast_to(hits, cells.w.shape)
    if cells.groups is not None:
        counted = cells.groups.sums(hits.astype(np.float64), cells.w)
        others = cells.groups.sums((~hits).astype(np.float64), cells.w)
        return clustered_share(others, counted, level)
    sums = weighed(cells)
    likely = cells.total * (np.stack([1.0 - cells.p, cells.p]) + 1e-200)

    def sides(x: NDArray[Any]) -> NDArray[Any]:
        return np.array([[x[side].sum()] for side in (~hits, hits)])

    weight = sides(likely)
    near = sides(likely * near_weights(sums, cells.p)) / np.where(weight > 0, weight, 1.0)
    share = sums.of(sides)
    low, high = share_interval(share, np.where(weight > 0, near, 1.0), level)
    return Estimate(
        value=min(float(share.w[1, 0]) / float(share.w.sum()), 1.0),
        low=float(low[0]),
        high=float(high[0]),
        level=level,
        method="Wilson",
    )
