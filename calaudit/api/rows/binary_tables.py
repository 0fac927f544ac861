"""The score tables that a binary calibrator is fitted on: of the fit rows, and those held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.reading import Gathering
from calaudit.api.rows.sides import Sides
from calaudit.api.rows.splits import Plan
from calaudit.api.rows.weights import check_numbers, counted_cells
from calaudit.calibrators.cross_fitted import FOLDS, deal_folds
from calaudit.calibrators.fit_figures import BINS
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.rows import HELD
from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk
from calaudit.tables.binning import equal_width
from calaudit.tables.builder import TableBuilder
from calaudit.tables.cells import Cells
from calaudit.tables.keys import ONE_KEY, keys_of_tails
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary
from calaudit.tables.views import Tails, View, view_of

COARSE = 1 << 14
"""Cells that cross-validation works on; finer ones are merged before."""

STEEPEST = 700.0
"""Largest logit whose tail float64 holds. Where there are larger ones, all are divided by a
power of two before they are counted."""


class BinaryTables(Gathering):
    """Accumulates chunks into tables; merges.

    Args:
        plan: which rows are fitted.
        task, scale: of the rows.
        stretch: what logits are divided by.
        frequency: whether a row of weight w stands for w rows.
    """

    def __init__(
        self,
        plan: Plan,
        task: Task,
        scale: Scale,
        *,
        stretch: float = 1.0,
        frequency: bool = False,
    ) -> None:
        self.plan, self.task, self.scale, self.stretch = plan, task, scale, stretch
        self.frequency = frequency
        self.sides = Sides()
        self.largest = 0.0
        # With groups a fold is made of whole groups, and has a table of its own; without, the
        # rows of a table are dealt out afterwards, which gives the same.
        count = FOLDS if plan.group is not None else 1
        cuts = equal_width(BINS).cuts
        quick = count == 1
        self._fit = [TableBuilder(cuts=cuts, quick=quick) for _ in range(count)]
        self._held = TableBuilder(cuts=cuts, quick=quick)

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        plan = self.plan
        if self.frequency and chunk.weights is not None:
            check_numbers(chunk.weights)
        view = self._view(chunk)
        if not plan.holds_out and plan.group is None:
            view.add_to(self._fit[0])
            return
        folds = plan.folds(chunk) if plan.group else np.where(plan.held(chunk), HELD, 0)
        self.sides.add(plan, chunk, folds)
        for fold, table in [(HELD, self._held), *enumerate(self._fit)]:
            rows = np.flatnonzero(folds == fold)
            if len(rows):
                view.take(rows).add_to(table)

    def _view(self, chunk: Chunk) -> View:
        if self.scale != "logit":
            return view_of(chunk, self.task, self.scale)
        z = chunk.scores.astype(np.float64) / self.stretch
        self.largest = max(self.largest, float(np.abs(z).max(initial=0.0)))
        e = np.exp(-np.abs(z))
        return View(Tails(e / (1.0 + e), z > 0), chunk.labels, chunk.weights)

    def take(self, known: Summary) -> bool:
        """Add the rows of a summary; return whether it tells all that is asked of them."""
        table, plan = known.table, self.plan
        divided = plan.holds_out or plan.group is not None or self.stretch != 1.0
        counted = self.frequency and table.weights is not None
        least = keys_of_tails(np.array([np.exp(-STEEPEST)]), np.array([False]))[0]
        tails = np.minimum(table.starts, ONE_KEY - table.starts)
        steep = self.scale == "logit" and bool((tails < least).any())
        if divided or counted or steep or not table.exact:
            return False
        self._fit[0].add_table(table.with_cuts(equal_width(BINS).cuts))
        return True

    def merge(self, other: BinaryTables) -> BinaryTables:
        """Return the tables of both."""
        for mine, theirs in zip([*self._fit, self._held], [*other._fit, other._held], strict=True):
            mine.add_table(theirs.table())
        self.largest = max(self.largest, other.largest)
        self.sides = self.sides.merge(other.sides)
        return self

    def fit_table(self) -> ScoreTable:
        """Return the table of the fit rows."""
        whole = self._fit[0].table()
        for part in self._fit[1:]:
            whole = whole.merge(part.table())
        return whole

    def rows_by_fold(self) -> list[int]:
        """Return the fit rows of each fold; with no groups, of all folds together."""
        return [builder.table().rows for builder in self._fit]

    def held_table(self) -> ScoreTable:
        """Return the table of the rows held out."""
        return self._held.table()

    def sample(self, table: ScoreTable, floor: float) -> Sample:
        """Return the points of a table."""
        cells = self._cells(table)
        return sample_of(cells, floor=floor, scale=self.scale, stretch=self.stretch)

    def _cells(self, table: ScoreTable) -> Cells:
        """Return the cells of a table, with rows counted as often as they stand for."""
        cells = table.cells()
        if not self.frequency or table.weights is None:
            return cells
        return counted_cells(cells)

    def folds(self, floor: float, seed: int) -> tuple[Sample, list[Sample]]:
        """Return the fit rows on a bounded number of points, and the folds that have any."""
        whole = _coarse(self.fit_table())
        sample = self.sample(whole, floor)
        if self.plan.group is None:
            return sample, deal_folds(sample, np.random.default_rng([seed, 12]))
        starts = self._cells(whole).starts
        tables = [builder.table() for builder in self._fit]
        parts = [self._cells(table.coarsened(whole.level)) for table in tables if table.rows]
        return sample, [_on_points(sample, starts, part) for part in parts]


def _coarse(table: ScoreTable) -> ScoreTable:
    while len(table) > COARSE and table.level > 0:
        table = table.coarsened(min(table.level - 1, 14))
    return table


def _on_points(sample: Sample, starts: NDArray[np.int64], part: Cells) -> Sample:
    """Return the rows of some cells as weights on the points of all rows, which begin there."""
    at = np.searchsorted(starts, part.starts)
    counts = np.zeros_like(sample.counts)
    w, w2 = np.zeros_like(sample.w), np.zeros_like(sample.w)
    counts[:, at], w[:, at], w2[:, at] = part.counts, part.w, part.w2
    return replace(sample, w=w, w2=w2, counts=counts)
