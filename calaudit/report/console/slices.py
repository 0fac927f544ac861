"""The same figures for each slice."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.opening import mark
from calaudit.report.console.page import Page
from calaudit.report.content.slices import ADJUSTED, rate_names, slice_line, slice_places
from calaudit.report.model import Report, SliceResult
from calaudit.report.numbers import count

__all__ = ["slice_lines"]

MOST = 30
"""Slices shown at most for one column; those with a finding come first."""


def slice_lines(report: Report, page: Page) -> list[Text]:
    """Return a table for each ``--by`` column, and how to read it."""
    lines: list[Text] = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        decimals = slice_places(found)
        rows = [_row(s, decimals, page) for s in _kept(found)]
        lines += [Text()] if lines else []
        lines += grid(_columns(found, column, page), rows, width=page.width)
        if len(found) > MOST:
            more = f"{count(len(found) - MOST)} more slices are in the JSON report."
            lines += hanging(page.ours(more, "dim"), width=page.prose)
    if lines:
        lines += hanging(page.ours(ADJUSTED, "dim"), width=page.prose)
    return lines


def _kept(found: list[SliceResult]) -> list[SliceResult]:
    if len(found) <= MOST:
        return found
    chosen = sorted(found, key=lambda s: s.status == "calibrated" or s.small)[:MOST]
    wanted = {id(s) for s in chosen}
    return [s for s in found if id(s) in wanted]


def _columns(found: list[SliceResult], column: str, page: Page) -> list[Column]:
    says, came = rate_names(found[0])
    titles = ["rows", f"{says} %", f"{came} %", "smECE", *(["ECE", "floor"] if _wide(page) else [])]
    name = page.name(column, _name_room(page)).plain
    return [Column(name, right=False), *(Column(t) for t in titles), Column("", right=False)]


def _row(s: SliceResult, decimals: int, page: Page) -> list[Text]:
    line, style = slice_line(s, decimals), "dim" if s.small else ""
    classic = [Text(line.ece, style=style), Text(line.floor, style="dim")]
    lead = Text() if s.small else mark(s.status, s.size, page) + Text(" ")
    return [
        page.name(s.value, _name_room(page), style),
        *(Text(text, style=style) for text in (line.rows, line.says, line.came, line.smece)),
        *(classic if _wide(page) else []),
        lead + Text(line.verdict),
    ]


def _wide(page: Page) -> bool:
    return page.width >= 80


def _name_room(page: Page) -> int:
    return max(page.width - 66, 14)
