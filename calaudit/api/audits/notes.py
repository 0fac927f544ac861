"""What the reader of an audit should know: the notes of its parts, each once."""

from __future__ import annotations

from collections.abc import Iterable

from calaudit.report.audit import AuditReport
from calaudit.report.model import Note

__all__ = ["audit_notes"]

SAID_BY_AUDIT = ("calibrated", "makes-worse")
"""Codes of notes on what an audit says itself: that scores are calibrated, and on other rows."""


def audit_notes(report: AuditReport, own: Iterable[Note] = ()) -> tuple[Note, ...]:
    """Return the notes of all parts of a report, in the order of its parts.

    A note on the scores after calibration is one on something new only where there is none of
    its kind on the scores before.

    Args:
        report: with everything but its notes.
        own: notes that belong to no part.
    """
    remarks = report.calibrator["certificate"]["remarks"]
    parts: list[Iterable[Note]] = [own, report.before.notes]
    parts.append(Note(code=r["code"], text=r["text"], advice=r["advice"]) for r in remarks)
    parts.append(() if report.after is None else report.after.notes)
    parts.append(() if report.decision is None else report.decision.notes)
    found: list[Note] = []
    for part in parts:
        known = {*SAID_BY_AUDIT, *(note.code for note in found)}
        found += [note for note in part if note.code not in known]
    return tuple(found)
