"""Where the cutoffs could as well lie, where they would lie otherwise, and what limits them."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page
from calaudit.report.content.cutoffs import (
    guarantee_sentences,
    plateau_sentence,
    sensitivity_pairs,
)
from calaudit.report.decision import DecisionReport

__all__ = ["guarantee_lines", "plateau_lines", "sensitivity_lines"]


def plateau_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return where the cutoffs could as well lie."""
    text = plateau_sentence(report)
    return hanging(page.ours(text), width=page.prose) if text else []


def sensitivity_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cutoffs under other assumptions, below those recommended."""
    rows = [[page.ours(text) for text in pair] for pair in sensitivity_pairs(report)]
    if not rows:
        return []
    columns = [Column("", right=False), Column("", right=False)]
    return grid(columns, rows, width=page.width, least=max(row[1].cell_len for row in rows))


def guarantee_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return each limit, with which confidence it is kept, and how that was shown."""
    texts = guarantee_sentences(report)
    return [line for t in texts for line in hanging(page.ours(t), width=page.prose)]
