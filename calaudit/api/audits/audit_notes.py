"""What the reader of an audit should know: the notes of its parts, each once."""

from __future__ import annotations

from collections.abc import Iterable

from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding, finding
from calaudit.records import decoded
from calaudit.report.audit_report import AuditReport
from calaudit.thresholds.problem import Impossible

NO_CUTOFF = "no-cutoff"
"""Code of the note that no cutoff can be recommended."""

SAID_BY_AUDIT = ("calibrated", "makes-worse", "grouped-rows")
"""Codes of notes on what an audit says itself, of the rows that it judges."""

ASK_LESS = "Ask for less, give more rows, or keep limits on these rows (--guarantee none)"


def no_cutoff_note(error: NotEnoughData) -> Finding:
    """Return the note that no cutoff can be recommended, and why."""
    unkept = error.unkept if isinstance(error, Impossible) else ()
    if not unkept:
        return unreached(NO_CUTOFF, error.why, error.advice)
    why = "; ".join(each.why for each in unkept)
    return unreached(NO_CUTOFF, why, ASK_LESS, stated=unkept[0].stated)


def unreached(code: str, why: str, advice: str, *, stated: bool = False) -> Finding:
    """Return the note that there is no fit or no cutoff.

    Args:
        code: of the note.
        why: there is none.
        advice: a sentence without its full stop, or "".
        stated: whether ``why`` says itself that there is none.
    """
    kind, reason = "other", why
    if stated:
        kind, reason = "stated", why[:1].upper() + why[1:]
    return finding(code, kind=kind, reason=reason, advice=advice and f"{advice.rstrip('.')}.")


def audit_notes(report: AuditReport, own: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """Return the notes of all parts of a report, in the order of its parts.

    A note on the scores after calibration is one on something new only where there is none of
    its kind on the scores before.

    Args:
        report: with everything but its notes.
        own: notes that belong to no part.
    """
    found = list(own)
    parts: list[Iterable[Finding]] = [report.before.notes]
    remarks = report.calibrator["certificate"]["remarks"]
    parts.append(decoded(tuple[Finding, ...], remarks, "remarks"))
    parts.append(() if report.after is None else report.after.notes)
    parts.append(() if report.decision is None else report.decision.notes)
    for part in parts:
        known = {*SAID_BY_AUDIT, *(note.code for note in found)}
        found += [note for note in part if note.code not in known]
    return tuple(found)
