"""A report in a few lines: what Python shows where a report is the last value of a cell."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from calaudit.report.document import Card, Cards
from calaudit.report.kinds import document_of
from calaudit.visible import visible

if TYPE_CHECKING:
    from calaudit.report.rendered import Rendered

WIDTH, MOST = 100, 10
"""Columns and lines."""


def brief(report: Rendered) -> str:
    """Return the answer, what it is of, the main figures, and as much of the rest as has room."""
    document = document_of(report)
    answer = document.answer
    told = [f"<calaudit {document.command}: {answer.lead}", " · ".join(answer.data)]
    blocks = (block for section in document.sections for block in section.blocks)
    told += [_figure(card) for each in blocks if isinstance(each, Cards) for card in each.cards]
    lines = [line for text in [*told, answer.rest] if text for line in _wrapped(visible(text))]
    if len(lines) > MOST:
        lines = [*lines[: MOST - 1], "  … print() shows the whole"]
    return "\n".join(lines).strip() + ">"


def _figure(card: Card) -> str:
    sides = ((card.value, card.interval), (card.after, card.after_interval))
    shown = [f"{value} ({ends})" if ends else value for value, ends in sides if value]
    return f"{card.title} {' → '.join(shown)}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
