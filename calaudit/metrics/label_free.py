"""What is to be expected of rows without labels, if a calibrator of other rows holds for them.

Everything here rests on that: nothing in rows without labels can show that it is not so.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.logistic import expit
from calaudit.metrics.normal import normal_quantile

Floats = NDArray[np.float64]

DRAWS, DRAWN_CELLS = 1000, 2048
"""Draws of a calibrator and labels, and cells of scores that they are drawn for, at most."""

TELLS = 9.6347
"""Noncentrality at which a test of 2 degrees of freedom and size 5 % finds a shift in 80 %."""

MOST_LABELS = 10**7


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Rows without labels, in cells of equal scores, in the order of the scores.

    Attributes:
        n: (m,) rows. p: (m,) scores. z: (m,) their calibrated logits.
        x: (d, m) derivatives of these by the parameters of the calibrator.
        covariance: (d, d) of these parameters.
    """

    n: Floats
    p: Floats
    z: Floats
    x: Floats
    covariance: Floats

    @property
    def q(self) -> Floats:
        """(m,) calibrated probabilities."""
        return expit(self.z)

    @property
    def rows(self) -> float:
        """Number of rows."""
        return float(self.n.sum())


def right_if(p: Floats, *, binary: bool) -> Floats:
    """Return (2, m) whether the prediction is right where the label is 0, and where it is 1.

    Args:
        p: (m,) scores; positives are predicted from ½ on.
        binary: whether labels are classes; else 1 means that the prediction is right.
    """
    predicted = p >= 0.5 if binary else np.ones(len(p), np.bool_)
    return np.stack([~predicted, predicted]).astype(np.float64)


def expected_mean(
    rows: Expected, values: Floats, *, level: float, chosen: NDArray[np.bool_] | None = None
) -> Estimate:
    """Return the mean over rows of what hangs on their labels.

    The interval is for the mean that the labels, once known, will give: its variance is
    Σ (v₁ − v₀)² q(1 − q)/n², the labels' own chance, and gᵀCg, the calibrator's, by the delta
    method. For values of 0 and 1 it ends at 0 and 1.

    Args:
        rows: the rows.
        values: (2, m) value of a row of label 0, and of label 1.
        level: of the interval.
        chosen: (m,) rows that it is the mean of; all by default.

    Limits: it holds only if the calibrator holds for these rows. Rows are independent.
    Source: CBPE, as in NannyML; the labels' own chance is added here.
    """
    n = rows.n if chosen is None else rows.n * chosen
    total = float(n.sum())
    if total <= 0:
        return Estimate(value=None, reason="there are no such rows")
    q, gain = rows.q, values[1] - values[0]
    spread = q * (1.0 - q)
    value = float(n @ (values[0] + gain * q)) / total
    own = float(n @ (gain * gain * spread)) / total**2
    effect = rows.x @ (n * gain * spread) / total
    ends = (float(values.min()), float(values.max()))
    return _estimate(value, own + float(effect @ rows.covariance @ effect), level, ends)


def expected_recall(rows: Expected, chosen: NDArray[np.bool_], *, level: float) -> Estimate:
    """Return the share of the rows of label 1 that are among those chosen, likewise."""
    q, n = rows.q, rows.n
    total = float(n @ q)
    value = float(n @ (q * chosen)) / total
    each = n * q * (1.0 - q) * (chosen - value) / total
    own = float((each * (chosen - value)).sum()) / total
    effect = rows.x @ each
    return _estimate(value, own + float(effect @ rows.covariance @ effect), level, (0.0, 1.0))


def _estimate(value: float, variance: float, level: float, ends: tuple[float, float]) -> Estimate:
    half = normal_quantile(0.5 + level / 2) * math.sqrt(variance)
    return around(value, half, level, "delta", at_least=ends[0], at_most=ends[1])


