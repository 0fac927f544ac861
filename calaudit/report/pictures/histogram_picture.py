"""The histogram of scores by outcome, on log-odds, so that what is nearly certain can be seen."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report, Threshold
from calaudit.report.numbers import counted, integral_percent
from calaudit.report.pictures.before_after_picture import method_of
from calaudit.report.pictures.histogram_scale import HistogramScale
from calaudit.report.pictures.mark_layers import label
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.reliability_picture import unit_of
from calaudit.report.pictures.room import key_rows
from calaudit.report.pictures.theme import WIDTH, Spec, concatenated
from calaudit.report.pictures.words import amount, fitted, plain

COMMON = 0.2
"""Share of the rows from which on the surest among them are worth a title."""


def histogram(report: Report) -> Picture | None:
    """Return the histogram; None without scores."""
    if not any(b.zeros or b.ones for b in report.histogram):
        return None
    alt = f"Histogram of {_counted(report)}. {_ends(report)}"
    return _picture([("", report)], _finding(report), alt)


def audit_histogram(report: AuditReport) -> Picture | None:
    """Return the histograms before and after the calibrator, one below the other."""
    if report.after is None or not report.after.histogram:
        return histogram(report.before)
    sides = [("before", report.before), (f"after {method_of(report)}", report.after)]
    alt = f"Histograms of {_counted(report.before)}, before and after {method_of(report)}. "
    alt += f"Before: {_ends(report.before)} After: {_ends(report.after)}"
    return _picture(sides, _moved(report, report.after), alt)


def _counted(report: Report) -> str:
    """Return how many scores are drawn, and their weight where that is another number."""
    drawn = sum(b.zeros + b.ones for b in report.histogram)
    weight = "" if abs(drawn - report.rows) < 0.5 else f", of a weight of {amount(drawn)}"
    return f"{counted(report.rows, 'score')} by outcome{weight}"


def _finding(report: Report) -> str:
    """Return how many rows are nearly sure, and how many of them are wrong."""
    found = _surest(report)
    if found is None or report.rows == 0:
        return _what(report)
    if not found.rows:
        return f"No row has a confidence above {plain(found.above)}"
    share = integral_percent(found.rows / report.rows)
    wrong = "none" if not found.wrong else integral_percent(found.share or 0.0)
    above = f"{share} of the rows have a confidence above {plain(found.above)}"
    return f"{above}; {wrong} of these {'are' if found.wrong != 1 else 'is'} wrong"


def _moved(report: AuditReport, after: Report) -> str:
    """Return how many rows are nearly sure before a calibrator and after it."""
    old = _surest(report.before)
    new = [t for t in after.confidently_wrong.above if old is not None and t.above == old.above]
    rows = report.before.rows
    if old is None or not new or not rows:
        return f"Scores before and after {method_of(report)}"
    shares = [integral_percent(each.rows / rows) for each in (old, new[0])]
    sides = f"{shares[0]} of the rows before, {shares[1]} after {method_of(report)}"
    return f"Above {plain(old.above)} confidence: {sides}"


def _surest(report: Report) -> Threshold | None:
    """Return the highest confidence that is not rare; else the lowest that is counted."""
    found = sorted(report.confidently_wrong.above, key=lambda t: -t.above)
    common = (t for t in found if t.rows >= COMMON * report.rows)
    return next(common, found[-1] if found else None)


def _picture(sides: Sequence[tuple[str, Report]], title: str, alt: str) -> Picture:
    bins = [b for _, report in sides for b in report.histogram]
    scale = HistogramScale(bins, unit_of(sides[0][1]))
    height = 220 if len(sides) == 1 else 130
    views = []
    for i, (name, report) in enumerate(sides):
        last = i == len(sides) - 1
        rows = [scale.row(b, _outcomes(report)) for b in report.histogram]
        entries = _entries(report) if i == 0 else []
        view: Spec = {"width": WIDTH, "height": height}
        named = [label(name, 0, -10, colour="ink", fontWeight="bold")] if name else []
        key = key_rows(entries, WIDTH, above=20 if name else 0)
        view["layer"] = [*scale.bars(rows, height, titled=last), *named, *key]
        views.append(view)
    subtitle = (
        f"{_what(sides[0][1])}; log-odds across, {unit_of(sides[0][1]).lower()} on a {scale.word}"
    )
    body = concatenated(views, spacing=16)
    return picture("histogram", (title, subtitle, alt), body)


def _outcomes(report: Report) -> tuple[str, str]:
    if report.task != "binary":
        return "wrong", "right"
    names = report.classes if len(report.classes) == 2 else ("0", "1")
    return fitted(names[0], 130, 12), fitted(names[1], 130, 12)


def _entries(report: Report) -> list[tuple[Spec, str, str]]:
    zero, one = _outcomes(report)
    said = ("label ", "label ") if report.task == "binary" else ("", "")
    square = {"shape": "square", "size": 90}
    return [
        (square, "model", f"{said[1]}{one}, upwards"),
        (square, "outside", f"{said[0]}{zero}, downwards"),
    ]


def _what(report: Report) -> str:
    return "Scores by outcome" if report.task == "binary" else "Confidence by outcome"


def _ends(report: Report) -> str:
    """Return in words how many scores are at the ends."""
    zero, one = _outcomes(report)
    if report.task == "binary":
        zero, one = f"labelled {zero}", f"labelled {one}"
    low = [b for b in report.histogram if b.upper <= 0.0101]
    high = [b for b in report.histogram if b.lower >= 0.9899]
    parts = []
    for name, bins in (("below 0.01", low), ("above 0.99", high)):
        zeros, ones = sum(b.zeros for b in bins), sum(b.ones for b in bins)
        if bins:
            parts.append(f"{name}: {amount(ones)} {one} and {amount(zeros)} {zero}")
    return f"{'; '.join(parts)}." if parts else ""
