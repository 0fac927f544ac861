"""What to watch, in the first paragraph of an audit: the few things that would surprise."""

from __future__ import annotations

from calaudit.api.audits.fitted import UNFITTED
from calaudit.api.audits.overlap import DIFFERENT
from calaudit.api.audits.terms import CALIBRATION_ERROR, Terms
from calaudit.api.reports.evaluation_notes import MISSING
from calaudit.api.reports.verdict_sentences import percent_pair
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report, SliceResult
from calaudit.report.numbers import count, counted, integral_percent, shown
from calaudit.thresholds.binomial import binomial_cdf

FEW = 500
"""Rows on either side below which that is said."""

TIMES = 2.0
"""How many times more often than they say confident rows must be wrong to be worth a sentence."""

CHANCE = 0.01
"""How probable so many wrong ones may be by chance, over all thresholds."""

OFF = ("overconfident", "underconfident", "miscalibrated")


def watch_sentences(report: AuditReport, terms: Terms) -> list[str]:
    """Return what to watch, what matters most first; often nothing."""
    used = report.best
    calibrated = used is report.after
    slices, wrong = _slice(report, used, terms), _wrong(used, calibrated=calibrated)
    different = next((note.text for note in report.notes if note.code == DIFFERENT), "")
    found = [_missing(report), different, _few(report), slices, wrong]
    return [sentence for sentence in found if sentence]


def _missing(report: AuditReport) -> str:
    """Return that a calibrator knows nothing of classes of which there is no row."""
    if report.best is report.before or MISSING not in [n.code for n in report.before.notes]:
        return ""
    return (
        "Of classes that never occur here the calibrator knows nothing: fit it on rows of all "
        "classes before it is used."
    )


def _few(report: AuditReport) -> str:
    fitted, judged = report.division.fitted_rows, report.division.audited_rows
    if min(fitted, judged) >= FEW:
        return ""
    if judged < FEW:
        return f"Only {counted(judged, 'row')} could be judged: take every figure as a first guess."
    if UNFITTED in [note.code for note in report.notes]:
        return ""
    return (
        f"Only {counted(fitted, 'row')} were there to fit on: with more, another method may be "
        "better."
    )


def _slice(report: AuditReport, used: Report, terms: Terms) -> str:
    off = [s for s in used.slices if s.status in OFF and not s.small]
    if not off:
        return ""
    worst = max(off, key=lambda s: s.metrics["smece"].low or 0.0)
    others = len(off) - 1
    more = f"; {count(others)} other{'s are' if others > 1 else ' is'} off, too" if others else ""
    when = _when(report, worst) if used is report.after else ""
    how = f"{when}{worst.status}{_rates(worst, terms)}"
    return f"Watch {worst.column} = {worst.value}: it is {how}{more}."


def _when(report: AuditReport, found: SliceResult) -> str:
    """Return whether a slice is off as it was before calibration, or in another way."""
    key = (found.column, found.value)
    was = {(s.column, s.value): s.status for s in report.before.slices}.get(key)
    still = was == found.status or (was in OFF and found.status == "miscalibrated")
    return "still " if still else "now "


def _rates(found: SliceResult, terms: Terms) -> str:
    """Return what a slice says and what happens, where that is the trouble."""
    says = found.metrics.get("mean_score") or found.metrics.get("mean_confidence")
    came = found.metrics.get("base_rate") or found.metrics.get("accuracy")
    if says is None or came is None or says.value is None or came.value is None:
        return ""
    smece = found.metrics["smece"]
    off = smece.point
    if off is not None and abs(says.value - came.value) < off / 2:  # not on average
        return f" ({terms(CALIBRATION_ERROR)} {shown(off, 3)})"
    said, was = percent_pair(says.value, came.value)
    return f" (says {said}, and {was} {'happen' if 'base_rate' in found.metrics else 'are right'})"


def _wrong(used: Report, *, calibrated: bool) -> str:
    """Return how often the surest rows are wrong, where that is surely more than they say."""
    if used.groups is not None:  # by chance, that is of independent rows
        return ""
    thresholds = used.confidently_wrong.above
    for threshold in reversed(thresholds):
        if threshold.rows < 50 or threshold.share is None:
            continue
        doubt = 1.0 - threshold.above
        right = threshold.rows - threshold.wrong
        by_chance = binomial_cdf(right, threshold.rows, threshold.above)
        if threshold.share > TIMES * doubt and by_chance < CHANCE / len(thresholds):
            when = "once calibrated" if calibrated else ""
            rows = counted(threshold.rows, "row")
            what = f"Of the {rows} with a confidence above {threshold.above:g} {when}".rstrip()
            return f"{what}, {integral_percent(threshold.share)} are wrong all the same."
    return ""
