"""Evidence that scores are off by more than a tolerance, which may be looked at without end.

For rows that are independent, given the batches before them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.logistic import expit, fit_logistic
from calaudit.metrics.recalibration import COX_CLIP, logits_of
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.cells import Cells
from calaudit.tables.score_table import CAP, ScoreTable

Floats = NDArray[np.float64]

LEVEL = 6
"""Mantissa bits that tell scores apart: evidence does not depend on how batches were read."""

RECENT = 10
"""Batches that the recalibrators of the recent past are fitted on."""

RIDGE, SHRINK = 10.0, 4.0
BINS = 10
RECALIBRATORS = 4
BINNING: Binning = equal_width(BINS)

LEARNING = 1.0
"""Nats that the recalibrators lose while they learn a shift, about."""

MOST_BATCHES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the batches so far tell, and all that the next one needs.

    Attributes:
        past: the rows of all batches; None before the first.
        recent: those of the last ten, each by itself.
        logs: (4,) the log of the evidence of each recalibrator: a line in the logit and shifts of
            ten bins, each fitted on all of the past and on the last ten batches.
        clipped: rows with a score of exactly 0 or 1, which a tolerance of 0 puts just beside it.
    """

    past: ScoreTable | None = None
    recent: tuple[ScoreTable, ...] = ()
    logs: tuple[float, ...] = (0.0,) * RECALIBRATORS
    clipped: int = 0

    @property
    def log(self) -> float:
        """The log of the evidence: of the mean of the four."""
        return float(np.logaddexp.reduce(self.logs)) - math.log(len(self.logs))

    def after(self, batch: ScoreTable, tolerance: float) -> Evidence:
        """Return the evidence after one more batch.

        E is multiplied by the likelihood of the batch under what was learnt before it, over that
        under the nearest scores within the tolerance. Where E[y | p] is within it at every score,
        the mean of E stays at most 1, and it reaches 1/α with probability at most α, however
        often it is looked at.

        Args:
            batch: its rows, in cells of `LEVEL` at the finest, cut at the ten bins.
            tolerance: 0 to 1, largest difference of E[y | p] from p that is not to be found.

        Source: Waudby-Smith & Ramdas 2024; Henzi & Ziegel 2022; the nearest point of the null
        Grünwald, de Heide & Koolen 2024.
        """
        batch = replace(batch.coarsened(LEVEL), cap=CAP)
        recent = (*self.recent, batch)[-RECENT:]
        ends = batch.counts[:, (batch.starts == 0) | (batch.cells().p == 1.0)]
        clipped = self.clipped + int(ends.sum()) * (tolerance == 0.0)
        if self.past is None:
            return Evidence(batch, recent, self.logs, clipped)
        cells = batch.cells()
        z, bins = logits_of(cells), BINNING.bin_of(batch.starts)
        logs: list[float] = []
        for rows in (self.past, reduce(ScoreTable.merge, self.recent)):
            learnt = rows.cells()
            a, b = _line(learnt)
            logs += [
                float((log_ratio(z, s, tolerance) * cells.counts).sum())
                for s in (a + b * z, z + _shifts(learnt)[bins])
            ]
        total = tuple(have + more for have, more in zip(self.logs, logs, strict=True))
        return Evidence(self.past.merge(batch), recent, total, clipped)


def log_ratio(z: Floats, s: Floats, tolerance: float) -> Floats:
    """Return (2, m) the log-likelihood of labels 0 and 1 under s, over that of the nearest null.

    Args:
        z: (m,) logits of the scores.
        s: (m,) logits that were learnt.
        tolerance: the null has all that is so near to the score.
    """
    low, high = z, z
    if tolerance > 0.0:
        p = expit(z)
        with np.errstate(divide="ignore"):
            low, high = (
                np.log(x) - np.log1p(-x)
                for x in (np.maximum(p - tolerance, 0.0), np.minimum(p + tolerance, 1.0))
            )
    null = np.clip(s, low, high)
    signs = np.array([[1.0], [-1.0]])
    found: Floats = np.logaddexp(0.0, signs * null) - np.logaddexp(0.0, signs * s)
    return found


