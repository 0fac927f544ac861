"""Small drawings inside a line of the reliability table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from calaudit.report.console.page import Glyphs
from calaudit.report.content.reliability import domain_of, is_inside
from calaudit.report.model import Bin

__all__ = ["Axis", "axis_of", "bar", "dots", "ruler"]


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


def axis_of(bins: Sequence[Bin], width: int) -> Axis:
    """Return an axis over what is drawn of ``bins``, in so many cells."""
    return Axis(*domain_of(bins), width)


def ruler(axis: Axis) -> str:
    """Return the ends of the axis, to stand above the drawings."""
    ends = [f"{100 * end:.3g} %" for end in (axis.low, axis.high)]
    return ends[0] + ends[1].rjust(axis.width - len(ends[0]))


def dots(b: Bin, axis: Axis, glyphs: Glyphs) -> Text:
    """Return the band, the mean score and the observed rate of one bin, on one line."""
    cells = [" "] * axis.width
    styles = ["dim"] * axis.width
    if b.band_low is not None and b.band_high is not None:
        first, last = axis.cell(b.band_low), axis.cell(b.band_high)
        cells[first : last + 1] = glyphs.band * (last - first + 1)
    if b.mean_score is not None:
        cells[axis.cell(b.mean_score)] = glyphs.expected
    if b.observed is not None:
        at = axis.cell(b.observed)
        cells[at] = glyphs.inside if is_inside(b) else glyphs.outside
        styles[at] = "green" if is_inside(b) else "bold red"
    text = Text()
    for cell, style in zip(cells, styles, strict=True):
        text.append(cell, style=style)
    return text


def bar(share: float, width: int, glyphs: Glyphs) -> Text:
    """Return a bar that fills ``share`` of ``width`` cells; what is not 0 leaves a trace."""
    steps = len(glyphs.bars) - 1
    eighths = max(math.ceil(share * width * steps - 0.5), 1 if share > 0 else 0)
    full, part = divmod(min(eighths, width * steps), steps)
    return Text(glyphs.bars[-1] * full + (glyphs.bars[part] if part else ""), style="dim cyan")
