"""The first paragraph of an audit: what anyone who reads no further must know."""

from __future__ import annotations

import math
import re

from calaudit.api.audits.watch import watch_sentences
from calaudit.metrics.estimate import Estimate
from calaudit.report.audit import Acceptance, AuditReport, Selective
from calaudit.report.content.certificate import method_title
from calaudit.report.decision import DecisionReport
from calaudit.report.model import Report
from calaudit.report.numbers import integral_percent, places, shown, shown_interval

__all__ = ["act_sentence", "answer_of", "calibration_sentence", "effect_of", "help_sentence"]

MOST = 6
"""Sentences at most."""

ENOUGH = 0.5
"""Share of the cases from which accepting them is worth naming a limit on errors for."""


LONG = 8
"""Characters of a cutoff from which it is rounded in a sentence; the table has all of them."""

LITTLE = 0.05
"""Share of the cases below which deciding them alone is hardly worth a word."""


def answer_of(report: AuditReport) -> str:
    """Return the answer in a few plain sentences: how far off, what helps, where to act, what to
    watch. A calibrator that makes scores worse comes first.

    Args:
        report: with everything but its answer and its notes.
    """
    first = [calibration_sentence(report.before), help_sentence(report)]
    if report.makes_worse:
        first.reverse()
    sentences = _split(" ".join([*first, act_sentence(report)]))
    return " ".join([*sentences, *watch_sentences(report)[: max(MOST - len(sentences), 1)]])


