"""The figures that matter most before and after a calibrator, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.headline import Headline, headlines
from calaudit.report.numbers import places, shown, shown_interval

if TYPE_CHECKING:
    from calaudit.report.audit_report import AuditReport

LEFT_OUT = ("recoverable_log_loss", "average_precision")
"""Headline figures that a calibrator says little about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One figure before and after; ``after`` is None where there is no calibrator."""

    before: Headline
    after: Headline | None
    remark: str = ""


def comparison(report: AuditReport) -> list[Compared]:
    """Return the figures on the audited rows, in display order."""
    found = [line for line in headlines(report.before) if line.name not in LEFT_OUT]
    after = {} if report.after is None else {line.name: line for line in headlines(report.after)}
    return [
        Compared(before=line, after=after.get(line.name), remark=_remark(report, line))
        for line in found
    ]


def _remark(report: AuditReport, line: Headline) -> str:
    if report.after is None:
        return line.remark
    if line.name == "log_loss":
        saved = saved_text(report.saved)
        return f"saves {saved}" if saved else report.saved.reason or ""
    return "unbiased smECE" if line.name == "smece" else ""


def saved_text(saved: Estimate) -> str:
    """Return what is saved, with its interval, paired by row; "" where it is not known."""
    if saved.value is None:
        return ""
    width = None if saved.low is None or saved.high is None else saved.high - saved.low
    decimals = places(saved.value, width=width)
    ends = shown_interval(saved.low, saved.high, decimals, "number")
    return shown(saved.value, decimals) + (f" ({ends})" if ends else "")
