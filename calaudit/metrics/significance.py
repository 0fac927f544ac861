"""Tests of calibration: Spiegelhalter's z, Cox's line and Hosmer–Lemeshow."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import student_p
from calaudit.metrics.bins import BinSums, Residuals, residuals_of
from calaudit.metrics.clustered import spread
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.inversion import null_residuals, p_of
from calaudit.metrics.normal import chi2_tail, two_sided_p
from calaudit.metrics.weighting import mixed, near_weights, weighed
from calaudit.tables.cells import Cells
from calaudit.tables.score_table import ScoreTable, floor_to


def spiegelhalter_z(cells: Cells) -> Estimate:
    """Return z = Σ(y−p)(1−2p) / √Σ(1−2p)²p(1−p), standard normal when calibrated.

    Weighted, the sums are Σw(y−p)(1−2p) and Σw(1−2p)²p(1−p)u (see `weighting`). The p-value is
    two-sided. Above 0: scores too extreme; below 0: too timid.
    Limits: blind to miscalibration that leaves the Brier score at its expected value.
    Source: Spiegelhalter 1986.
    """
    q = cells.q
    w = cells.w
    unit = mixed(cells.p_by_label, near_weights(weighed(cells), cells.p))
    slope = np.where(cells.above, -1.0, 1.0) * (1.0 - 2.0 * q)  # 1 − 2p by label
    p0 = np.where(cells.above[None, :], 1.0 - q, q)[0]
    miss1 = np.where(cells.above, q[1], 1.0 - q[1])
    top = float((w[1] * miss1 * slope[1] - w[0] * p0 * slope[0]).sum())
    variance = float((w * unit * slope**2 * q * (1.0 - q)).sum())
    if variance <= 0:
        return Estimate(value=None, reason="all scores are 0, ½ or 1")
    if cells.groups is not None:
        sums = cells.groups.sums(np.stack([-p0, miss1]) * slope, w)
        z = top / math.sqrt(max(spread(sums), np.finfo(np.float64).tiny))
        return Estimate(value=z, p_value=student_p(z, len(sums) - 1))
    z = top / math.sqrt(variance)
    return Estimate(value=z, p_value=two_sided_p(z))


def hosmer_lemeshow(bins: BinSums, *, fitted: bool = False) -> Estimate:
    """Return the Hosmer–Lemeshow χ² over non-empty bins, with its p-value.

    Args:
        bins: usually ten equal-mass bins.
        fitted: whether the model was fitted on these rows (g − 2 degrees of freedom); on
            other rows it has g.

    Limits: depends on the bins; significant for every real model when n is large.
    Source: Hosmer & Lemeshow 1980.
    """
    s = bins.sums
    if s.groups is not None:
        return Estimate(value=None, reason="not for rows that belong together")
    used = s.w > 0
    w, wp, r = s.w[used], s.wp[used], s.r[used]
    spread = wp * (1.0 - wp / w) * s.unit[used]
    groups = int(used.sum())
    df = groups - 2 if fitted else groups
    if df < 1:
        return Estimate(value=None, reason="too few bins")
    finite = spread > np.finfo(np.float64).tiny
    # A bin of scores 0 or 1 has no variance: it adds nothing where it is right, and
    # infinitely much where it is not, which is said and not summed.
    wrong = int((~finite & (np.abs(r) > 1e-12 * w)).sum())
    chi2 = float((r[finite] ** 2 / spread[finite]).sum())
    reason = f"without {wrong} bin(s) of 0 or 1 that were wrong" if wrong else None
    return Estimate(value=chi2, p_value=chi2_tail(chi2, df), df=df, reason=reason)


LINE_DRAWS = 999
FINE_BATCHES = 20
LINE_LEVEL = 3
"""Level of the cells of the line test: eight to an octave of the tail, even in logits."""


def line_test(
    table: ScoreTable,
    cells: Cells,
    *,
    rng: np.random.Generator,
    draws: int = LINE_DRAWS,
    fine: bool = False,
) -> Estimate:
    """Return the score test of Cox's line: intercept 0 and slope 1, together.

    Q = U' I⁻¹ U with U = Σ w (y − p)(1, z), z = logit(p), and I its variance under
    calibration; two degrees of freedom in large samples. The p-value is simulated, because the
    few events expected among confident scores are far from normal. It sees what the smooth
    error cannot: confidences of 0.9999 that are right 0.999 of the time.

    Args:
        table: the table of ``cells``, for its coarser cells.
        cells: the cells as weighted by the user.
        rng: generator of the null draws.
        draws: how many.
        fine: whether to draw more where few draws are as large, for p-values that are adjusted.

    Source: Cox 1958 (the line), Rao 1948 (the score test).
    """
    whole = residuals_of(cells)
    group = np.cumsum(
        np.diff(floor_to(table.starts, min(LINE_LEVEL, table.level)), prepend=-1) != 0
    )
    exact = _line_statistic(whole)
    sums = whole.grouped(group - 1, int(group[-1]))
    statistic = _line_statistic(sums)
    if exact is None or statistic is None:
        return Estimate(value=None, reason="the scores do not vary enough")
    # Simulated on coarser cells, and so held against what these give; shown from all cells.
    observed = float(statistic(sums.r[None, :])[0])
    null = statistic(null_residuals(sums, rng, draws))
    if fine and np.count_nonzero(null >= observed) < 10:
        # Rare: the tail of few events is heavier than a fitted one, so draw until it shows.
        more = [null, *(statistic(null_residuals(sums, rng, 999)) for _ in range(FINE_BATCHES))]
        null = np.concatenate(more)
    value = float(exact(whole.r[None, :])[0])
    return Estimate(value=value, p_value=p_of(observed, null), df=2)


def _line_statistic(
    sums: Residuals,
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
    """Return Q as a function of (n, cells) residuals; None where the scores hardly vary."""
    held = sums.w > 0
    p = np.clip(sums.wp[held] / sums.w[held], 1e-15, 1.0 - 1e-15)
    z = np.log(p) - np.log1p(-p)
    v0 = (sums.v0 if sums.groups is None else sums.pq)[held]
    x = np.stack([np.ones_like(z), z])
    information = (x * v0) @ x.T
    if not (v0.sum() > 1e-200 and np.linalg.cond(information) < 1e12):
        return None
    inverse = np.linalg.inv(information)

    def statistic(r: NDArray[np.float64]) -> NDArray[np.float64]:
        u = r[:, held] @ x.T
        result: NDArray[np.float64] = np.einsum("ni,ij,nj->n", u, inverse, u)
        return result

    return statistic