def expected_auroc(rows: Expected, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return Σ q_i(1 − q_j)[p_i > p_j, ½ for ties]/(Σq Σ(1 − q)), the AUROC to be expected.

    The interval is of draws of the parameters and of labels given them.

    Args:
        rows: the rows.
        level: of the interval.
        rng: what draws.
    """
    q = rows.q
    value = _auroc(rows.n * q, rows.n * (1.0 - q))
    if value is None:
        return Estimate(value=None, reason="one label only is expected")
    # Neighbours share a cell where there are many: draws are moved by what that makes of ties.
    first = np.arange(0, len(q), -(-len(q) // DRAWN_CELLS))
    n = np.add.reduceat(rows.n, first)
    z, x = (np.add.reduceat(rows.n * part, first, axis=-1) / n for part in (rows.z, rows.x))
    plain = _auroc(n * expit(z), n * expit(-z)) or value
    moves = rng.multivariate_normal(np.zeros(len(x)), rows.covariance, DRAWS)
    whole = np.rint(n).astype(np.int64)
    found = []
    for move in moves:
        ones = rng.binomial(whole, expit(z + move @ x)).astype(np.float64)
        drawn = _auroc(ones, whole - ones)
        found += [] if drawn is None else [drawn]
    if len(found) < DRAWS // 2:
        return Estimate(value=value, reason="hardly a row of one of the labels is expected")
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2]) + (value - plain)
    low, high = max(float(low), 0.0), min(float(high), 1.0)
    return Estimate(value=value, low=low, high=high, level=level, method="drawn")


def _auroc(ones: Floats, zeros: Floats) -> float | None:
    below = np.cumsum(zeros) - 0.5 * zeros
    pairs = float(ones.sum()) * float(zeros.sum())
    return float(ones @ below) / pairs if pairs > 0 else None


def atc_accuracy(
    sure: Floats, rows: Floats, accuracy: float, others: Floats, other_rows: Floats
) -> tuple[float, float]:
    """Return the share of other rows that are at least as sure as a cutoff, and the cutoff.

    It is the confidence that as large a share of the labelled rows reaches as are right there.

    Args:
        sure: (m,) confidence of the predictions of the labelled rows, in any order.
        rows: (m,) how many each stands for.
        accuracy: share of them that are right.
        others: confidence of the rows without labels.
        other_rows: how many each stands for.

    Source: Garg et al. 2022, Leveraging unlabeled data to predict out-of-distribution
        performance, ICLR (ATC on the maximum confidence).
    """
    order = np.argsort(-sure, kind="stable")
    reached = np.cumsum(rows[order])
    at = int(np.searchsorted(reached, round(accuracy * float(reached[-1])) - 1, side="right"))
    cutoff = float(sure[order][min(at, len(sure) - 1)])
    return float(other_rows[others >= cutoff].sum() / other_rows.sum()), cutoff


def uniform_shift(rows: Expected, change: float) -> Floats:
    """Return the shift (b, 0) of all logits that changes the expected share of label 1 so much.

    It is towards the side on which there is more room.
    """
    base = float(rows.n @ rows.q) / rows.rows
    change = change if base < 0.5 else -change
    found = _root(lambda b: float(rows.n @ expit(rows.z + b)) / rows.rows - base - change, 40.0)
    return np.array([found, 0.0])


def slope_shift(rows: Expected, values: Floats, change: float) -> Floats | None:
    """Return the shift (0, s − 1) of the slope by which the mean of values falls so much.

    Args:
        rows: the rows.
        values: (2, m), such as of `right_if`.
        change: by how much.

    Returns:
        None where no slope of 0 or more does it.
    """

    def mean(slope: float) -> float:
        q = expit(slope * rows.z)
        return float(rows.n @ (values[0] + (values[1] - values[0]) * q)) / rows.rows

    wanted = mean(1.0) - change
    if mean(0.0) > wanted:
        return None
    return np.array([0.0, _root(lambda d: mean(1.0 + d) - wanted, 1.0)])


def _root(function: Callable[[float], float], reach: float) -> float:
    """Return where a rising function of [−reach, reach] is 0, or the end nearest to it."""
    low, high = -reach, reach
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return 0.5 * (low + high)


def labels_to_tell(rows: Expected, shift: Floats) -> int | None:
    """Return how many labels of rows drawn at random would tell that the line has so shifted.

    By a test with 2 degrees of freedom of the intercept and the slope on the calibrated logit, of
    size 5 %, with a power of 80 %; how well the labelled rows know the line counts.

    Args:
        rows: the rows.
        shift: (2,) of intercept and slope.

    Returns:
        None where no number of labels would do, as the labelled rows know the line too badly.
    """
    weight = rows.n * rows.q * (1.0 - rows.q) / rows.rows
    line = np.stack([np.ones_like(rows.z), rows.z])
    chance = np.linalg.pinv((line * weight) @ line.T)  # of one label
    known = chance @ (line * weight) @ rows.x.T
    own = known @ rows.covariance @ known.T

    def tells(labels: float) -> bool:
        return float(shift @ np.linalg.pinv(chance / labels + own) @ shift) >= TELLS

    found = 1 + bisect_left(range(1, MOST_LABELS + 1), True, key=tells)
    return found if found <= MOST_LABELS else None
