"""Evaluation before and after a calibrator, in one read of the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.audits.savings import Saving, losses_of, saved_of, saving_error
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.reports.assemble import assemble_report
from calaudit.api.reports.calibrated import with_calibrator
from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.rows.reading import WEIGHT_LANES, Progress, lanes_of, read_summary
from calaudit.api.rows.splits import Plan
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_chunk, calibrated_scale
from calaudit.metrics.estimate import Estimate
from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Report
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.groups import GroupBuilder, GroupRows, GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary, SummaryBuilder
from calaudit.tables.views import view_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BeforeAfter:
    """What one read learnt.

    Attributes:
        before: the report on the rows as they are. after: calibrated; None without a calibrator.
        saved: log loss that the calibrator saves, in nats.
        tables: score tables behind both reports; the same twice without a calibrator.
        groups: likewise the rows by group, where they belong together.
        decision: tables for cutoffs on the calibrated scores, where they were wanted.
    """

    before: Report
    after: Report | None
    saved: Estimate
    tables: tuple[ScoreTable, ScoreTable]
    groups: tuple[GroupTable | None, GroupTable | None]
    decision: DecisionTables | None


@dataclass(frozen=True, slots=True, eq=False)
class _Summaries:
    """The summaries of the same rows as they are and calibrated, their paired sums, and tables."""

    before: Summary
    after: Summary | None
    saving: Saving
    groups: GroupBuilder
    tables: DecisionTables | None

    def merge(self, other: _Summaries) -> _Summaries:
        after, tables = self.after, self.tables
        if after is not None and other.after is not None:
            after = after.merge(other.after)
        if tables is not None and other.tables is not None:
            tables = tables.merge(other.tables)
        before, saving = self.before.merge(other.before), self.saving.merge(other.saving)
        self.groups.merge(other.groups)
        return _Summaries(before, after, saving, self.groups, tables)


class _Builder:
    """Feeds each chunk to all that is made of it, as it is and calibrated.

    Args:
        calibrator: what every chunk goes through, or None.
        task, scale: of the rows as they are.
        before, after: builders for either.
        saving: sums of several classes, whose tables do not tell which rows belong together.
        plan: has the groups of the rows.
        tables: of the scores as they are best used, or None.
    """

    def __init__(
        self,
        calibrator: Calibrator | None,
        task: Task,
        scale: Scale,
        before: SummaryBuilder,
        after: SummaryBuilder | None,
        saving: Saving,
        plan: Plan,
        tables: DecisionTables | None,
    ) -> None:
        self._calibrator, self._task, self._scale = calibrator, task, scale
        self._before, self._after, self._saving = before, after, saving
        self._tables, self._plan = tables, plan
        self._groups = GroupBuilder()

    def add(self, chunk: Chunk) -> None:
        view = view_of(chunk, self._task, self._scale)
        self._before.add_view(chunk, view)
        if self._calibrator is not None and self._after is not None:
            chunk, plain = calibrated_chunk(chunk, self._calibrator), view
            view = view_of(chunk, self._task, calibrated_scale(self._calibrator))
            self._after.add_view(chunk, view)
            if plain.truth is not None and view.truth is not None:
                self._saving.add(plain.truth, view.truth, chunk.weights)
            codes = self._plan.group_codes(chunk)
            if codes is not None:
                one, other = (losses_of(v.outcome(), self._saving.clip) for v in (plain, view))
                keys, saved = np.zeros(len(codes), np.int64), (one - other)[None]
                self._groups.add(GroupRows(codes, keys, view.labels, chunk.weights, saved))
        if self._tables is not None:
            self._tables.add_view(chunk, view)

    def summary(self) -> _Summaries:
        after = None if self._after is None else self._after.summary()
        tables = None if self._tables is None else self._tables.summary()
        return _Summaries(self._before.summary(), after, self._saving, self._groups, tables)


def before_and_after(
    predictions: Predictions,
    plan: Plan,
    calibrator: Calibrator | None,
    settings: Settings,
    progress: Progress | None,
    tables: Callable[[], DecisionTables | None] = lambda: None,
) -> BeforeAfter:
    """Return the reports on rows as they are and calibrated, each as `evaluate` gives it.

    Args:
        predictions: the rows, none of which the calibrator was fitted on.
        plan: of the division, which has their groups.
        calibrator: fitted on rows of this kind; None for the rows as they are alone.
        settings: of both reports.
        progress: called with rows done and rows in all.
        tables: returns empty tables that are made of the calibrated scores in the same read.
    """
    frequency = settings.weight_kind == "frequency"
    width, convention = settings.bins, settings.convention
    binning = equal_width(width, convention, predictions.dtype)
    binning_after = equal_width(width, convention, "float64")

    def builder(scale: Any, edges: Binning) -> SummaryBuilder:
        return SummaryBuilder(
            predictions.task, scale, n_classes=predictions.n_classes, binning=edges,
            worst=settings.worst, frequency=frequency, group=predictions.group, clip=settings.clip,
        )  # fmt: skip

    def make() -> _Builder:
        after = None
        if calibrator is not None:
            after = builder(calibrated_scale(calibrator), binning_after)
        before, saving = builder(predictions.scale, binning), Saving(settings.clip, frequency)
        task, scale = predictions.task, predictions.scale
        return _Builder(calibrator, task, scale, before, after, saving, plan, tables())

    both, intake = read_summary(
        predictions, make, threads=settings.threads, rounded=_lanes(predictions, plan),
        progress=progress,
    )  # fmt: skip
    before = assemble_report(__version__, predictions, both.before, intake, settings, binning)
    if calibrator is None or both.after is None:
        level = settings.level
        none = Estimate(value=0.0, low=0.0, high=0.0, level=level, method="the same scores")
        table = both.before.table
        groups = both.before.groups
        return BeforeAfter(before, None, none, (table, table), (groups, groups), both.tables)
    after = assemble_report(__version__, predictions, both.after, intake, settings, binning_after)
    after = with_calibrator(after, both.after, calibrator, calibrator)
    pair = both.before.table, both.after.table
    if predictions.task == "multiclass":
        error = both.saving.error()
    else:
        error = saving_error(
            pair[0], calibrator, clip=settings.clip, weight_kind=settings.weight_kind
        )
    rows = float(weighted_cells(pair[0], settings.weight_kind).w.sum())
    saved = saved_of(before, after, error, settings.level, both.groups.table(), rows)
    together = both.before.groups, both.after.groups
    return BeforeAfter(before, after, saved, pair, together, both.tables)


def _lanes(predictions: Predictions, plan: Plan) -> int:
    """Return the ``rounded`` of `read_summary`: sums by group are rounded as those of weights."""
    return lanes_of(predictions) or WEIGHT_LANES * (plan.group is not None)
