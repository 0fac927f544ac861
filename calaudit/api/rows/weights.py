"""What a weight means: how much a row matters, or how many rows it stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.splits import Plan
from calaudit.errors import InputError, SettingsError
from calaudit.predictions.predictions import Predictions
from calaudit.tables.cells import Cells
from calaudit.tables.score_table import ScoreTable

MOST_ROWS = 2.0**53
"""Frequency weights are counted in float64, which is exact below."""


def check_whole_lines(plan: Plan, predictions: Predictions, kind: str) -> None:
    """Refuse to hold out lines by a hash where each stands for several rows.

    All rows of a line would go to one side, so that the sides would be of different rows.

    Raises:
        SettingsError: it was asked for.
    """
    weighted = any(role.role == "weight" for role in predictions.roles)
    if kind == "frequency" and weighted and plan.holdout > 0 and plan.group is None:
        raise SettingsError(
            "with --weight-kind frequency a line stands for several rows, which a hash of the line "
            "cannot divide: all of them would be on one side. Write one line a row, or say which "
            "are fitted with --split, with --group, or with a file of their own"
        )


def check_numbers(weights: NDArray[Any]) -> None:
    """Raise InputError where weights, or sums of weights, are no numbers of rows."""
    whole = np.rint(weights)
    if float(whole.sum()) >= MOST_ROWS or np.abs(weights - whole).max(initial=0.0) > 1e-6:
        raise InputError(
            "with --weight-kind frequency a weight is a number of rows, but the weights are "
            "not whole numbers, or too large. Leave the option out: importance is for weights "
            "of any size."
        )


def counted_cells(cells: Cells) -> Cells:
    """Return the cells of a weighted table with each row counted as often as its weight says.

    Raises:
        InputError: the weights are no numbers of rows.
    """
    check_numbers(cells.w)
    return replace(cells, w2=cells.w, counts=np.rint(cells.w).astype(np.int64))


def weighted_cells(table: ScoreTable, kind: str) -> Cells:
    """Return the cells of a table with its weights as they are meant.

    Frequency weights count as so many rows. Of importance weights only the ratios matter: they
    are in units in which Σw² = Σw, as without weights.
    """
    cells = table.cells()
    if table.weights is None:
        return cells
    if kind == "frequency":
        return counted_cells(cells)
    unit = float(cells.w2.sum()) / float(cells.w.sum())
    return replace(cells, w=cells.w / unit, w2=cells.w2 / unit**2)
