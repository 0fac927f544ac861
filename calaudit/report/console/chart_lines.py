"""A chart in a terminal: its layers in cells, its strips under it, and a key."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from rich.text import Text

from calaudit.report.chart import (
    Axis,
    Band,
    Bars,
    Chart,
    Line,
    Look,
    Points,
    Rule,
    Zone,
)
from calaudit.report.console.diagram_canvas import Canvas, Scale
from calaudit.report.console.grid import INDENT, hanging
from calaudit.report.console.page import ASCII, Page

SHAPE = 2.6
"""Cells across for a cell upwards. A cell is twice as high as wide: this is nearly a square,
and a little wider, because that is where terminals have room."""

SQUARE_ROWS, ROWS, LEAST_ROWS = (16, 21), (12, 17), 8
"""Cells upwards of a square chart and of others, on a narrow page and on one of `WIDE` cells."""

WIDE = 100

BESIDE = 5
"""Cells beside the drawing and its labels: the axis, and half of the last label below it."""

MOST_COLUMNS = 88

STYLES: dict[Look, str] = {
    "inside": "green",
    "outside": "bold red",
    "before": "yellow",
    "after": "bold cyan",
    "model": "cyan",
    "chosen": "bold green",
    "current": "yellow",
    "quiet": "dim",
}


def chart_lines(chart: Chart, page: Page) -> list[Text]:
    """Return the chart, no wider than the page."""
    x, y = _scale(chart.x), _scale(chart.y)
    left = [(value, text) for value, text in chart.y.ticks if y(1).holds(value)]
    below = [(value, text) for value, text in chart.x.ticks if x(1).holds(value)]
    margin = max(len(text) for text in [*(t for _, t in left), *(s.name for s in chart.strips)])
    columns, rows = _size(chart, page, margin, max(len(text) for _, text in below))
    canvas = Canvas(x(columns), y(rows), page)
    points = [layer for layer in chart.layers if isinstance(layer, Points)]
    for layer in chart.layers:
        _draw(canvas, layer)
    for series in points:  # all intervals under all points
        _intervals(canvas, series)
    for series in points:
        _points(canvas, series)
    lines = hanging(page.ours(chart.title, "dim"), width=page.width)
    lines += _rule_names(chart, canvas, margin, page)
    lines += canvas.lines(left, () if chart.strips else below, margin=margin)
    for i, strip in enumerate(chart.strips):
        high = 2 if len(chart.strips) > 1 else 3 if rows < 20 else 4
        drawn = _strip(strip, canvas.x, page, rows=high)
        last = i == len(chart.strips) - 1
        lines += drawn.lines([(1.0, strip.name)], below if last else (), margin=margin)
    return [*lines, *hanging(page.ours(_key(chart, page), "dim"), width=page.width)]


def _scale(axis: Axis) -> Callable[[int], Scale]:
    """Return the axis on so many cells."""
    bent: dict[str, Callable[[float], float]] = {
        "linear": float, "log": math.log,
        "log-odds": lambda p: -math.log(1 / min(max(p, axis.low), axis.high) - 1),
    }  # fmt: skip
    return lambda cells: Scale(axis.low, axis.high, cells, bent[axis.scale])


def _size(chart: Chart, page: Page, margin: int, label: int) -> tuple[int, int]:
    wide = page.width >= WIDE
    if not chart.square:
        return min(page.width - INDENT - margin - BESIDE, MOST_COLUMNS), ROWS[wide]
    width = page.width - INDENT - margin - len(" |") - label // 2
    rows = max(min(int(width / SHAPE), SQUARE_ROWS[wide]), LEAST_ROWS)
    return min(width, round(rows * SHAPE)), rows


def _draw(canvas: Canvas, layer: object) -> None:
    glyphs = canvas.page.glyphs
    match layer:
        case Band(spans=spans):
            _band(canvas, spans)
        case Zone(low=low, high=high):
            first = 0 if low is None else canvas.x.cell(low)
            last = canvas.x.cells - 1 if high is None else canvas.x.cell(high)
            for column in range(first, last + 1):
                for row in range(canvas.y.cells):
                    canvas.put(column, row, glyphs.shade, "dim")
        case Line(points=points, look=look):
            plain = "." if look == "quiet" else "*"
            # A cost may be a million times as high as the axis: what is outside is left out.
            canvas.line([p for p in points if canvas.x.holds(p[0])], STYLES[look], plain=plain)
        case Rule(at=at, look=look) if canvas.x.holds(at):
            for row in range(canvas.y.cells):
                canvas.put(canvas.x.cell(at), row, glyphs.stem[0], STYLES[look])


def _points(canvas: Canvas, layer: Points) -> None:
    """Draw the points, the heaviest last: where two share a cell, it is shown."""
    for p in sorted(layer.points, key=lambda p: p.weight):
        if canvas.x.holds(p.x):
            place = canvas.x.cell(p.x), canvas.y.cell(p.y)
            canvas.put(*place, _sign(p.look, canvas.page), STYLES[p.look])


def _sign(look: Look, page: Page) -> str:
    glyphs = page.glyphs
    signs = {"inside": glyphs.inside, "before": glyphs.before, "after": glyphs.after}
    return signs.get(look, glyphs.outside)


def _intervals(canvas: Canvas, layer: Points) -> None:
    """Draw the interval of each point; an end that fills half of its cell is half a line."""
    whole, down, up = canvas.page.glyphs.stem
    y = canvas.y
    for p in layer.points:
        if p.low is None or p.high is None:
            continue
        style = STYLES[p.look].removeprefix("bold ")
        first, last = y.cell(p.low), y.cell(p.high)
        for row in range(first, last + 1):
            sign = whole
            if first < last and row == last and y.position(p.high) - row < 0.5:
                sign = down
            if first < last and row == first and y.position(p.low) - row > 0.5:
                sign = up
            canvas.put(canvas.x.cell(p.x), row, sign, style)


def _band(canvas: Canvas, spans: Sequence[tuple[float, float, float]]) -> None:
    for (x, low, high), (then, then_low, then_high) in zip(
        spans, [*spans[1:], *spans[-1:]], strict=True
    ):
        first, last = canvas.x.cell(x), canvas.x.cell(then)
        for column in range(first, last + 1):
            part = (column - first) / (last - first) if last > first else 0.0
            ends = low + part * (then_low - low), high + part * (then_high - high)
            for row in range(canvas.y.cell(ends[0]), canvas.y.cell(ends[1]) + 1):
                canvas.put(column, row, canvas.page.glyphs.shade, "dim")


def _strip(strip: Bars, x: Scale, page: Page, *, rows: int) -> Canvas:
    """Return bars so many cells high; their area is the amount."""
    canvas = Canvas(x, Scale(0.0, 1.0, rows), page)
    found = densities(strip.bars, x)
    highest = max(found, default=0.0) or 1.0
    parts = page.glyphs.tall
    full = len(parts) - 1
    for column, value in enumerate(found):
        height = round(value / highest * rows * full)
        height = max(height, 1) if value > 0 else 0  # what is there leaves a trace
        for row in range(rows):
            part = min(max(height - row * full, 0), full)
            if part:
                canvas.put(column, row, parts[part], "dim cyan")
    return canvas


def densities(bars: Sequence[tuple[float, float, float]], x: Scale) -> list[float]:
    """Return the amount in each cell of ``x``, as if it were spread evenly over its bar."""
    found = [0.0] * x.cells
    for low, high, amount in bars:
        start, end = x.position(low), x.position(high)
        first = min(int(start), x.cells - 1)
        for column in range(first, max(min(math.ceil(end), x.cells), first + 1)):
            shared = min(end, column + 1) - max(start, column)
            part = shared / (end - start) if end - start > 1e-9 else float(column == first)
            if part > 1e-9:
                found[column] += amount * part
    return found


def _rule_names(chart: Chart, canvas: Canvas, margin: int, page: Page) -> list[Text]:
    """Return the names of the rules over their lines, side by side where these are close."""
    rules = [r for r in chart.layers if isinstance(r, Rule) and canvas.x.holds(r.at)]
    if not rules:
        return []
    line = Text(" " * (INDENT + margin + 2))
    start = line.cell_len
    for rule in sorted(rules, key=lambda rule: rule.at):
        place = start + canvas.x.cell(rule.at) - (len(rule.name) - 1) // 2
        line.append(" " * max(place - line.cell_len, 0))
        line.append_text(page.ours(rule.name, STYLES[rule.look]))
        line.append(" ")
    line.rstrip()
    return [line]


def _key(chart: Chart, page: Page) -> str:
    """Return what the signs mean, in a line."""
    glyphs = page.glyphs
    series = [layer for layer in chart.layers if isinstance(layer, Points)]
    parts = {f"{_sign(look, page)} {name}": None for each in series for look, name in each.names}
    for layer in chart.layers:
        if isinstance(layer, Line) and layer.look == "model" and layer.name:
            parts[f"{'*' if glyphs is ASCII else '⠒'} {layer.name}"] = None
        if isinstance(layer, Band | Zone):
            parts[f"{glyphs.shade * 2} {layer.name}"] = None
    points = (p for each in series for p in each.points)
    if any(p.low is not None for p in points):
        parts[f"{glyphs.stem[0]} {page.interval_title}"] = None
    return "   ".join(parts)
