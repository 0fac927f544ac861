"""Sums over bins of cells, and equal-mass bins."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import GroupResiduals, group_residuals
from calaudit.metrics.weighting import Weighed, mixed, near_weights, share_interval
from calaudit.tables.binning import Binning
from calaudit.tables.cells import Cells

Floats = NDArray[np.float64]

MANY_SURPRISES = 10.0
SURPRISES = 1.92
"""z²/2 at 95 %: errors that may have been missed by chance, added to those seen."""

MANY_BINS = 256

NEAR = 15
"""Parts of the rows over which residuals are averaged where single cells hold a few rows."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """Σ over the rows of each cell (or bin) of what calibration figures need; each (m,).

    Attributes:
        r: Σ w (y - p), the residual.
        q: Σ w² (y - p)².
        pq, ppq: Σ w p (1 - p) and Σ w p² (1 - p).
        w: Σ w.
        wp: Σ w p.
        wy: Σ w y.
        w2: Σ w².
        w2y: Σ w² y.
        r2: Σ w² (y - p).
        rows, ones: number of rows, and of those of label 1.
        groups: the residuals by group, where rows belong together.
    """

    r: Floats
    q: Floats
    pq: Floats
    ppq: Floats
    w: Floats
    wp: Floats
    wy: Floats
    w2: Floats
    w2y: Floats
    r2: Floats
    rows: Floats
    ones: Floats
    groups: GroupResiduals | None = None

    @cached_property
    def by_label(self) -> Weighed:
        """(2, m) the rows by label."""
        parts = ((self.w, self.wy), (self.w2, self.w2y), (self.rows, self.ones))
        w, w2, rows = (np.stack([np.maximum(x - one, 0.0), one]) for x, one in parts)
        return Weighed(w, w2, rows)

    @cached_property
    def near(self) -> Floats:
        """(2, m) ω of each label; see `weighting`."""
        held = self.w > 0
        score = np.where(held, self.wp, 0.0) / np.where(held, self.w, 1.0)
        return near_weights(self.by_label, np.maximum.accumulate(score))

    @cached_property
    def v0(self) -> Floats:
        """(m,) the variance of the residual under calibration; Σ w p (1 - p) without weights.

        Of rows that belong together, that which the residuals of their groups show, and no less
        than that of independent rows where few surprises are expected: none may have been seen.
        """
        if self.groups is not None:
            return self.groups.null_variance() + self.unseen
        none, one = self.near
        variance: Floats = np.maximum(self.pq * one + self.ppq * (none - one), 0.0)
        return variance

    @cached_property
    def unseen(self) -> Floats:
        """(m,) what the residuals of groups lack of the variance of independent rows.

        Only where fewer than ten surprises are expected, in a bin or, of many cells, in a run of
        them: elsewhere what they lack is chance.
        """
        assert self.groups is not None
        run = np.arange(len(self.r)) if len(self.r) <= MANY_BINS else self._runs
        seen, expected = (np.bincount(run, x) for x in (self.groups.null_variance(), self.pq))
        lacks = np.where(expected < MANY_SURPRISES, np.maximum(expected - seen, 0.0), 0.0)
        lacking: Floats = (lacks / np.maximum(expected, 1e-300))[run] * self.pq
        return lacking

    @property
    def _runs(self) -> NDArray[np.intp]:
        """(m,) the run of neighbours, with about a `NEAR`-th of the weight, that each is in."""
        share = np.cumsum(self.w) - self.w / 2.0
        part = share / max(float(self.w.sum()), 1e-300)
        return np.minimum((part * NEAR).astype(np.intp), NEAR - 1)

    @cached_property
    def unit(self) -> Floats:
        """(m,) what the residual changes by where a row has the other label; 1 without weights."""
        held = self.w > 0
        return mixed(np.where(held, self.wp, 0.0) / np.where(held, self.w, 1.0), self.near)

    def rates(self, level: float) -> tuple[Floats, Floats]:
        """Return (m,) the ends of Wilson's intervals of the rates Σwy/Σw."""
        if self.groups is not None:
            return self.groups.rates(level)
        return share_interval(self.by_label, self.near, level)

    def noise(self) -> Floats:
        """Return (m,) the variance of the residuals around any truth, never less than V0.

        The larger of what was seen and what calibration makes expect; where that is less than
        ten surprises in all, as with scores near 0 and 1, also a share of up to two that could
        have been and were not (as Agresti & Coull 1998 add two to a binomial count).
        """
        noise: Floats = np.maximum(self.q, self.v0)
        if self.groups is not None:
            return noise
        unit = self.unit
        rows = self.w / unit
        seen = float((noise / (unit * unit)).sum())
        unseen = SURPRISES * max(0.0, 1.0 - seen / MANY_SURPRISES)
        return noise + unseen * unit * unit * rows / max(float(rows.sum()), 1e-300)

    def near_gaps(self) -> Floats:
        """(m,) the mean residual of a row over neighbours that hold a `NEAR`-th of the weight."""
        run = self._runs
        r, w = (np.bincount(run, x, NEAR) for x in (self.r, self.w))
        gaps: Floats = (r / np.where(w > 0, w, 1.0))[run]
        return gaps

    def grouped(self, group: NDArray[np.intp], groups: int) -> Residuals:
        """Return the sums by group; cells with a negative group are left out."""
        together = None if self.groups is None else self.groups.grouped(group, groups)
        keep = group >= 0
        if not keep.all():
            group = group[keep]

        def add(x: Floats) -> Floats:
            sums = np.bincount(group, x if keep.all() else x[keep], groups)
            return sums.astype(np.float64, copy=False)

        sums = {field.name: add(getattr(self, field.name)) for field in fields(self)[:-1]}
        return Residuals(**sums, groups=together)


