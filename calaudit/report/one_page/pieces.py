"""Texts, figures and tables as pieces of an SVG, each with its height, to be put together."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from calaudit.report.content.status_marks import tone_of
from calaudit.report.document import Card, Cards, Column, Table, fitting
from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.picture import UNPRINTABLE
from calaudit.report.pictures.theme import FONT
from calaudit.report.pictures.words import fitted, text_width, wrapped
from calaudit.visible import visible

BODY, SMALL = 12.5, 11.0
"""Sizes of text, in pixels."""

GAP, LAST = 14.0, 130.0
"""Pixels between two columns, and that a last one of text has at least; it is folded."""

PER_ROW = ("cells", "values", "tones", "terms", "marks", "indented")
"""What a column has an entry of for each row."""


class Piece(NamedTuple):
    """A part of a drawing whose upper left corner is at 0, 0."""

    height: float
    svg: str


NOTHING = Piece(0, "")


def at(x: float, y: float, piece: Piece) -> str:
    """Return a piece at a place."""
    return f'<g transform="translate({x:.2f},{y:.2f})">{piece.svg}</g>'


def stack(pieces: Sequence[Piece], gap: float) -> Piece:
    """Return pieces below one another, without those that are empty."""
    y, found = 0.0, ""
    for piece in pieces:
        if piece.height:
            found += at(0, y, piece)
            y += piece.height + gap
    return Piece(max(y - gap, 0.0), found)


def rule(width: float, colour: str = "grid", thick: float = 1) -> Piece:
    """Return a line across, or a bar."""
    return Piece(thick, f'<rect width="{width:.2f}" height="{thick:.2f}" fill="{LIGHT[colour]}"/>')


def text(
    said: str, width: float, size: float = BODY, *, bold: bool = False, colour: str = "ink",
    most: int = 40, end: bool = False,
) -> Piece:  # fmt: skip
    """Return a text in lines that fit, at most so many of them; ``end``: set to the right."""
    lines = wrapped(said, width, size, bold=bold, most=most) if said else []
    style = f'x="{width * end:.2f}" font-size="{size:g}" fill="{LIGHT[colour]}"'
    style += ' font-weight="bold"' * bold + ' text-anchor="end"' * end
    leading = 1.36 * size
    found = [
        f'<text y="{size + i * leading:.2f}" {style}>{_escaped(line)}</text>'
        for i, line in enumerate(lines)
    ]
    return Piece(leading * len(lines), "".join(found))


def _escaped(line: str) -> str:
    return html.escape(UNPRINTABLE.sub("\ufffd", visible(line)), quote=False)


def cards(block: Cards, width: float, across: int) -> Piece:
    """Return figures in large, so many of them beside one another."""
    each = (width - GAP * (across - 1)) / across
    found = [_card(card, block.level, each - 12) for card in block.cards]
    rows = []
    for i in range(0, len(found), across):
        tall = max(piece.height for piece in found[i : i + across])
        row = [
            at((each + GAP) * j, 0, rule(3, "band", tall)) + at((each + GAP) * j + 12, 0, piece)
            for j, piece in enumerate(found[i : i + across])
        ]
        rows.append(Piece(tall, "".join(row)))
    return stack(rows, GAP)


def _card(card: Card, level: str, width: float) -> Piece:
    before, shown = f"{card.value} →" if card.after else "", card.after or card.value
    shift = text_width(f"{before}→", 14) if before else 0
    large = min((width - shift) / text_width(shown, 1, bold=True), 21)
    value = text(shown, width - shift + 1, large, bold=True, most=1)
    first = text(before, width, 14, colour="muted", most=1)
    value = Piece(value.height, at(0, large - 14, first) + at(shift, 0, value))
    told = [f"{level}: {card.after_interval if card.after else card.interval}"]
    told += [f"before: {card.interval}" if card.after else card.remark]
    small = [text(line, width, 10, colour="muted", most=2) for line in told]
    return stack([text(card.title, width, SMALL, most=1), value, *small], 1)


def table(heading: str, block: Table, width: float, most: int) -> Piece:
    """Return a table with its heading: the columns that fit, and at most so many rows."""
    block = shortened(block, width, most)
    columns, widths = block.columns, _widths(block.columns)
    widths = [min(w, width / 2) if c.named else w for c, w in zip(columns, widths, strict=True)]
    if not columns[-1].right:
        widths[-1] = min(widths[-1], max(width - sum(widths[:-1]), LAST))
    parts = [_row(columns, widths, None)]
    for row in range(block.length):
        parts += [rule(min(width, sum(widths))), _row(columns, widths, row)]
    told = [text(remark, width, 10, colour="muted", most=2) for remark in block.remarks]
    return stack([text(heading, width, BODY, bold=True), stack(parts, 3), *told], 4)


def shortened(block: Table, width: float, most: int) -> Table:
    """Return a table with the columns that fit, at most so many rows, and few remarks."""
    rows = block.chosen(most)
    kept = []
    for column in block.columns:
        cut: Any = {k: [v[row] for row in rows] for k in PER_ROW if (v := getattr(column, k))}
        kept.append(replace(column, **cut))
    remarks = [*block.cut(len(rows), "the report has all"), *block.remarks[:2]]
    columns = fitting(kept, _needed, width)
    return replace(block, columns=columns, remarks=remarks, rank=(), sortable=False)


def _widths(columns: Sequence[Column]) -> list[float]:
    said = [[visible(one) for one in (c.title, *c.cells)] for c in columns]
    return [max(text_width(one, SMALL, bold=True) for one in each) + GAP for each in said]


def _needed(columns: Sequence[Column]) -> float:
    *widths, last = _widths(columns)
    kept = columns[-1].right or columns[-1].whole
    return sum(widths) + (last if kept else min(last, LAST))


def _row(columns: Sequence[Column], widths: Sequence[float], row: int | None) -> Piece:
    """Return a row of a table; None for its head."""
    x, tall, found = 0.0, 0.0, ""
    for i, (column, width) in enumerate(zip(columns, widths, strict=True)):
        room, right = width - GAP, column.right and i > 0
        said = column.title if row is None else column.cells[row]
        if right or i < len(columns) - 1:
            said = fitted(said, room, SMALL)
        mark = column.marks[row] if row is not None and column.marks else None
        tone = "quiet" if row is None else column.tone_of(row)
        colour = tone_of(mark.size) if mark else "muted" if tone == "quiet" else "ink"
        bold = tone == "strong"
        piece = text(said, room, SMALL, end=right, most=2, bold=bold, colour=colour)
        found += at(x, 0, piece)
        x, tall = x + width, max(tall, piece.height)
    return Piece(tall, found)


def size_of(svg: str) -> tuple[float, float]:
    """Return the width and the height of a drawing; none has none."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return (float(box[1]), float(box[2])) if box else (1.0, 0.0)


def boxed(svg: str, width: float, height: float, most: float) -> Piece:
    """Return a drawing as large as its place allows, and at most ``most`` times as it was."""
    wide, high = size_of(svg)
    scale = max(min(width / wide, height / high, most), 0.0)
    size = f'width="{scale * wide:.2f}" height="{scale * high:.2f}"'
    inner = svg[svg.index(">") + 1 :]
    return Piece(scale * high, f'<svg {size} viewBox="0 0 {wide} {high}">{inner}')


def document(inner: str, paper: tuple[float, float], scale: float, title: str) -> str:
    """Return an SVG document of the size of ``paper``, which shows ``scale`` times as much."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{paper[0]:.2f}" height="{paper[1]:.2f}" '
        f'viewBox="0 0 {paper[0] * scale:.2f} {paper[1] * scale:.2f}" font-family="{FONT}">'
        f"<title>{_escaped(title)}</title>"
        f"{rule(paper[0] * scale, 'paper', paper[1] * scale).svg}{inner}</svg>\n"
    )
