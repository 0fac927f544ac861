"""A drawing in cells of text: two axes, marks to the cell, lines to the dot of a cell."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from rich.text import Text

from calaudit.report.console.grid import INDENT
from calaudit.report.console.page import ASCII, Page

Tick = tuple[float, str]
"""Where on an axis, and what is written there."""

DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Bits of the dots of a braille sign: by column, from the bottom up."""

BRAILLE = 0x2800


Point = tuple[float, float]


def _same(value: float) -> float:
    return value


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from ``low`` to ``high`` on so many cells, which are equally wide.

    Attributes:
        bent: what of a value is drawn in proportion: its log-odds, say; itself by default.
    """

    low: float
    high: float
    cells: int
    bent: Callable[[float], float] = _same

    def share(self, value: float) -> float:
        """Return where ``value`` lies: 0 at the low end and 1 at the high one."""
        low, high = self.bent(self.low), self.bent(self.high)
        return (self.bent(value) - low) / (high - low)

    def position(self, value: float) -> float:
        """Return where ``value`` lies, in cells from the start; at the end when it is outside."""
        return self.share(min(max(value, self.low), self.high)) * self.cells

    def cell(self, value: float) -> int:
        """Return the cell that ``value`` lies in."""
        return min(int(self.position(value)), self.cells - 1)

    def holds(self, value: float) -> bool:
        """Return whether ``value`` lies on the axis."""
        return self.low <= value <= self.high


@dataclass(slots=True)
class Canvas:
    """Cells that are drawn on; what comes later covers what was there, and signs cover dots."""

    x: Scale
    y: Scale
    page: Page
    _signs: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    _dots: dict[tuple[int, int], int] = field(default_factory=dict)
    _styles: dict[tuple[int, int], str] = field(default_factory=dict)
    _line: str = "dim"

    def put(self, column: int, row: int, sign: str, style: str = "") -> None:
        """Draw a sign in a cell; rows count from the bottom."""
        self._signs[column, row] = (sign, style)

    def line(self, points: Sequence[tuple[float, float]], style: str, *, plain: str = ".") -> None:
        """Draw straight lines between points: in dots, or in ``plain`` signs where only ASCII is.

        What lies above or below the axis is left out.
        """
        self._line = style
        across, up = (1, 1) if self.page.glyphs is ASCII else (2, 4)
        places = [(self.x.position(x) * across, self.y.share(y) * up) for x, y in points]
        rows = self.y.cells
        for begin, end in pairwise(places):
            within = _within(begin, end, up)
            if within is None:
                continue
            (x, y), (x_end, y_end) = within
            count = max(math.ceil(abs(x_end - x)), math.ceil(abs(y_end - y) * rows), 1) * 2
            for i in range(count + 1):
                part = i / count
                at = min(max(y + (y_end - y) * part, 0.0), float(up))
                self._dot(x + (x_end - x) * part, at * rows, (across, up), plain)

    def lines(
        self, left: Sequence[Tick], below: Sequence[Tick] = (), *, margin: int = 0
    ) -> list[Text]:
        """Return the rows with their axis to the left, and the axis below with its labels.

        Args:
            left: ticks of the upright axis.
            below: ticks of the lying axis; without any it has no labels.
            margin: cells for the labels of the upright axis; the longest needs so many at least.
        """
        margin = max(margin, *(len(text) for _, text in left))
        upright, tick = self.page.glyphs.axes[:2]
        named = {self.y.cell(value): text for value, text in left}
        drawn = []
        for row in reversed(range(self.y.cells)):
            label = named.get(row, "")
            head = f"{' ' * INDENT}{label:>{margin}} {tick if label else upright}"
            line = Text.assemble((head, "dim"))
            cells = (self._at(column, row) for column in range(self.x.cells))
            for style, run in groupby(cells, key=lambda cell: cell[1]):
                line.append("".join(sign for sign, _ in run), style=style or None)
            line.rstrip()
            drawn.append(line)
        return [*drawn, *self._base(margin, below)]

    def _base(self, margin: int, below: Sequence[Tick]) -> list[Text]:
        corner, lying, tick = self.page.glyphs.axes[2:]
        rule = [lying] * self.x.cells
        for value, _ in below:
            rule[self.x.cell(value)] = tick
        start = " " * (INDENT + margin + 1)
        base = Text(start + corner + "".join(rule), style="dim")
        return [base, *([_labels(self.x, start + " ", below)] if below else [])]

    def _at(self, column: int, row: int) -> tuple[str, str]:
        dots = self._dots.get((column, row))
        sign, style = self._signs.get((column, row), (" ", ""))
        shade = sign in (" ", self.page.glyphs.shade)
        style_of_dots = self._styles.get((column, row), "")
        return (chr(BRAILLE + dots), style_of_dots) if dots and shade else (sign, style)

    def _dot(self, x: float, y: float, dots: tuple[int, int], plain: str) -> None:
        across, up = dots
        place = min(int(x), self.x.cells * across - 1), min(int(y), self.y.cells * up - 1)
        column, row = place[0] // across, place[1] // up
        if across == 1:
            self._signs[column, row] = (plain, self._line)
        else:
            bit = DOTS[place[0] % across][place[1] % up]
            self._dots[column, row] = self._dots.get((column, row), 0) | bit
            self._styles[column, row] = self._line


def _within(begin: Point, end: Point, up: float) -> tuple[Point, Point] | None:
    """Return the part of a straight line whose height is 0 to ``up``, or None.

    What lies outside may be a billion times as high, and would be a billion dots to leave out.
    """
    (x, y), (x_end, y_end) = begin, end
    rise = y_end - y
    if rise == 0:
        return (begin, end) if 0 <= y <= up else None
    ends = sorted((-y / rise, (up - y) / rise))
    first, last = max(ends[0], 0.0), min(ends[1], 1.0)
    if first > last:
        return None
    return (
        (x + (x_end - x) * first, y + rise * first),
        (x + (x_end - x) * last, y + rise * last),
    )


def _labels(x: Scale, start: str, below: Sequence[Tick]) -> Text:
    """Return the labels of the lying axis, each under its tick; one without room is left out."""
    text = start
    for value, label in below:
        place = len(start) + x.cell(value) - (len(label) - 1) // 2
        if place > len(text) or text == start:
            text = text.ljust(place) + label
    return Text(text, style="dim")
