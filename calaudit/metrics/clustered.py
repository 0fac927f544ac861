"""Uncertainty of figures of rows that belong together: groups are independent, rows are not.

Point figures stay; only their noise is that of groups. That of a mean comes from the sums of the
groups, that of ECE-like figures from random multiples of the groups' residuals, which keep what
scores of one group have in common.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import clopper_pearson, student_quantile
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.normal import normal_quantile
from calaudit.tables.cells import Cells
from calaudit.tables.groups import Clusters

Floats = NDArray[np.float64]

FEWEST = 5
"""Groups below which there is no interval."""

FEW_GROUPS = 10
"""Groups below which intervals are given with a warning."""

TOO_FEW = f"no interval from fewer than {FEWEST} groups"

DEPENDENT = "no interval for rows that belong together"
"""Reason of figures whose intervals and tests are of independent rows."""

NOTHING = 1e-13
"""Share of the weight below which there are no rows."""

SIGNS_BELOW = 12
"""Groups below which their multiples are signs, and not normal."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupResiduals:
    """Residuals of m cells (or bins) by group, kept by the c coarse cells that groups have.

    Attributes:
        r, w, y: (G, c) Σ w (y − p), Σ w and Σ w y by group and coarse cell.
        source, into, share: (k,) each says that a cell, ``into``, has a share of a coarse cell.
        size: m.
    """

    r: Floats
    w: Floats
    y: Floats
    source: NDArray[np.intp]
    into: NDArray[np.intp]
    share: Floats
    size: int

    def grouped(self, group: NDArray[np.intp], count: int) -> GroupResiduals:
        """Return the sums over sets of cells: ``group`` has that of each, or −1 for none."""
        into = group[self.into]
        keep = into >= 0
        pairs, at = np.unique(self.source[keep] * count + into[keep], return_inverse=True)
        share: Floats = np.bincount(at, self.share[keep], len(pairs)).astype(np.float64)
        source, into = np.divmod(pairs, count)
        return GroupResiduals(self.r, self.w, self.y, source, into, share, count)

    def spread_over(self, values: Floats) -> Floats:
        """Return (j, m) what (j, c) sums over coarse cells are over cells."""
        total = np.zeros((self.size, len(values)))
        np.add.at(total, self.into, (values[:, self.source] * self.share).T)
        return np.ascontiguousarray(total.T)

    def null_variance(self) -> Floats:
        """Return (m,) the variance of the residuals, which are not centred."""
        g, c = self.r.shape
        factor = g / max(g - 1, 1)
        if self.size > c:  # a coarse cell's is divided as its rows are
            whole: Floats = self.spread_over(factor * (self.r**2).sum(axis=0, keepdims=True))[0]
            return whole
        result: Floats = factor * (self.spread_over(self.r) ** 2).sum(axis=0)
        return result

    def rates(self, level: float) -> tuple[Floats, Floats]:
        """Return (m,) the ends of intervals of the rates Σwy/Σw; 0 and 1 where there is none."""
        ends = np.tile([[0.0], [1.0]], self.size)
        w, y = self.spread_over(self.w), self.spread_over(self.y)
        for b in np.flatnonzero(w.sum(axis=0) > 0):
            found = clustered_share(w[:, b] - y[:, b], y[:, b], level)
            if found.low is not None and found.high is not None:
                ends[:, b] = found.low, found.high
        return ends[0], ends[1]


def group_residuals(cells: Cells, groups: Clusters) -> GroupResiduals:
    """Return the residuals of the cells by group."""
    weight = groups.coarse(cells.w)
    # What the score leaves to the label: 1 − p where it is 1, p where it is 0.
    high = np.stack([cells.above, ~cells.above])
    missed = np.where(high, 1.0 - cells.q, cells.q)
    off = groups.coarse(cells.w * missed) / np.where(weight > 0, weight, 1.0)
    r = groups.w[:, 1] * off[1] - groups.w[:, 0] * off[0]
    total = weight.sum(axis=0)[groups.cell]
    share = cells.total / np.where(total > 0, total, 1.0)
    each = np.arange(len(cells))
    w, y = groups.w.sum(axis=1), groups.w[:, 1]
    return GroupResiduals(r, w, y, groups.cell, each, share, len(cells))


def multiplied(
    groups: GroupResiduals,
    rng: np.random.Generator,
    draws: int,
    *,
    gaps: Floats | None = None,
) -> Floats:
    """Return (draws, m) noise of the residuals: √(G/(G−1)) Σ_g e_g R_g, e_g of variance 1.

    Args:
        groups: the residuals.
        rng: source of the draws.
        draws: how many.
        gaps: (m,) mean residual of a row, by which they are centred for noise around any truth;
            None for that of a calibrated model. The noise is longer then, as the residuals that
            it is made of are few: by √((G−1)/χ²), another for each draw.

    Source: the multiplier bootstrap of cluster sums (Cameron, Gelbach & Miller 2008).
    """
    g, c = groups.r.shape
    e = multiples(g, rng, draws)
    r = groups.r
    if gaps is not None:
        r = r - groups.w * np.bincount(groups.source, groups.share * gaps[groups.into], c)
        e *= np.sqrt(max(g - 1, 1) / rng.chisquare(max(g - 1, 1), draws))[:, None]
    return groups.spread_over(e @ r)


