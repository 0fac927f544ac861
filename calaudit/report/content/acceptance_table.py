"""What accepting the most confident decisions would give, in columns and in words."""

from __future__ import annotations

from calaudit.report.audit_report import Acceptance, Selective
from calaudit.report.content.cutoffs import number_text, typed_percent
from calaudit.report.content.figure_columns import DASH, interval, rates
from calaudit.report.content.option_table import UNITS
from calaudit.report.document import Column
from calaudit.report.evaluation_report import Report
from calaudit.report.numbers import places, shown

ENOUGH = 0.5
"""Share of the cases from which accepting them is worth naming a limit on errors for."""


def told_acceptance(selective: Selective, before: Report) -> Acceptance | None:
    """Return the limit on errors that is told where one is: the strictest that leaves enough.

    Where none leaves `ENOUGH`, it is the loosest that can be kept. Of a positive class a limit
    tells nothing that is no stricter than always naming the commoner outcome.

    Args:
        selective: with its limits, the strictest first.
        before: the report on the same rows.

    Returns:
        None where there is no such limit.
    """
    kept = [a for a in selective.acceptances if a.cutoff is not None]
    if before.task == "binary":
        kept = [a for a in kept if a.max_error < rarer_share(before)]
    enough = (a for a in kept if (a.coverage.value or 0.0) >= ENOUGH)
    return next(enough, kept[-1] if kept else None)


def rarer_share(report: Report) -> float:
    """Return the share of the rarer of two outcomes."""
    rate = report.metrics["base_rate"].value or 0.0
    return min(rate, 1.0 - rate)


def selective_names(selective: Selective) -> list[str]:
    """Return the limits, which rows are called after."""
    return [f"at most {typed_percent(a.max_error)}" for a in selective.acceptances]


def selective_columns(selective: Selective, level: float) -> list[Column]:
    """Return from which confidence to accept, and what that gives."""
    found = selective.acceptances
    cutoffs = tuple(DASH if a.cutoff is None else number_text(a.cutoff) for a in found)
    errors = [None if a.cutoff is None else a.error for a in found]
    return [
        Column(title="accept from", cells=cutoffs, values=tuple(a.cutoff for a in found)),
        *rates("accepted", [a.coverage for a in found], level, bounded=True),
        *rates("wrong", errors, level, bounded=True),
    ]


def selective_remarks(selective: Selective) -> list[str]:
    """Return how sure the limits are, what the cutoffs are on, and why some have none."""
    found, remarks = selective.acceptances, []
    if found:
        sure = found[0].guarantee
        how = "on these rows, without any certainty for others"
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
        ends = interval(area, decimals)
        value = shown(area.value, decimals) + (f" ({ends})" if ends else "")
        remarks.append(f"Mean error over all shares accepted (AURC): {value}.")
    return remarks
