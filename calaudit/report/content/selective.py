"""What accepting the most confident decisions would give, in columns and in words."""

from __future__ import annotations

from calaudit.report.audit import Selective
from calaudit.report.content.columns import DASH, Column, interval, rates
from calaudit.report.content.cutoffs import number_text, typed_percent
from calaudit.report.content.options import UNITS
from calaudit.report.numbers import places, shown

__all__ = ["selective_columns", "selective_names", "selective_remarks"]


def selective_names(selective: Selective) -> list[str]:
    """Return the limits, which rows are called after."""
    return [f"at most {typed_percent(a.max_error)}" for a in selective.acceptances]


def selective_columns(selective: Selective, level: float, *, bounded: bool = True) -> list[Column]:
    """Return from which confidence to accept, and what that gives; with intervals if wanted."""
    found = selective.acceptances
    cutoffs = tuple(DASH if a.cutoff is None else number_text(a.cutoff) for a in found)
    errors = [None if a.cutoff is None else a.error for a in found]
    return [
        Column(title="accept from", cells=cutoffs, values=tuple(a.cutoff for a in found)),
        *rates("accepted", [a.coverage for a in found], level, bounded=bounded),
        *rates("wrong", errors, level, bounded=bounded),
    ]


def selective_remarks(selective: Selective) -> list[str]:
    """Return how sure the limits are, what the cutoffs are on, and why some have none."""
    found, remarks = selective.acceptances, []
    if found:
        sure = found[0].guarantee
        how = "on these rows alone, which have weights"
        if sure is not None:
            how = f"for cases to come, each by itself with {typed_percent(sure)} confidence"
        remarks.append(f"Limits hold {how}.")
    if selective.unit in UNITS:
        remarks.append(f"Confidences are {UNITS[selective.unit]}.")
    missing = [a for a in found if a.reason]
    if missing:
        reason = missing[-1].reason
        remarks.append(f"Not at {typed_percent(missing[-1].max_error)}: {reason}.")
    area = selective.aurc
    if area.value is not None:
        width = None if area.low is None or area.high is None else area.high - area.low
        decimals = places(area.value, width=width)
        ends = interval(area, decimals).replace(f" {DASH} ", " to ")
        value = shown(area.value, decimals) + (f" ({ends})" if ends else "")
        remarks.append(f"Mean error over all shares accepted (AURC): {value}.")
    return remarks
