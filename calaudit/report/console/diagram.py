"""The reliability diagram: what came true against what was said, over the scores themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from calaudit.report.console.diagram_canvas import Canvas, Scale, Tick, steps
from calaudit.report.console.diagram_histogram import histogram
from calaudit.report.console.grid import INDENT, hanging
from calaudit.report.console.page import Page
from calaudit.report.console.plot import axis_of
from calaudit.report.content.reliability import is_inside
from calaudit.report.model import Bin, Report

__all__ = ["diagram_lines"]

SHAPE = 2.6
"""Cells across for a cell upwards. A cell is twice as high as wide: this is nearly a square,
and a little wider, because that is where terminals have room."""

ROWS, MOST_ROWS = 16, 21
"""Cells upwards, and on a wide page: with histogram and labels 24 and 30 lines."""

LEAST_ROWS = 8


@dataclass(frozen=True, slots=True)
class _Series:
    """The bins of one report, and how they are drawn."""

    name: str
    bins: Sequence[Bin]
    inside: tuple[str, str]
    outside: tuple[str, str]


def diagram_lines(report: Report, page: Page, after: Report | None = None) -> list[Text]:
    """Return the diagram of a report, with that of the calibrated scores in it where given.

    Args:
        report: what was found on the scores as they are.
        page: where it is drawn; it is never wider than that.
        after: the same rows, calibrated.
    """
    series = _series(report, page, after)
    filled = [b for each in series for b in each.bins]
    if not filled:
        return []
    domain = axis_of(filled, 1)
    values = steps(domain.low, domain.high)
    percents = [(value, f"{100 * value:.10g} %") for value in values]
    scores: list[Tick] = [(value, f"{value:.10g}") for value in values]
    margin = max(len(text) for text in [*(text for _, text in percents), *(s.name for s in series)])
    width = page.width - INDENT - margin - len(" |") - max(len(text) for _, text in scores) // 2
    rows = max(min(int(width / SHAPE), ROWS if page.width < 100 else MOST_ROWS), LEAST_ROWS)
    x = Scale(domain.low, domain.high, min(width, round(rows * SHAPE)))
    canvas = Canvas(x, Scale(domain.low, domain.high, rows), page)
    _band(canvas, [b for b in (after or report).bins if b.rows])
    canvas.line([(x.low, x.low), (x.high, x.high)], "dim")
    _stems(canvas, series[-1])
    for each in series:
        _points(canvas, each)
    lines = [Text(" " * INDENT) + page.ours(_title(report), "dim")]
    lines += canvas.lines(percents, margin=margin)
    for i, each in enumerate(series):
        last = i == len(series) - 1
        strip = histogram(each.bins, x, page, rows=2 if after else 3 if rows < 20 else 4)
        lines += strip.lines([(1.0, each.name)], scores if last else [], margin=margin)
    return [*lines, *hanging(page.ours(_legend(series, page), "dim"), width=page.width)]


def _series(report: Report, page: Page, after: Report | None) -> list[_Series]:
    glyphs = page.glyphs
    bins = [b for b in report.bins if b.rows]
    if after is None:
        inside, outside = (glyphs.inside, "green"), (glyphs.outside, "bold red")
        return [_Series("rows", bins, inside, outside)]
    marks = (glyphs.before, "yellow"), (glyphs.after, "bold cyan")
    later = [b for b in after.bins if b.rows]
    return [_Series("before", bins, marks[0], marks[0]), _Series("after", later, *[marks[1]] * 2)]


def _title(report: Report) -> str:
    binary = report.task == "binary"
    return "observed rate, by score" if binary else "share that is right, by confidence"


def _legend(series: Sequence[_Series], page: Page) -> str:
    """Return what the signs mean, in a line."""
    g = page.glyphs
    interval = f"{g.stem[0]} {page.interval_title}"
    banded = any(b.band_low is not None for each in series for b in each.bins)
    if len(series) > 1:
        marks = f"{g.before} before   {g.after} after, {interval}"
        return f"{marks}   {g.shade} where a calibrated model is" if banded else marks
    if not banded:
        return f"{g.inside} observed   {interval}"
    return f"{g.inside} within, {g.outside} outside of {g.shade * 2} a calibrated model's range" + (
        f"   {interval}"
    )


def _band(canvas: Canvas, bins: Sequence[Bin]) -> None:
    """Shade where observed rates of a calibrated model lie, joined between neighbouring bins."""
    known = [
        (b.mean_score, b.band_low, b.band_high)
        for b in bins
        if b.mean_score is not None and b.band_low is not None and b.band_high is not None
    ]
    for (score, low, high), (then, then_low, then_high) in zip(
        known, [*known[1:], *known[-1:]], strict=True
    ):
        first, last = canvas.x.cell(score), canvas.x.cell(then)
        for column in range(first, last + 1):
            part = (column - first) / (last - first) if last > first else 0.0
            ends = low + part * (then_low - low), high + part * (then_high - high)
            for row in range(canvas.y.cell(ends[0]), canvas.y.cell(ends[1]) + 1):
                canvas.put(column, row, canvas.page.glyphs.shade, "dim")


def _stems(canvas: Canvas, series: _Series) -> None:
    """Draw the interval of each bin; they lie under all points."""
    for b in series.bins:
        _stem(canvas, b, (series.inside if is_inside(b) else series.outside)[1])


def _points(canvas: Canvas, series: _Series) -> None:
    """Draw the point of each bin, the heaviest last: where two share a cell, it is shown."""
    for b in sorted(series.bins, key=lambda b: b.weight):
        if b.mean_score is not None and b.observed is not None:
            sign, style = series.inside if is_inside(b) else series.outside
            canvas.put(canvas.x.cell(b.mean_score), canvas.y.cell(b.observed), sign, style)


def _stem(canvas: Canvas, b: Bin, style: str) -> None:
    """Draw the interval of a bin; an end that fills half of its cell is half a line."""
    if b.mean_score is None or b.low is None or b.high is None:
        return
    column, y = canvas.x.cell(b.mean_score), canvas.y
    whole, down, up = canvas.page.glyphs.stem
    first, last = y.cell(b.low), y.cell(b.high)
    for row in range(first, last + 1):
        sign = whole
        if first < last and row == last and y.position(b.high) - row < 0.5:
            sign = down
        if first < last and row == first and y.position(b.low) - row > 0.5:
            sign = up
        canvas.put(column, row, sign, style.removeprefix("bold "))
