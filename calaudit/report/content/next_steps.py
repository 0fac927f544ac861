"""What to do next, by what was asked and what was found."""

from __future__ import annotations

from calaudit.report.document import Cards, Document

APPLY = "Write the calibrator (--save-calibrator), and put it on new scores: calaudit apply."
CALIBRATE = "See on rows that are held back whether calibrating the scores helps: calaudit audit."
KEEP = "Nothing has to be changed. calaudit check keeps it so, with this report as its baseline."

STEPS = {
    **{("evaluate", of): CALIBRATE for of in ("overconfident", "underconfident", "miscalibrated")},
    **{("evaluate", of): KEEP for of in ("calibrated", "negligible")},
    ("evaluate", "unknown"): "Evaluate more rows: so few could hide a large error.",
    ("audit", "FAIL"): "Leave the calibrator out, and fit on rows like those judged.",
    ("threshold", "advice"): "Put the recommended cutoffs to use, and judge them on rows to come.",
    ("check", "PASS"): "Nothing has to be done.",
    ("check", "FAIL"): "Find out what changed where a rule failed, before these are used.",
    ("check", "INCONCLUSIVE"): "Judge more rows: calaudit check --plan says how many it takes.",
    ("compare", "advice"): "Use the better one, unless what it is worse at matters more.",
    ("compare", "unknown"): "Compare on more rows: these cannot tell which one is better.",
}
"""Command and status of its answer → what to do next."""


def next_step(document: Document) -> str:
    """Return what to do next; "" where the answer says it."""
    cards = [b for s in document.sections for b in s.blocks if isinstance(b, Cards)]
    calibrated = document.command == "audit" and any(c.after for b in cards for c in b.cards)
    return STEPS.get((document.command, document.answer.status), APPLY if calibrated else "")
