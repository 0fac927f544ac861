"""Decisions under a cost matrix: what each rule costs, and what it decides."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text

from calaudit.report.console.figures import drawn, named_table
from calaudit.report.console.grid import hanging
from calaudit.report.console.page import Page
from calaudit.report.content.matrix import (
    decided_columns,
    few,
    matrix_columns,
    matrix_names,
    saving_parts,
)
from calaudit.report.decision import DecisionReport

__all__ = ["decided_lines", "matrix_lines"]

NAME = 12
"""Cells that the name of a decision has at most, as a title."""


def matrix_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cost of each rule, beside what the probabilities promise."""
    matrix = report.matrix
    if matrix is None:
        return []
    figures = drawn(matrix_columns(matrix, page.level), page)
    lines = named_table("", matrix_names(matrix), figures, page)
    before, interval, after = saving_parts(matrix)
    if before:
        text = page.ours(before) + page.figure(interval) + page.ours(after)
        lines += hanging(text, width=page.prose)
    return lines


def decided_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cases by true class and decision of the cheapest rule, if they are few."""
    matrix = report.matrix
    if matrix is None:
        return []
    if not few(matrix):
        return _elsewhere(page)
    columns = [
        replace(column, title=page.name(column.title, NAME).plain)
        for column in decided_columns(matrix)
    ]
    lines = named_table("truth", list(matrix.rules[0].counts), drawn(columns, page), page)
    return lines if all(line.cell_len <= page.width for line in lines) else _elsewhere(page)


def _elsewhere(page: Page) -> list[Text]:
    text = "The cases by true class and decision are in the JSON report."
    return hanging(page.ours(text, "dim"), width=page.prose)
