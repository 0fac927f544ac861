"""What multiclass calibrators do to rows they were not fitted on, in one pass over all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import MulticlassMap
from calaudit.calibrators.certificate import Check, FigureSet
from calaudit.calibrators.fit_figures import BINS, calibration_errors
from calaudit.calibrators.rows import HELD, Rows, blocks
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.scoring import DEFAULT_CLIP
from calaudit.tables.binning import equal_width
from calaudit.tables.builder import TableBuilder

Floats = NDArray[np.float64]

CAP = 1 << 14
"""Cells of the tables that smECE is computed from; bins of the ECE are exact."""

HELD_OUT, CROSS_FITTED = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Sums of the rows of one kind (held-out or cross-fitted) over several methods.

    Attributes:
        loss: (M,) Σ w loss. products: (M, M) Σ w² loss loss. cross: (M,) Σ w² loss.
        brier: (M,) Σ w Σ_k (p − y)². weight, squares: Σ w and Σ w². rows: number of rows.
    """

    loss: Floats
    products: Floats
    cross: Floats
    brier: Floats
    weight: float = 0.0
    squares: float = 0.0
    rows: int = 0

    @classmethod
    def zeros(cls, methods: int) -> Judged:
        """Return the sums of no rows."""
        none = np.zeros(methods)
        return cls(none, np.zeros((methods, methods)), none, none)

    def with_rows(self, losses: Floats, brier: Floats, rows: Rows) -> Judged:
        """Return the sums with more rows: losses and brier are (M, n)."""
        w, w2 = rows.w, rows.w2
        return Judged(
            self.loss + losses @ w,
            self.products + (losses * w2) @ losses.T,
            self.cross + losses @ w2,
            self.brier + brier @ w,
            self.weight + float(w.sum()),
            self.squares + float(w2.sum()),
            self.rows + int(rows.counts.sum()),
        )

    def merge(self, other: Judged) -> Judged:
        """Return the sums of the rows of both."""
        return Judged(
            self.loss + other.loss,
            self.products + other.products,
            self.cross + other.cross,
            self.brier + other.brier,
            self.weight + other.weight,
            self.squares + other.squares,
            self.rows + other.rows,
        )

    def difference(self, a: int, b: int) -> tuple[float, float]:
        """Return the mean loss of method a less that of b, and its paired standard error."""
        mean = float(self.loss[a] - self.loss[b]) / self.weight
        square = float(self.products[a, a] - 2.0 * self.products[a, b] + self.products[b, b])
        cross = float(self.cross[a] - self.cross[b])
        spread = square - 2.0 * mean * cross + mean * mean * self.squares
        return mean, math.sqrt(max(spread, 0.0)) / self.weight


class JudgeSums:
    """Accumulates losses and top-label tables of several methods.

    Args:
        maps: for each method, the maps of each fold and, last, of all rows (for those held
            out); the first method is the scores as they are.
        floor: of probabilities.
    """

    def __init__(self, maps: Mapping[str, Sequence[MulticlassMap]], floor: float) -> None:
        self.maps, self.floor = maps, floor
        self.sums = [Judged.zeros(len(maps)) for _ in (HELD_OUT, CROSS_FITTED)]
        cuts = equal_width(BINS).cuts
        self.tables = [
            [
                TableBuilder(cuts=cuts, cap=CAP, waiting=1 << 16, quick=False)
                for _ in (HELD_OUT, CROSS_FITTED)
            ]
            for _ in maps
        ]

    def add(self, rows: Rows) -> None:
        """Add rows."""
        for block in blocks(rows):
            held = block.folds == HELD
            for kind, chosen in ((HELD_OUT, held), (CROSS_FITTED, ~held)):
                part = block if chosen.all() else block.take(chosen)
                if len(part):
                    self._add(part, kind)

    def _add(self, rows: Rows, kind: int) -> None:
        losses, brier = np.empty((2, len(self.maps), len(rows)))
        z = rows.logits(self.floor)
        for m, maps in enumerate(self.maps.values()):
            if m == 0 and rows.probabilities:
                outcome = _of_probabilities(rows)
            else:
                outcome = _of_logits(_calibrated(z, rows.folds, maps), rows.labels)
            losses[m], brier[m], q, above, right = outcome
            self.tables[m][kind].add_tails(q, above, right, rows.weights)
        self.sums[kind] = self.sums[kind].with_rows(losses, brier, rows)

    def merge(self, other: Self) -> Self:
        """Return the sums of the rows of both."""
        merged = type(self)(self.maps, self.floor)
        merged.sums = [a.merge(b) for a, b in zip(self.sums, other.sums, strict=True)]
        for m in range(len(self.maps)):
            for kind in (HELD_OUT, CROSS_FITTED):
                merged.tables[m][kind].add_table(self.tables[m][kind].table())
                merged.tables[m][kind].add_table(other.tables[m][kind].table())
        return merged


