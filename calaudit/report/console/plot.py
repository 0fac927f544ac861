"""Small drawings in the rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from calaudit.report.console.page import Glyphs
from calaudit.report.document import Dots


@dataclass(frozen=True, slots=True)
class Axis:
    """The piece of [0, 1] that the drawings show, in so many cells."""

    low: float
    high: float
    width: int

    def cell(self, value: float) -> int:
        """Return the cell of ``value``, at the edge when it lies outside."""
        share = (value - self.low) / (self.high - self.low)
        return min(max(round(share * (self.width - 1)), 0), self.width - 1)


def ruler(axis: Axis) -> str:
    """Return the ends of the axis, to stand above the drawings."""
    ends = [f"{100 * end:.3g} %" for end in (axis.low, axis.high)]
    return ends[0] + ends[1].rjust(axis.width - len(ends[0]))


def dots(found: Dots, axis: Axis, glyphs: Glyphs) -> Text:
    """Return the range, the score and what came true, on one line."""
    cells = [" "] * axis.width
    styles = ["dim"] * axis.width
    if found.low is not None and found.high is not None:
        first, last = axis.cell(found.low), axis.cell(found.high)
        cells[first : last + 1] = glyphs.band * (last - first + 1)
    if found.score is not None:
        cells[axis.cell(found.score)] = glyphs.expected
    if found.observed is not None:
        at = axis.cell(found.observed)
        cells[at] = glyphs.inside if found.inside else glyphs.outside
        styles[at] = "green" if found.inside else "bold red"
    text = Text()
    for cell, style in zip(cells, styles, strict=True):
        text.append(cell, style=style)
    return text
