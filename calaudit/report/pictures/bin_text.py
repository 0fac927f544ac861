"""What a bin of a reliability diagram says."""

from __future__ import annotations

from calaudit.report.evaluation_report import Bin
from calaudit.report.pictures.words import amount, listed, percent, score_text


def told_span(b: Bin) -> str:
    """Return which scores a bin holds."""
    if b.lower == b.upper:
        return f"scores of {score_text(b.lower)}"
    return f"scores {score_text(b.lower)} to {score_text(b.upper)}"


def told_of(b: Bin, came: str, name: str = "") -> str:
    """Return the figures of a bin in a line; ``came`` says what was observed."""
    says, observed, low, high = percent(b.mean_score, b.observed, b.low, b.high)
    ends = "" if b.low is None or b.high is None else f" ({low} to {high})"
    band = percent(b.band_low, b.band_high)
    calibrated = None not in (b.band_low, b.band_high)
    return listed(
        (
            name,
            told_span(b),
            f"says {says}",
            f"{came} {observed}{ends}",
            f"{amount(b.rows)} rows",
            f"a calibrated model: {band[0]} to {band[1]}" if calibrated else "",
        )
    )
