"""The figures that matter most, each with its interval."""

from __future__ import annotations

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.grid import Column, grid
from calaudit.report.console.page import Page
from calaudit.report.content.columns import interval
from calaudit.report.content.headline import Headline, headlines
from calaudit.report.labels import Unit
from calaudit.report.model import Report

__all__ = ["headline_lines", "interval_text"]


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


def interval_text(estimate: Estimate, decimals: int, unit: Unit, page: Page) -> Text:
    """Return the interval of ``estimate``, with a dash where nothing is negative."""
    return page.figure(interval(estimate, decimals, unit))


def _row(headline: Headline, page: Page) -> list[Text]:
    title = Text("  " * headline.part + headline.title)
    value = Text(headline.value, style="bold") if headline.value else Text(page.glyphs.dash)
    return [title, value, page.figure(headline.interval), page.ours(headline.remark, "dim")]
