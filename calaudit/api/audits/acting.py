"""Where to act without a person, in the first paragraph of an audit."""

from __future__ import annotations

from calaudit.api.audits.audit_notes import NO_CUTOFF
from calaudit.api.decisions.sentences import decision_sentences
from calaudit.findings.finding import leads, parted
from calaudit.report.audit_report import Acceptance, AuditReport, Selective
from calaudit.report.content.acceptance_table import rarer_share, told_acceptance
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import integral_percent
from calaudit.report.threshold_report import DecisionReport

CALIBRATED = "calibrated probability"
"""Unit of cutoffs on scores that go through a calibrator first."""

LONG = 8
"""Characters of a cutoff from which it is rounded in a sentence; the table has all of them."""

LITTLE = 0.05
"""Share of the cases below which deciding them alone is hardly worth a word."""


def act_sentences(report: AuditReport) -> list[str]:
    """Return where to act without a person."""
    if report.decision is not None:
        return _recommended(report.decision)
    assert report.selective is not None
    refused = [note.text for note in report.notes if note.code == NO_CUTOFF]
    return [*refused, _accepting(report.selective, report.before, "on these rows")]


def _recommended(decision: DecisionReport) -> list[str]:
    if not decision.options:  # cutoffs by class, or a cost matrix
        return [text for text in parted(decision.sentence, decision.lead) if text]
    sentences = decision_sentences(decision, calibrated=decision.unit == CALIBRATED)
    return [*leads(decision.notes), *sentences]


def _accepting(selective: Selective, before: Report, where: str) -> str:
    calibrated = "calibrated " if selective.unit == CALIBRATED else ""
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
