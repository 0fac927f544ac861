"""Decisions under a cost matrix: what each rule costs, and what it decides."""

from __future__ import annotations

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.figures import Figures, amount_places, amounts, cases, named_table
from calaudit.report.console.grid import hanging
from calaudit.report.console.headline import interval_text
from calaudit.report.console.page import Page
from calaudit.report.decision import DecisionReport, MatrixDecision, MatrixResult
from calaudit.report.numbers import shown

__all__ = ["decided_lines", "matrix_lines"]

RULES = {"expected_cost": "smallest expected cost", "argmax": "most probable class"}
"""Rule → the same in words."""

MOST = 8
"""Classes, and decisions, up to which the cases are shown by both."""

NAME = 12
"""Cells that the name of a decision has at most, as a title."""


def matrix_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cost of each rule, beside what the probabilities promise."""
    if report.matrix is None:
        return []
    rules = report.matrix.rules
    costs = [rule.cost for rule in rules]
    decimals = amount_places(costs)
    promised = [Estimate(value=rule.promised) for rule in rules]
    figures = amounts("cost", costs, page)
    figures += amounts("promised", promised, page, bounded=False, decimals=decimals)
    names = [RULES.get(rule.name, rule.name) for rule in rules]
    lines = named_table("", names, figures, page)
    saving = report.matrix.saving
    if saving.value is not None:
        text = page.ours(f"It saves {shown(saving.value, decimals)} (")
        text += interval_text(saving, decimals, "number", page)
        text += page.ours(") against the most probable class.")
        lines += hanging(text, width=page.prose)
    return lines


def decided_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cases by true class and decision of the cheapest rule, if they are few."""
    if report.matrix is None:
        return []
    rule = report.matrix.rules[0]
    if max(len(report.matrix.decisions), len(rule.counts)) > MOST:
        return _elsewhere(page)
    lines = named_table("truth", list(rule.counts), _counts(report.matrix, rule, page), page)
    return lines if all(line.cell_len <= page.width for line in lines) else _elsewhere(page)


def _counts(matrix: MatrixResult, rule: MatrixDecision, page: Page) -> Figures:
    columns = []
    for decision in matrix.decisions:
        title = page.name(decision, NAME).plain
        columns.append(cases(title, [row.get(decision, 0.0) for row in rule.counts.values()]))
    return columns


def _elsewhere(page: Page) -> list[Text]:
    text = "The cases by true class and decision are in the JSON report."
    return hanging(page.ours(text, "dim"), width=page.prose)
