"""Cost against the cutoff, with the cutoffs that matter."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.audit_report import AuditReport
from calaudit.report.chart import Axis, Chart, Layer, Line, Point, Points, Rule, Zone
from calaudit.report.charts.ticks import ODDS, numbers_of, steps
from calaudit.report.content.cost_axis import cost_span, log_ticks, on_odds
from calaudit.report.content.cutoffs import verbs
from calaudit.report.threshold_report import DecisionReport


def audit_chart(report: AuditReport) -> Chart | None:
    """Return the curve of the decision in an audit; None where there is none."""
    return None if report.decision is None else cost_chart(report.decision)


def cost_chart(report: DecisionReport) -> Chart | None:
    """Return the cost against the cutoff; None where there are no costs of one pair of cutoffs."""
    if len(report.cost_curve) < 3:
        return None
    log, (low, high) = cost_span(report)
    cuts = _cuts(report)
    x = _cutoffs(report, cuts)
    y = Axis(
        title="cost per 1,000 cases",
        low=low,
        high=high,
        scale="log" if log else "linear",
        ticks=numbers_of(log_ticks(low, high) if log else steps(low, high)),
    )
    how = ", on a logarithmic axis" if log else ""
    return Chart(
        title=f"cost per 1,000 cases, by cutoff ({report.unit}){how}",
        x=x,
        y=y,
        layers=[*_layers(report, cuts), *_chosen(report)],
    )


def _layers(report: DecisionReport, cuts: Sequence[Rule]) -> list[Layer]:
    points = [(p.cutoff, p.cost) for p in report.cost_curve if p.cutoff is not None]
    return [
        *(Zone(name="the cheapest may lie here", low=p.low, high=p.high) for p in report.plateaus),
        Line(name="", look="model", points=points),
        *cuts,
    ]


def _chosen(report: DecisionReport) -> list[Points]:
    best = report.recommended
    if best is None or best.cost is None or best.cost.value is None:
        return []
    cost = best.cost.value
    found = [cut for cut in (best.review_from, best.act_from) if cut is not None]
    points = [Point(x=cut, y=cost, look="chosen") for cut in found]
    return [Points(names=[("chosen", "recommended")], points=points)]


def _cuts(report: DecisionReport) -> list[Rule]:
    """Return the cutoffs that are shown, those of the recommended option last, on top."""
    found = [
        Rule(name="current", look="current", at=option.act_from)
        for option in report.options
        if option.name == "current" and option.act_from is not None
    ]
    best = report.recommended
    if best is not None:
        if best.review_from is not None and report.task == "binary":
            found.append(Rule(name="review", look="chosen", at=best.review_from))
        if best.act_from is not None:
            found.append(Rule(name=verbs(report).act, look="chosen", at=best.act_from))
    return found


def _cutoffs(report: DecisionReport, named: Sequence[Rule]) -> Axis:
    """Return the axis of cutoffs; of log-odds where what matters lies close to 0 or 1."""
    ends = [p.cutoff for p in report.cost_curve if p.cutoff is not None]
    ends += [rule.at for rule in named]
    title = f"cutoff ({report.unit})"
    if not report.unit.endswith("probability"):
        low, high = min(ends), max(ends)
        high = high if high > low else low + 1.0
        return Axis(title=title, low=low, high=high, ticks=numbers_of(steps(low, high)))
    if on_odds(report):
        inner = [min(max(at, ODDS[0]), ODDS[-1]) for at in ends if 0 < at < 1]
        low = max(at for at in ODDS if at <= min(inner))
        high = min(at for at in ODDS if at >= max(inner))
        high = high if high > low else ODDS[-1]
        return Axis(title=title, low=low, high=high, scale="log-odds", ticks=numbers_of([*ODDS]))
    return Axis(title=title, low=0.0, high=1.0, ticks=numbers_of(steps(0.0, 1.0)))
