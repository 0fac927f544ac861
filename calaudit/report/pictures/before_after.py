"""The reliability diagram of an audit: as the scores are, and calibrated, on the same rows."""

from __future__ import annotations

from calaudit.report.audit import AuditReport
from calaudit.report.content.certificate import method_title
from calaudit.report.model import Report
from calaudit.report.pictures.axes import domain_of
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability import (
    SIZE,
    came_of,
    hints,
    reliability,
    strip,
    titles_of,
)
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import concatenated
from calaudit.report.pictures.words import amount, figure, first_sentence, interval

__all__ = ["before_after", "method_of"]


def before_after(report: AuditReport) -> Picture | None:
    """Return both reliability diagrams, one over the other; one where nothing was calibrated."""
    if report.after is None:
        return reliability(report.before)
    x, y = titles_of(report.before.task)
    sides = ((report.before, "outside", "before"), (report.after, "model", method_of(report)))
    both = [b for side, _, _ in sides for b in side.bins if b.observed is not None]
    if not both:
        return None
    plane = Diagram(domain_of(both), SIZE, came_of(report.before.task), ("", y))
    taken = [at for side, _, _ in sides for at in plane.taken(side.bins, side.curve)]
    words = hints(plane, taken, report.before.task)
    layers = [*plane.band(report.after.bins), plane.diagonal()]
    for side, colour, name in sides:
        layers += plane.curve(side.curve, colour, name)
    for side, colour, name in sides:
        shape = "diamond" if colour == "outside" else "circle"
        layers += plane.points(side.bins, colour, name=name, shape=shape)
    entries = [
        ({"shape": "diamond"}, "outside", f"before: calibration error {_error(report.before)}"),
        ({}, "model", f"after {method_of(report)}: {_error(report.after)}"),
        *words.entries,
    ]
    views = [
        {"width": SIZE, "height": SIZE, "layer": [*layers, *words.layers,
                                                 *key_rows(entries, SIZE)]},
        strip(report.before, plane, "", colour="outside"),
        strip(report.after, plane, x, colour="model"),
    ]  # fmt: skip
    title = outcome_of(report)
    subtitle = f"{amount(report.after.intake.rows_used)} rows that were not fitted on; grey: range"
    subtitle += " of a calibrated model"
    alt = (
        f"Reliability diagrams of {amount(report.after.intake.rows_used)} rows before and after "
        f"{method_of(report)}: smooth calibration error {_error(report.before)} before, "
        f"{_error(report.after)} after."
    )
    body = concatenated(views, spacing=12)
    return picture("reliability", (title, subtitle, alt), body, width=SIZE + 30)


def method_of(report: AuditReport) -> str:
    """Return what the calibrator is called, as in "temperature scaling"."""
    title = method_title(str(report.calibrator.get("method", "calibration")))
    return title if title.startswith("Platt") else title[:1].lower() + title[1:]


def outcome_of(report: AuditReport) -> str:
    """Return in a line what the calibrator does to the calibration error."""
    sides = (report.before, report.after or report.before)
    errors = [each.metrics.get("smece") for each in sides]
    if any(error is None or error.value is None for error in errors):
        return first_sentence(report.answer)
    method = method_of(report)
    before, after = map(figure, errors)
    return f"{method[:1].upper()}{method[1:]} takes the calibration error from {before} to {after}"


def _error(report: Report) -> str:
    error = report.metrics.get("smece")
    if error is None or error.value is None:
        return "unknown"
    ends = interval(error)
    return f"{figure(error)}{f' ({ends})' if ends else ''}"
