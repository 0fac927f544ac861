"""Score tables as JSON values, small enough to commit."""

from __future__ import annotations

from typing import Any

import numpy as np

from calaudit.errors import InputError
from calaudit.tables.score_table import (
    CAP,
    LOW_FROM,
    ScoreTable,
    Weights,
)

MOST_CELLS = 1024
"""Cells that a saved table has at most; finer ones are merged before it is saved."""


def values_of_table(table: ScoreTable) -> dict[str, Any]:
    """Return a table as JSON values, coarsened to at most `MOST_CELLS` cells.

    ``exact`` tells whether the table the figures came from was exact, ``level`` what is saved.
    """
    saved = table.within(MOST_CELLS) if len(table) > MOST_CELLS else table
    values: dict[str, Any] = {
        "exact": table.exact,
        "rows": table.rows,
        "level": saved.level,
        "cuts": [str(cut) for cut in saved.cuts],
        # As text: most JSON readers keep 53 bits of a number, and a key has 63.
        "starts": [str(key) for key in saved.starts.tolist()],
        "zeros": saved.counts[0].tolist(),
        "ones": saved.counts[1].tolist(),
    }
    if not saved.exact:
        values["high"] = saved.high.tolist()
        values["low"] = saved.low.tolist() if saved.level >= LOW_FROM else []
    if saved.weights is not None:
        values["weights"] = {
            "w": saved.weights.w.tolist(),
            "w2": saved.weights.w2.tolist(),
            "wr": saved.weights.wr.tolist(),
        }
    return values


def table_from_values(values: dict[str, Any]) -> ScoreTable:
    """Return the table saved by `values_of_table`.

    Raises:
        InputError: if the values are not such a table.
    """
    try:
        starts = np.array([int(key) for key in values["starts"]], np.int64)
        counts = np.array([values["zeros"], values["ones"]], np.int64).reshape(2, -1)
        shape = (2, len(starts))
        none = np.zeros(shape, np.int64)
        high, low = (
            np.array(values[k], np.int64).reshape(shape) if values.get(k) else none
            for k in ("high", "low")
        )
        weights = None
        if "weights" in values:
            given = values["weights"]
            weights = Weights(
                *(np.array(given[k], np.float64).reshape(shape) for k in ("w", "w2", "wr"))
            )
        cuts = tuple(int(cut) for cut in values["cuts"])
        level = int(values["level"])
        table = ScoreTable(level, starts, counts, high, low, cuts, CAP, weights)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"the saved score table is damaged: {error}") from error
    if table.rows != values.get("rows") or np.any(np.diff(starts) <= 0):
        raise InputError("the saved score table is damaged: its rows do not add up")
    return table
