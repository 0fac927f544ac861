"""Columns of figures that share their decimals, each with its intervals where there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import INDENT, Column, grid
from calaudit.report.console.headline import estimate_places, interval_text
from calaudit.report.console.page import Page
from calaudit.report.numbers import count, places, shown

__all__ = [
    "Figures",
    "amount_places",
    "amounts",
    "case_count",
    "cases",
    "named_table",
    "rate_text",
    "rates",
    "short_name",
    "widest_fit",
]

Figures = list[tuple[Column, list[Text]]]
"""Columns, each with its cells from the first row to the last."""

GAP = 2

LEAST_NAME = 12
"""Cells that the names of the rows have at least."""

READABLE = 24
"""Cells that names need to be read, where they have more."""


def rates(
    title: str, estimates: Sequence[Estimate | None], page: Page, *, bounded: bool = False
) -> Figures:
    """Return a column of percentages, and one of their intervals if ``bounded``."""
    values = [None if e is None else e.value for e in estimates]
    least = min((v for v in values if v), default=1.0)
    decimals = min(max(1, places(least, unit="percent") - 1), 4)
    cells = [Text(rate_text(v, decimals) or page.glyphs.dash) for v in values]
    column = [(Column(f"{title} %"), cells)]
    if not bounded:
        return column
    ends = [("", "") if e is None else _ends(e, decimals) for e in estimates]
    spans = [Text(page.glyphs.dash.join(pair) if all(pair) else "", style="dim") for pair in ends]
    return [*column, (Column(f"{100 * page.level:g} %"), spans)]


def rate_text(value: float | None, decimals: int) -> str:
    """Return a rate in percent, and 0 or 100 without decimals only where it is exact."""
    if value in (0, 1):
        return str(round(100 * value))
    return shown(value, decimals, "percent")


def amounts(
    title: str,
    estimates: Sequence[Estimate | None],
    page: Page,
    *,
    bounded: bool = True,
    decimals: int | None = None,
    sign: bool = False,
) -> Figures:
    """Return a column of amounts, and one of their intervals if ``bounded``.

    The first interval decides the decimals of all, unless they are given.
    """
    if decimals is None:
        decimals = amount_places(estimates)
    found = [Estimate(value=None) if e is None else e for e in estimates]
    cells = [Text(shown(e.value, decimals, sign=sign), style="bold") for e in found]
    spans = [interval_text(e, decimals, "number", page) for e in found]
    column = [(Column(title), cells)]
    return [*column, (Column(page.interval_title, right=False), spans)] if bounded else column


def amount_places(estimates: Sequence[Estimate | None]) -> int:
    """Return the decimals that the first amount with an interval needs."""
    found = [e for e in estimates if e is not None and e.value is not None]
    clear = [e for e in found if e.low is not None and e.high is not None and e.low < e.high]
    return min((estimate_places(e, "number") for e in clear[:1] or found[:1]), default=1)


def cases(title: str, values: Sequence[float]) -> tuple[Column, list[Text]]:
    """Return a column of numbers of cases; by weight they need not be whole."""
    whole = all(map(_is_whole, values))
    return Column(title), [Text(count(round(v)) if whole else f"{v:,.1f}") for v in values]


def case_count(value: float) -> str:
    """Return a number of cases.

    >>> case_count(12000.0), case_count(0.5)
    ('12,000', '0.5')
    """
    return cases("", [value])[1][0].plain


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) <= 1e-9 * max(abs(value), 1.0)


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


def _ends(estimate: Estimate, decimals: int) -> tuple[str, str]:
    """Return the ends of an interval; one that is nearly 100 is rounded outwards."""
    low, high = (rate_text(end, decimals) for end in (estimate.low, estimate.high))
    return low.lstrip(">"), f"{100:.{decimals}f}" if high.startswith(">") else high