def residuals_of(cells: Cells) -> Residuals:
    """Return the residual sums of each cell."""
    p0, p1 = cells.p_by_label
    q0, q1 = cells.q
    w0, w1 = cells.w
    s0, s1 = cells.w2
    # 1 - p for label 1 and p for label 0 are each the tail itself on one side of one half.
    miss1 = np.where(cells.above, q1, 1.0 - q1)
    pq0, pq1 = w0 * q0 * (1.0 - q0), w1 * q1 * (1.0 - q1)
    return Residuals(
        r=w1 * miss1 - w0 * p0,
        q=s1 * miss1**2 + s0 * p0**2,
        pq=pq1 + pq0,
        ppq=pq1 * p1 + pq0 * p0,
        w=w0 + w1,
        wp=w1 * p1 + w0 * p0,
        wy=w1,
        w2=s0 + s1,
        w2y=s1,
        r2=s1 * miss1 - s0 * p0,
        rows=(cells.counts[0] + cells.counts[1]).astype(np.float64),
        ones=cells.counts[1].astype(np.float64),
        groups=None if cells.groups is None else group_residuals(cells, cells.groups),
    )


@dataclass(frozen=True, slots=True, eq=False)
class BinSums:
    """Residual sums of the bins of one table.

    Attributes:
        sums: residual sums, one entry a bin (empty bins are present).
        lower, upper: (B,) edges for display.
        denominator: total weight that figures divide by; 0 where the convention leaves out every
            row, so that there is no figure.
    """

    sums: Residuals
    lower: Floats
    upper: Floats
    denominator: float

    @property
    def used(self) -> NDArray[np.bool_]:
        """(B,) which bins hold rows."""
        return self.sums.w > 0

    @property
    def gaps(self) -> Floats:
        """(B,) mean label minus mean score; 0 for an empty bin."""
        return self.sums.r / np.where(self.used, self.sums.w, 1.0)


def bin_sums(cells: Cells, residuals: Residuals, binning: Binning) -> BinSums:
    """Return the sums of each bin of a binning that the table was cut for."""
    group = binning.bin_of(cells.starts)
    sums = residuals.grouped(group, len(binning))
    total = float(sums.w.sum()) if binning.shrinks else float(residuals.w.sum())
    return BinSums(sums, binning.lower, binning.upper, total)


def distinct(cells: Cells, residuals: Residuals) -> BinSums:
    """Return sums with a bin for every distinct score of an exact table."""
    return BinSums(residuals, cells.p, cells.p, float(residuals.w.sum()))


def filled(bins: BinSums) -> BinSums:
    """Return the bins that hold rows of any weight."""
    group = np.where(bins.used, np.cumsum(bins.used) - 1, -1)
    sums = bins.sums.grouped(group, int(bins.used.sum()))
    return BinSums(sums, bins.lower[bins.used], bins.upper[bins.used], bins.denominator)


def joined(bins: BinSums, most: int) -> BinSums:
    """Return the sums over at most ``most`` bins, each of so many neighbours as that takes."""
    size = -(-len(bins.lower) // most)
    if size < 2:
        return bins
    first = np.arange(0, len(bins.lower), size)
    last = np.minimum(first + size, len(bins.lower)) - 1
    sums = bins.sums.grouped(np.arange(len(bins.lower)) // size, len(first))
    return BinSums(sums, bins.lower[first], bins.upper[last], bins.denominator)


def equal_mass(cells: Cells, residuals: Residuals, bins: int) -> BinSums:
    """Return sums over bins of about equal weight that never split equal scores.

    Bins are right-closed between the distinct values of ``numpy.quantile(scores,
    linspace(0, 1, bins + 1))``; the lowest score is in the first bin. With weights, a row
    of weight w counts as w rows; weights below 1 on average are scaled up first.
    """
    total = float(residuals.w.sum())
    # Weights below 1 on average are shares and not counts of rows: they are scaled up, so
    # that bins do not depend on their scale.
    unit = min(1.0, float(residuals.w2.sum()) / total)
    cumulative = np.cumsum(residuals.w) / unit
    whole = np.rint(cumulative)
    cumulative = np.where(np.abs(cumulative - whole) < 1e-9 * whole, whole, cumulative)
    n = cumulative[-1]
    position = np.maximum(n - 1.0, 0.0) * np.linspace(0.0, 1.0, bins + 1)
    floor = np.floor(position)
    last = len(cells) - 1
    # The order statistic i (from 0) lies in the first cell whose cumulative weight exceeds i.
    below = np.minimum(np.searchsorted(cumulative, floor, side="right"), last)
    above = np.minimum(np.searchsorted(cumulative, floor + 1.0, side="right"), last)
    low, high = cells.p[below], cells.p[above]
    share = position - floor
    # numpy.quantile's own interpolation, so that edges which fall on a score agree with it.
    edges = np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1.0 - share))
    edges = edges[np.concatenate([[True], np.diff(edges) > 0])]
    if len(edges) < 2:
        edges = np.append(edges, edges)
    group = np.clip(np.searchsorted(edges, cells.p, side="left") - 1, 0, len(edges) - 2)
    sums = residuals.grouped(group, len(edges) - 1)
    return BinSums(sums, edges[:-1], edges[1:], total)
