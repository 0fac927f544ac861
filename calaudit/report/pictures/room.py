"""Where there is room for words: the free places of a drawing, and rows of its key."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from calaudit.report.pictures.mark_layers import key, label
from calaudit.report.pictures.theme import SMALL, Spec
from calaudit.report.pictures.words import text_width

Point = tuple[float, float]
"""A place in pixels, from the upper left."""

Place = tuple[float, float, float]
"""Where the middle of a text stands, and its angle in degrees."""

LINE = 20
"""Height of a row of the key."""


def free_place(
    text: str, places: Iterable[Place], taken: Sequence[Point], *, near: float, size: float = SMALL
) -> Place | None:
    """Return the place that is farthest from what is drawn; None where all are too near.

    Args:
        text: what shall stand there.
        places: candidates; of equally free ones the first is taken.
        taken: points of what is drawn.
        near: pixels that have to be free around the middle line of the text.
        size: of the text.
    """
    best, most = None, near
    half = text_width(text, size) / 2
    for place in places:
        x, y, angle = place
        dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        spine = [(x + half * i / 8 * dx, y + half * i / 8 * dy) for i in range(-8, 9)]
        free = min((math.dist(a, b) for a in spine for b in taken), default=math.inf)
        if min(free, 3 * near) > most:
            best, most = place, min(free, 3 * near)
    return best


def line_of(points: Sequence[Point], step: float = 6) -> list[Point]:
    """Return points along a line, none farther than ``step`` pixels from the next."""
    found = list(points[:1])
    for (x0, y0), (x1, y1) in pairwise(points):
        parts = max(math.ceil(math.dist((x0, y0), (x1, y1)) / step), 1)
        found += [
            (x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(1, parts + 1)
        ]
    return found


def key_rows(
    entries: Sequence[tuple[Spec, str, str]], width: float, *, above: float = 0
) -> list[Spec]:
    """Return layers that explain symbols above a drawing, in as few rows as fit.

    Args:
        entries: properties of the symbol ("shape" and others), its token, and what it means.
        width: of the drawing, in pixels.
        above: pixels to leave between the key and the drawing.
    """
    rows: list[list[tuple[float, Spec, str, str]]] = [[]]
    x = 0.0
    for symbol, colour, text in entries:
        need = 16 + text_width(text, SMALL)
        if rows[-1] and x + need > width + 24:
            rows.append([])
            x = 0.0
        rows[-1].append((x, symbol, colour, text))
        x += need + 16
    layers = []
    for i, row in enumerate(rows):
        y = -LINE * (len(rows) - i) + 3 - above
        for left, symbol, colour, text in row:
            shape = {"shape": "circle", **symbol}
            layers += [key(shape.pop("shape"), colour, left + 5, y, **shape)]
            layers += [label(text, left + 15, y)]
    return layers
