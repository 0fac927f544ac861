"""The confidently wrong: what they cost, and which rows they are."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page
from calaudit.report.content.wrong import worst_columns, wrong_sentences
from calaudit.report.model import Report

__all__ = ["worst_lines", "wrong_lines"]


def wrong_lines(report: Report, page: Page) -> list[Text]:
    """Return a sentence for the cost and one for each confidence."""
    sentences = wrong_sentences(report)
    return [line for s in sentences for line in hanging(page.ours(s), width=page.prose)]


def worst_lines(report: Report, page: Page) -> list[Text]:
    """Return the most confidently wrong rows, worst first."""
    found = worst_columns(report)
    if not found:
        return []
    titles = [column.title for column in found]
    named, several = "id" in titles, "file" in titles
    room = max((page.width - 34) // (2 + named + several), 10)
    if named and not several:  # classes are short; an id must be whole to be of use
        taken = max(len(r.label) + len(r.predicted) for r in report.worst)
        room = max(room, page.width - 36 - taken)
    cells = [
        [page.name(cell, room) if column.named else Text(cell) for cell in column.cells]
        for column in found
    ]
    columns = [Column(column.title, right=column.right) for column in found]
    return grid(columns, list(zip(*cells, strict=True)), width=page.width)
