"""The cutoffs among which the cheapest lies, as far as the rows can tell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.ladder import Ladder

Floats = NDArray[np.float64]

POINTS = 120
"""Cutoffs that are compared, at most: half of them evenly spread over the rows of either label."""

LEAST = 5
"""Rows of either label between two cutoffs; where there are fewer, as many are taken to be there
if that is to the advantage of the cutoff that is to be left out: few rows have no normal error."""

DRAWS = 300


def plateau(
    ladder: Ladder, below: Floats, above: Floats, *, level: float, seed: int
) -> tuple[int, int]:
    """Return the lowest and the highest rung that may be the cheapest.

    Moving a cutoff changes what is done with the cases between, and with no others: their
    costs, paired case by case, give the difference of two cutoffs and its standard error. A
    cutoff is left out where its largest difference from any other, in standard errors, is
    larger than such a maximum is by chance: multipliers drawn for the cases, or for the groups that
    they belong together in, say how large. So the
    set holds the cheapest cutoff at ``level``. Of cutoffs between two that are compared nothing
    is known, so that the range goes on to the next one at either end.

    Args:
        ladder: the rows.
        below: (2,) cost by label of what is done below the cutoff.
        above: (2,) the same above it.
        level: of the test.
        seed: of the multipliers.

    Source: the argmin set by a multiplier bootstrap of maxima, after Chernozhukov, Chetverikov &
    Kato 2013 (Annals of Statistics 41) and Hansen, Lunde & Nason 2011 (Econometrica 79).
    """
    step = (below - above)[:, None]  # the cutoff moves up past a case
    w, w2, counts = ladder.sample.w, ladder.sample.w2, ladder.sample.counts
    share = np.linspace(0.0, 1.0, POINTS // 2)
    places = [np.searchsorted(x, share * x[-1]) for x in ladder.below]
    rungs = np.unique(np.concatenate([[0], *places, [len(ladder)]]))
    cost, squares, cross = (
        _reached(x.sum(axis=0))[rungs] for x in (step * w, step**2 * w2, step * w2)
    )
    rows = np.stack([_reached(count)[rungs] for count in counts])
    between, whole = np.abs(squares[:, None] - squares), float(w2.sum())
    rng = np.random.default_rng([seed, 22])
    if ladder.sample.groups is None:
        spread = np.diff(np.stack([_reached(each)[rungs] for each in w2]))
        drawn = rng.normal(size=(DRAWS, *spread.shape)) * np.sqrt(spread)
    else:
        under = ladder.by_group()[0][:, :, rungs]
        under = under * math.sqrt(len(under) / max(len(under) - 1, 1))
        paid, each = (step[:, 0] @ under), under[:, :, -1].sum(axis=1)
        products = paid.T @ paid
        squares = np.diag(products)
        between = squares[:, None] + squares - 2 * products
        cross, whole = paid.T @ each, float(each @ each)
        drawn = np.tensordot(rng.normal(size=(DRAWS, len(under))), np.diff(under), axes=1)
    moved = np.pad(np.cumsum((step * drawn).sum(axis=1), axis=1), ((0, 0), (1, 0)))
    everyone = drawn.sum(axis=(1, 2))[:, None]
    row = w2.sum(axis=1, keepdims=True) / np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    kept = np.zeros(len(rungs), np.bool_)
    for i in range(len(rungs)):
        more = cost[i] - cost
        mean = more / ladder.total  # of all cases; those not between two cutoffs cost the same
        variance = between[i] - 2 * mean * (cross[i] - cross) + mean**2 * whole
        missing = row * np.maximum(LEAST - np.abs(rows[:, [i]] - rows), 0.0)
        spared = np.minimum(missing * step * np.sign(i - np.arange(len(rungs))), 0.0)
        variance -= (spared * row * np.abs(step)).sum(axis=0)
        others = np.arange(len(rungs)) != i
        error = np.sqrt(np.maximum(variance, 1e-300))[others]
        chance = (moved[:, [i]] - moved[:, others] - mean[others] * everyone) / error
        most = np.quantile(chance.max(axis=1), level)
        kept[i] = ((more + spared.sum(axis=0))[others] / error).max() <= most
    inside = np.flatnonzero(kept)
    first, last = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, len(rungs) - 1)
    return int(rungs[first]), int(rungs[last])


def _reached(each: NDArray[np.float64] | NDArray[np.int64]) -> Floats:
    """Return (m + 1,) sums below each rung of what (m,) cells have."""
    return np.concatenate([[0.0], np.cumsum(each, dtype=np.float64)])
