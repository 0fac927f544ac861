"""What a calibrator does to the rows judged, in the first paragraph of an audit."""

from __future__ import annotations

import math
from functools import partial

from calaudit.api.audits.fitted import UNFITTED
from calaudit.api.audits.terms import CALIBRATION_ERROR, LOG_LOSS, Terms
from calaudit.api.reports.verdict_sentences import pair_decimals
from calaudit.metrics.estimate import Estimate
from calaudit.report.audit_report import AuditReport
from calaudit.report.content.before_after_table import saved_text
from calaudit.report.content.certificate_text import method_name
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import integral_percent, shown

TURNING = ("vector", "matrix")
"""Methods that change which class is the most probable."""

HALF = 0.5
"""Part of the calibration error up to which what is left of it is slight."""


def effect_of(report: AuditReport) -> str:
    """Return what a calibrator does to the judged rows.

    Returns:
        "none" (there is no calibrator), "worse" (surely a higher log loss), "helps" (surely a
        lower one), "infinite" (it is infinite before and after), "unclear" (a lower calibration
        error, but no sure saving), or "useless".
    """
    if report.after is None:
        return "none"
    if report.makes_worse:
        return "worse"
    before, after = (_loss(each) for each in (report.before, report.after))
    if before is None:
        return "infinite" if after is None else "helps"
    if report.saved.low is not None and report.saved.low > 0:
        return "helps"
    return "unclear" if _error(report.after) < _error(report.before) else "useless"


def help_sentence(report: AuditReport, terms: Terms) -> list[str]:
    """Return which calibrator helps, and by how much: one sentence."""
    if report.after is not None:
        return [f"{_helping(report, report.after, terms)}{_accuracy(report)}."]
    if report.settings.get("method") == "identity":
        return ["No calibrator was fitted, as was asked for."]
    unfitted = [note.text for note in report.notes if note.code == UNFITTED]
    none = (
        "No calibrator is worth having: on the rows to fit on, none was clearly better than "
        "the scores as they are."
    )
    return [unfitted[0] if unfitted else none]


def _helping(report: AuditReport, judged: Report, terms: Terms) -> str:
    name = method_name(report.calibrator["method"])
    effect = effect_of(report)
    error, loss = partial(terms, CALIBRATION_ERROR), partial(terms, LOG_LOSS)
    errors = _errors(report.before, judged)
    lower = _error(judged) < _error(report.before)
    saved, left = _by(report), _left(report.before, judged)
    calibrating = f"Calibrating the scores ({name})"
    if effect == "worse":
        rise = "becomes infinite" if report.saved.value is None else f"rises by {_rise(report)}"
        return (
            f"Do not use the calibrator that was fitted ({name}): on the rows judged it "
            f"makes the scores worse, and the {loss()} {rise}"
        )
    if effect == "infinite":
        return (
            f"{calibrating} brings the {error()} from {errors[0]} to {errors[1]}{left}, "
            f"but the {loss()} is infinite before and after: some of what happened has a "
            "probability of 0"
        )
    if effect == "helps" and lower:
        return (
            f"{calibrating} helps: the {error()} falls from {errors[0]} to {errors[1]}"
            f"{left}, and the {loss()} {saved}{_share(report)}"
        )
    if effect == "helps":
        both = f"{errors[0]} before, {errors[1]} after"
        if errors[0] == errors[1]:
            both = f"{errors[0]} before and after"
        return (
            f"{calibrating} lowers the {loss()} {saved}{_share(report)}, but not the "
            f"{error()}: {both}"
        )
    if effect == "unclear":
        return (
            f"{calibrating} brings the {error()} from {errors[0]} to {errors[1]}{left}, "
            f"but these rows do not show that it lowers the {loss()}: {saved}"
        )
    return (
        f"No calibrator helps: {name} leaves the {error()} at {errors[1]} ({errors[0]} "
        f"before), and that it changes the {loss()}, by {_rise(report)}, may be chance"
    )


