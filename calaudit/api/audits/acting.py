"""Where to act without a person, in the first paragraph of an audit."""

from __future__ import annotations

from calaudit.api.audits.audit_notes import DEPENDENT, NO_CUTOFF
from calaudit.report.audit_report import Acceptance, AuditReport, Selective
from calaudit.report.content.acceptance_table import rarer_share, told_acceptance
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import integral_percent
from calaudit.report.threshold_report import DecisionReport

__all__ = ["act_sentence"]

ON_THESE = "on these rows"

LONG = 8
"""Characters of a cutoff from which it is rounded in a sentence; the table has all of them."""

LITTLE = 0.05
"""Share of the cases below which deciding them alone is hardly worth a word."""


def act_sentence(report: AuditReport) -> str:
    """Return where to act without a person."""
    if report.decision is not None:
        return _recommended(report.decision, _where(report))
    assert report.selective is not None
    refused = [note.text for note in report.notes if note.code == NO_CUTOFF]
    return " ".join([*refused, _accepting(report.selective, report.before, _where(report))])


def _where(report: AuditReport) -> str:
    """Return for which rows limits hold that give no certainty."""
    if DEPENDENT not in [note.code for note in report.notes]:
        return ON_THESE
    group = report.settings.get("group")
    return f"{ON_THESE}; rows of one {group} are not independent, so no certainty is given"


def _recommended(decision: DecisionReport, where: str) -> str:
    text = decision.sentence
    if decision.unit.startswith("calibrated"):
        text = text.replace("scores of", "calibrated scores of", 1)
        text = text.replace("a confidence of", "a calibrated confidence of", 1)
    if where != ON_THESE:
        text = text.replace(f" {ON_THESE} (no guarantee for others)", f" ({where})", 1)
    return text


def _accepting(selective: Selective, before: Report, where: str) -> str:
    calibrated = "calibrated " if selective.unit.startswith("calibrated") else ""
    best = told_acceptance(selective, before)
    if best is None:
        most = selective.acceptances[-1].max_error
        if before.task == "binary" and rarer_share(before) <= most:
            return (
                f"The rarer outcome is {integral_percent(rarer_share(before))} of the cases, so "
                "that a share of errors does not say where to act: give what errors cost, and the "
                "cutoffs follow."
            )
        return (
            "Nothing can be decided without a person: these rows cannot show a confidence from "
            f"which at most {_percent(most)} are wrong."
        )
    sure = where
    if best.guarantee is not None:
        sure = f"this holds with {_percent(best.guarantee)} certainty"
    errors, share = _percent(best.max_error), integral_percent(_coverage(best))
    either = " in either outcome" if before.task == "binary" else ""
    least = f"{calibrated}confidence of {_number(best.cutoff)} or more{either}"
    if _coverage(best) < LITTLE:
        return (
            "Next to nothing can be decided without a person: even if "
            f"{errors} errors are allowed, only {share} of the cases, those with a {least} "
            f"({sure})."
        )
    if _coverage(best) == 1.0:
        return f"If {errors} errors are allowed, every case can do without a person ({sure})."
    return (
        f"If {errors} errors are allowed, {share} of the cases can do without a person: those with "
        f"a {least} ({sure})."
    )


def _coverage(acceptance: Acceptance) -> float:
    return acceptance.coverage.value or 0.0


def _number(cutoff: float | None) -> str:
    """Return a cutoff as it is, or, where that has many digits, about so."""
    text = repr(cutoff).removesuffix(".0")
    if len(text) <= LONG or cutoff is None:
        return text
    digits = 4
    while float(f"{cutoff:.{digits}g}") == 1.0 != cutoff:  # what is below 1 is not said to be 1
        digits += 1
    return f"about {cutoff:.{digits}g}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
