"""Columns of figures that share their decimals, each with its intervals where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import INDENT, Column, grid
from calaudit.report.console.page import Page
from calaudit.report.content import columns as content

__all__ = [
    "Figures",
    "amounts",
    "cases",
    "drawn",
    "named_table",
    "rates",
    "short_name",
    "widest_fit",
]

Figures = list[tuple[Column, list[Text]]]
"""Columns, each with its cells from the first row to the last."""

STYLES = {"": "", "strong": "bold", "quiet": "dim"}

GAP = 2

LEAST_NAME = 12
"""Cells that the names of the rows have at least."""

READABLE = 24
"""Cells that names need to be read, where they have more."""


def drawn(columns: Iterable[content.Column], page: Page) -> Figures:
    """Return columns as this page shows them."""
    return [
        (
            Column(page.ours(each.title).plain, right=each.right),
            [page.figure(cell, STYLES[each.tone]) for cell in each.cells],
        )
        for each in columns
    ]


def rates(
    title: str, estimates: Sequence[Estimate | None], page: Page, *, bounded: bool = False
) -> Figures:
    """Return a column of percentages, and one of their intervals if ``bounded``."""
    return drawn(content.rates(title, estimates, page.level, bounded=bounded), page)


def amounts(
    title: str,
    estimates: Sequence[Estimate | None],
    page: Page,
    *,
    bounded: bool = True,
    decimals: int | None = None,
    sign: bool = False,
) -> Figures:
    """Return a column of amounts, and one of their intervals if ``bounded``."""
    found = content.amounts(
        title, estimates, page.level, bounded=bounded, decimals=decimals, sign=sign
    )
    return drawn(found, page)


def cases(title: str, values: Sequence[float]) -> tuple[Column, list[Text]]:
    """Return a column of numbers of cases; by weight they need not be whole."""
    found = content.cases(title, values)
    return Column(title), list(map(Text, found.cells))


def named_table(
    title: str,
    names: Sequence[str],
    figures: Figures,
    page: Page,
    *,
    styles: Sequence[str] = (),
    last: tuple[Column, list[Text]] | None = None,
) -> list[Text]:
    """Return a table whose first column has the names of the rows, as long as there is room.

    Args:
        title: of the names.
        names: of the rows; they may come from the data.
        figures: the columns after them.
        page: where they are written.
        styles: of the names; none by default.
        last: a column that stands under each row where it does not fit whole beside it.
    """
    room = max(page.width - _width(figures), LEAST_NAME)
    styled = styles or [""] * len(names)
    cells = [page.name(name, room, style) for name, style in zip(names, styled, strict=True)]
    head = Column(page.name(title, room).plain, right=False)
    columns = [(head, cells), *figures, *([last] if last else [])]
    rows = list(zip(*(column for _, column in columns), strict=True))
    least = max((cell.cell_len for cell in last[1]), default=0) if last else 0
    return grid([column for column, _ in columns], rows, width=page.width, gap=GAP, least=least)


def widest_fit(tables: Iterable[Figures], names: Sequence[str], page: Page) -> Figures:
    """Return the first of some columns beside which the names can be read.

    If there is none: what fits of the last of them, the first columns first.
    """
    room = min(max(map(len, names), default=0), READABLE)
    figures: Figures = []
    for figures in tables:
        if _width(figures) + room <= page.width:
            return figures
    while len(figures) > 1 and _width(figures) + LEAST_NAME > page.width:
        figures = figures[:-1]
    return figures


def short_name(text: str, page: Page) -> str:
    """Return words of calaudit's own as they can be encoded, to be shortened like a name."""
    return page.ours(text).plain


def _width(figures: Figures) -> int:
    """Return the cells that a line takes beside the name at its beginning."""
    widest = [max([len(column.title), *(c.cell_len for c in cells)]) for column, cells in figures]
    return INDENT + sum(widest) + GAP * len(widest)
