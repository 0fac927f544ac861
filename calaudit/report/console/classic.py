"""The classic figures beside what chance alone would show, the tests, and the shape."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid
from calaudit.report.console.page import Page
from calaudit.report.content.classic import Classic, classics
from calaudit.report.model import Report

__all__ = ["classic_lines"]


def classic_lines(report: Report, page: Page) -> list[Text]:
    """Return every metric that no other section shows, and the test behind the verdict."""
    rows = [_row(classic, page) for classic in classics(report)]
    columns = [
        Column("", right=False),
        Column("value"),
        Column("by chance"),
        Column("unbiased"),
        Column(f"{page.interval_title}, or test", right=False),
    ]
    return grid(columns, rows, width=page.width) if rows else []


def _row(classic: Classic, page: Page) -> list[Text]:
    parts = [page.figure(part) for part in classic.support]
    parts += [page.ours(classic.remark, "dim")] if classic.remark else []
    missing = "" if classic.support else page.glyphs.dash
    return [
        Text(classic.title),
        Text(classic.value or missing),
        Text(classic.chance, style="dim"),
        Text(classic.unbiased, style="bold"),
        Text(", ").join(parts),
    ]