def multiples(groups: int, rng: np.random.Generator, draws: int) -> Floats:
    """Return (draws, G) random multiples of groups, of variance G/(G − 1): half are signs turned.

    Of few groups they are signs, and not normal.
    """
    half = (draws + 1) // 2
    if groups < SIGNS_BELOW:
        e = 2.0 * rng.integers(0, 2, (half, groups)) - 1.0
    else:
        e = rng.standard_normal((half, groups))
    return np.concatenate([e, -e])[:draws] * math.sqrt(groups / max(groups - 1, 1))


def student_factor(groups: int, level: float) -> float:
    """Return by what an interval of so few groups is longer than a normal one: Student's."""
    probability = 0.5 + level / 2
    return student_quantile(probability, max(groups - 1, 1)) / normal_quantile(probability)


def spread(sums: Floats) -> float:
    """Return the variance of a total of (G,) sums of groups, which add up to 0."""
    g = len(sums)
    return g / max(g - 1, 1) * float((sums * sums).sum())


def clustered_mean(
    value: float,
    off: Floats,
    rows: Floats,
    variance: float,
    *,
    level: float,
    at_least: float = -math.inf,
    at_most: float = math.inf,
) -> Estimate:
    """Return a mean with its cluster-robust interval (CR2, with Satterthwaite's df).

    Args:
        value: the mean.
        off: (G,) Σ w (x − mean) of each group.
        rows: (G,) Σ w of each group.
        variance: mean of (x − mean)² over rows.
        level: confidence level.
        at_least: smallest possible mean.
        at_most: largest possible mean.

    Limits: none of fewer than five groups.
    Source: Bell & McCaffrey 2002; Imbens & Kolesár 2016.
    """
    if len(rows) < FEWEST:
        return Estimate(value=value, reason=TOO_FEW)
    error, df = clustered_error(off, rows, variance)
    if error <= 0.0:
        return Estimate(value=value, reason="no interval without variation")
    half = student_quantile(0.5 + level / 2, df) * error
    ends = {"at_least": at_least, "at_most": at_most}
    return around(value, half, level, "cluster-robust (CR2)", **ends, t_df=df)


def clustered_error(off: Floats, rows: Floats, variance: float) -> tuple[float, float]:
    """Return the standard error of a mean, and its degrees of freedom; see `clustered_mean`."""
    n = float(rows.sum())
    square = off * off
    error = math.sqrt(float((square / np.maximum(1.0 - rows / n, 1e-12)).sum())) / n
    pairs = float((rows * (rows - 1.0)).sum()) * variance
    alike = (float(square.sum()) - n * variance) / pairs if pairs > 0 else 0.0
    size = rows * (1.0 + np.maximum(rows - 1.0, 0.0) * min(max(alike, 0.0), 1.0))
    return error, max(float(size.sum()) ** 2 / float((size * size).sum()) - 1.0, 1.0)


def effective_rows(share: float, n: float, varied: float, factor: float) -> float:
    """Return how many independent rows tell as much of a proportion above 0 and below 1.

    Args:
        share: the proportion.
        n: rows.
        varied: variance of the number that counts, as groups show it.
        factor: by what Student's interval of so few groups is longer than a normal one.
    """
    design = max(varied / (share * (1.0 - share) * n), 1.0)
    return n / design / factor**2


def clustered_share(
    misses: Floats, hits: Floats, level: float, off: Floats | None = None
) -> Estimate:
    """Return a proportion with its interval: Clopper–Pearson's of as many rows as tell as much.

    Args:
        misses: (G,) Σ w of the rows of each group that are not counted.
        hits: (G,) likewise of those that are.
        level: confidence level.
        off: (G,) what each group adds to the error of the total, where that is not
            hits − share · (hits + misses).

    Limits: where all rows are hits, or none, that of the groups.
    Source: Korn & Graubard 1998.
    """
    rows = misses + hits
    n = float(rows.sum())
    least = NOTHING * n  # what rounding leaves of a difference of sums
    share = 1.0 if misses.sum() <= least else 0.0 if hits.sum() <= least else hits.sum() / n
    groups = int((rows > 0).sum())
    if groups < FEWEST:
        return Estimate(value=float(share), reason=TOO_FEW)
    effective = float(groups)
    if 0.0 < share < 1.0:
        off = hits - share * rows if off is None else off
        varied = spread(off[rows > 0])
        effective = effective_rows(float(share), n, varied, student_factor(groups, level))
    low, high = clopper_pearson(float(share), effective, level)
    return Estimate(
        value=float(share),
        low=low,
        high=high,
        level=level,
        method="Korn–Graubard",
        t_df=float(groups - 1),
    )
