"""The risk–coverage curve: what goes wrong if more and more is decided without a person."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calaudit.report.audit_report import AuditReport
from calaudit.report.chart import Axis, Chart, Line, Point, Points
from calaudit.report.charts.ticks import percents
from calaudit.report.content.reliability_table import next_round
from calaudit.report.threshold_report import DecisionReport, RiskPoint


def decision_chart(report: DecisionReport) -> Chart | None:
    """Return the curve with the recommended option on it, where costs say nothing of cutoffs."""
    if len(report.cost_curve) >= 3:
        return None
    rates = report.options[0].rates if report.options else {}
    x, y = (rates[name].value if name in rates else None for name in ("act_share", "error"))
    marks = [] if x is None or y is None else [(x, y)]
    return _chart(report.risk_coverage, marks, "recommended")


def audit_chart(report: AuditReport) -> Chart | None:
    """Return the curve of an audit with its limits, or of the decision in it."""
    selective = report.selective
    if selective is None:
        return None if report.decision is None else decision_chart(report.decision)
    found = [(a.coverage.value, a.error.value) for a in selective.acceptances]
    marks = [(x, y) for x, y in found if x is not None and y is not None]
    return _chart(selective.curve, marks, "with the limits below")


def _chart(
    curve: Sequence[RiskPoint], marks: Sequence[tuple[float, float]], name: str
) -> Chart | None:
    if len(curve) < 2:
        return None
    highest = max(max(p.risk for p in curve), *(y for _, y in marks), 1e-9)
    step = next_round(highest / 5)
    top = math.ceil(highest / step - 1e-9) * step
    line = Line(name="", look="model", points=sorted((p.coverage, p.risk) for p in curve))
    points = [Point(x=x, y=y, look="chosen") for x, y in marks]
    chosen = Points(names=[("chosen", name)], points=points)
    return Chart(
        title="wrong among those accepted, by share accepted",
        x=Axis(title="share accepted", low=0.0, high=1.0, ticks=percents(0.0, 1.0)),
        y=Axis(title="wrong among those accepted", low=0.0, high=top, ticks=percents(0.0, top)),
        layers=[line, chosen] if marks else [line],
    )
