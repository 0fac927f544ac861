"""The risk–coverage curve: what goes wrong if more and more is decided without a person."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from calaudit.report.console.diagram_canvas import Canvas, Scale, Tick, steps
from calaudit.report.console.grid import INDENT, hanging
from calaudit.report.console.page import Page
from calaudit.report.decision import RiskPoint

__all__ = ["curve_columns", "curve_rows", "risk_lines"]

BESIDE = 5
"""Cells beside the drawing and its labels: the axis, and half of the last label below it."""

MOST_COLUMNS = 88


def curve_columns(page: Page, labels: Sequence[Tick]) -> int:
    """Return how many cells wide a curve is drawn beside the labels of its upright axis."""
    margin = max((len(text) for _, text in labels), default=0)
    return min(page.width - INDENT - margin - BESIDE, MOST_COLUMNS)


def curve_rows(page: Page) -> int:
    """Return how many cells high a curve is drawn."""
    return 12 if page.width < 100 else 17


def risk_lines(
    points: Sequence[RiskPoint],
    page: Page,
    *,
    marks: Sequence[tuple[float, float]] = (),
    key: str = "recommended",
) -> list[Text]:
    """Return the share of wrong decisions against the share of the cases that are accepted.

    Args:
        points: of the curve.
        page: where it is drawn.
        marks: (coverage, risk) of what is pointed at.
        key: what that is.
    """
    if len(points) < 2:
        return []
    highest = max(max(p.risk for p in points), *(y for _, y in marks), 1e-9)
    step = next_round(highest / 5)
    y = Scale(0.0, math.ceil(highest / step - 1e-9) * step, curve_rows(page))
    left: list[Tick] = [(v, f"{100 * v:.10g} %") for v in steps(0.0, y.high)]
    below: list[Tick] = [(v, f"{100 * v:.10g} %") for v in steps(0.0, 1.0)]
    canvas = Canvas(Scale(0.0, 1.0, curve_columns(page, left)), y, page)
    canvas.line(sorted((p.coverage, p.risk) for p in points), "cyan", plain="*")
    for coverage, risk in marks:
        canvas.put(canvas.x.cell(coverage), y.cell(risk), page.glyphs.outside, "bold green")
    title = page.ours("wrong among those accepted, by share accepted", "dim")
    lines = [*hanging(title, width=page.width), *canvas.lines(left, below)]
    text = f"{page.glyphs.outside} {key}" if marks else ""
    return [*lines, *(hanging(page.ours(text, "dim"), width=page.width) if text else [])]


def next_round(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (1, 2, 5, 10) if value <= n * power * (1 + 1e-9))
