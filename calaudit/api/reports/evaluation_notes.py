"""What the reader of a report should know beside the figures, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

from calaudit.api.reports.figures import TableFigures
from calaudit.api.rows.weights import weight_note
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.labelling import SAID_FIRST, label_findings
from calaudit.predictions.predictions import Predictions
from calaudit.report.content.verdict_lines import sentences
from calaudit.report.evaluation_report import ConfidentlyWrong, Note
from calaudit.tables.summary import Summary

__all__ = ["MISSING", "led", "missing_classes", "notes_of"]

MISSING = "missing-classes"
"""Code of the note that some classes have no row."""

FEW_ROWS = 200


def notes_of(
    predictions: Predictions,
    summary: Summary,
    figures: TableFigures,
    metrics: dict[str, Estimate],
    wrong: ConfidentlyWrong,
    bins_shown: str,
) -> tuple[Note, ...]:
    """Return the notes of a report: those of the reader first, then those of the figures."""
    found = label_findings(
        figures.cells, metrics["auroc"], task=summary.task, classes=predictions.class_names
    )
    notes = [Note(code=code, text=text, advice=advice) for code, text, advice in found]
    notes += [Note(code=code, text=text, advice=advice) for code, text, advice in predictions.notes]
    rows = int(figures.cells.counts.sum())
    if rows < FEW_ROWS:
        notes.append(
            Note(
                code="few-rows",
                text=f"{rows:,} rows say little about calibration: the intervals are wide.",
                advice="Read the intervals, not the values; gather more rows before acting.",
            )
        )
    rate = float(figures.residuals.wy.sum()) / float(figures.residuals.w.sum())
    if rate in (0.0, 1.0):
        what = "label is 1" if rate == 1.0 else "label is 0"
        if summary.task != "binary":
            what = "prediction is right" if rate == 1.0 else "prediction is wrong"
        notes.append(
            Note(
                code="one-class",
                text=f"Every {what}: ranking figures and regressions cannot be computed.",
                advice="Check that the label column is the right one and the file is not sorted "
                "and cut.",
            )
        )
    if wrong.infinite_rows:
        clip = figures.settings.clip
        finite = f"counted with the probability clipped to {clip:.3g}" if clip > 0 else "infinite"
        notes.append(
            Note(
                code="infinite-loss",
                text=f"{wrong.infinite_rows:,} rows give probability 0 to what happened: their "
                f"log loss is {finite}.",
                advice="Use logits or unrounded probabilities, or judge by the Brier score.",
            )
        )
    if bins_shown == "distinct":
        notes.append(
            Note(
                code="few-scores",
                text=f"There are only {len(summary.table)} distinct scores; the table shows each.",
                advice="--bins 15 shows bins of equal width all the same.",
            )
        )
    if not summary.table.exact:
        notes.append(_coarse_note(summary, metrics))
    if bins_shown == "equal-mass" and not figures.settings.equal_mass:
        notes.append(
            Note(
                code="equal-mass-shown",
                text="Nearly all scores fall into one bin of equal width; the table shows bins "
                "of equal mass.",
                advice="--bins 15 shows equal widths all the same.",
            )
        )
    missing = missing_classes(summary, predictions)
    if missing:
        notes.append(_missing_note(missing, predictions.n_classes))
    if summary.table.weights is not None:
        notes.append(_weight_note(figures))
    return tuple(notes)


def led(sentence: str, notes: Iterable[Note]) -> str:
    """Return a sentence after what makes all else idle, where the notes have that."""
    first = (sentences(note.text)[0] for note in notes if note.code in SAID_FIRST)
    return " ".join([*first, sentence])


def _coarse_note(summary: Summary, metrics: dict[str, Estimate]) -> Note:
    bounds = ", ".join(
        f"{name} {metrics[key].error_bound:.1g}"
        for name, key in (("Brier", "brier"), ("log loss", "log_loss"), ("AUROC", "auroc"))
        if metrics[key].error_bound is not None
    )
    return Note(
        code="table-not-exact",
        text=f"More than {summary.table.cap:,} distinct scores were counted in "
        f"{len(summary.table):,} cells of {summary.table.level} mantissa bits. Largest possible "
        f"difference from the exact figure: {bounds}.",
        advice="",
    )


def missing_classes(summary: Summary, predictions: Predictions) -> list[str]:
    """Return the classes that never occur as a label."""
    if summary.classes is None:
        return []
    events = summary.classes.y.sum(axis=1)
    return [predictions.class_names[k] for k in range(len(events)) if events[k] == 0]


def _missing_note(missing: list[str], of: int) -> Note:
    shown = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
    return Note(
        code=MISSING,
        text=f"{len(missing)} of {of} classes never occur as a label: {shown}.",
        advice="If the file is part of one sorted by class, evaluate the whole.",
    )


def _weight_note(figures: TableFigures) -> Note:
    total = float(figures.cells.w.sum())
    code, text, advice = weight_note(figures.settings.weight_kind, total)
    return Note(code=code, text=text, advice=advice)
