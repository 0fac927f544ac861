"""The plane of the cost curve: which cutoffs and costs it shows, and on which scales."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.report.content.cost_axis import cost_span, log_ticks, marked, on_odds
from calaudit.report.pictures.axes import axis, logit, probability_axis
from calaudit.report.pictures.mark_layers import field
from calaudit.report.pictures.theme import WIDTH as WHOLE
from calaudit.report.pictures.theme import Spec
from calaudit.report.threshold_report import CostPoint, DecisionReport
from calaudit.visible import visible

HEIGHT = 280

WIDTH = WHOLE - 70
"""Width of the plane: to its right stand the names of its lines across."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Cutoffs across, on log-odds where they are nearly 0 or 1; costs upwards."""

    odds: bool
    across: tuple[float, float]
    log: bool
    up: tuple[float, float]
    unit: str

    def at(self, cutoff: float | None) -> float:
        """Return where a cutoff stands; one that nothing reaches is at the right end."""
        low, high = self.across
        if cutoff is None:
            return high
        value = logit(cutoff) if self.odds else cutoff
        return min(max(value, low), high)

    def x(self, name: str = "at") -> Spec:
        """Return the channel of cutoffs."""
        title = f"Cutoff ({visible(self.unit)})" if self.unit else "Cutoff"
        if self.odds:
            shown = probability_axis(title, self.across, WIDTH)
        elif self.unit.endswith("probability") and self.across == (0.0, 1.0):
            shown = axis(title, tickCount=5, format="~f")
        else:
            shown = axis(title, tickCount=6)
        scale = {"domain": list(self.across), "nice": False, "zero": False}
        return field(name, scale, shown)

    def y(self, name: str) -> Spec:
        """Return the channel of costs."""
        kind = {"type": "log"} if self.log else {"zero": False}
        more = {"values": log_ticks(*self.up)} if self.log else {"tickCount": 5}
        shown = axis("Cost per 1,000 cases", labelExpr="format(datum.value, ',~f')", **more)
        return field(name, {"domain": list(self.up), "nice": False, "clamp": True, **kind}, shown)

    def height(self, cost: float) -> float:
        """Return where a cost stands, in pixels."""
        ends = (math.log(cost), *map(math.log, self.up)) if self.log else (cost, *self.up)
        value, low, high = ends
        return (1 - (value - low) / (high - low)) * HEIGHT

    def pixel(self, cutoff: float | None) -> float:
        """Return where a cutoff stands, in pixels."""
        low, high = self.across
        return (self.at(cutoff) - low) / (high - low) * WIDTH


def plane_of(report: DecisionReport, points: Sequence[CostPoint]) -> Plane:
    """Return the plane on which the curve of a report is drawn."""
    cutoffs = [p.cutoff for p in points if p.cutoff is not None]
    chosen = [c for o in marked(report) for c in (o.review_from, o.act_from) if c is not None]
    ends = [e for p in report.plateaus for e in (p.low, p.high) if e is not None]
    probable = report.unit.endswith("probability")
    inner = [c for c in chosen if 0 < c < 1]
    odds = on_odds(report)
    across = (0.0, 1.0)
    if odds:
        spread = [c for c in (*cutoffs, *inner, *ends) if 0 < c < 1]
        known = sorted(logit(c) for c in spread)
        across = (max(known[0], -12.0) - 0.3, min(known[-1], 12.0) + 0.3)
    elif not probable:
        known = sorted((*cutoffs, *chosen, *ends))
        pad = 0.03 * (known[-1] - known[0] or 1.0)
        across = (known[0] - pad, known[-1] + pad)
    log, up = cost_span(report)
    return Plane(odds, across, log, up, report.unit)