def _error(report: Report) -> float:
    return report.metrics["smece"].point or 0.0


def _errors(before: Report, after: Report) -> tuple[str, str]:
    """Return both calibration errors, as the verdicts on either have them."""
    old, new = _error(before), _error(after)
    decimals = _decimals(old)
    if old > 0 and round(new, decimals) == 0:
        return shown(old, decimals), f"less than {10**-decimals:.{decimals}f}"
    return shown(old, decimals), shown(new, min(_decimals(new), decimals + 1))


def _decimals(error: float) -> int:
    return min(max(1 - math.floor(math.log10(error)), 2), 6) if error > 0 else 3


LEFT = {
    "calibrated": " (these rows show nothing left)",
    "unknown": " (these rows are too few to tell what is left)",
    "negligible": " (what is left is negligible)",
}

SOME = "off at some scores"


def _left(before: Report, after: Report) -> str:
    """Return what is left to find once the scores are calibrated: the same, or the opposite."""
    if after.verdict.status in LEFT:
        return LEFT[after.verdict.status]
    way, was = _ways(after)[0], _ways(before)
    if way == SOME:
        return f" (still {SOME})" if was else f" (now {SOME})"
    slightly = "slightly " if _error(after) <= HALF * _error(before) else ""
    return f" ({'still' if way in was else 'now'} {slightly}{way})"


def _ways(report: Report) -> list[str]:
    """Return how the scores of a report are off, as its verdict has it first; often nothing."""
    verdict, slope = report.verdict, report.metrics.get("cox_slope")
    if verdict.direction is None:
        return []
    ways = [verdict.direction] if verdict.direction != "miscalibrated" else []
    if report.task == "binary" and _side(verdict.gap, 0.0):
        ways.append(f"too {'high' if _side(verdict.gap, 0.0) > 0 else 'low'} on the whole")
    if slope is not None and _side(slope, 1.0):
        ways.append("underconfident" if _side(slope, 1.0) > 0 else "overconfident")
    return ways if ways else [SOME]


def _side(estimate: Estimate, value: float) -> int:
    """Return on which side of a value an interval lies: -1, 1, or 0 where it holds it."""
    if estimate.low is None or estimate.high is None:
        return 0
    return int(estimate.low > value) - int(estimate.high < value)


def _by(report: AuditReport) -> str:
    """Return how far the log loss falls."""
    assert report.after is not None
    after = _loss(report.after)
    if _loss(report.before) is None and after is not None:
        return f"from infinite to {shown(after, 3)}"
    return f"by {_saved(report.saved)}"


def _accuracy(report: AuditReport) -> str:
    """Return how the accuracy changes, where a calibrator can change which class is predicted."""
    if report.after is None or report.calibrator["method"] not in TURNING:
        return ""
    old, new = (each.metrics["accuracy"].value for each in (report.before, report.after))
    if old is None or new is None or old == new:
        return ""
    decimals = pair_decimals(old, new)
    return f", and accuracy goes from {100 * old:.{decimals}f} to {100 * new:.{decimals}f} %"


def _loss(report: Report) -> float | None:
    """Return the log loss; None where it is infinite."""
    return report.metrics["log_loss"].value


def _saved(saved: Estimate) -> str:
    return saved_text(saved) or "an unknown amount"


def _rise(report: AuditReport) -> str:
    saved = report.saved
    turned = Estimate(
        value=None if saved.value is None else -saved.value,
        low=None if saved.high is None else -saved.high,
        high=None if saved.low is None else -saved.low,
    )
    return _saved(turned)


def _share(report: AuditReport) -> str:
    """Return what part of the log loss is saved."""
    before, saved = report.before.metrics["log_loss"].value, report.saved.value
    if not before or saved is None or saved <= 0:
        return ""
    return f", {integral_percent(min(saved / before, 1.0))} of it"
