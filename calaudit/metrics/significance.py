"""Classical tests of calibration: Spiegelhalter's z and Hosmer–Lemeshow."""

from __future__ import annotations

import math

import numpy as np

from calaudit.metrics.bins import BinSums
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import chi2_tail, two_sided_p
from calaudit.tables.cells import Cells

__all__ = ["hosmer_lemeshow", "spiegelhalter_z"]


def spiegelhalter_z(cells: Cells) -> Estimate:
    """Return z = Σ(y−p)(1−2p) / √Σ(1−2p)²p(1−p), standard normal when calibrated.

    The p-value is two-sided. Above 0: scores too extreme; below 0: too timid.
    Limits: blind to miscalibration that leaves the Brier score at its expected value.
    Source: Spiegelhalter 1986.
    """
    q = cells.q
    w, w2 = cells.w, cells.w2
    slope = np.where(cells.above, -1.0, 1.0) * (1.0 - 2.0 * q)  # 1 − 2p by label
    p0 = np.where(cells.above[None, :], 1.0 - q, q)[0]
    miss1 = np.where(cells.above, q[1], 1.0 - q[1])
    top = float((w[1] * miss1 * slope[1] - w[0] * p0 * slope[0]).sum())
    variance = float((w2 * slope**2 * q * (1.0 - q)).sum())
    if variance <= 0:
        return Estimate(value=None, reason="all scores are 0, ½ or 1")
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
    used = s.w > 0
    w, wp, r = s.w[used], s.wp[used], s.r[used]
    spread = wp * (1.0 - wp / w)
    groups = int(used.sum())
    df = groups - 2 if fitted else groups
    if df < 1:
        return Estimate(value=None, reason="too few bins")
    finite = spread > 0
    # A bin of scores 0 or 1 has no variance: it adds nothing where it is right, and
    # infinitely much where it is not, which is said and not summed.
    wrong = int((~finite & (np.abs(r) > 1e-12 * w)).sum())
    scale = float(s.w2[used].sum() / w.sum())  # 1 when unweighted
    chi2 = float((r[finite] ** 2 / spread[finite]).sum()) / scale
    reason = (
        f"left out: {wrong} bin(s) of scores 0 or 1 that hold the other label" if wrong else None
    )
    return Estimate(value=chi2, p_value=chi2_tail(chi2, df), df=df, reason=reason)
