"""Marks of statuses: their form tells them apart without their colour."""

from __future__ import annotations

MARKS = {
    "calibrated": "✓",
    "negligible": "≈",
    "overconfident": "▲",
    "underconfident": "▼",
    "miscalibrated": "◆",
    "PASS": "✓",
    "FAIL": "✗",
    "note": "•",
    "advice": "→",
}
"""Status → mark; of any other, "?"."""


EMOJI = {
    "none": "✅", "unknown": "❔", "negligible": "✅", "moderate": "⚠️", "large": "❌",
    "PASS": "✅", "FAIL": "❌", "INCONCLUSIVE": "⚠️",
    "REFUSED": "⛔",
}  # fmt: skip
"""Size of a finding, or status of a gate → a sign where there are no colours."""


TONES = {
    "none": "pass",
    "negligible": "pass",
    "unknown": "model",
    "moderate": "open",
    "large": "fail",
    "PASS": "pass",
    "FAIL": "fail",
    "INCONCLUSIVE": "open",
    "advice": "model",
}
"""Size of a finding, or status of a gate → the colour of its mark."""


def mark_of(status: str) -> str:
    """Return the mark of a status.

    >>> mark_of("overconfident"), mark_of("unknown")
    ('▲', '?')
    """
    return MARKS.get(status, "?")


def tone_of(size: str) -> str:
    """Return the token of the colour of a size or a status."""
    return TONES.get(size, "open")
