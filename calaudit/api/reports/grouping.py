"""What a report says of rows that belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.api.reports.figures import TableFigures
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.clustered import FEW_GROUPS, FEWEST, group_residuals, spread
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Groups
from calaudit.tables.cells import Cells
from calaudit.tables.groups import MOST_GROUPS, Clusters

Floats = NDArray[np.float64]

MOST = 0.5
"""Share of the rows in one group from which there is hardly another."""


def groups_of(predictions: Predictions, figures: TableFigures) -> Groups | None:
    """Return how many groups there are and what they do; None where rows are independent."""
    groups, together = figures.groups, figures.residuals.groups
    if groups is None or together is None or predictions.group is None:
        return None
    alone = float(figures.residuals.q.sum())
    return _groups(predictions.group, together.r.sum(axis=1), groups.rows, alone, groups.whole)


def groups_of_cells(predictions: Predictions, cells: Cells, groups: Clusters) -> Groups | None:
    """Return the same of the rows of a decision."""
    together, column = group_residuals(cells, groups), predictions.group
    off = np.where([cells.above, ~cells.above], 1.0 - cells.q, cells.q)
    alone = float((cells.w2 * off**2).sum())
    r = together.r.sum(axis=1)
    return None if column is None else _groups(column, r, groups.rows, alone, groups.whole)


def _groups(column: str, r: Floats, rows: Floats, alone: float, whole: bool) -> Groups:
    total = float(rows.sum())
    mean = float(r.sum()) / total
    alone -= mean * mean * total
    return Groups(
        column=column,
        groups=len(rows) if whole else None,
        largest=float(rows.max()) / total,
        design_effect=spread(r - mean * rows) / alone if alone > 0 else 1.0,
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
