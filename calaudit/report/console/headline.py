"""The figures that matter most, each with its interval."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid
from calaudit.report.console.page import Page
from calaudit.report.content.headline import Headline, headlines
from calaudit.report.model import Report

__all__ = ["headline_lines"]


def headline_lines(report: Report, page: Page) -> list[Text]:
    """Return the headline figures: name, value, interval, remark."""
    columns = (
        Column("", right=False),
        Column("value"),
        Column(page.interval_title, right=False),
        Column("", right=False),
    )
    rows = [_row(headline, page) for headline in headlines(report)]
    return grid(columns, rows, width=page.width)


def _row(headline: Headline, page: Page) -> list[Text]:
    title = Text("  " * headline.part + headline.title)
    value = Text(headline.value, style="bold") if headline.value else Text(page.glyphs.dash)
    return [title, value, page.figure(headline.interval), page.ours(headline.remark, "dim")]