def _split(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+(?=[A-Z0-9])", text.strip())


def effect_of(report: AuditReport) -> str:
    """Return what a calibrator does to the judged rows.

    Returns:
        "none" (there is no calibrator), "worse" (surely a higher log loss), "helps" (surely a
        lower one), "unclear" (a lower calibration error, but no sure saving), or "useless".
    """
    if report.after is None:
        return "none"
    if report.makes_worse:
        return "worse"
    if report.saved.low is not None and report.saved.low > 0:
        return "helps"
    return "unclear" if _error(report.after) < _error(report.before) else "useless"


def calibration_sentence(before: Report) -> str:
    """Return the verdict in words that need no glossary: without names of statistics."""
    text = re.sub(r" \((?:Cox slope|p =)[^)]*\)", "", before.verdict.sentence)
    text = re.sub(r"; p [=<] [^)]*\)", ")", text)
    text = re.sub(r"\. Smooth calibration error (?=\d)", ", a calibration error of ", text)
    return text.replace("smooth calibration", "calibration")


def help_sentence(report: AuditReport) -> str:
    """Return which calibrator helps, and by how much."""
    name = method_title(report.calibrator["method"])
    effect = effect_of(report)
    if report.after is None:
        if report.settings.get("method") == "identity":
            return "No calibrator was fitted, as was asked for."
        return (
            "No calibrator is worth having: on the rows to fit on, none was clearly better than "
            "the scores as they are."
        )
    errors = _errors(report.before, report.after)
    lower = _error(report.after) < _error(report.before)
    saved = _saved(report.saved)
    if effect == "worse":
        rise = "becomes infinite" if report.saved.value is None else f"rises by {_rise(report)}"
        return (
            f"Do not use the calibrator that was fitted ({name.lower()}): on the rows judged it "
            f"makes the scores worse, and the log loss {rise}."
        )
    if effect == "helps" and lower:
        return (
            f"{name} helps: the calibration error falls from {errors[0]} to {errors[1]}"
            f"{_left(report.after)}, and the log loss by {saved}{_share(report)}."
        )
    if effect == "helps":
        return (
            f"{name} lowers the log loss by {saved}{_share(report)}, but not the calibration error "
            f"({errors[0]} before, {errors[1]} after)."
        )
    if effect == "unclear":
        return (
            f"{name} brings the calibration error from {errors[0]} to {errors[1]}"
            f"{_left(report.after)}, but these rows do not show that it lowers the log loss "
            f"(by {saved})."
        )
    return (
        f"No calibrator helps: {name.lower()} leaves the calibration error at {errors[1]} "
        f"({errors[0]} before), and does not surely change the log loss (by {_rise(report)})."
    )


def act_sentence(report: AuditReport) -> str:
    """Return where to act without a person."""
    if report.decision is not None:
        return _recommended(report.decision)
    assert report.selective is not None
    return _accepting(report.selective, report.before)


def _recommended(decision: DecisionReport) -> str:
    text = decision.sentence
    if decision.unit.startswith("calibrated"):
        text = text.replace("scores of", "calibrated scores of", 1)
        text = text.replace("a confidence of", "a calibrated confidence of", 1)
    cost = r": (?=[\d,.]+(?: \([^)]*\))? per 1,000 cases)"
    return re.sub(cost, ", at a cost of ", text, count=1)


def _accepting(selective: Selective, before: Report) -> str:
    shown_ones = [a for a in selective.acceptances if a.cutoff is not None]
    calibrated = "calibrated " if selective.unit.startswith("calibrated") else ""
    if before.task == "binary":
        rarer = _rarer(before)
        shown_ones = [a for a in shown_ones if a.max_error < rarer]
        if not shown_ones and rarer <= selective.acceptances[-1].max_error:
            return (
                f"With {integral_percent(rarer)} of the rarer outcome a share of errors does not "
                "say where to act: give what errors cost, and the cutoffs follow from that."
            )
    if not shown_ones:
        most = selective.acceptances[-1].max_error
        return (
            "Nothing can be decided without a person: these rows cannot show a confidence from "
            f"which at most {_percent(most)} are wrong."
        )
    best = next((a for a in shown_ones if _coverage(a) >= ENOUGH), shown_ones[-1])
    sure = "on these rows"
    if best.guarantee is not None:
        sure = f"this holds with {_percent(best.guarantee)} certainty"
    errors, share = _percent(best.max_error), integral_percent(_coverage(best))
    least = f"{calibrated}confidence of {_number(best.cutoff)} or more"
    if _coverage(best) < LITTLE:
        return (
            "Next to nothing can be decided without a person: even if "
            f"{errors} errors are allowed, only {share} of the cases, those with a {least}."
        )
    if _coverage(best) == 1.0:
        return f"If {errors} errors are allowed, every case can do without a person ({sure})."
    return (
        f"If {errors} errors are allowed, {share} of the cases can do without a person: those with "
        f"a {least} ({sure})."
    )


def _coverage(acceptance: Acceptance) -> float:
    return acceptance.coverage.value or 0.0


def _rarer(before: Report) -> float:
    rate = before.metrics["base_rate"].value or 0.0
    return min(rate, 1.0 - rate)


def _number(cutoff: float | None) -> str:
    """Return a cutoff as it is, or, where that has many digits, about so."""
    text = repr(cutoff).removesuffix(".0")
    return text if len(text) <= LONG or cutoff is None else f"about {cutoff:.4g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _error(report: Report) -> float:
    smece = report.metrics["smece"]
    led = smece.value if smece.unbiased is None else smece.unbiased
    return led or 0.0


def _errors(before: Report, after: Report) -> tuple[str, str]:
    """Return both calibration errors, that before as the verdict has it."""
    old, new = _error(before), _error(after)
    decimals = min(max(1 - math.floor(math.log10(old)), 2), 6) if old > 0 else 3
    while decimals < 6 and old != new and round(old, decimals) == round(new, decimals):
        decimals += 1
    second = shown(new, decimals)
    if round(new, decimals) == 0:
        second = f"less than {10**-decimals:.{decimals}f}"
    return shown(old, decimals), second


def _width(estimate: Estimate) -> float | None:
    if estimate.low is None or estimate.high is None:
        return None
    return estimate.high - estimate.low


def _left(after: Report) -> str:
    """Return what is left to find once the scores are calibrated."""
    words = {
        "calibrated": " (these rows show nothing left)",
        "unknown": " (these rows show nothing left)",
        "negligible": " (what is left is negligible)",
    }
    return words.get(after.verdict.status, f" (still {after.verdict.status})")


def _saved(saved: Estimate) -> str:
    if saved.value is None:
        return "an unknown amount"
    decimals = places(saved.value, width=_width(saved))
    interval = shown_interval(saved.low, saved.high, decimals, "number")
    return shown(saved.value, decimals) + (f" ({interval})" if interval else "")


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
