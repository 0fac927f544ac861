"""Scores by outcome in bins that are equally wide in log-odds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.tables.cells import Cells
from calaudit.tables.keys import ONE_KEY, keys_of, keys_of_tails

Floats = NDArray[np.float64]
Keys = NDArray[np.int64]

FARTHEST = 16.0
"""Log-odds beyond which no bins are added; about 1e-7, the last that float32 tells from 1."""

LEAST_SPAN = 2.0
"""Log-odds that the bins span at least, so that a single score does not fill the picture."""

FEWEST = 32
"""Bins in the span, at least; at most half as many more, and two where edges cut its ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Weight by label and bin.

    Attributes:
        lower, upper: (B,) edges as probabilities; equal for exactly 0 and exactly 1.
        weight: (2, B) weight of label 0 and of label 1.
    """

    lower: Floats
    upper: Floats
    weight: Floats


def histogram_of(cells: Cells) -> Histogram:
    """Return the weight of scores by label, in bins of equal width in log-odds.

    A bin holds scores from its lower edge up to, and without, its upper edge; the first and the
    last also hold what lies beyond, and the last its upper edge. Exactly 0 and exactly 1 have bins
    of their own where there are such scores. Edges are multiples of a round step, so that one
    half is one of them.

    Limits: of a table that is not exact, the rows of a cell and label stand where their mean
    score does, which may lie in the bin beside that of some of them.
    """
    keys = np.stack([keys_of_tails(q, cells.above) for q in cells.q])
    inside = (cells.starts > 0) & (cells.starts < ONE_KEY)
    edges = _edges(cells.q[:, inside], cells.above[inside], cells.w[:, inside])
    lower, upper = edges[:-1], edges[1:]
    weight = np.zeros((2, len(lower)))
    if len(lower):
        inner = keys_of(lower[1:])
        for label in (0, 1):
            place = np.searchsorted(inner, keys[label, inside], side="right")
            weight[label] = np.bincount(place, cells.w[label, inside], len(lower))
    for exactly, there in ((0.0, cells.starts == 0), (1.0, cells.starts == ONE_KEY)):
        own = cells.w[:, there].sum(axis=1, keepdims=True)
        if own.any():
            at = 0 if exactly == 0.0 else len(lower)
            lower, upper = np.insert(lower, at, exactly), np.insert(upper, at, exactly)
            weight = np.insert(weight, at, own[:, 0], axis=1)
    return Histogram(lower, upper, weight)


def _edges(q: Floats, above: NDArray[np.bool_], w: Floats) -> Floats:
    """Return edges, as probabilities, that hold the scores; none where there are none."""
    with np.errstate(divide="ignore"):  # a cell without weight may have its mean at 0
        odds = np.where(above, -1.0, 1.0) * (np.log(q) - np.log1p(-q))
    odds = odds[w > 0]
    if not len(odds):
        return np.zeros(0)
    low, high = np.clip([odds.min(), odds.max()], -FARTHEST, FARTHEST)
    lacking = max(0.0, LEAST_SPAN - (high - low)) / 2.0
    low, high = low - lacking, high + lacking
    step = _step(float(high - low))
    edges = step * np.arange(math.floor(low / step), math.ceil(high / step) + 1)
    return np.where(edges > 0, 1.0 / (1.0 + np.exp(-edges)), np.exp(edges) / (1.0 + np.exp(edges)))


def _step(span: float) -> float:
    """Return the largest of 1, 3/4, 1/2, 3/8, … of which the span holds `FEWEST` or more."""
    step = 2.0 ** math.floor(math.log2(span / FEWEST))
    return 1.5 * step if 1.5 * step * FEWEST <= span else step
