"""Tables in a terminal: what has no room is left out by priority, names are shortened to fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from calaudit.report.console.grid import INDENT, LEAST, Column, grid, hanging
from calaudit.report.console.page import Page, mark
from calaudit.report.console.plot import Axis, dots, ruler
from calaudit.report.document import Column as TableColumn
from calaudit.report.document import Gauge, Table, fitting
from calaudit.visible import visible

STYLES = {"": "", "strong": "bold", "quiet": "dim"}
"""Tone → style."""

MOST, MOST_IN_SHORT = 30, 8
"""Rows that are shown, in the whole document and in the short form."""

GAP = 2

LEAST_NAME, READABLE = 12, 24
"""Cells that a name has at least, and that it needs to be read where it has more."""

DRAWN, WIDEST_DRAWN = 12, 48
"""Cells of a drawing in a row, at least and at most."""


def table_lines(table: Table, page: Page, *, full: bool) -> list[Text]:
    """Return the rows of a table, as many as are shown in full or in the short form."""
    rows = table.chosen(MOST if full else MOST_IN_SHORT)
    gauge = None if page.plot else table.gauge
    beside = DRAWN + GAP if gauge else 0
    columns, under = _divided(table.columns, rows, page)
    kept = fitting(columns, lambda found: _needed(found, rows, page), page.width - beside)
    cells = _cells(kept, rows, page, beside)
    heads = [Column(_title(c, page), right=c.right) for c in kept]
    if gauge is not None:
        widths = [_widest(h.title, found) for h, found in zip(heads, cells, strict=True)]
        room = page.width - INDENT - sum(widths) - GAP * len(widths)
        gauge = gauge if room >= DRAWN - GAP else None
    if gauge is not None:
        axis = Axis(gauge.low, gauge.high, min(room, WIDEST_DRAWN))
        heads.append(Column(ruler(axis), right=False))
        cells.append([_drawn(gauge, row, axis, page) for row in rows])
    lines = grid(heads, list(zip(*cells, strict=True)), width=page.width, gap=GAP)
    if under is not None:
        lines = _interleaved(lines, [_cell(under, row, page, None) for row in rows], page)
    return lines + _below(table, gauge, len(rows), page, full=full)


def _divided(
    columns: Sequence[TableColumn], rows: Sequence[int], page: Page
) -> tuple[Sequence[TableColumn], TableColumn | None]:
    """Return the columns, and the last one apart where its cells go under their rows.

    They stand beside them if that takes no more than leaving out what may be left out.
    """
    brief = [column for column in columns if not column.drop]
    if not columns[-1].whole or _needed(brief, rows, page) <= page.width:
        return columns, None
    return columns[:-1], columns[-1]


def _interleaved(lines: Sequence[Text], cells: Sequence[Text], page: Page) -> list[Text]:
    head = len(lines) - len(cells)
    found = list(lines[:head])
    for line, cell in zip(lines[head:], cells, strict=True):
        found += [line, *(hanging(cell, width=page.width, indent=2 * INDENT) if cell else [])]
    return found


def _needed(columns: Sequence[TableColumn], rows: Sequence[int], page: Page) -> int:
    """Return the cells that the columns need at least, with names that can be read."""
    widths = []
    for i, column in enumerate(columns):
        width = max([len(_title(column, page)), *(_length(column, row) for row in rows)])
        if i == 0 or (column.named and i < len(columns) - 1):
            width = min(width, READABLE if i == 0 else LEAST_NAME)
        elif i == len(columns) - 1 and not column.right and not column.whole:
            width = min(width, LEAST)
        widths.append(width)
    return INDENT + sum(widths) + GAP * (len(widths) - 1)


def _length(column: TableColumn, row: int) -> int:
    beside = 2 * bool(column.marks and column.marks[row])
    return (
        cell_len(visible(column.cells[row]))
        + beside
        + 2 * bool(column.indented and column.indented[row])
    )


def _cells(
    columns: Sequence[TableColumn], rows: Sequence[int], page: Page, beside: int
) -> list[list[Text]]:
    """Return the columns as text, names shortened so that all of them fit."""
    last = len(columns) - 1
    named = [i for i, c in enumerate(columns) if i == 0 or (c.named and i < last)]
    wanted = {
        i: max([len(_title(columns[i], page)), *(_length(columns[i], r) for r in rows)])
        for i in named
    }
    fixed = (
        _needed([c for i, c in enumerate(columns) if i not in named], rows, page)
        if len(named) <= last
        else INDENT
    )
    room = page.width - fixed - beside - GAP * len(named)
    limits = _shared(wanted, room)
    return [[_cell(c, row, page, limits.get(i)) for row in rows] for i, c in enumerate(columns)]


def _shared(wanted: dict[int, int], room: int) -> dict[int, int]:
    """Return the cells that each name may have: short ones what they need, long ones the rest."""
    limits: dict[int, int] = {}
    for left, i in enumerate(sorted(wanted, key=wanted.__getitem__)):
        share = room // (len(wanted) - left)
        limits[i] = max(min(wanted[i], share), LEAST_NAME)
        room -= min(limits[i], wanted[i])
    return limits


def _cell(column: TableColumn, row: int, page: Page, limit: int | None) -> Text:
    style = STYLES[column.tone_of(row)]
    text = column.cells[row]
    lead = "  " if column.indented and column.indented[row] else ""
    if limit is not None:
        shown = page.name(text if column.named else page.ours(text).plain, limit - len(lead), style)
    else:
        shown = page.name(text, None, style) if column.named else page.ours(text, style)
    sign = column.marks[row] if column.marks else None
    if sign is not None:
        shown = mark(sign, page) + Text(" ") + shown
    return Text(lead) + shown if lead else shown


def _title(column: TableColumn, page: Page) -> str:
    if column.title_named:
        return page.name(column.title, READABLE).plain
    return page.ours(column.title).plain


def _widest(title: str, cells: Sequence[Text]) -> int:
    return max([len(title), *(cell.cell_len for cell in cells)])


def _drawn(gauge: Gauge, row: int, axis: Axis, page: Page) -> Text:
    found = gauge.rows[row]
    return Text() if found is None else dots(found, axis, page.glyphs)


def _below(table: Table, gauge: Gauge | None, shown: int, page: Page, *, full: bool) -> list[Text]:
    """Return what the signs of a drawing mean, how many rows are not shown, and the remarks."""
    texts = [] if gauge is None else [_key(gauge, page)]
    more = full or table.length > MOST
    texts += table.cut(shown, "all are in the JSON report" if more else "--full shows all")
    return [
        line
        for text in (*texts, *table.remarks)
        for line in hanging(page.ours(text, "dim"), width=page.prose)
    ]


def _key(gauge: Gauge, page: Page) -> str:
    glyphs = page.glyphs
    says, came, outside = gauge.keys
    key = f"{glyphs.expected} {says}   {glyphs.inside} {came}"
    return f"{key}   {glyphs.outside} {outside} ({glyphs.band * 3})" if outside else key
