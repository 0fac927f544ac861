"""Differences between two models on the same rows, B − A: of means, AUROC and accuracy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import beta_cdf, clopper_pearson, student_p, student_quantile
from calaudit.metrics.clustered import (
    FEWEST,
    TOO_FEW,
    clustered_error,
    clustered_share,
    spread,
    student_factor,
)
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.normal import normal_quantile, two_sided_p, wilson

Floats = NDArray[np.float64]

FEWEST_OF_A_LABEL = 2
"""Rows of a label from which an AUROC has a variance."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What rows weigh, and which of them belong together.

    Attributes:
        w: (n,) weights, above or equal to 0.
        frequency: whether a row of weight w stands for w rows.
        group: (n,) number of the group of each row, from 0; None where rows are independent.
    """

    w: Floats
    frequency: bool = False
    group: NDArray[np.intp] | None = None

    @cached_property
    def total(self) -> float:
        """Σw."""
        return float(self.w.sum())

    @property
    def counted(self) -> bool:
        """Whether rows are independent and count as often as they are there."""
        return self.group is None and (self.frequency or bool((self.w == 1).all()))

    @cached_property
    def effective(self) -> float:
        """Number of rows of equal weight that tell as much."""
        return self.total if self.frequency else self.total**2 / float((self.w * self.w).sum())

    @cached_property
    def groups(self) -> Floats:
        """(G,) Σw of each group."""
        return self.by_group(np.ones(len(self.w)))

    def of(self, at: NDArray[np.intp]) -> Rows:
        """Return some of the rows."""
        group = None if self.group is None else np.unique(self.group[at], return_inverse=True)[1]
        return Rows(self.w[at], self.frequency, group)

    def mean(self, values: Floats) -> float:
        """Return the weighted mean."""
        return float(self.w @ values) / self.total

    def spread(self, off: Floats) -> float:
        """Return the variance of Σw·off, whose mean is 0, if rows are independent."""
        w2 = self.w if self.frequency else self.w * self.w
        return float(w2 @ (off * off))

    def by_group(self, values: Floats) -> Floats:
        """Return (G,) Σw·x of each group."""
        assert self.group is not None
        sums: Floats = np.bincount(self.group, self.w * values).astype(np.float64)
        return sums


def mean_difference(values: Floats, rows: Rows, *, level: float) -> Estimate:
    """Return the mean of differences d_i = b_i − a_i, with its t interval.

    Of rows that belong together the error is cluster-robust (CR2, with Satterthwaite's degrees of
    freedom). The p-value is that of no difference.

    Args:
        values: (n,) d_i, finite.
        rows: their weights and groups.
        level: of the interval.
    """
    value = rows.mean(values)
    off = values - value
    if rows.group is not None:
        if len(rows.groups) < FEWEST:
            return Estimate(value=value, reason=TOO_FEW)
        variance = rows.mean(off * off)
        error, df = clustered_error(rows.by_group(off), rows.groups, variance)
        method = "paired, cluster-robust (CR2)"
    else:
        n = rows.effective
        if n < 2:
            return Estimate(value=value, reason="one row has no interval")
        df, method = n - 1.0, "paired t"
        error = math.sqrt(rows.spread(off) * n / df) / rows.total
    half = student_quantile(0.5 + level / 2, df) * error
    p = student_p(value / error, df) if error > 0 else float(value == 0)
    return around(value, half, level, method, p_value=p)


def share_among(
    hits: NDArray[np.bool_], rows: Rows, *, level: float, among: NDArray[np.bool_] | None = None
) -> Estimate:
    """Return a share of rows: Clopper & Pearson's interval, of groups Korn & Graubard's.

    Args:
        hits: (n,) which rows count.
        rows: their weights and groups.
        level: of the interval.
        among: (n,) those that it is a share of; None for all.
    """
    among = np.ones(len(hits), np.bool_) if among is None else among
    total = float(rows.w[among].sum())
    if not total > 0:
        return Estimate(value=None, reason="there are none")
    if rows.group is not None:
        misses, found = (rows.by_group((among & here).astype(np.float64)) for here in (~hits, hits))
        return clustered_share(misses, found, level)
    share = float(rows.w[among & hits].sum()) / total
    n = Rows(rows.w[among], rows.frequency).effective
    low, high = clopper_pearson(share, n, level)
    return Estimate(value=share, low=low, high=high, level=level, method="Clopper–Pearson")


def placements(score: Floats, positive: NDArray[np.bool_], rows: Rows) -> tuple[Floats, float]:
    """Return what each row adds to the AUROC, and the AUROC.

    A row of either label adds its distance, from the mean of its label, of the share of the other
    label that it stands right of, over the weight of its label (DeLong et al. 1988; ties count
    half). The sum of squares of what rows add is the variance.

    Returns:
        (n,) and a number; zeros and NaN where there is one label only.
    """
    found = np.zeros(len(score))
    _, at = np.unique(score, return_inverse=True)
    size, value = int(at.max()) + 1, math.nan
    for label in (False, True):
        mine, others = positive == label, positive != label
        weight = rows.w[mine]
        if not weight.sum() > 0 or not rows.w[others].sum() > 0:
            return np.zeros(len(score)), math.nan
        mass = np.bincount(at[others], rows.w[others], size)
        below = (np.cumsum(mass) - 0.5 * mass)[at[mine]] / mass.sum()
        value = float(weight @ below) / float(weight.sum())
        found[mine] = (1.0 if label else -1.0) * (below - value) / weight.sum()
    return found, value


def auroc_difference(
    scores: tuple[Floats, Floats],
    positive: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    rows: Rows,
    *,
    level: float,
) -> Estimate:
    """Return AUROC_B − AUROC_A of the same rows (DeLong et al. 1988; of groups, Obuchowski 1997).

    Args:
        scores: (n,) of A and of B.
        positive: (n,) which rows are of label 1, for A and for B: their own where they are the
            predictions that were right.
        rows: their weights and groups.
        level: of the interval.
    """
    sides = [placements(s, y, rows) for s, y in zip(scores, positive, strict=True)]
    value = sides[1][1] - sides[0][1]
    if math.isnan(value):
        return Estimate(value=None, reason="one label only")
    factor = 1.0
    if rows.group is not None:
        labelled = [np.unique(rows.group[y == label]) for y in positive for label in (False, True)]
        if min(map(len, labelled)) < FEWEST:
            return Estimate(value=value, reason=TOO_FEW)
        error = math.sqrt(spread(rows.by_group(sides[1][0] - sides[0][0])))
        factor, method = student_factor(len(rows.groups), level), "Obuchowski, paired"
    else:
        fewest = min(float((y == label).sum()) for y in positive for label in (False, True))
        if fewest < FEWEST_OF_A_LABEL:
            return Estimate(value=value, reason="no interval from one row of a label")
        one, two = (_unbiased(each, y, rows) for (each, _), y in zip(sides, positive, strict=True))
        error, method = math.sqrt(rows.spread(two - one)), "DeLong, paired"
    half = factor * normal_quantile(0.5 + level / 2) * error
    p = two_sided_p(value / error / factor) if error > 0 else float(value == 0)
    return around(value, half, level, method, p_value=p)


def _unbiased(added: Floats, positive: NDArray[np.bool_], rows: Rows) -> Floats:
    """Return what rows add, so that the sum of squares is DeLong's with n − 1."""
    stretched = added.copy()
    for label in (False, True):
        mine = positive == label
        n = Rows(rows.w[mine], rows.frequency).effective
        stretched[mine] *= math.sqrt(n / (n - 1.0))
    return stretched


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Weight of the rows by which of two models is right.

    Attributes:
        both, only_a, only_b, neither: the rows.
    """

    both: float
    only_a: float
    only_b: float
    neither: float

    @classmethod
    def of(cls, a: NDArray[np.bool_], b: NDArray[np.bool_], rows: Rows) -> Agreement:
        """Return how two models agree, from (n,) whether each is right."""
        both, only_a, only_b, neither = (
            float(rows.w[hit].sum()) for hit in (a & b, a & ~b, b & ~a, ~a & ~b)
        )
        return cls(both=both, only_a=only_a, only_b=only_b, neither=neither)

    @property
    def total(self) -> float:
        """All rows."""
        return self.both + self.only_a + self.only_b + self.neither


def accuracy_difference(counts: Agreement, rows: Rows, *, level: float) -> Estimate:
    """Return accuracy_B − accuracy_A: Newcombe's method 10 with McNemar's mid-p value.

    Limits: for independent rows; weighted ones count as many as tell as much.
    Source: Newcombe 1998, method 10; Fagerland, Lydersen & Laake 2013.
    """
    n = rows.effective
    both, only_b, only_a, neither = (
        x * n / counts.total for x in (counts.both, counts.only_b, counts.only_a, counts.neither)
    )
    share = np.array([both + only_b, both + only_a]) / n  # of B, of A
    low, high = wilson(share, np.full(2, n), level)
    product = (both + only_b) * (only_a + neither) * (both + only_a) * (only_b + neither)
    nu = both * neither - only_b * only_a
    phi = 0.0
    if product > 0:
        phi = (max(nu - n / 2.0, 0.0) if nu > 0 else nu) / math.sqrt(product)
    value = (counts.only_b - counts.only_a) / counts.total
    down = _joined(share[0] - low[0], high[1] - share[1], phi)
    up = _joined(share[1] - low[1], high[0] - share[0], phi)
    return Estimate(
        value=value,
        low=value - down,
        high=value + up,
        level=level,
        method="Newcombe's method 10",
        p_value=mcnemar(only_a, only_b)[0] if rows.counted else None,
    )


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one * one - 2.0 * correlation * one * other + other * other, 0.0))


def mcnemar(only_a: float, only_b: float) -> tuple[float, float]:
    """Return McNemar's mid-p value and the exact one, two-sided.

    Args:
        only_a: rows that A alone has right.
        only_b: those that B alone has right.
    """
    k, n = round(min(only_a, only_b)), round(only_a + only_b)
    if n == 0:
        return 1.0, 1.0
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2.0)
    twice = 2.0 * beta_cdf(0.5, n - k, k + 1)  # the tail of the binomial up to k
    return min(1.0, twice - math.exp(log)), min(1.0, twice)


def correlation(one: Floats, other: Floats, rows: Rows) -> float:
    """Return the correlation of what rows add to two figures; of groups that of their sums.

    Args:
        one: (n,) what each row adds to the figure of A.
        other: (n,) likewise to that of B.
        rows: their weights and groups.
    """
    a, b = (x - rows.mean(x) for x in (one, other))
    a, b = (rows.w * x if rows.group is None else rows.by_group(x) for x in (a, b))
    size = math.sqrt(float(a @ a) * float(b @ b))
    return min(max(float(a @ b) / size, -1.0), 1.0) if size > 0 else 0.0
