"""The errors among the surest cases, which could do without a person."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from calaudit.metrics.beta import upper_rate
from calaudit.metrics.clustered import clustered_share
from calaudit.metrics.estimate import Estimate
from calaudit.tables.cells import Cells

LEVEL = 0.9
"""Of the interval, each end of which is one-sided at 95 %: it is held against a limit."""


def error_of_surest(cells: Cells, share: float, *, by_side: bool) -> Estimate:
    """Return the part that is wrong of the surest ``share`` of the rows, in [0, 1]; 0 is best.

    The share is fixed, not chosen by the errors, so that given the scores they are a binomial
    count. Of equally sure rows at the edge the part that fits counts as wrong as they are.

    Args:
        cells: cells of the table.
        share: of the rows (of their weight), in (0, 1].
        by_side: whether a score predicts a label (1 from ½ on), as a binary one does; else label
            1 is right, and 0 wrong.

    Returns:
        The share with its Clopper–Pearson interval (1934), of effective rows where they have
        weights, and Korn & Graubard's (1998) where they belong together; none without weight.
    """
    q = cells.q.mean(axis=0)
    doubt = np.where(cells.above | by_side, q, 1.0 - q)
    wrong = np.where(cells.above | (not by_side), cells.w[0], cells.w[1])
    total = float(cells.total.sum())
    if total <= 0:
        return Estimate(value=None, reason="no rows")
    _, block = np.unique(doubt, return_inverse=True)
    weight, errors, squares = (
        np.bincount(block, x) for x in (cells.total, wrong, cells.w2.sum(axis=0))
    )
    before = np.cumsum(weight) - weight
    part = np.clip((share * total - before) / np.where(weight > 0, weight, 1.0), 0.0, 1.0)
    inside = float((part * weight).sum())
    value = float((part * errors).sum()) / inside
    if cells.groups is not None:
        miss = np.stack([cells.above | (not by_side), ~cells.above & by_side])
        rest, hits = (cells.groups.sums(part[block] * x, cells.w) for x in (~miss, miss))
        return replace(clustered_share(rest, hits, LEVEL), value=value)
    rows = inside**2 / float((part * squares).sum())
    trials, confidence = max(math.floor(rows + 1e-9), 1), 0.5 + LEVEL / 2
    most = min(math.ceil(value * rows - 1e-9), trials)
    least = min(math.floor(value * rows + 1e-9), trials)
    return Estimate(
        value=value,
        low=1.0 - upper_rate(trials - least, trials, confidence),
        high=upper_rate(most, trials, confidence),
        level=LEVEL,
        method="Clopper–Pearson",
    )
