"""What the reader of a report should know beside the figures, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from calaudit.api.reports.figures import TableFigures
from calaudit.errors import SettingsError
from calaudit.findings.finding import Finding, finding, once
from calaudit.metrics.discrimination import auroc
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.judges import judge_figures
from calaudit.metrics.labelling import label_findings
from calaudit.predictions.catalogue import listed
from calaudit.predictions.melted import LABEL_NAME, Labels
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import ConfidentlyWrong, GradeResult, SliceResult
from calaudit.tables.cells import Cells
from calaudit.tables.summary import Summary

MISSING = "missing-classes"

MACRO = ("ece", "brier", "auroc")
"""Figures whose means over labels are said."""
"""Code of the note that some classes have no row."""

FEW_ROWS = 200


def reading_notes(
    predictions: Predictions, cells: Cells, ranking: Estimate | None = None
) -> list[Finding]:
    """Return what the labels and scores are not, and the notes of the reader.

    Args:
        predictions: where the rows come from.
        cells: of their scores.
        ranking: AUROC of these cells, where it is known.
    """
    ranking = auroc(cells, level=0.95) if ranking is None else ranking
    names = predictions.class_names
    found = label_findings(cells, ranking, task=predictions.task, classes=names)
    return once([*found, *predictions.notes])


def notes_of(
    predictions: Predictions,
    summary: Summary,
    figures: TableFigures,
    metrics: dict[str, Estimate],
    wrong: ConfidentlyWrong,
    bins_shown: str,
    grades: Sequence[GradeResult] = (),
) -> tuple[Finding, ...]:
    """Return the notes of a report: those of the reader first, then those of the figures."""
    return (
        *reading_notes(predictions, figures.cells, metrics["auroc"]),
        *_of_rows(summary, figures, wrong),
        *_of_scores(summary, figures, metrics, bins_shown),
        *_of_classes(summary, predictions),
        *_of_weights(summary, figures),
        *_of_grades(grades),
        *_of_judge(predictions, figures, metrics),
    )


def labels_note(predictions: Predictions, slices: Sequence[SliceResult]) -> Iterator[Finding]:
    """Yield what holds for each of several labels of a row alike: the means of their figures."""
    labels: Labels | None = getattr(predictions.sources[0], "labels", None)
    if labels is None:
        return
    mine = [each for each in slices if each.column == LABEL_NAME]
    found = {name: [each.metrics[name].value for each in mine] for name in MACRO}
    yield finding(
        "labels-apart",
        labels=len(labels.names),
        scores=listed(labels.scores, 2),
        truths=listed(labels.truths, 2),
        judged=len([value for value in found["auroc"] if value is not None]),
        **{
            name: float(np.mean([v for v in values if v is not None] or [np.nan]))
            for name, values in found.items()
        },
    )


def _of_rows(summary: Summary, figures: TableFigures, wrong: ConfidentlyWrong) -> Iterator[Finding]:
    rows = int(figures.cells.counts.sum())
    if rows < FEW_ROWS:
        yield finding("few-rows", rows=rows)
    rate = float(figures.residuals.wy.sum()) / float(figures.residuals.w.sum())
    if rate in (0.0, 1.0):
        kinds = ("label-0", "label-1") if summary.task == "binary" else ("wrong", "right")
        yield finding("one-class", kind=kinds[int(rate)])
    if wrong.infinite_rows:
        clip = figures.settings.clip
        kind = "clipped" if clip > 0 else "infinite"
        yield finding("infinite-loss", kind=kind, rows=wrong.infinite_rows, clip=clip)


def _of_scores(
    summary: Summary, figures: TableFigures, metrics: dict[str, Estimate], bins_shown: str
) -> Iterator[Finding]:
    table = summary.table
    if bins_shown == "distinct":
        yield finding("few-scores", scores=len(table))
    if not table.exact:
        bounds = ", ".join(
            f"{name} {metrics[key].error_bound:.1g}"
            for name, key in (("Brier", "brier"), ("log loss", "log_loss"), ("AUROC", "auroc"))
            if metrics[key].error_bound is not None
        )
        sizes = {"most": table.cap, "cells": len(table), "bits": table.level}
        yield finding("table-not-exact", **sizes, bounds=bounds)
    if bins_shown == "equal-mass" and not figures.settings.equal_mass:
        yield finding("equal-mass-shown")


def _of_classes(summary: Summary, predictions: Predictions) -> Iterator[Finding]:
    missing, of = _missing_classes(summary, predictions), predictions.n_classes
    if missing:
        names = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        yield finding(MISSING, kind="judged", missing=len(missing), classes=of, names=names)


def _of_weights(summary: Summary, figures: TableFigures) -> Iterator[Finding]:
    if summary.table.weights is not None:
        kind, rows = figures.settings.weight_kind, float(figures.cells.w.sum())
        yield finding("weighted", kind=kind, rows=rows)


def _of_grades(grades: Sequence[GradeResult]) -> Iterator[Finding]:
    worse = [each.grade for each in grades if each.light != "green"]
    if worse:
        yield finding("grades-understated", few=len(worse), of=len(grades), names=listed(worse, 9))


def _of_judge(
    predictions: Predictions, figures: TableFigures, metrics: dict[str, Estimate]
) -> Iterator[Finding]:
    """Yield what a judge is worth, and the pass rate without its errors."""
    if not predictions.layout.judged or predictions.intake is None:
        return
    if figures.table.weights is not None or figures.groups is not None:
        option = "group" if figures.groups is not None else "weight"
        raise SettingsError(f"--judge counts each row once: leave --{option} out")
    found = judge_figures(figures.cells, predictions.intake.alone, level=figures.settings.level)
    kappa, rate = found.kappa, found.rate
    yield finding(
        "judge-corrected",
        kind="one" if kappa.value is None else "kappa",
        agreement=100 * (metrics["accuracy"].value or 0.0),
        labelled=found.labelled,
        rows=found.rows,
        kappa=kappa.value,
        kappa_low=kappa.low,
        kappa_high=kappa.high,
        passes=100 * found.passes,
        rate=100 * (rate.value or 0.0),
        low=100 * (rate.low or 0.0),
        high=100 * (rate.high or 0.0),
    )


def _missing_classes(summary: Summary, predictions: Predictions) -> list[str]:
    """Return the classes that never occur as a label."""
    if summary.classes is None:
        return []
    events = summary.classes.y.sum(axis=1)
    return [predictions.class_names[k] for k in range(len(events)) if events[k] == 0]
