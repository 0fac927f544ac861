"""What a recalibration of the scores would look like: Cox regression and isotonic (CORP)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.bins import Residuals
from calaudit.metrics.clustered import spread, student_factor
from calaudit.metrics.discrimination import effective_rows
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.inversion import middle, null_residuals
from calaudit.metrics.logistic import expit, fit_logistic
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.weighting import stretch, weighed
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

FEWEST = 20
"""Rows of a label below which the sandwich variance is too small to be of use."""

NO_LOGIT = "no interval: scores of exactly 0 or 1 have no logit"

COX_CLIP = 1e-12
"""Scores are clipped to [1e-12, 1 − 1e-12] before the logit."""


@dataclass(frozen=True, slots=True)
class Cox:
    """Cox's recalibration line: logit P(y = 1) = intercept + slope · logit(p)."""

    slope: Estimate
    intercept: Estimate


def logits_of(cells: Cells, clip: float = COX_CLIP) -> Floats:
    """Return the logit of the mean score of each cell, scores clipped to [clip, 1 − clip]."""
    w0, w1 = cells.w
    total = np.maximum(w0 + w1, np.finfo(np.float64).tiny)
    tail = (cells.q[0] * w0 + cells.q[1] * w1) / total
    tail = np.maximum(tail, np.where(cells.above, 1.0 - (1.0 - clip), clip))
    z = np.log(tail) - np.log1p(-tail)
    signed: Floats = np.where(cells.above, -z, z)
    return signed


def cox(cells: Cells, *, level: float, clip: float = COX_CLIP) -> Cox:
    """Return slope and intercept of the logistic regression of y on logit(p) (Cox 1958).

    Slope below 1: scores are too extreme (overconfident); above 1: too timid. Intercept
    above 0: scores are too low. Intervals by the sandwich variance, which stays right where
    the line itself is wrong.

    Limits: no finite fit where the scores separate the labels; no interval where scores are
    exactly 0 or 1, of which a few that are wrong, or none yet, decide both at the clip.
    """
    z = logits_of(cells, clip)
    w0, w1 = cells.w
    features, fitted = np.stack([np.ones_like(z), z]), False
    reason = _unfit(z, w0, w1)
    if reason is None:
        beta, fitted = fit_logistic(features, w0, w1, np.array([0.0, 1.0]))
    if not fitted:
        missing = Estimate(value=None, reason=reason or "the regression did not converge")
        return Cox(missing, missing)
    intercept, slope = (float(b) for b in beta)
    if (w0 + w1)[(cells.q == 0.0).any(axis=0)].any():
        reason = NO_LOGIT
    if min(effective_rows(w, w2) for w, w2 in zip(cells.w, cells.w2, strict=True)) < FEWEST:
        reason = f"no interval from fewer than {FEWEST} rows of a label"
    if reason is not None:
        return Cox(Estimate(value=slope, reason=reason), Estimate(value=intercept, reason=reason))
    errors = _sandwich(z, cells, beta, level)
    half = normal_quantile(0.5 + level / 2) * errors
    method = "normal, sandwich" if cells.groups is None else "cluster-robust"
    found = ((slope, float(half[1])), (intercept, float(half[0])))
    return Cox(*(around(value, each, level, method) for value, each in found))


def _unfit(z: Floats, w0: Floats, w1: Floats) -> str | None:
    """Return why there is no finite line; ties at one score do not keep labels from separating."""
    ones, zeros = z[w1 > 0], z[w0 > 0]
    if not len(ones) or not len(zeros):
        return "the labels are all of one class"
    if float(np.ptp(z[w0 + w1 > 0])) == 0.0:
        return "all scores are equal"
    separate = ones.min() >= zeros.max() or ones.max() <= zeros.min()
    return "the scores separate the labels: no finite fit" if separate else None


def _sandwich(z: Floats, cells: Cells, beta: Floats, level: float) -> Floats:
    """Return standard errors, longer where few heavy rows decide them."""
    w0, w1 = cells.w
    p = expit(beta[0] + beta[1] * z)
    x = np.stack([np.ones_like(z), z])
    bread = np.linalg.inv((x * ((w0 + w1) * p * (1.0 - p))) @ x.T)
    off = np.stack([-p, 1.0 - p])[:, None] * (bread @ x)  # label, coefficient, cell
    if cells.groups is not None:
        sums = [spread(cells.groups.sums(off[:, j], cells.w)) for j in range(len(x))]
        return np.sqrt(sums) * student_factor(len(cells.groups), level)
    errors = np.sqrt((cells.w2[:, None] * off**2).sum(axis=(0, 2)))
    rows = weighed(cells).of(np.ravel)
    result: Floats = errors * [stretch(off[:, j].ravel(), rows, level) for j in range(len(x))]
    return result


