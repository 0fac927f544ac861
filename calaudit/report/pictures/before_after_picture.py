"""The reliability diagram of an audit: as the scores are, and calibrated, on the same rows."""

from __future__ import annotations

from calaudit.report.audit_report import AuditReport
from calaudit.report.content.certificate_text import method_name
from calaudit.report.content.reliability_table import curve_name, domain_of, rows_in
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import counted, integral_percent
from calaudit.report.pictures.diagram import Diagram
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability_picture import (
    SIZE,
    hints,
    outcome_word,
    reliability,
    strip,
    titles_of,
)
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import Spec, concatenated
from calaudit.report.pictures.words import figure, first_sentence, interval

CLEARLY = 0.8
"""Part of the calibration error up to which what is left of it is a finding."""

HOLLOW: Spec = {"filled": False, "size": 26, "strokeWidth": 1.3}
"""Marks of the side that stands behind."""


def before_after(report: AuditReport) -> Picture | None:
    """Return both reliability diagrams, one over the other; one where nothing was calibrated."""
    if report.after is None:
        return reliability(report.before)
    x, y = titles_of(report.before.task)
    sides = ((report.before, "outside", "before"), (report.after, "model", method_of(report)))
    both = [b for side, _, _ in sides for b in side.bins if b.observed is not None]
    if not both:
        return None
    plane = Diagram(domain_of(both), SIZE, outcome_word(report.before.task), ("", y))
    taken = [at for side, _, _ in sides for at in plane.taken(side.bins, side.curve)]
    words = hints(plane, taken, report.before.task)
    best = report.best
    layers = [*plane.ribbon(best.curve), *plane.band(best.bins), plane.diagonal()]
    # What the scores are best used as comes last, on top, and alone has intervals.
    for side, colour, name in sorted(sides, key=lambda s: s[0] is best):
        behind = side is not best
        layers += plane.curve(side.curve, colour, f"{curve_name(side.curve)}, {name}", thin=behind)
        shape = "diamond" if colour == "outside" else "circle"
        layers += plane.points(side.bins, colour, name=name, shape=shape, hollow=behind)
    marks: list[Spec] = [{} if side is best else HOLLOW for side, _, _ in sides]
    entries = [
        ({"shape": "diamond", **marks[0]}, "outside",
         f"before: calibration error {_error(report.before)}"),
        (marks[1], "model", f"after {method_of(report)}: {_error(report.after)}"),
        *words.entries,
    ]  # fmt: skip
    views = [
        {"width": SIZE, "height": SIZE, "layer": [*layers, *words.layers,
                                                 *key_rows(entries, SIZE)]},
        strip(report.before, plane, "", colour="outside"),
        strip(report.after, plane, x, colour="model"),
    ]  # fmt: skip
    title = outcome_of(report)
    rows = counted(rows_in(best.bins), "row")
    subtitle = f"{rows} that were not fitted on; grey: range of a calibrated model"
    alt = (
        f"Reliability diagrams of {rows} before and after {method_of(report)}: smooth calibration "
        f"error {_error(report.before)} before, {_error(report.after)} after."
    )
    body = concatenated(views, spacing=12)
    return picture("reliability", (title, subtitle, alt), body, width=SIZE + 30)


def method_of(report: AuditReport) -> str:
    """Return what the calibrator is called, as in "temperature scaling"."""
    return method_name(str(report.calibrator.get("method", "calibration")))


def outcome_of(report: AuditReport) -> str:
    """Return in a line what the calibrator does to the judged rows: what is to be told of it.

    A calibrator that makes scores worse is never praised. The calibration error is told where
    it clearly moves; else the log loss that is surely saved, and the accuracy where that changes.
    """
    method, saved = method_of(report), report.saved
    name = f"{method[:1].upper()}{method[1:]}"
    sides = (report.before, report.after or report.before)
    errors = [each.metrics.get("smece") for each in sides]
    old, new = (None if error is None else error.point for error in errors)
    if old is None or new is None:
        return first_sentence(report.answer, report.lead)
    if report.makes_worse:
        return f"Do not use {method} here: it makes the scores worse"
    before, after = map(figure, errors)
    if before != after and new <= CLEARLY * old:
        return f"{name} takes the calibration error from {before} to {after}"
    loss = report.before.metrics["log_loss"].value
    if saved.value and loss and saved.low is not None and saved.low > 0:
        share = integral_percent(min(saved.value / loss, 1.0))
        return f"{name} lowers the log loss by {share}{_accuracy(*sides)}"
    if before == after:
        return f"{name} leaves the calibration error at {after}"
    return f"{name} takes the calibration error from {before} to {after}"


def _accuracy(before: Report, after: Report) -> str:
    """Return what becomes of the accuracy; "" where it stays."""
    shares = [each.metrics.get("accuracy") for each in (before, after)]
    old, new = (None if each is None else each.value for each in shares)
    if old is None or new is None:
        return ""
    texts = [f"{100 * share:.1f}" for share in (old, new)]
    if texts[0] == texts[1]:
        return ""
    verb = "and lifts" if new > old else "but lowers"
    return f" {verb} accuracy from {texts[0]} to {texts[1]} %"


def _error(report: Report) -> str:
    error = report.metrics.get("smece")
    if error is None or error.value is None:
        return "unknown"
    ends = interval(error)
    return f"{figure(error)}{f' ({ends})' if ends else ''}"
