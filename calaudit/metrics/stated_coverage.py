"""Do stated intervals and quantiles hold the share of truths that they state?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import clopper_pearson
from calaudit.metrics.clustered import (
    FEWEST,
    TOO_FEW,
    clustered_share,
    effective_rows,
    multiples,
    spread,
    student_factor,
)
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import two_sided_p

Floats = NDArray[np.float64]

DRAWS = 20_000


def coverage(
    hits: float, rows: float, level: float, groups: tuple[Floats, Floats] | None = None
) -> Estimate:
    """Return the share of hits with its exact interval.

    Args:
        hits: rows that count.
        rows: all, above 0.
        level: confidence level.
        groups: (G,) hits and (G,) rows of each group, where rows depend on each other.

    Source: Clopper & Pearson 1934; of groups Korn & Graubard 1998.
    """
    if groups is not None:
        return clustered_share(groups[1] - groups[0], groups[0], level)
    share = hits / rows
    low, high = clopper_pearson(share, rows, level)
    return Estimate(value=share, low=low, high=high, level=level, method="Clopper–Pearson")


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Shares of several sets of rows, each against what was stated for it.

    Attributes:
        level: of each interval, so that all of them hold at once.
        p: (k,) p-values of all at once.
    """

    level: float
    p: Floats


def jointly(
    shares: Floats,
    stated: Floats,
    rows: Floats,
    rng: np.random.Generator,
    *,
    level: float,
    nested: bool,
    off: Floats | None = None,
) -> Joint:
    """Return what holds of all shares at once (max-t).

    Args:
        shares: (k,) observed.
        stated: (k,) in (0, 1).
        rows: (k,) that each is of, above 0.
        rng: source of the draws.
        level: confidence of all.
        nested: whether they are of the same rows, and a lower one's hits are hits of each higher
            one, as those of quantiles are; otherwise no row is in two of them.
        off: (G, k) Σ (hit − stated) of each group, where rows depend on each other.
    """
    variance = stated * (1.0 - stated) / rows
    weight = np.maximum(np.sqrt(variance), 1e-300)
    if off is not None:
        noise = multiples(len(off), rng, DRAWS) @ off / rows
        error = np.maximum(noise.std(axis=0), 1e-300)
    else:
        covariance = np.diag(variance)
        if nested:
            covariance = (np.minimum.outer(stated, stated) - np.outer(stated, stated)) / rows[0]
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        noise, error = rng.standard_normal((DRAWS, len(rows))) @ root.T, weight
    # By what is known before: errors that few groups show are too small where few rows miss.
    largest = np.sort(np.abs(noise / weight).max(axis=1))
    t = np.abs(shares - stated) / weight
    beyond = DRAWS - np.searchsorted(largest, t).astype(np.float64)
    p = (1.0 + beyond) / (1.0 + DRAWS)
    if off is not None:
        largest = np.sort(np.abs(noise / error).max(axis=1))
    return Joint(1.0 - two_sided_p(float(largest[math.ceil(level * DRAWS) - 1])), p)


def deciles(width: Floats) -> NDArray[np.intp]:
    """Return (n,) which tenth of the widths a row is in, from 0; equal widths in the same one."""
    edges = np.quantile(width, np.arange(1, 10) / 10.0, method="inverted_cdf")
    return np.searchsorted(np.unique(edges), width, side="left")


def widening(
    ratio: Floats, stated: float, level: float, group: NDArray[np.intp] | None = None
) -> Estimate:
    """Return by what factor intervals must be widened about their middles to hold what they state.

    Below 1: narrowed. An order statistic of |y − middle| over half the width.

    Args:
        ratio: (n,) of each row, inf where an interval without width misses.
        stated: share that the intervals are to hold.
        level: confidence level.
        group: (n,) the group of each row; None where rows are independent.

    Limits: none where fewer rows than stated have a finite one.
    Source: interval by inverting that of the share (Woodruff 1952).
    """
    n = len(ratio)
    order = np.sort(ratio)
    value = float(order[min(math.ceil(stated * n - 1e-9), n) - 1])
    if not math.isfinite(value):
        return Estimate(value=None, reason="too many intervals have no width")
    effective = float(n)
    if group is not None:
        rows = np.bincount(group).astype(np.float64)
        if len(rows) < FEWEST:
            return Estimate(value=value, reason=TOO_FEW)
        off = np.bincount(group, (ratio <= value) - stated).astype(np.float64)
        effective = effective_rows(stated, n, spread(off), student_factor(len(rows), level))
    low, high = clopper_pearson(stated, effective, level)
    first, last = order[max(math.floor(low * n), 1) - 1], order[min(math.ceil(high * n), n - 1)]
    return Estimate(
        value=value, low=float(first), high=float(last) if math.isfinite(last) else None,
        level=level, method="Woodruff",
    )  # fmt: skip
