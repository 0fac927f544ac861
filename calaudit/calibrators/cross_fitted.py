"""What calibrators are worth on rows they were not fitted on, from the score table.

Folds need no second look at the rows: splitting the counts of each cell at random among the
folds gives what assigning the rows themselves at random would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.fit_figures import paired_saving
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.methods import BINARY_FITS, TRIED_FROM, BinaryFit
from calaudit.errors import NotEnoughData
from calaudit.metrics.discrimination import effective_rows
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.scoring import DEFAULT_CLIP, log_losses
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

FOLDS = 5

FEW = 20
"""Rows of a label below which what is saved has no interval."""

EXACT = 1e-12
"""Losses that differ by less differ by rounding."""

RECOVERING = {
    "temperature": "temperature", "platt": "Platt", "beta": "beta", "isotonic": "isotonic",
}  # fmt: skip
"""Methods that the recoverable log loss tries, and what the report calls them."""


@dataclass(frozen=True, slots=True, eq=False)
class LossSums:
    """Losses of rows that are alike, with their weights; all of one shape."""

    loss: Floats
    w: Floats
    w2: Floats

    def mean(self) -> float:
        """Return the weighted mean loss; inf where a row with weight has an infinite one."""
        held = self.w > 0
        return float((self.w[held] * self.loss[held]).sum()) / float(self.w.sum())

    def mean_difference(self, other: LossSums) -> tuple[float, float]:
        """Return the mean of this loss less another of the same rows, and its standard error."""
        held = self.w > 0
        difference = self.loss[held] - other.loss[held]
        w, w2 = self.w[held], self.w2[held]
        total = float(w.sum())
        mean = float((w * difference).sum()) / total
        spread = float((w2 * (difference - mean) ** 2).sum())
        return mean, math.sqrt(spread) / total


@dataclass(frozen=True, slots=True, eq=False)
class CrossFit:
    """Calibrators fitted without a fold, and that fold.

    Attributes:
        parts: for each fold, its rows and the map fitted on the others.
    """

    parts: tuple[tuple[Sample, BinaryMap], ...]

    def losses(self) -> LossSums:
        """Return the losses of the rows of each fold, (folds, 2, m)."""
        logits = [mapping.logits(sample.p, sample.z) for sample, mapping in self.parts]
        return LossSums(
            np.stack([[np.logaddexp(0.0, s), np.logaddexp(0.0, -s)] for s in logits]),
            np.stack([sample.w for sample, _ in self.parts]),
            np.stack([sample.w2 for sample, _ in self.parts]),
        )


def deal_folds(sample: Sample, rng: np.random.Generator, folds: int = FOLDS) -> list[Sample]:
    """Return the folds: the rows of each cell and label dealt out at random."""
    counts = sample.counts
    dealt = np.moveaxis(rng.multinomial(counts, [1.0 / folds] * folds), 2, 0)
    share = dealt / np.maximum(counts, 1)
    return [
        Sample(sample.p, sample.z, sample.tail, sample.above, s * sample.w, s * sample.w2, d)
        for s, d in zip(share, dealt, strict=True)
    ]


def dealt_places(sizes: Floats, folds: int = FOLDS) -> NDArray[np.int64]:
    """Return the fold of each of several groups, from the first on each in the smallest one."""
    places, filled = np.zeros(len(sizes), np.int64), np.zeros(folds)
    for group, size in enumerate(sizes.tolist()):
        places[group] = filled.argmin()
        filled[places[group]] += size
    return places


def deal_groups(sample: Sample, rng: np.random.Generator) -> tuple[list[Sample], NDArray[np.int64]]:
    """Return folds of whole groups, and the fold of each group: the largest are dealt first."""
    assert sample.groups is not None
    sizes = sample.groups.sum(axis=(1, 2))
    order = np.lexsort((rng.random(len(sizes)), -sizes))
    places = np.empty(len(sizes), np.int64)
    places[order] = dealt_places(sizes[order])
    folds = []
    for fold in range(FOLDS):
        w = sample.groups[places == fold].sum(axis=0)
        share = np.minimum(w / np.where(sample.w > 0, sample.w, 1.0), 1.0)
        counts = np.rint(share * sample.counts).astype(np.int64)
        folds.append(replace(sample, w=w, w2=share * sample.w2, counts=counts, groups=None))
    return folds, places


def cross_fit(sample: Sample, folds: list[Sample], fit: BinaryFit) -> CrossFit:
    """Return the maps fitted on all but one fold, for each fold.

    Args:
        sample: all rows.
        folds: the same points, the rows dealt out.
        fit: the method.

    Raises:
        NotEnoughData: the method has no fit on the rows of some folds, or one fold has all rows.
    """
    folds = [fold for fold in folds if fold.total > 0]
    if len(folds) < 2:
        raise NotEnoughData("the rows to fit on are all in one fold")
    parts = []
    for fold in folds:
        rest = Sample(
            sample.p,
            sample.z,
            sample.tail,
            sample.above,
            np.maximum(sample.w - fold.w, 0.0),
            np.maximum(sample.w2 - fold.w2, 0.0),
            sample.counts - fold.counts,
        )
        # What rounding leaves of a cell whose rows are all in the fold is no weight.
        gone = rest.counts == 0
        rest.w[gone] = 0.0
        rest.w2[gone] = 0.0
        try:
            parts.append((fold, fit(rest)))
        except NotEnoughData as error:
            why = f"without one of {len(folds)} folds, {error.why}"
            raise NotEnoughData(why, error.advice, stated=error.stated) from None
    return CrossFit(tuple(parts))


def recoverable_log_loss(
    cells: Cells, *, clip: float = DEFAULT_CLIP, level: float, rng: np.random.Generator
) -> Estimate:
    """Return the log loss that the best of a menu of calibrators would save; at least 0.

    NLL(scores as they are) − cross-fitted NLL of the best of temperature, Platt, beta and (from
    10,000 rows) isotonic calibration, in nats a row: a lower bound on the calibration part of
    the log loss. What is saved on new rows falls short of what can be by what fitting costs, so
    that the interval ends above the saving on the rows fitted themselves; its error grows with the
    root of the saving. The lower end is normal, over the paired differences of the rows.

    Args:
        cells: cells of the table.
        clip: probabilities are clipped to [clip, 1 − clip], as in the log loss.
        level: of the interval.
        rng: of the folds.

    Limits: no interval from fewer than 20 rows of a label.
    Source: Berta, Holzmüller, Jordan & Bach 2025.
    """
    w0, w1 = cells.w
    if float(w0.sum()) <= 0 or float(w1.sum()) <= 0:
        return Estimate(value=None, reason="the labels are all of one class")
    rows = int(cells.counts.sum())
    if rows < 10 * FOLDS:
        return Estimate(value=None, reason=f"needs at least {10 * FOLDS} rows")
    if clip <= 0 and log_losses(cells, 0.0).infinite:
        return Estimate(value=None, reason="the log loss is infinite")
    sample = sample_of(cells, floor=max(clip, DEFAULT_CLIP))
    folds = deal_folds(sample, rng)
    best: tuple[str, float, float] | None = None
    for method in RECOVERING:
        if rows < TRIED_FROM.get(method, 0):
            continue
        try:
            crossed = cross_fit(sample, folds, BINARY_FITS[method])
        except NotEnoughData:
            continue
        saved = paired_saving(list(crossed.parts), clip)
        if best is None or saved[0] > best[1]:
            best = (method, *saved)
    if best is None:
        return Estimate(value=None, reason="no calibrator could be fitted to every fold")
    method, mean, error = best
    value = max(mean, 0.0)
    if min(map(effective_rows, cells.w, cells.w2)) < FEW:
        return Estimate(value=value, reason=f"no interval from fewer than {FEW} rows of a label")
    z = normal_quantile(0.5 + level / 2)
    most, wide = paired_saving([(sample, BINARY_FITS[method](sample))], clip)
    root = math.sqrt(max(most, value, EXACT))
    reach = (root + z * wide / (2.0 * root)) ** 2
    if wide < EXACT:  # scores of which nothing can be said but that they are many
        reach = z * z / (2.0 * sum(map(effective_rows, cells.w, cells.w2)))
    return Estimate(
        value=value,
        low=max(mean - z * error, 0.0),
        high=max(reach, mean + z * error),
        level=level,
        method=f"{FOLDS}-fold cross-fitted {RECOVERING[method]}, paired normal",
    )
