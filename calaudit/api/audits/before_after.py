"""Evaluation before and after a calibrator, in one read of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from calaudit import __version__
from calaudit.api.audits.savings import Saving, saved_of, saving_error
from calaudit.api.reports.assemble import assemble_report
from calaudit.api.reports.calibrated import with_calibrator
from calaudit.api.reports.settings import Settings
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.calibrators.applying import calibrated_chunk, calibrated_scale
from calaudit.calibrators.base import Calibrator
from calaudit.metrics.estimate import Estimate
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.predictions import Predictions
from calaudit.report.model import Report
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary, SummaryBuilder
from calaudit.tables.views import view_of

__all__ = ["BeforeAfter", "before_and_after"]


@dataclass(frozen=True, slots=True, eq=False)
class BeforeAfter:
    """What one read learnt.

    Attributes:
        before: the report on the rows as they are. after: calibrated; None without a calibrator.
        saved: log loss that the calibrator saves, in nats.
        tables: score tables behind both reports; the same twice without a calibrator.
    """

    before: Report
    after: Report | None
    saved: Estimate
    tables: tuple[ScoreTable, ScoreTable]


@dataclass(frozen=True, slots=True, eq=False)
class _Summaries:
    """The summaries of the same rows as they are and calibrated, and their paired sums."""

    before: Summary
    after: Summary
    saving: Saving

    def merge(self, other: _Summaries) -> _Summaries:
        return _Summaries(
            self.before.merge(other.before),
            self.after.merge(other.after),
            self.saving.merge(other.saving),
        )


class _Builder:
    """Feeds each chunk to two builders, as it is and calibrated.

    Args:
        calibrator: what every chunk goes through.
        scale: of the rows as they are.
        before, after: builders for either.
        saving: sums of several classes, whose tables do not tell which rows belong together.
    """

    def __init__(
        self,
        calibrator: Calibrator,
        scale: Any,
        before: SummaryBuilder,
        after: SummaryBuilder,
        saving: Saving,
    ) -> None:
        self._calibrator, self._scale = calibrator, scale
        self._before, self._after, self._saving = before, after, saving

    def add(self, chunk: Chunk) -> None:
        calibrator = self._calibrator
        task: Any = calibrator.task
        view = view_of(chunk, task, self._scale)
        self._before.add_view(chunk, view)
        new = calibrated_chunk(chunk, calibrator)
        calibrated = view_of(new, task, calibrated_scale(calibrator))
        self._after.add_view(new, calibrated)
        if view.truth is not None and calibrated.truth is not None:
            self._saving.add(view.truth, calibrated.truth, chunk.weights)

    def summary(self) -> _Summaries:
        return _Summaries(self._before.summary(), self._after.summary(), self._saving)


def before_and_after(
    predictions: Predictions,
    calibrator: Calibrator | None,
    settings: Settings,
    progress: Progress | None,
) -> BeforeAfter:
    """Return the reports on rows as they are and calibrated, each as `evaluate` gives it.

    Args:
        predictions: the rows, none of which the calibrator was fitted on.
        calibrator: fitted on rows of this kind; None for the rows as they are alone.
        settings: of both reports.
        progress: called with rows done and rows in all.
    """
    frequency = settings.weight_kind == "frequency"
    width, convention = settings.bins, settings.convention
    binning = equal_width(width, convention, predictions.dtype)
    binning_after = equal_width(width, convention, "float64")

    def builder(scale: Any, edges: Binning) -> SummaryBuilder:
        return SummaryBuilder(
            predictions.task, scale, n_classes=predictions.n_classes, binning=edges,
            worst=settings.worst, frequency=frequency,
        )  # fmt: skip

    def make() -> Any:
        before = builder(predictions.scale, binning)
        if calibrator is None:
            return before
        after = builder(calibrated_scale(calibrator), binning_after)
        saving = Saving(settings.clip, frequency)
        return _Builder(calibrator, predictions.scale, before, after, saving)

    found, intake = read_summary(
        predictions, make, threads=settings.threads, rounded=lanes_of(predictions),
        progress=progress,
    )  # fmt: skip
    if calibrator is None:
        before = assemble_report(__version__, predictions, found, intake, settings, binning)
        level = settings.level
        none = Estimate(value=0.0, low=0.0, high=0.0, level=level, method="the same scores")
        return BeforeAfter(before, None, none, (found.table, found.table))
    both = cast(Any, found)
    before = assemble_report(__version__, predictions, both.before, intake, settings, binning)
    after = assemble_report(__version__, predictions, both.after, intake, settings, binning_after)
    after = with_calibrator(after, calibrator, calibrator)
    tables = both.before.table, both.after.table
    if predictions.task == "multiclass":
        error = both.saving.error()
    else:
        error = saving_error(
            tables[0], calibrator, clip=settings.clip, weight_kind=settings.weight_kind
        )
    return BeforeAfter(before, after, saved_of(before, after, error, settings.level), tables)
