"""How many rows have which scores, as bars on the axis of the diagram above them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calaudit.report.console.diagram_canvas import Canvas, Scale
from calaudit.report.console.page import Page
from calaudit.report.model import Bin

__all__ = ["densities", "histogram"]


def histogram(bins: Sequence[Bin], x: Scale, page: Page, *, rows: int) -> Canvas:
    """Return bars so many cells high; their area is the weight of the rows.

    A bin that reaches over the end of the axis is drawn as if it ended there, where its mean is.
    """
    canvas = Canvas(x, Scale(0.0, 1.0, rows), page)
    found = densities(bins, x)
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


def densities(bins: Sequence[Bin], x: Scale) -> list[float]:
    """Return the weight in each cell of ``x``, as if it were spread evenly over its bin."""
    found = [0.0] * x.cells
    for b in bins:
        start, end = x.position(b.lower), x.position(b.upper)
        first = min(int(start), x.cells - 1)
        for column in range(first, max(min(math.ceil(end), x.cells), first + 1)):
            shared = min(end, column + 1) - max(start, column)
            part = shared / (end - start) if end - start > 1e-9 else float(column == first)
            if part > 1e-9:
                found[column] += b.weight * part
    return found
