"""Which pictures there are of a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from calaudit.errors import SettingsError
from calaudit.report.audit import AuditReport
from calaudit.report.check import CheckReport
from calaudit.report.decision import DecisionReport
from calaudit.report.kinds import AnyReport
from calaudit.report.model import Report
from calaudit.report.pictures.before_after import before_after
from calaudit.report.pictures.cost import cost
from calaudit.report.pictures.gate import gate
from calaudit.report.pictures.histogram import audit_histogram, histogram
from calaudit.report.pictures.multiples import classes, slices
from calaudit.report.pictures.picture import Picture
from calaudit.report.pictures.reliability import reliability
from calaudit.report.pictures.risk import audit_risk, risk_coverage

__all__ = ["picture_of", "pictures_of"]


def pictures_of(report: AnyReport) -> tuple[Picture, ...]:
    """Return every picture that the report has data for, the main one first."""
    return tuple(found for _, make in _makers(report) if (found := make()) is not None)


def picture_of(report: AnyReport, name: str | None = None) -> Picture:
    """Return one picture of a report: that of this name, or the main one.

    Raises:
        SettingsError: there is no such picture, or the report has no data for it.
    """
    makers = dict(_makers(report))
    if name is not None and name not in makers:
        known = ", ".join(makers)
        raise SettingsError(f"there is no picture {name!r} of this report; there are: {known}")
    for each, make in makers.items():
        if name in (None, each) and (found := make()) is not None:
            return found
    others = ", ".join(each.name for each in pictures_of(report))
    wanted = "any picture" if name is None else f"the picture {name!r}"
    there = f"; there are: {others}" if others else ""
    raise SettingsError(f"the report has no data for {wanted}{there}")


def _makers(report: AnyReport) -> Iterator[tuple[str, Callable[[], Picture | None]]]:
    if isinstance(report, Report):
        yield "reliability", lambda: reliability(report)
        yield "histogram", lambda: histogram(report)
        yield "classes", lambda: classes(report)
        yield "slices", lambda: slices(report)
    elif isinstance(report, AuditReport):
        decision = report.decision
        yield "reliability", lambda: before_after(report)
        yield "histogram", lambda: audit_histogram(report)
        yield "classes", lambda: classes(report)
        yield "slices", lambda: slices(report)
        yield "cost", lambda: None if decision is None else cost(decision)
        yield "risk-coverage", lambda: audit_risk(report)
    elif isinstance(report, DecisionReport):
        yield "cost", lambda: cost(report)
        yield "risk-coverage", lambda: risk_coverage(report)
    elif isinstance(report, CheckReport):
        yield "gate", lambda: gate(report)