def _calibrated(z: Floats, folds: NDArray[np.int64], maps: Sequence[MulticlassMap]) -> Floats:
    if (folds == HELD).all():
        return maps[-1].logits(z)
    s = np.empty_like(z)
    for fold in np.unique(folds):
        at = folds == fold
        s[at] = maps[fold].logits(z[at])  # a held-out row has fold -1: the last map
    return s


Outcome = tuple[Floats, Floats, Floats, NDArray[np.bool_], NDArray[np.uint8]]


def _of_logits(s: Floats, labels: NDArray[np.int64]) -> Outcome:
    """Return loss, Brier loss, tail and side of the top probability, and whether it is right."""
    at = np.arange(len(s))
    e = np.array(s.T, order="C")  # a copy, by class: numpy adds up long rows much faster
    top = e.argmax(axis=0)
    e -= e[top, at]
    mine = e[labels, at]
    np.exp(e, out=e)
    e[top, at] = 0.0
    others = e.sum(axis=0)
    e[top, at] = 1.0
    total = 1.0 + others
    above = others < 1.0
    q = np.where(above, others, 1.0) / total
    loss = np.log1p(others) - mine
    stated = e[labels, at] / total
    e *= e
    brier = e.sum(axis=0) / (total * total) - 2.0 * stated + 1.0
    return loss, brier, q, above, (top == labels).astype(np.uint8)


def _of_probabilities(rows: Rows) -> Outcome:
    """Return the same of probabilities as they are, the loss clipped as in the report."""
    p = rows.scores.astype(np.float64)
    at = np.arange(len(p))
    top = p.argmax(axis=1)
    best, mine = np.minimum(p[at, top], 1.0), p[at, rows.labels]
    loss = -np.log(np.clip(mine, DEFAULT_CLIP, 1.0))
    brier = np.einsum("ij,ij->i", p, p) - 2.0 * mine + 1.0
    right = (top == rows.labels).astype(np.uint8)
    return loss, brier, np.minimum(best, 1.0 - best), best > 0.5, right


def multiclass_check(sums: JudgeSums, kind: str, method: int, *, level: float) -> Check | None:
    """Return the figures before and after one method; None where there are no such rows."""
    index = HELD_OUT if kind == "held-out" else CROSS_FITTED
    judged = sums.sums[index]
    if judged.rows == 0 or judged.weight <= 0:
        return None
    figures = []
    for m in (0, method):
        smece, ece = calibration_errors(sums.tables[m][index].table().cells())
        loss = float(judged.loss[m]) / judged.weight
        brier = float(judged.brier[m]) / judged.weight
        figures.append(FigureSet(loss if math.isfinite(loss) else None, smece, ece, brier))
    saved, error = judged.difference(0, method)
    half = normal_quantile(0.5 + level / 2) * error
    finite = math.isfinite(saved) and math.isfinite(half)
    return Check(
        kind,
        judged.rows,
        figures[0],
        figures[1],
        saved=saved if finite else 0.0,
        saved_low=saved - half if finite else None,
        saved_high=saved + half if finite else None,
    )
