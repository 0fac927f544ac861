"""What a report of rows without labels says in words."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.api.estimates.reference import Known
from calaudit.findings.finding import Finding, finding, once
from calaudit.metrics.estimate import Estimate
from calaudit.predictions.predictions import Predictions
from calaudit.report.content.figure_columns import estimate_places, interval
from calaudit.report.estimate_report import EstimateReport
from calaudit.report.numbers import count, p_value, shown

SURE = 0.05
"""P-value below which the labels that are there say that the map is another."""


def sentence_of(report: EstimateReport) -> tuple[str, str]:
    """Return the first sentence of the answer, and the rest."""
    metrics = report.metrics
    accuracy, auroc = _text(metrics["accuracy"], percent=True), _text(metrics["auroc"])
    expected = f"accuracy should come out at {accuracy}"
    expected += f" and AUROC at {auroc}" if metrics["auroc"].value is not None else ""
    if report.map_p is not None and report.map_p < SURE:
        lead = (
            "Calibration has not transferred: by the labels that are there, a score stands for "
            f"something else than in the reference ({p_value(report.map_p)})."
        )
        return lead, f"If it had, {expected}."
    matters = f"{100 * report.settings['matters']:g} points"
    labels = most_labels(report)
    told = f"the reference is too small for any number of labels to show one of {matters}"
    if labels is not None:
        told = f"{count(labels)} labels, drawn at random, would show a change of {matters}"
    return (
        f"If calibration transfers, {expected}.",
        f"Rows without labels cannot show whether it does: {told}.",
    )


def most_labels(report: EstimateReport) -> int | None:
    """Return how many labels tell every change that matters; None where no number does."""
    found = [each.labels for each in report.needed]
    return None if None in found else max(labels for labels in found if labels is not None)


def _text(estimate: Estimate, *, percent: bool = False) -> str:
    unit = "percent" if percent else "number"
    decimals = estimate_places(estimate, unit)  # type: ignore[arg-type]
    ends = interval(estimate, decimals, unit)  # type: ignore[arg-type]
    value = shown(estimate.value, decimals, unit) + " %" * percent  # type: ignore[arg-type]
    return f"{value} ({ends})" if ends else value


def notes_of(
    report: EstimateReport, predictions: Predictions, known: Known, *, unread: Sequence[str]
) -> list[Finding]:
    """Return what is to be known: first what cannot be.

    Args:
        report: with all of its figures.
        predictions: the rows without labels.
        known: what is known of the map.
        unread: columns called as the weights and labels of the reference, which were not read.
    """
    labels, moves = most_labels(report), report.moves
    kind = "none" if labels is None else "some"
    found = [finding("map-unknown", kind=kind, labels=labels or 0)]
    if report.map_p is not None and report.map_p < SURE:
        found = [finding("map-moved", p=p_value(report.map_p))]
    if moves is not None and moves.moved:
        figures = {"psi": moves.psi, "chance": moves.psi_chance, "ks": moves.ks}
        found.append(finding("scores-moved", **figures))
    if report.sample is not None:
        header, rows = report.sample.header, report.sample.rows
        weights = [float(row[header.index("weight")]) for row in rows]
        ends = {"low": min(weights), "high": max(weights)}
        of = report.intake.rows_used
        found.append(finding("sampled", drawn=len(rows), rows=of, label=header[-1], **ends))
    codes = {known.weight: "weights-unread", known.label: "labels-unread"}
    found += [finding(codes[column], column=column) for column in unread]
    return once([*found, *known.notes, *predictions.notes])
