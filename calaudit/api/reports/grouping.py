"""What a report says of rows that belong together."""

from __future__ import annotations

from calaudit.api.reports.figures import TableFigures
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.clustered import FEW_GROUPS, FEWEST, spread
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Groups
from calaudit.tables.groups import MOST_GROUPS

__all__ = ["groups_note", "groups_of"]

MOST = 0.5
"""Share of the rows in one group from which there is hardly another."""


def groups_of(predictions: Predictions, figures: TableFigures) -> Groups | None:
    """Return how many groups there are and what they do; None where rows are independent."""
    groups, together = figures.groups, figures.residuals.groups
    if groups is None or together is None or predictions.group is None:
        return None
    r, rows = figures.residuals, groups.rows
    total = float(rows.sum())
    mean = float(r.r.sum()) / total
    alone = float(r.q.sum()) - mean * mean * total
    observed = spread(together.r.sum(axis=1) - mean * rows)
    return Groups(
        column=predictions.group,
        groups=len(groups) if groups.whole else None,
        largest=float(rows.max()) / total,
        design_effect=observed / alone if alone > 0 else 1.0,
    )


def groups_note(groups: Groups) -> Finding:
    """Return what a reader should know of the groups."""
    kind = "several" if groups.groups is not None else "many"
    if groups.groups is not None and groups.groups < FEW_GROUPS:
        kind = "few" if groups.groups >= FEWEST else "too-few"
    elif groups.largest > MOST:
        kind = "one"
    return finding(
        "groups",
        kind=kind,
        column=groups.column,
        groups=groups.groups or MOST_GROUPS,
        largest=100.0 * groups.largest,
        effect=groups.design_effect,
        least=FEWEST,
    )
