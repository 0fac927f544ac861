"""From a summary to the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from calaudit.api.reports.class_results import classes_of
from calaudit.api.reports.evaluation_notes import labels_note, notes_of
from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.reports.figures import TableFigures, cells_for, figures_of, gap_of
from calaudit.api.reports.grouping import groups_note, groups_of
from calaudit.api.reports.histogram_bins import histogram_bins
from calaudit.api.reports.reliability_bins import axis_for, reliability_bins, shown_bins
from calaudit.api.reports.slice_results import graded, slices_of
from calaudit.api.reports.verdict_sentences import stated_sentences, verdict_of
from calaudit.metrics.clinical import net_benefits
from calaudit.metrics.recalibration import reliability_curve
from calaudit.metrics.scoring import log_losses, worst_share
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.source import Input
from calaudit.report.evaluation_report import (
    BenefitPoint,
    ClassResult,
    ConfidentlyWrong,
    CurvePoint,
    InputFile,
    IntakeResult,
    Report,
    RoleResult,
    Threshold,
    WorstRow,
)
from calaudit.tables.binning import Binning
from calaudit.tables.cells import Cells
from calaudit.tables.groups import MOST_GROUPS
from calaudit.tables.keys import ONE_KEY, key_of
from calaudit.tables.store import values_of_table
from calaudit.tables.summary import CONFIDENT, Summary
from calaudit.tables.worst import WorstCandidate

WORST_FRACTION = 0.01


def assemble_report(
    version: str,
    predictions: Predictions,
    summary: Summary,
    intake: Intake,
    settings: Settings,
    binning: Binning,
    grade: str | None = None,
) -> Report:
    """Return the report on a summary."""
    figures = TableFigures(summary.table, settings, binning, summary.groups)
    metrics = figures_of(summary, figures)
    residuals = figures.residuals
    total = float(residuals.w.sum())
    rate = float(residuals.wy.sum()) / total
    mean_score = float(residuals.wp.sum()) / total
    groups = groups_of(predictions, figures)
    shown, kind = shown_bins(figures)
    wrong = _confidently_wrong(summary, figures)
    slices = slices_of(
        summary, predictions.layout, settings, binning, kind, group=predictions.group
    )
    grades = graded(slices, summary, grade, settings.level)
    notes = notes_of(predictions, summary, figures, metrics, wrong, kind, grades or ())
    notes += () if groups is None else (groups_note(groups),)
    stated = summary.task == "top-label" and kind == "distinct" and groups is None
    verdict = verdict_of(
        summary.task,
        metrics,
        gap_of(figures),
        level=settings.level,
        mean_score=mean_score,
        rate=rate,
        groups=None if groups is None else groups.groups or MOST_GROUPS,
        notes=notes,
        more=stated_sentences(figures.cells, metrics["auroc"]) if stated else (),
    )
    notes += tuple(labels_note(predictions, slices))
    return Report(
        calaudit=version,
        inputs=inputs_of(predictions, intake),
        roles=roles_of(predictions),
        settings=settings.values()
        | {"out_of": predictions.layout.out_of, "bins_shown": kind}
        | ({} if (axis := axis_for(figures, summary.task)) is None else {"axis": axis})
        | ({"edges": edges} if (edges := predictions.layout.edges) else {})
        | ({} if groups is None else {"group": groups.column})
        | ({} if grade is None else {"grade": grade}),
        task=summary.task,
        scale=predictions.scale,
        classes=predictions.class_names,
        intake=intake_of(intake),
        verdict=verdict,
        metrics=metrics,
        bins=reliability_bins(shown, settings),
        curve=_curve(figures),
        decision_curve=_decision_curve(figures) if summary.task == "binary" else (),
        confidently_wrong=wrong,
        worst=tuple(_worst_row(w, predictions) for w in summary.worst.rows),
        slices=slices,
        notes=notes,
        table=values_of_table(summary.table),
        histogram=histogram_bins(figures.cells),
        by_class=_by_class(summary, predictions, settings),
        groups=groups,
        grades=grades,
    )


def _by_class(
    summary: Summary, predictions: Predictions, settings: Settings
) -> tuple[ClassResult, ...]:
    if summary.classes is None:
        return ()
    grouped = summary.groups is not None
    return classes_of(summary.classes, predictions.class_names, settings, grouped=grouped)


class Opened(Protocol):
    """Data that was opened: predictions, or forecasts of a number."""

    @property
    def inputs(self) -> Sequence[Input]:
        """Every file or object that is read."""

    @property
    def roles(self) -> Sequence[ResolvedRole]:
        """How the columns are read."""


def roles_of(predictions: Opened) -> tuple[RoleResult, ...]:
    """Return how the columns were read."""
    return tuple(
        RoleResult(
            role=r.role, columns=r.columns, inferred=r.inferred, option=r.option, detail=r.detail
        )
        for r in predictions.roles
    )


def intake_of(intake: Intake) -> IntakeResult:
    """Return what was read, used and refused."""
    return IntakeResult(
        rows_read=intake.rows_read,
        rows_used=intake.rows_used,
        refused={reason: r.count for reason, r in sorted(intake.refused.items())},
    )


def inputs_of(predictions: Opened, intake: Intake) -> tuple[InputFile, ...]:
    """Return the files that were read."""
    inputs, seen = predictions.inputs, intake.rows_read + intake.rows_left
    return tuple(
        InputFile(
            path=i.path,
            format=i.format,
            rows=seen if i.rows is None and len(inputs) == 1 else i.rows or 0,
            bytes=i.bytes,
        )
        for i in inputs
    )


def _curve(figures: TableFigures) -> tuple[CurvePoint, ...]:
    rng = np.random.default_rng([figures.settings.seed, 51])
    found = reliability_curve(figures.residuals, level=figures.settings.level, rng=rng)
    columns = (found.score, found.rate, found.low, found.high, found.piece)
    return tuple(
        CurvePoint(score=x, observed=y, band_low=low, band_high=high, piece=piece)
        for x, y, low, high, piece in zip(*(column.tolist() for column in columns), strict=True)
    )


def _decision_curve(figures: TableFigures) -> tuple[BenefitPoint, ...]:
    return tuple(
        BenefitPoint(cutoff=t, benefit=e.value or 0.0, low=e.low, high=e.high, act_on_all=everyone)
        for t, e, everyone in net_benefits(figures.cells, level=figures.settings.level)
    )


def _confidently_wrong(summary: Summary, figures: TableFigures) -> ConfidentlyWrong:
    cells = figures.cells
    truth = cells if summary.truth is None else cells_for(summary.truth, figures.settings)
    both_ends = summary.truth is None
    losses = log_losses(truth, figures.settings.clip, both_ends=both_ends)
    above = tuple(_above(cells, level, summary.task) for level in CONFIDENT)
    return ConfidentlyWrong(
        worst_fraction=WORST_FRACTION,
        share_of_log_loss=worst_share(losses, WORST_FRACTION),
        infinite_rows=losses.infinite,
        above=above,
    )


def _above(cells: Cells, level: float, task: str) -> Threshold:
    """Return the rows of a confidence above ``level``, and those of them that are wrong."""
    key = key_of(level)
    high = cells.starts > key
    rows = int(cells.counts[:, high].sum())
    wrong, weight = int(cells.counts[0, high].sum()), float(cells.w[:, high].sum())
    wrong_weight = float(cells.w[0, high].sum())
    if task == "binary":
        low = cells.starts < ONE_KEY - key
        rows += int(cells.counts[:, low].sum())
        wrong += int(cells.counts[1, low].sum())
        weight += float(cells.w[:, low].sum())
        wrong_weight += float(cells.w[1, low].sum())
    share = wrong_weight / weight if weight > 0 else None
    return Threshold(above=level, rows=rows, wrong=wrong, share=share)


def _worst_row(row: WorstCandidate, predictions: Predictions) -> WorstRow:
    classes = predictions.class_names

    def name(index: int | None) -> str:
        return classes[index] if index is not None and index < len(classes) else str(index)

    if predictions.task == "top-label":
        label, predicted = "wrong", row.said or "right"
    else:
        label, predicted = name(row.label), name(row.predicted)
    return WorstRow(
        file=predictions.inputs[row.source].path,
        row=row.row,
        id=row.id,
        label=label,
        predicted=predicted,
        confidence=1.0 - row.doubt,
        loss=-math.log(row.truth) if row.truth > 0 else None,
    )