def _line(cells: Cells) -> tuple[float, float]:
    """Return intercept and slope of the logistic regression on the logit, drawn to (0, 1)."""
    z = logits_of(cells)
    features = np.stack([np.ones_like(z), z])
    w0, w1 = cells.counts.astype(np.float64)
    beta, _ = fit_logistic(features, w0, w1, np.array([0.0, 1.0]), ridge=RIDGE)
    return float(beta[0]), float(beta[1])


def _shifts(cells: Cells) -> Floats:
    """Return the shift of the logit of each of the ten bins: R/(V + 4)."""
    rows, at = cells.counts.sum(axis=0), BINNING.bin_of(cells.starts)
    residual = np.bincount(at, cells.counts[1] - cells.p * rows, BINS)
    spread = np.bincount(at, cells.p * (1.0 - cells.p) * rows, BINS)
    shifts: Floats = residual / (spread + SHRINK)
    return shifts


def share_evidence(batches: Sequence[tuple[float, float]], limit: float) -> float:
    """Return the log of the evidence that the share of errors is above a limit.

    As `Evidence`, with one score for all rows: that errors are no more than the limit is the
    null, and what is learnt is their share, in all of the past and in the last ten batches.

    Args:
        batches: of each, in order, the errors and the rows.
        limit: 0 to 1.
    """
    logs = np.zeros(2)
    for t, (errors, rows) in enumerate(batches):
        for k, begin in enumerate((0, max(0, t - RECENT))):
            past = np.array(batches[begin:t]).reshape(-1, 2).sum(axis=0)
            share = (past[0] + RIDGE * limit) / (past[1] + RIDGE)
            if share > limit:  # else the nearest null is what was learnt
                floor, share = max(limit, COX_CLIP), min(share, 1.0 - COX_CLIP)
                logs[k] += errors * math.log(share / floor)
                logs[k] += (rows - errors) * (math.log1p(-share) - math.log1p(-floor))
    return float(np.logaddexp.reduce(logs)) - math.log(2.0)


def expected_batches(
    state: Evidence, rows: int, shift: float, tolerance: float, alpha: float
) -> int | None:
    """Return after about how many batches a shift that begins now is an alarm; None for never.

    Half of the time it takes longer. The recalibrators of the last ten batches learn it as it
    fills them; E grows by the relative entropy of what they know to the nearest null.

    Args:
        state: of the batches so far, at least one.
        rows: of a batch to come.
        shift: of the mean outcome, in the direction that takes longer.
        tolerance: as in `Evidence.after`.
        alpha: of the alarm.
    """
    cells = reduce(ScoreTable.merge, state.recent).cells()
    z, share = logits_of(cells), cells.counts.sum(axis=0) / float(cells.counts.sum())
    needed = math.log(RECALIBRATORS / alpha) + LEARNING - max(state.logs[2:])
    slowest = 0
    for sign in (-1.0, 1.0):
        moved = _moved(z, share, sign * shift)
        if moved is None:  # the scores have no room for it in this direction
            continue
        truth, got, batches = np.stack([expit(-(z + moved)), expit(z + moved)]), 0.0, 1
        while got < needed and batches <= MOST_BATCHES:
            known = min(batches, RECENT) / min(len(state.recent) + batches, RECENT)
            ratio = log_ratio(z, z + known * moved, tolerance)
            got += max(rows * float((truth * ratio).sum(axis=0) @ share), 0.0)
            batches += 1
        slowest = max(slowest, batches)
    return slowest if 0 < slowest <= MOST_BATCHES else None


def _moved(z: Floats, share: Floats, shift: float) -> float | None:
    """Return by how much logits move for the mean outcome to; None where it cannot."""
    mean = float(expit(z) @ share) + shift
    if not 0.0 < mean < 1.0:
        return None
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if float(expit(z + middle) @ share) < mean else (low, middle)
    return high
