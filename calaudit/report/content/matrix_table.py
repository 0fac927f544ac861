"""Decisions under a cost matrix: what each rule costs, and what it decides."""

from __future__ import annotations

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import amount_places, amounts, cases, interval
from calaudit.report.document import Column
from calaudit.report.numbers import shown
from calaudit.report.threshold_report import MatrixResult

RULES = {"expected_cost": "smallest expected cost", "argmax": "most probable class"}
"""Rule → the same in words."""

MOST = 8
"""Classes, and decisions, up to which the cases are shown by both."""


def matrix_names(matrix: MatrixResult) -> list[str]:
    """Return the rules in words."""
    return [RULES.get(rule.name, rule.name) for rule in matrix.rules]


def matrix_columns(matrix: MatrixResult, level: float) -> list[Column]:
    """Return the cost of each rule, beside what the probabilities promise."""
    costs = [rule.cost for rule in matrix.rules]
    promised = [Estimate(value=rule.promised) for rule in matrix.rules]
    return amounts("cost", costs, level) + amounts(
        "promised", promised, level, bounded=False, decimals=amount_places(costs)
    )


def saving_text(matrix: MatrixResult) -> str:
    """Return what expected costs save, with its interval; "" where it is not known."""
    saving = matrix.saving
    if saving.value is None:
        return ""
    decimals = amount_places([rule.cost for rule in matrix.rules])
    value, ends = shown(saving.value, decimals), interval(saving, decimals)
    return f"The smallest expected cost saves {value} ({ends}) against the most probable class."


def few(matrix: MatrixResult) -> bool:
    """Whether the cases can be shown by true class and decision."""
    return max(len(matrix.decisions), len(matrix.rules[0].counts)) <= MOST


def decided_columns(matrix: MatrixResult) -> list[Column]:
    """Return the cases by decision of the recommended rule, a row for each true class."""
    counts = matrix.rules[0].counts
    return [
        cases(decision, [row.get(decision, 0.0) for row in counts.values()])
        for decision in matrix.decisions
    ]
