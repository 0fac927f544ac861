"""Where to act without a person, in the first paragraph of an audit."""

from __future__ import annotations

import re

from calaudit.report.audit import Acceptance, AuditReport, Selective
from calaudit.report.decision import DecisionReport
from calaudit.report.model import Report
from calaudit.report.numbers import integral_percent

__all__ = ["act_sentence"]

ENOUGH = 0.5
"""Share of the cases from which accepting them is worth naming a limit on errors for."""

LONG = 8
"""Characters of a cutoff from which it is rounded in a sentence; the table has all of them."""

LITTLE = 0.05
"""Share of the cases below which deciding them alone is hardly worth a word."""


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
                f"The rarer outcome is {integral_percent(rarer)} of the cases, so that a share of "
                "errors does not say where to act: give what errors cost, and the cutoffs follow."
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
    either = " in either outcome" if before.task == "binary" else ""
    least = f"{calibrated}confidence of {_number(best.cutoff)} or more{either}"
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
