"""How models differ in each slice of the rows, with one error rate for all slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calaudit.api.comparisons.copies import with_holm
from calaudit.api.comparisons.differences import difference_of
from calaudit.api.rows.keyed_rows import KeyedRows
from calaudit.errors import InputError
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.paired import Rows
from calaudit.report.compare_report import BETTER, Difference, Model, SliceDifference
from calaudit.report.evaluation_report import FEWEST_ROWS

MOST = 200
"""Slices at most; more are hardly looked at."""


def slice_differences(
    models: Sequence[Model],
    rows: Sequence[KeyedRows],
    weighed: Rows,
    *,
    by: Sequence[str],
    metric: str,
    level: float,
) -> tuple[SliceDifference, ...]:
    """Return how each model differs from the baseline in each slice, the worst first.

    Slices of fewer than 50 rows have no interval. The others' intervals hold for all slices and
    models at once, and p-values are Holm's.

    Args:
        models: the baseline first.
        rows: of each model, in the same order; those of the baseline have the slices.
        weighed: weights and groups of the rows.
        by: columns of the slices.
        metric: the figure.
        level: of all intervals together.

    Raises:
        InputError: a column has too many values.
    """
    parts = [
        (column, text, np.flatnonzero(rows[0].parts[f"by {column}"] == np.uint64(code)))
        for column in by
        for code, text in rows[0].values[column].items()
    ]
    parts = [part for part in parts if len(part[2])]
    if len(parts) > MOST:
        raise InputError(
            f"--by makes {len(parts):,} slices, more than {MOST}: name a column of fewer values, "
            "or cut it, as in amount:5 or date:month"
        )
    judged = sum(len(at) >= FEWEST_ROWS for *_, at in parts) * (len(models) - 1)
    alone = 1.0 - (1.0 - level) / max(judged, 1)
    found = []
    for column, text, at in parts:
        some = [each.take(at).parts for each in rows]
        mine = weighed.of(at)
        for model, its in zip(models[1:], some[1:], strict=True):
            estimate = difference_of(metric, some[0], its, mine, level=alone)
            if len(at) < FEWEST_ROWS:
                estimate = Estimate(value=estimate.value, reason=f"fewer than {FEWEST_ROWS} rows")
            difference = Difference(model=model.name, metric=metric, estimate=estimate)
            found.append(SliceDifference(column, text, len(at), difference))
    adjusted = with_holm([each.difference for each in found])
    found = [replace(s, difference=d) for s, d in zip(found, adjusted, strict=True)]
    return tuple(sorted(found, key=_best_it_can_be))


def _best_it_can_be(found: SliceDifference) -> float:
    """Return the end of the interval where the model is best: the surely worst are the least."""
    e, better = found.difference.estimate, BETTER[found.difference.metric]
    end = e.high if better > 0 else e.low
    return np.inf if end is None else better * end