PASSES = 24
"""Passes over arrays before the few remaining blocks are pooled one by one."""


def isotonic_fit(y: Floats, w: Floats) -> Floats:
    """Return the non-decreasing fit that minimises Σ w (fit − y)² (pool adjacent violators).

    Runs of decreasing blocks are pooled all at once, in passes over arrays, which leaves the
    solution unchanged because such a run is pooled in any order (Robertson et al. 1988,
    §1.4). When few blocks are left, they are pooled one by one.

    Args:
        y: (m,) values in the order of the scores.
        w: (m,) weights, above 0.
    """
    size = np.ones(len(y), np.int64)
    mean, weight = y.astype(np.float64), w.astype(np.float64)
    for _ in range(PASSES):
        falls = mean[1:] < mean[:-1]
        if not falls.any():
            return np.repeat(mean, size)
        begin = np.flatnonzero(np.concatenate([[True], ~falls]))
        mean, weight, size = _pooled(mean, weight, size, begin)
    begin = np.array(_pool_one_by_one(mean.tolist(), weight.tolist()), np.int64)
    mean, weight, size = _pooled(mean, weight, size, begin)
    return np.repeat(mean, size)


def _pooled(
    mean: Floats, weight: Floats, size: NDArray[np.int64], begin: NDArray[np.int64]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return mean, weight and size of runs of blocks that begin at ``begin``."""
    total = np.add.reduceat(weight, begin)
    pooled = np.add.reduceat(mean * weight, begin) / total
    single = np.diff(np.append(begin, len(mean))) == 1
    # Blocks that were not pooled keep every bit of their mean.
    return np.where(single, mean[begin], pooled), total, np.add.reduceat(size, begin)


def _pool_one_by_one(means: list[float], weights: list[float]) -> list[int]:
    """Return where the pooled blocks begin."""
    sums: list[float] = []
    totals: list[float] = []
    begins: list[int] = []
    for i, (mean, weight) in enumerate(zip(means, weights, strict=True)):
        block_sum, total, begin = mean * weight, weight, i
        while sums and sums[-1] * total > block_sum * totals[-1]:
            block_sum += sums.pop()
            total += totals.pop()
            begin = begins.pop()
        sums.append(block_sum)
        totals.append(total)
        begins.append(begin)
    return begins


@dataclass(frozen=True, slots=True)
class Corp:
    """The CORP decomposition of the Brier score: score = mcb − dsc + unc."""

    mcb: float
    dsc: float
    unc: float


def corp(residuals: Residuals) -> Corp:
    """Return miscalibration, discrimination and uncertainty by isotonic regression.

    Source: Dimitriadis, Gneiting & Jordan 2021.
    """
    s = residuals
    n = float(s.w.sum())
    held = s.w > 0
    w, mean_y, mean_p = s.w[held], s.wy[held] / s.w[held], s.wp[held] / s.w[held]
    fit = isotonic_fit(mean_y, w)
    rate = float(s.wy.sum()) / n
    # Within a cell Σ(y − c)² = const + w (ȳ − c)², so only cell means are needed.
    score = float((w * (mean_y - mean_p) ** 2).sum()) / n
    recalibrated = float((w * (mean_y - fit) ** 2).sum()) / n
    reference = float((w * (mean_y - rate) ** 2).sum()) / n
    return Corp(score - recalibrated, reference - recalibrated, rate * (1.0 - rate))


def corp_estimates(
    residuals: Residuals, *, rng: np.random.Generator, draws: int = 99, cells: int = 1024
) -> tuple[Estimate, Estimate, Estimate]:
    """Return MCB (with its null mean and p-value), DSC and UNC.

    MCB has no interval: a bootstrap of it covers nothing when calibrated. It is above 0 even
    for a perfect model, so that its ``noise_floor``, simulated, belongs beside it.
    """
    figures = corp(residuals)
    s = residuals
    if len(s.r) > cells:
        share = np.cumsum(s.w)
        group = np.minimum((share / share[-1] * cells).astype(np.intp), cells - 1)
        s = s.grouped(group, cells)
    held = np.flatnonzero(s.w > 0)
    w, p = s.w[held], s.wp[held] / s.w[held]
    y = p + null_residuals(s, rng, draws)[:, held] / w
    fit = _isotonic_fits(y, w)
    n = float(w.sum())
    null = ((w * (y - p) ** 2).sum(axis=1) - (w * (y - fit) ** 2).sum(axis=1)) / n
    compared = corp(s).mcb
    reason = "no valid interval"
    mcb = Estimate(
        value=figures.mcb,
        reason=reason,
        noise_floor=float(null.mean()),
        p_value=(1.0 + int(np.count_nonzero(null >= compared))) / (1.0 + draws),
    )
    return mcb, Estimate(value=figures.dsc), Estimate(value=figures.unc)


def _isotonic_fits(y: Floats, w: Floats) -> Floats:
    """Return the isotonic fit of each row of ``y``, (draws, m), in one pass."""
    lift = 10.0 * np.arange(len(y))[:, None]  # a step between draws keeps them apart
    return isotonic_fit((y + lift).ravel(), np.tile(w, len(y))).reshape(y.shape) - lift


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """CORP's reliability curve at points, each of one score or of near ones; each (m,).

    Attributes:
        score: mean score. rate: isotonic regression of the outcomes there.
        low, high: where that lies for a calibrated model with these scores and rows.
        piece: numbers that rise where there are no scores from one point to the next.
    """

    score: Floats
    rate: Floats
    low: Floats
    high: Floats
    piece: NDArray[np.int64]


CURVE_DRAWS = 199
BY_SCORE, BY_ROWS = 60, 120
"""A point of the curve spans at most such a part of [0, 1], and of the rows, where there are many
scores: a few rows far from all others keep points of their own."""

GAP = 0.05
"""Part of the range of the scores without any score, from which on the curve is broken off."""

FEW_SCORES = 20
"""Distinct scores up to which each is a piece: nothing is known of what nobody stated."""


def reliability_curve(
    residuals: Residuals, *, level: float, rng: np.random.Generator, draws: int = CURVE_DRAWS
) -> Curve:
    """Return the isotonic curve with its consistency band.

    The band holds the middle ``level`` of what isotonic regression makes, at that score, of
    outcomes drawn as the scores say. Bands around the curve by drawing from it cover 42 to 98 %
    where they promise 95 %, as isotonic regression cannot be bootstrapped (Sen et al. 2010).

    Args:
        residuals: of the cells, in the order of the scores.
        level: of the band, at each score by itself.
        rng: of the draws.
        draws: how many.

    Limits: what falls with the score is pooled and drawn flat.
    Source: Dimitriadis, Gneiting & Jordan 2021.
    """
    s, piece = _gathered(residuals)
    score = s.wp / s.w
    null = _isotonic_fits(score + null_residuals(s, rng, draws) / s.w, s.w)
    low, high = middle(null, level)
    rate = np.clip(isotonic_fit(s.wy / s.w, s.w), 0.0, 1.0)
    return Curve(np.clip(score, 0.0, 1.0), rate, low, high, piece)


def _gathered(s: Residuals) -> tuple[Residuals, NDArray[np.int64]]:
    """Return the sums of points of the curve, all with weight, and the piece that each is of."""
    held = s.w > 0
    w = s.w[held]
    score, share = s.wp[held] / w, (np.cumsum(w) - w / 2.0) / w.sum()
    apart = np.diff(score) > GAP * (score[-1] - score[0])
    begins = np.concatenate([[True], apart])
    if len(score) <= FEW_SCORES:
        begins[:] = apart[:] = True
    elif len(score) > BY_SCORE + BY_ROWS:
        parts = np.floor(np.stack([BY_SCORE * score, BY_ROWS * share]))
        begins[1:] |= np.diff(parts).any(axis=0)
    else:
        begins[:] = True
    group = np.full(len(held), -1)
    group[held] = np.cumsum(begins) - 1
    piece = np.concatenate([[0], np.cumsum(apart)])[begins]
    return s.grouped(group, int(begins.sum())), piece
