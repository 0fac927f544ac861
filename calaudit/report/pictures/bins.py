"""What a bin of a reliability diagram says, and whether it is out of the ordinary."""

from __future__ import annotations

from calaudit.report.model import Bin
from calaudit.report.pictures.words import amount, listed, percent, score_text

__all__ = ["is_outside", "told_of", "told_span"]


def is_outside(b: Bin) -> bool:
    """Return whether the observed rate is none of a calibrated model.

    Bins without a band are judged by their interval, which then misses the mean score.
    """
    if b.observed is None or b.mean_score is None:
        return False
    if b.band_low is not None and b.band_high is not None:
        return not b.band_low <= b.observed <= b.band_high
    if b.low is not None and b.high is not None:
        return not b.low <= b.mean_score <= b.high
    return False


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
