"""From a summary to the report."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from calaudit.api.figures import TableFigures, cells_for, figures_of, gap_of
from calaudit.api.notes import missing_classes, notes_of
from calaudit.api.settings import Settings
from calaudit.api.slices import slices_of
from calaudit.api.verdicts import verdict_of
from calaudit.metrics.bins import BinSums, distinct
from calaudit.metrics.inversion import null_residuals
from calaudit.metrics.normal import wilson
from calaudit.metrics.scoring import log_losses, worst_share
from calaudit.metrics.smooth import smooth_curve
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.report.model import (
    Bin,
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
from calaudit.tables.keys import ONE_KEY, key_of
from calaudit.tables.store import values_of_table
from calaudit.tables.summary import CONFIDENT, Summary
from calaudit.tables.worst import WorstCandidate

__all__ = ["assemble_report", "inputs_of", "intake_of", "roles_of"]

WORST_FRACTION = 0.01
CROWDED = 0.95
"""Share of the rows in one equal-width bin from which the table shows equal-mass bins."""

FEW_SCORES = 20
FEW_ROWS_A_SCORE = 5
"""With at most so many distinct scores, and some rows for each, every score is a bin."""

BAND_DRAWS = 999


def assemble_report(
    version: str,
    predictions: Predictions,
    summary: Summary,
    intake: Intake,
    settings: Settings,
    binning: Binning,
) -> Report:
    """Return the report on a summary."""
    figures = TableFigures(summary.table, settings, binning)
    metrics = figures_of(summary, figures)
    residuals = figures.residuals
    total = float(residuals.w.sum())
    rate = float(residuals.wy.sum()) / total
    mean_score = float(residuals.wp.sum()) / total
    gap = gap_of(figures)
    verdict = verdict_of(
        summary.task, metrics, gap, level=settings.level, mean_score=mean_score, rate=rate
    )
    missing = len(missing_classes(summary, predictions))
    if missing:
        said = f"{verdict.sentence} {missing} of {predictions.n_classes} classes never occur."
        verdict = replace(verdict, sentence=said)
    shown, kind = _shown_bins(figures)
    sigma = metrics["smece"].value or 0.0
    wrong = _confidently_wrong(summary, figures)
    return Report(
        calaudit=version,
        inputs=inputs_of(predictions, intake),
        roles=roles_of(predictions),
        settings=settings.values() | {"out_of": predictions.layout.out_of, "bins_shown": kind},
        task=summary.task,
        scale=predictions.scale,
        classes=predictions.class_names,
        intake=intake_of(intake),
        verdict=verdict,
        metrics=metrics,
        bins=_bins(shown, settings),
        curve=_curve(figures.cells, figures, sigma),
        confidently_wrong=wrong,
        worst=tuple(_worst_row(w, predictions) for w in summary.worst.rows),
        slices=slices_of(summary, predictions.by, settings, binning) if summary.slices else (),
        notes=notes_of(predictions, summary, figures, metrics, wrong, kind),
        table=values_of_table(summary.table),
    )


def roles_of(predictions: Predictions) -> tuple[RoleResult, ...]:
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


def inputs_of(predictions: Predictions, intake: Intake) -> tuple[InputFile, ...]:
    """Return the files that were read."""
    inputs = predictions.inputs
    return tuple(
        InputFile(
            path=i.path,
            format=i.format,
            rows=intake.rows_read if i.rows is None and len(inputs) == 1 else i.rows or 0,
            bytes=i.bytes,
        )
        for i in inputs
    )


def _shown_bins(figures: TableFigures) -> tuple[BinSums, str]:
    """Return the bins of the reliability table and their kind.

    Unless the user chose: a bin for every score where there are few, as when a model states
    its confidence in words; bins of equal mass where nearly all rows fall into one bin of
    equal width, as with rare events; else bins of equal width.
    """
    if figures.settings.equal_mass:
        return figures.mass, "equal-mass"
    width, cells = figures.width, figures.cells
    if figures.settings.bins_given:
        return width, "equal-width"
    if cells.exact and len(cells) <= FEW_SCORES < figures.table.rows / FEW_ROWS_A_SCORE:
        return distinct(cells, figures.residuals), "distinct"
    share = float(width.sums.w.max(initial=0.0)) / max(float(width.sums.w.sum()), 1e-300)
    if share > CROWDED and len(figures.mass.sums.w) > 1:
        return figures.mass, "equal-mass"
    return width, "equal-width"


def _bins(bins: BinSums, settings: Settings) -> tuple[Bin, ...]:
    s = bins.sums
    tail = (1.0 - settings.level) / 2.0
    weight = np.where(s.w > 0, s.w, 1.0)
    rate, score = s.wy / weight, s.wp / weight
    effective = np.where(s.w2 > 0, s.w**2 / np.where(s.w2 > 0, s.w2, 1.0), 1.0)
    low, high = wilson(np.clip(rate, 0.0, 1.0), effective, settings.level)
    rng = np.random.default_rng([settings.seed, 50])
    null = np.sort(score + null_residuals(s, rng, BAND_DRAWS) / weight, axis=0)
    outside = int(tail * BAND_DRAWS)  # draws left out at each end of the band
    band_low, band_high = np.clip(null[[outside, -1 - outside]], 0.0, 1.0)

    def held(values: np.ndarray, b: int) -> float | None:
        return float(values[b]) if s.rows[b] > 0 and s.w[b] > 0 else None

    return tuple(
        Bin(
            lower=float(bins.lower[b]),
            upper=float(bins.upper[b]),
            rows=int(s.rows[b]),
            weight=float(s.w[b]),
            mean_score=held(score, b),
            observed=held(rate, b),
            low=held(low, b),
            high=held(high, b),
            band_low=held(band_low, b),
            band_high=held(band_high, b),
        )
        for b in range(len(s.w))
    )


def _curve(cells: Cells, figures: TableFigures, sigma: float) -> tuple[CurvePoint, ...]:
    x, observed, density = smooth_curve(cells, figures.residuals, sigma)
    return tuple(
        CurvePoint(score=float(a), observed=float(b), density=float(c))
        for a, b, c in zip(x, observed, density, strict=True)
        if c > 1e-6
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
