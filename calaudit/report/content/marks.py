"""Marks of statuses: their form tells them apart without their colour."""

from __future__ import annotations

__all__ = ["MARKS", "mark_of"]

MARKS = {
    "calibrated": "✓",
    "negligible": "≈",
    "overconfident": "▲",
    "underconfident": "▼",
    "miscalibrated": "◆",
    "PASS": "✓",
    "FAIL": "✗",
    "note": "•",
}
"""Status → mark; of any other, "?"."""


def mark_of(status: str) -> str:
    """Return the mark of a status.

    >>> mark_of("overconfident"), mark_of("unknown")
    ('▲', '?')
    """
    return MARKS.get(status, "?")
