"""What the reader of an audit should know: the notes of its parts, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable

from calaudit.errors import NotEnoughData
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Note

__all__ = ["DEPENDENT", "NO_CUTOFF", "audit_notes", "dependent_note", "no_cutoff_note"]

DEPENDENT = "grouped-rows"
"""Code of the note that rows are not independent."""

NO_CUTOFF = "no-cutoff"
"""Code of the note that no cutoff can be recommended."""

SAID_BY_AUDIT = ("calibrated", "makes-worse", DEPENDENT)
"""Codes of notes on what an audit says itself, of the rows that it judges."""


def dependent_note(group: str) -> Note:
    """Return the note that rows of one group are not independent, and what that means."""
    return Note(
        code=DEPENDENT,
        text=f"Rows of one {group} are not independent. The interval of what is saved takes that "
        "into account; the other intervals, and tests, do not and are too narrow. Limits on "
        "errors are those that these rows keep, without any certainty for others.",
        advice="Take the other intervals as a lower bound on the doubt.",
    )


def no_cutoff_note(error: NotEnoughData) -> Note:
    """Return the note that no cutoff can be recommended, and why."""
    why, _, advice = str(error).partition(". ")
    if why.startswith("--"):
        advice = "Ask for less, give more rows, or keep limits on these rows (--guarantee none)"
    why = re.sub(r"^--[a-z-]+: ", "", why.rstrip("."))
    if why.startswith("no cutoff is shown"):
        text = f"N{why[1:]}."
    else:
        text = f"No cutoff can be recommended: {why}."
    return Note(code=NO_CUTOFF, text=text, advice=advice and advice.rstrip(".") + ".")


def audit_notes(report: AuditReport, own: Iterable[Note] = ()) -> tuple[Note, ...]:
    """Return the notes of all parts of a report, in the order of its parts.

    A note on the scores after calibration is one on something new only where there is none of
    its kind on the scores before.

    Args:
        report: with everything but its notes.
        own: notes that belong to no part.
    """
    remarks = report.calibrator["certificate"]["remarks"]
    found = list(own)
    parts: list[Iterable[Note]] = [report.before.notes]
    parts.append(Note(code=r["code"], text=r["text"], advice=r["advice"]) for r in remarks)
    parts.append(() if report.after is None else report.after.notes)
    parts.append(() if report.decision is None else report.decision.notes)
    for part in parts:
        known = {*SAID_BY_AUDIT, *(note.code for note in found)}
        found += [note for note in part if note.code not in known]
    return tuple(found)
