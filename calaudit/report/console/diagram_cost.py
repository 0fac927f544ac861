"""Curves to decide by: cost against the cutoff, and risk against coverage."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from calaudit.report.console.diagram_canvas import Canvas, Scale, Tick, steps
from calaudit.report.console.diagram_risk import curve_columns, curve_rows, risk_lines
from calaudit.report.console.grid import INDENT, hanging
from calaudit.report.console.page import Page
from calaudit.report.content.cost_axis import cost_span, on_odds, rungs
from calaudit.report.content.cutoffs import verbs
from calaudit.report.decision import DecisionReport

__all__ = ["cost_lines"]

ODDS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)
"""Where a bent axis has its ticks."""

Cut = tuple[float, str, str]
"""A cutoff on the axis, how it is called, and its style."""


def cost_lines(decision: DecisionReport, page: Page) -> list[Text]:
    """Return the cost against the cutoff; where there are no costs, the risk against coverage."""
    if len(decision.cost_curve) < 3:
        return risk_lines(decision.risk_coverage, page, marks=_accepted(decision))
    cuts = _cuts(decision)
    log, ends = cost_span(decision)
    low, high = map(math.log, ends) if log else ends
    y = Scale(low, high, curve_rows(page))
    left = _cost_ticks(y, log=log)
    margin = max(len(text) for _, text in left)
    x = _cutoff_scale(decision, cuts, curve_columns(page, left))
    cuts = [cut for cut in cuts if x.holds(cut[0])]
    canvas = _drawn(decision, cuts, Canvas(x, y, page), log=log)
    how = ", on a logarithmic axis" if log else ""
    title = page.ours(f"cost per 1,000 cases, by cutoff ({decision.unit}){how}", "dim")
    return [
        *hanging(title, width=page.width),
        _names(cuts, canvas, margin, page),
        *canvas.lines(left, _cutoff_ticks(canvas.x)),
        *hanging(page.ours(_legend(decision, page), "dim"), width=page.width),
    ]


def _cost_of(decision: DecisionReport) -> float | None:
    best = decision.recommended
    return None if best is None or best.cost is None else best.cost.value


def _drawn(decision: DecisionReport, cuts: Sequence[Cut], canvas: Canvas, *, log: bool) -> Canvas:
    height = math.log if log else float
    x, y, glyphs = canvas.x, canvas.y, canvas.page.glyphs
    for plateau in decision.plateaus:
        _shade(canvas, plateau.low, plateau.high)
    points = [(p.cutoff, height(p.cost)) for p in decision.cost_curve if p.cutoff is not None]
    canvas.line([point for point in points if x.holds(point[0])], "cyan", plain="*")
    for at, _, style in cuts:
        for row in range(y.cells):
            canvas.put(x.cell(at), row, glyphs.stem[0], style)
    best, cost = decision.recommended, _cost_of(decision)
    if best is not None and cost is not None:
        for cut in (best.review_from, best.act_from):
            if cut is not None and x.holds(cut):
                canvas.put(x.cell(cut), y.cell(height(cost)), glyphs.outside, "bold green")
    return canvas


def _accepted(decision: DecisionReport) -> list[tuple[float, float]]:
    """Return the coverage and the risk of the recommended option, where both are known."""
    rates = decision.options[0].rates if decision.options else {}
    found = [rates[name].value for name in ("act_share", "error") if name in rates]
    known = [value for value in found if value is not None]
    return [(known[0], known[1])] if len(known) == 2 else []


def _cuts(decision: DecisionReport) -> list[Cut]:
    """Return the cutoffs that are shown, those of the recommended option last, on top."""
    found: list[Cut] = [
        (option.act_from, "current", "yellow")
        for option in decision.options
        if option.name == "current" and option.act_from is not None
    ]
    best = decision.recommended
    if best is not None:
        if best.review_from is not None and decision.task == "binary":
            found.append((best.review_from, "review", "green"))
        if best.act_from is not None:
            found.append((best.act_from, verbs(decision).act, "green"))
    return found


def _cutoff_scale(decision: DecisionReport, named: Sequence[Cut], width: int) -> Scale:
    """Return the axis of cutoffs; bent where what matters lies close to 0 or 1."""
    points = [p.cutoff for p in decision.cost_curve if p.cutoff is not None]
    cuts = [at for at, _, _ in named]
    if not decision.unit.endswith("probability"):
        ends = [*points, *cuts]
        low, high = min(ends), max(ends)
        return Scale(low, high if high > low else low + 1.0, width)
    if on_odds(decision):
        ends = [min(max(at, ODDS[0]), ODDS[-1]) for at in (*points, *cuts) if 0 < at < 1]
        low = max(at for at in ODDS if at <= min(ends))
        high = min(at for at in ODDS if at >= max(ends))
        return Scale(low, high if high > low else ODDS[-1], width, bent=_log_odds)
    return Scale(0.0, 1.0, width)


def _log_odds(value: float) -> float:
    return math.log(value / (1 - value))


def _cutoff_ticks(x: Scale) -> list[Tick]:
    bent = x.bent is _log_odds
    values = [at for at in ODDS if x.holds(at)] if bent else steps(x.low, x.high)
    return [(value, f"{value:.10g}") for value in values]


def _cost_ticks(y: Scale, *, log: bool) -> list[Tick]:
    """Return the labels of the axis of costs; on a logarithmic one they are at their logarithms."""
    ends = (math.exp(y.low), math.exp(y.high)) if log else (y.low, y.high)
    values = rungs(*ends) if log else steps(*ends)
    return [(math.log(value) if log else value, f"{value:,.10g}") for value in values]


def _shade(canvas: Canvas, low: float | None, high: float | None) -> None:
    x = canvas.x
    first = 0 if low is None else x.cell(low)
    last = x.cells - 1 if high is None else x.cell(high)
    for column in range(first, last + 1):
        for row in range(canvas.y.cells):
            canvas.put(column, row, canvas.page.glyphs.shade, "dim")


def _names(cuts: Sequence[Cut], canvas: Canvas, margin: int, page: Page) -> Text:
    """Return the names of the cutoffs over their lines, side by side where these are close."""
    line = Text(" " * (INDENT + margin + 2))
    start = line.cell_len
    for at, name, style in sorted(cuts):
        place = start + canvas.x.cell(at) - (len(name) - 1) // 2
        line.append(" " * max(place - line.cell_len, 0))
        line.append_text(page.ours(name, style))
        line.append(" ")
    line.rstrip()
    return line


def _legend(decision: DecisionReport, page: Page) -> str:
    parts = [f"{page.glyphs.outside} recommended"]
    if decision.plateaus:
        parts.append(f"{page.glyphs.shade * 2} costs about the same")
    return "   ".join(parts)
