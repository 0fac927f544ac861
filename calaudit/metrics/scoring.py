"""Proper scoring rules from the table, and what the confidently wrong contribute to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.unseen import RULE_OF_THREE, unseen_share
from calaudit.metrics.weighting import Weighed, mixed, near_weights, stretch, weighed
from calaudit.tables.cells import Cells
from calaudit.tables.groups import Clusters

Floats = NDArray[np.float64]

DEFAULT_CLIP = 2.0**-52
"""Probabilities are clipped to [clip, 1 − clip] in the log loss, as scikit-learn does it."""


@dataclass(frozen=True, slots=True, eq=False)
class Losses:
    """A loss for each cell and label.

    Attributes:
        loss: (2, m) loss of the rows of each label in each cell.
        sums: (2, m) the rows.
        expected: Σ w p(1 − p) u (difference of the two losses)², the spread that calibration
            makes expect (see `weighting`); 0 where one label only is meant.
        infinite: number of rows whose outcome was given probability exactly 0.
    """

    loss: Floats
    sums: Weighed
    infinite: int
    expected: float = 0.0

    def mean(self) -> float:
        """Return the weighted mean loss; inf where an infinite loss is not clipped."""
        w = self.sums.w
        held = w > 0
        return float((self.loss[held] * w[held]).sum()) / float(w.sum())


def log_losses(cells: Cells, clip: float = DEFAULT_CLIP, *, both_ends: bool = True) -> Losses:
    """Return −log of the probability of the outcome, in nats, by cell and label.

    Args:
        cells: cells of the table.
        clip: probabilities are clipped to [clip, 1 − clip]; 0 leaves infinite losses infinite.
        both_ends: whether they are clipped at 1 − clip too, as for binary labels; the
            probability of the true class of several is raised to clip and no more.
    """
    q = cells.q
    top = 1.0 - clip
    near = -np.log(np.minimum(1.0 - q, top)) if clip > 0 and both_ends else -np.log1p(-q)
    # A score clipped to 1 − clip in float64 is a tail of 1 − (1 − clip), not quite clip.
    least = np.where(cells.above, 1.0 - top, clip)
    with np.errstate(divide="ignore"):
        far = -np.log(np.maximum(q, least))
    unlikely = np.stack([cells.above, ~cells.above])  # label 0 where p is high, 1 where low
    loss = np.where(unlikely, far, near)  # the unlikely outcome has probability q, the other 1 − q
    infinite = int(cells.counts[unlikely & (q == 0) & (cells.w > 0)].sum())
    expected = _expected_spread(cells, loss) if both_ends else 0.0
    return Losses(loss, weighed(cells), infinite, expected)


def _expected_spread(cells: Cells, loss: Floats) -> float:
    q = cells.q.mean(axis=0)
    p = np.where(cells.above, 1.0 - q, q)
    unit = mixed(p, near_weights(weighed(cells), cells.p))
    with np.errstate(invalid="ignore"):
        spread = cells.total * unit * q * (1.0 - q) * (loss[1] - loss[0]) ** 2
    return float(spread[q > 0].sum())


def log_loss(losses: Losses, *, clip: float, level: float) -> Estimate:
    """Return the mean log loss in nats, at least 0; 0 is best (Good 1952).

    The interval is normal, from the variance of the loss of single rows; where hardly any was
    surprising its upper end makes room for surprises that were not seen.
    """
    if clip <= 0 and losses.infinite:
        return Estimate(
            value=None,
            reason=f"infinite: {losses.infinite} rows have probability 0 for what happened",
        )
    return mean_estimate(
        losses.loss,
        losses.sums,
        level=level,
        at_least=0.0,
        expected=losses.expected,
        other=losses.loss[::-1],
    )


def brier(cells: Cells, *, level: float) -> Estimate:
    """Return the mean of (p − y)², in [0, 1]; 0 is best (Brier 1950).

    In a table with several scores in a cell the figure is too small by at most the variance
    of scores in their cells.
    """
    q = cells.q
    unlikely = np.stack([cells.above, ~cells.above])
    loss = np.where(unlikely, 1.0 - q, q) ** 2
    return mean_estimate(
        loss,
        weighed(cells),
        level=level,
        at_least=0.0,
        at_most=1.0,
        expected=_expected_spread(cells, loss),
        other=loss[::-1],
    )


def mean_estimate(
    values: Floats,
    sums: Weighed,
    *,
    level: float,
    at_least: float = -math.inf,
    at_most: float = math.inf,
    expected: float = 0.0,
    other: Floats | None = None,
) -> Estimate:
    """Return a weighted mean with a normal interval that respects the bounds of the figure.

    Args:
        values: value of the rows in each group.
        sums: the rows of each group, of the shape of ``values``.
        level: confidence level of the interval.
        at_least: smallest possible mean.
        at_most: largest possible mean.
        expected: Σw²(x − mean)² as calibration makes it expect; see `spread_of`.
        other: values that rows would have with the other label; None where labels play no part.
    """
    held = sums.w > 0
    if sums.groups is not None:
        return _clustered(values, sums, sums.groups, level, at_least, at_most)
    x, sums = values[held], sums.of(lambda all_: all_[held])
    w, w2 = sums.w, sums.w2
    total = float(w.sum())
    mean = float((x * w).sum()) / total
    effective = total * total / float(w2.sum())
    if effective < 2:
        return Estimate(value=mean, reason="one row has no interval")
    spread = spread_of(x - mean, sums, expected, level)
    variance = spread / total**2 * effective / (effective - 1.0)
    half = normal_quantile(0.5 + level / 2) * math.sqrt(variance)
    room = 0.0 if other is None else _room(x, other[held], sums, expected, level)
    if not math.isfinite(room):
        return Estimate(value=mean, reason="no interval: a score of 0 or 1 has no finite loss")
    return normal_with_room(mean, half, room, level, at_least=at_least, at_most=at_most)


def normal_with_room(
    mean: float, half: float, room: float, level: float, *, at_least: float, at_most: float
) -> Estimate:
    """Return a mean with its normal interval, and room above for what was not seen."""
    method, one_sided = (f"normal, {RULE_OF_THREE}", True) if room > 0 else ("normal", None)
    ends = {"at_least": at_least, "at_most": at_most, "room": room}
    return around(mean, half, level, method, one_sided=one_sided, **ends)


def _clustered(
    values: Floats, sums: Weighed, groups: Clusters, level: float, at_least: float, at_most: float
) -> Estimate:
    """Return a mean over rows that belong together; see `mean_estimate`."""
    w, held = sums.w, sums.w > 0
    mean = float((values[held] * w[held]).sum()) / float(w.sum())
    variance = variance_of(values, w, mean)
    off = groups.sums(values, w) - mean * groups.rows
    ends = {"at_least": at_least, "at_most": at_most}
    return clustered_mean(mean, off, groups.rows, variance, level=level, **ends)


def variance_of(values: Floats, w: Floats, mean: float) -> float:
    """Return the mean of (x − mean)² over rows: of values with weights, of one shape."""
    held = w > 0
    return float(((values[held] - mean) ** 2 * w[held]).sum()) / float(w.sum())


def _room(x: Floats, other: Floats, sums: Weighed, expected: float, level: float) -> float:
    """Return how much higher a mean may be for labels that were not seen; see `unseen_share`.

    Args:
        x: values of the rows of each group.
        other: those that they would have with the other label.
        sums: the rows.
        expected: as in `mean_estimate`.
        level: of the interval.
    """
    square = (other - x) ** 2
    typical = float((sums.w2 * square).sum() / sums.w2.sum())
    if not 0 < typical < math.inf:
        return typical
    unit = float(sums.w2.sum() / sums.w.sum())
    surprises = float((sums.w2 * square)[x > other].sum())
    seen = max(surprises, expected) / (typical * unit * unit)
    share = unseen_share(seen, float(sums.w.sum()) / unit, level)
    return share * math.sqrt(typical)


def spread_of(off: Floats, sums: Weighed, expected: float, level: float) -> float:
    """Return the Σw²off² that an interval is made of: that seen, or that expected.

    Where a few rare values decide it, what the rows show may be too little by chance, and what
    calibration makes expect is taken if it is more than that with its `stretch`. Where it is more
    than such chance explains, the rows speak against it: k values that decide are a Poisson count.

    Args:
        off: (j,) distance of the rows of each group from their mean.
        sums: (j,) the rows.
        expected: what the sum would be on average.
        level: of the interval.
    """
    parts = sums.w2 * off * off
    seen = float(parts.sum())
    longer = seen * float(stretch(off, sums, level)) ** 2
    if not 0 < longer < expected:
        return max(longer, expected)
    deciding = seen * seen / float((parts * parts * sums.w2 / sums.w**2).sum())
    most = seen * (1.0 + 3.0 / math.sqrt(deciding) + 4.0 / deciding)
    return expected if expected <= most else longer


def worst_share(losses: Losses, fraction: float = 0.01) -> float | None:
    """Return the part of the total loss that the worst ``fraction`` of the weight carries.

    The marginal group of equal losses is taken in part. None when the total loss is 0 or
    infinite.
    """
    held = losses.sums.w > 0
    loss, w = losses.loss[held], losses.sums.w[held]
    order = np.argsort(-loss, kind="stable")
    loss, w = loss[order], w[order]
    total = float((loss * w).sum())
    if not 0 < total < math.inf:
        return None
    room = fraction * float(w.sum())
    before = np.cumsum(w) - w
    taken = np.clip(room - before, 0.0, w)
    return float((loss * taken).sum()) / total
