"""The rows that a binary calibrator is fitted on, as points with weights by label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import FLOOR, BinaryMap, logits_of_tails
from calaudit.calibrators.identity import Identity
from calaudit.errors import NotEnoughData
from calaudit.metrics.discrimination import effective_rows
from calaudit.metrics.logistic import expit
from calaudit.tables.cells import Cells
from calaudit.tables.keys import keys_of_tails

Floats = NDArray[np.float64]

LABEL_ROWS = 5
"""Rows of each label that a method takes which learns how common the labels are."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Points in the order of their scores, one for each cell of a score table.

    Attributes:
        p: (m,) probabilities, as given. z: (m,) logits, of p clipped to [floor, 1 − floor], or
            as given.
        tail: (m,) distance of the scores from the nearer of 0 and 1. above: (m,) whether that
            is 1.
        w: (2, m) weight by label. w2: (2, m) squared weight. counts: (2, m) rows.
        groups: (G, 2, m) weight by group, where rows belong together and that is of use.
    """

    p: Floats
    z: Floats
    tail: Floats
    above: NDArray[np.bool_]
    w: Floats
    w2: Floats
    counts: NDArray[np.int64]
    groups: Floats | None = None

    @property
    def total(self) -> float:
        """Total weight."""
        return float(self.w.sum())

    @property
    def effective_rows(self) -> float:
        """Equally weighted rows that the rows are worth: (Σw)²/Σw²."""
        return self.total**2 / max(float(self.w2.sum()), np.finfo(np.float64).tiny)

    def condensed(self, points: int) -> Sample:
        """Return the rows on so many points at most: neighbours at their mean."""
        size = -(-len(self.p) // points)
        if size <= 1:
            return self
        first = np.arange(0, len(self.p), size)

        def add(x: NDArray[Any]) -> NDArray[Any]:
            return np.add.reduceat(x, first, axis=-1)

        weight = self.w.sum(axis=0)
        share = np.where(np.repeat(add(weight), size)[: len(weight)] > 0, weight, 1.0)
        p, z = (add(share * x) / add(share) for x in (self.p, self.z))
        above = p > 0.5
        tail = np.where(above, 1.0 - p, p)
        return Sample(p, z, tail, above, add(self.w), add(self.w2), add(self.counts))

    def require(self, rows: int, method: str, *, instead: str = "", each: int = 0) -> None:
        """Check that there are rows of both labels, and enough of them for a method.

        Args:
            rows: how many it takes, each of equal weight.
            method: what takes them.
            instead: what to do where they are too few.
            each: how many it takes of each label, so as not to learn that there are none.

        Raises:
            NotEnoughData: there are not.
        """
        w0, w1 = (float(w.sum()) for w in self.w)
        if w0 <= 0 or w1 <= 0:
            only = "positive" if w1 > 0 else "negative"
            raise NotEnoughData(
                f"every row to fit on is {only}: no calibrator can be fitted on one class",
                "Check the label column, or that the file is not sorted and cut",
                stated=True,
            )
        if self.effective_rows < rows - 1e-9:
            there, weighted = int(self.counts.sum()), ""
            if there != round(self.effective_rows):
                weighted = f", which with their weights are worth {self.effective_rows:,.0f}"
            raise NotEnoughData(
                f"{method} needs at least {rows:,} rows to fit on; there are {there:,}{weighted}",
                instead,
            )
        worth = [effective_rows(w, w2) for w, w2 in zip(self.w, self.w2, strict=True)]
        if min(worth) < each - 1e-9:
            raise NotEnoughData(
                f"{method} needs at least {each} rows of each label to fit on, and of one there "
                f"are {min(worth):,.0f}: from so few it would learn that it hardly occurs",
                "Use --method temperature, or fit on more rows",
            )


def sample_of(
    cells: Cells, *, floor: float = FLOOR, scale: str = "probability", stretch: float = 1.0
) -> Sample:
    """Return the points of a table.

    Args:
        cells: cells of the table.
        floor: probabilities are clipped to [floor, 1 − floor] before the logit.
        scale: "probability", or "logit" for a table of 1/(1 + exp(−z/stretch)): z itself comes
            back, not clipped.
        stretch: what logits were divided by to keep them in the range of a float64 tail.
    """
    w0, w1 = cells.w
    total = w0 + w1
    rows = cells.counts.sum(axis=0)
    share = np.where(total > 0, w1, cells.counts[1]) / np.where(total > 0, total, rows)
    tail = cells.q[0] + share * (cells.q[1] - cells.q[0])
    p = np.where(cells.above, 1.0 - tail, tail)
    z = logits_of_tails(tail, cells.above, floor if scale == "probability" else 0.0)
    if scale == "logit" and stretch != 1.0:
        z = z * stretch
        e = np.exp(-np.abs(z))
        p, tail = expit(z), e / (1.0 + e)
    return Sample(p, z, tail, cells.above, cells.w, cells.w2, cells.counts)


def calibrated_cells(parts: list[tuple[Sample, BinaryMap]]) -> Cells:
    """Return the cells of calibrated scores, each sample through its own map."""
    tails = [
        (sample.tail, sample.above)
        if isinstance(mapping, Identity)  # as given, not clipped
        else mapping.tails(sample.p, sample.z)
        for sample, mapping in parts
    ]
    q = np.concatenate([tail for tail, _ in tails])
    above = np.concatenate([a for _, a in tails])
    w = np.concatenate([sample.w for sample, _ in parts], axis=1)
    w2 = np.concatenate([sample.w2 for sample, _ in parts], axis=1)
    counts = np.concatenate([sample.counts for sample, _ in parts], axis=1)
    keys = keys_of_tails(q, above)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    new = np.flatnonzero(np.diff(keys, prepend=-1))
    first = order[new]
    q, above = q[first], above[first]
    return Cells(
        starts=keys[new],
        p=np.where(above, 1.0 - q, q),
        q=np.stack([q, q]),
        above=above,
        w=np.add.reduceat(w[:, order], new, axis=1),
        w2=np.add.reduceat(w2[:, order], new, axis=1),
        counts=np.add.reduceat(counts[:, order], new, axis=1),
        width=np.zeros(len(new)),
        exact=True,
    )
