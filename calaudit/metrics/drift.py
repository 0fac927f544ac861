"""What changed between two periods: the scores, what they stand for, and so the calibration.

For independent rows of weight 1, from the cells of two tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.logistic import expit, fit_logistic, logistic_nll
from calaudit.metrics.normal import chi2_tail
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

DECILES = 10
KNOTS, MORE_KNOTS = 4, 10
FEW_OF_A_LABEL, MANY_OF_A_LABEL = 40, 250
"""Rows of the rarer label in each period from which maps are compared, and by many knots too."""

CLIP = 1e-3
"""Scores nearer to 0 and 1 are taken for it, where their logit is a regressor."""

PARTS, MISFIT = 40, 1e-3
"""Runs of scores in which the pooled map is held against the rows, and the p-value of failing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far the scores moved, and how far they do by chance.

    Attributes:
        psi: population stability index on the deciles of the earlier scores (an empty one counts
            half a row). psi_chance: its mean where nothing moved. psi_limit: its 95 % point then.
        ks: largest distance of the two distribution functions. ks_p: its p-value (asymptotic).
        wasserstein: mean distance of the scores. wasserstein_chance: its mean by chance.
    """

    psi: float
    psi_chance: float
    psi_limit: float
    ks: float
    ks_p: float
    wasserstein: float
    wasserstein_chance: float


def scores_moved(one: Cells, other: Cells) -> Moved:
    """Return how far the scores moved from one period to another.

    Source: PSI's law under no change Yurdakul & Naranjo 2020.
    """
    at = np.unique(np.concatenate([one.p, other.p]))
    first, second = (_cumulative(each, at) for each in (one, other))
    n_one, n_other = float(one.counts.sum()), float(other.counts.sum())
    steps = np.diff(at)
    apart = np.abs(first / n_one - second / n_other)
    pooled = (first + second) / (n_one + n_other)
    spread = 1.0 / n_one + 1.0 / n_other
    edges = np.unique(_quantiles(one.p, one.counts.sum(axis=0), np.linspace(0, 1, DECILES + 1)))
    inner = edges[1:-1]
    p, q = (
        np.bincount(
            np.searchsorted(inner, each.p, "right"), each.counts.sum(axis=0), len(inner) + 1
        )
        for each in (one, other)
    )
    before, after = np.maximum(p, 0.5) / n_one, np.maximum(q, 0.5) / n_other
    ks = float(apart.max())
    chance = math.sqrt(2.0 / math.pi * spread)
    return Moved(
        psi=float(((before - after) * np.log(before / after)).sum()),
        psi_chance=(len(before) - 1) * spread,
        psi_limit=_chi2_point(0.05, len(before) - 1) * spread,
        ks=ks,
        ks_p=_kolmogorov_tail(ks / math.sqrt(spread)),
        wasserstein=float((apart[:-1] * steps).sum()),
        wasserstein_chance=chance * float((np.sqrt(pooled * (1.0 - pooled))[:-1] * steps).sum()),
    )


def same_map(one: Cells, other: Cells) -> tuple[float | None, str]:
    """Return the p-value of one map from scores to outcomes in both periods, or why there is none.

    The likelihood ratio of logistic regressions on natural cubic splines of the logit, with and
    without the period in every coefficient; of two numbers of knots the smaller p-value, doubled.
    Where the map that is pooled misses the rows by itself nothing can be told: knots that cannot
    follow it take moved scores for a changed map.
    """
    fewest = min(float(each.counts.sum(axis=1).min()) for each in (one, other))
    if fewest < FEW_OF_A_LABEL:
        return None, f"fewer than {FEW_OF_A_LABEL} rows of a label in a period"
    tests = [_spline_test(one, other, KNOTS)]
    if fewest >= MANY_OF_A_LABEL:
        tests.append(_spline_test(one, other, MORE_KNOTS))
    if any(test is None for test in tests):
        return None, "too few different scores"
    known = [test for test in tests if test is not None]
    if known[-1][1] < MISFIT:
        return None, "the map is too uneven to be followed"
    return min(1.0, len(known) * min(p for p, _ in known)), ""


def calibration_split(one: Cells, other: Cells, bins: int) -> tuple[float, float, float]:
    """Return the ECE of one period, that of its map under the other's scores, and the other's.

    The first step is what the moved scores do, the second what the changed map does.
    """
    gaps, shares = [], []
    for each in (one, other):
        at = np.clip(np.ceil(each.p * bins).astype(np.intp) - 1, 0, bins - 1)
        rows = np.bincount(at, each.counts.sum(axis=0), bins)
        residual = np.bincount(at, each.counts[1] - each.p * each.counts.sum(axis=0), bins)
        gaps.append(np.abs(residual) / np.maximum(rows, 1.0))
        shares.append(rows / rows.sum())
    return (
        float(gaps[0] @ shares[0]), float(gaps[0] @ shares[1]), float(gaps[1] @ shares[1])
    )  # fmt: skip


def _cumulative(cells: Cells, at: Floats) -> Floats:
    """Return how many rows have a score of at most each of some values."""
    rows = np.concatenate([[0.0], np.cumsum(cells.counts.sum(axis=0))])
    found: Floats = rows[np.searchsorted(cells.p, at, "right")]
    return found


def _quantiles(values: Floats, counts: NDArray[np.int64], levels: Floats) -> Floats:
    """Return quantiles of values that stand so often, as numpy has them of the rows."""
    ends = np.cumsum(counts)
    place = levels * (ends[-1] - 1)
    low = values[np.searchsorted(ends, np.floor(place), "right")]
    high = values[np.searchsorted(ends, np.ceil(place), "right")]
    found: Floats = low + (place - np.floor(place)) * (high - low)
    return found


def _spline_test(one: Cells, other: Cells, knots: int) -> tuple[float, float] | None:
    """Return the p-value of one map by so many knots, and that of its fit to the pooled rows."""
    p = np.concatenate([one.p, other.p])
    w0, w1 = np.concatenate([one.counts, other.counts], axis=1).astype(np.float64)
    clipped = np.clip(p, CLIP, 1.0 - CLIP)
    x = np.log(clipped) - np.log1p(-clipped)
    order = np.argsort(x, kind="stable")
    counts = (w0 + w1)[order].astype(np.int64)
    places = np.unique(_quantiles(x[order], counts, np.linspace(0.03, 0.97, knots)))
    if len(places) < 3:
        return None
    basis = _natural_spline(x, places) * np.sqrt(w0 + w1)
    q, _ = np.linalg.qr(basis.T)
    z = q.T / np.sqrt(w0 + w1) * math.sqrt(float((w0 + w1).sum()))
    first = np.arange(len(p)) < len(one.p)
    fits = [_fit(z[:, part], w0[part], w1[part]) for part in (first, ~first, first | True)]
    found = 2.0 * (fits[2][0] - fits[0][0] - fits[1][0])
    fitted = expit(fits[2][1] @ z)
    held = (fitted[order], w0[order], w1[order])
    return chi2_tail(max(found, 0.0), len(places)), misfit(*held, len(places))


def misfit(
    fitted: Floats, w0: Floats, w1: Floats, parameters: int, squares: Floats | None = None
) -> float:
    """Return the p-value of rows, in order of their scores, coming of fitted probabilities.

    Pearson's χ² of `PARTS` runs of as many rows.

    Args:
        fitted: (m,) probabilities.
        w0: (m,) weight of the rows of label 0.
        w1: likewise of label 1.
        parameters: of the fit.
        squares: (m,) sums of squared weights; of rows that count once when not given.
    """
    below = np.cumsum(w0 + w1)
    part = (below * (1.0 - 1e-12) * PARTS / below[-1]).astype(np.int64)  # weights may be small
    off, spread = (
        np.bincount(part, values, PARTS)
        for values in (
            w1 - fitted * (w0 + w1),
            fitted * (1.0 - fitted) * (w0 + w1 if squares is None else squares),
        )
    )
    held = spread > 0
    df = max(int(held.sum()) - parameters, 1)
    return chi2_tail(float((off[held] ** 2 / spread[held]).sum()), df)


def _natural_spline(x: Floats, knots: Floats) -> Floats:
    """Return (k, m) a basis of the natural cubic splines with k knots."""
    last = np.maximum(x - knots[-1], 0.0) ** 3
    bends = [(np.maximum(x - knot, 0.0) ** 3 - last) / (knots[-1] - knot) for knot in knots[:-1]]
    basis = np.stack([np.ones_like(x), x, *(bend - bends[-1] for bend in bends[:-1])])
    scaled: Floats = basis / np.abs(basis).max(axis=1, keepdims=True)
    return scaled


def _fit(z: Floats, w0: Floats, w1: Floats) -> tuple[float, Floats]:
    beta, _ = fit_logistic(z, w0, w1, np.zeros(len(z)))
    return logistic_nll(beta @ z, w0, w1), beta


def _kolmogorov_tail(x: float) -> float:
    """Return P(K > x) of Kolmogorov's distribution."""
    if x < 0.2:
        return 1.0
    terms = [(-1.0) ** (k - 1) * math.exp(-2.0 * k * k * x * x) for k in range(1, 101)]
    return min(max(2.0 * math.fsum(terms), 0.0), 1.0)


def _chi2_point(tail: float, df: int) -> float:
    """Return the value that a chi-squared number exceeds with this probability."""
    if df < 1:
        return 0.0
    low, high = 0.0, 10.0 * df + 50.0
    for _ in range(100):
        middle = (low + high) / 2.0
        low, high = (middle, high) if chi2_tail(middle, df) > tail else (low, middle)
    return high
