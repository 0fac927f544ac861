"""The log loss that a calibrator saves on rows it was not fitted on, paired by row."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.base import BinaryMap, Calibrator
from calaudit.calibrators.fit_figures import paired_saving
from calaudit.calibrators.fit_points import sample_of
from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.report.evaluation_report import Report
from calaudit.tables.groups import GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.views import Tails

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Saving:
    """Sums over rows of the loss before less the loss after; of parts they add up.

    Attributes:
        clip: smallest probability of the true class in a loss.
        frequency: whether a row of weight w stands for w rows.
    """

    clip: float
    frequency: bool
    weight: float = 0.0
    squares: float = 0.0
    saved: float = 0.0
    cross: float = 0.0
    spread: float = 0.0

    def add(
        self, before: NDArray[Any] | Tails, after: NDArray[Any] | Tails, weights: Floats | None
    ) -> None:
        """Add rows: (n,) the probability of the true class before and after, and weights."""
        difference = losses_of(before, self.clip) - losses_of(after, self.clip)
        w = np.ones(len(difference)) if weights is None else weights
        w2 = w if self.frequency else w * w
        self.weight += float(w.sum())
        self.squares += float(w2.sum())
        self.saved += float(w @ difference)
        self.cross += float(w2 @ difference)
        self.spread += float(w2 @ (difference * difference))

    def merge(self, other: Saving) -> Saving:
        """Return the sums of the rows of both."""
        return Saving(
            self.clip,
            self.frequency,
            self.weight + other.weight,
            self.squares + other.squares,
            self.saved + other.saved,
            self.cross + other.cross,
            self.spread + other.spread,
        )

    def error(self) -> float:
        """Return the standard error of the mean saving."""
        mean = self.saved / self.weight
        spread = self.spread - 2.0 * mean * self.cross + mean * mean * self.squares
        return math.sqrt(max(spread, 0.0)) / self.weight


def losses_of(truth: NDArray[Any] | Tails, clip: float) -> Floats:
    """Return (n,) the losses of rows.

    Args:
        truth: (n,) probability of what happened.
        clip: the smallest one that counts.
    """
    # A tail above one half tells the loss of near certainty, which 1 − q would round away.
    with np.errstate(divide="ignore"):
        if isinstance(truth, Tails):
            far = -np.log(np.maximum(truth.q, clip))
            return np.where(truth.above, -np.log1p(-truth.q), far)
        losses: Floats = -np.log(np.maximum(truth.astype(np.float64), clip))
        return losses


def saving_error(
    table: ScoreTable, calibrator: Calibrator, *, clip: float, weight_kind: str
) -> float:
    """Return the standard error of the mean saving on the rows of a table of single scores.

    Args:
        table: scores as they are.
        calibrator: for one score: the rows of a cell are calibrated alike.
        clip: probabilities are clipped to [clip, 1 − clip].
        weight_kind: what weights mean.
    """
    assert isinstance(calibrator.map, BinaryMap)
    cells = weighted_cells(table, weight_kind)
    sample = sample_of(cells, floor=calibrator.floor, scale=calibrator.scale)
    return paired_saving([(sample, calibrator.map)], clip)[1]


def saved_of(
    before: Report,
    after: Report,
    error: float,
    level: float,
    groups: GroupTable | None = None,
    rows: float = 0.0,
) -> Estimate:
    """Return what is saved: the difference of two log losses, with a paired interval.

    Args:
        before: the report on some rows as they are.
        after: the same rows, calibrated.
        error: standard error of the mean of the differences of the rows, were they independent.
        level: of the interval.
        groups: sums by group of what is saved, where rows belong together.
        rows: equally weighted ones that the rows are worth.
    """
    first, second = before.metrics["log_loss"].value, after.metrics["log_loss"].value
    if first is None or second is None:
        when = "before" if first is None else "after"
        return Estimate(value=None, reason=f"the log loss {when} calibration is infinite")
    value = first - second
    half = normal_quantile(0.5 + level / 2) * error
    if (before.metrics["n"].value or 0) < 2:
        return Estimate(value=value, reason="one row has no interval")
    if groups is not None and math.isfinite(half):
        weight, saved = groups.totals()
        unit = float(weight.sum()) / rows
        off, variance = (saved - value * weight) / unit, error**2 * rows
        found = clustered_mean(value, off, weight / unit, variance, level=level)
        return found if found.low is None else replace(found, method="paired by group, CR2")
    if not math.isfinite(half):
        return Estimate(value=value, reason="the losses of single rows are infinite")
    return Estimate(
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        method="paired by row, normal",
    )
