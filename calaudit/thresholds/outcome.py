"""What a policy does to cases: counts, rates and cost, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import clustered_mean, clustered_share
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.weighting import Weighed, share_interval
from calaudit.thresholds.costs import ACT, PASS, REVIEW, Costs

Floats = NDArray[np.float64]

NONE = 1e-9
"""Rows not seen that intervals reckon with beside those seen: no more than where there are none,
for what cases between two cutoffs weigh says little of others."""

PER = 1000.0
"""Cases that a cost is stated for."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Cases by what is done with them and label.

    Attributes:
        w: (3, 2) weight: pass, review, act; by label.
        w2: (3, 2) squared weight.
        counts: (3, 2) rows; where a cell is split, expected ones.
        groups: (G, 3, 2) weight by group, where rows belong together.
    """

    w: Floats
    w2: Floats
    counts: Floats
    groups: Floats | None = None

    def plus(self, other: Outcome) -> Outcome:
        """Return the cases of both."""
        return Outcome(self.w + other.w, self.w2 + other.w2, self.counts + other.counts)

    def scaled(self, factors: tuple[float, float]) -> Outcome:
        """Return the cases with the weights of each label multiplied."""
        by = np.array(factors)
        groups = None if self.groups is None else self.groups * by
        return Outcome(self.w * by, self.w2 * by * by, self.counts, groups)

    def off(
        self, cost: Floats, mean: float, *, rows: Floats | None = None, prevalence: bool = False
    ) -> Floats:
        """Return (G,) what each group adds to the error of the sum of a cost.

        Args:
            cost: (3, 2) of each outcome.
            mean: of a case.
            rows: (G, 3, 2) weight of the cases; None for that of the outcomes.
            prevalence: whether the share of positives is given: then each label has a mean.
        """
        assert self.groups is not None
        rows = (self.groups if rows is None else rows).sum(axis=1)
        paid = (self.groups * cost).sum(axis=1)
        if prevalence:
            total = rows.sum(axis=0)
            means = paid.sum(axis=0) / np.where(total > 0, total, 1.0)
        else:
            means = np.full(2, mean)
        off: Floats = (paid - rows * means).sum(axis=1)
        return off

    def rates(self, level: float, *, prevalence: bool = False) -> dict[str, Estimate]:
        """Return shares and rates by name, with Wilson intervals.

        Where the share of positives is given (``prevalence``), positives and negatives are two
        samples: intervals of their shares are joined by MOVER, those of a quotient of such sums on
        its logarithm (Zou & Donner 2008).

        - ``act_share``, ``review_share``, ``pass_share``: of all cases.
        - ``precision``: positives among those acted on.
        - ``recall``: positives that are acted on or reviewed, among positives.
        - ``fpr``: negatives that are acted on, among negatives.
        - ``specificity``: negatives that are let pass or reviewed, among negatives.
        - ``npv``: negatives among those let pass.
        - ``error``: wrong decisions among those made without a review.
        """
        everything = np.ones((3, 2), np.bool_)
        done, label = np.indices((3, 2))
        named = (("pass", PASS), ("review", REVIEW), ("act", ACT))
        rows, positive = {name: done == action for name, action in named}, label == 1
        decided = ~rows["review"]
        wrong = (rows["pass"] & positive) | (rows["act"] & ~positive)
        parts = {
            "act_share": (rows["act"], everything),
            "review_share": (rows["review"], everything),
            "pass_share": (rows["pass"], everything),
            "precision": (rows["act"] & positive, rows["act"]),
            "recall": (positive & ~rows["pass"], positive),
            "fpr": (rows["act"] & ~positive, ~positive),
            "specificity": (~rows["act"] & ~positive, ~positive),
            "npv": (rows["pass"] & ~positive, rows["pass"]),
            "error": (wrong, decided),
        }
        rates = {
            name: self._share(part, whole & ~part, level, _EMPTY[name], prevalence=prevalence)
            for name, (part, whole) in parts.items()
        }
        if prevalence and self.groups is None:
            for name in ("act_share", "review_share", "pass_share", "precision", "npv", "error"):
                part, whole = parts[name]
                rates[name] = self._stratified(rates[name], part, whole & ~part, level)
        for name in ("act_share", "review_share", "pass_share"):
            if rates[name].value in (0.0, 1.0):  # so it is decided, whatever the cases
                value = rates[name].value
                rates[name] = Estimate(value=value, low=value, high=value, level=level)
        return rates

    @property
    def _sums(self) -> Weighed:
        return Weighed(self.w, self.w2, self.counts)

    @property
    def _typical(self) -> Floats:
        """(2,) Σw²/Σw of the rows of each label, of the other where there are none."""
        w, w2 = self.w.sum(axis=0), self.w2.sum(axis=0)
        own = w2 / np.where(w > 0, w, 1.0)
        typical: Floats = np.where(w > 0, own, own[::-1])
        return typical

    def _share(
        self, part: NDArray[np.bool_], rest: NDArray[np.bool_], level: float, reason: str,
        *, prevalence: bool,
    ) -> Estimate:  # fmt: skip
        sides = (rest, part)
        sums = self._sums.of(_adding(sides))
        total = float(sums.w.sum())
        if total <= 0:
            return Estimate(value=None, reason=reason)
        if self.groups is not None:
            misses, hits = (self.groups[:, side].sum(axis=1) for side in sides)
            chosen = replace(self, groups=self.groups * (part | rest))
            share = float(hits.sum()) / float((hits + misses).sum())
            off = chosen.off(part - share * (part | rest), 0.0, prevalence=prevalence)
            return clustered_share(misses, hits, level, off)
        # Cases that there are none of would weigh what the heavier label of theirs does.
        typical = self._typical
        near = np.array([[typical[side.any(axis=0)].max()] for side in sides])
        low, high = share_interval(sums, near, level, unseen=NONE)
        share = min(max(float(sums.w[1, 0]) / total, 0.0), 1.0)
        return Estimate(
            value=share, low=float(low[0]), high=float(high[0]), level=level, method="Wilson"
        )

    def _stratified(
        self, rate: Estimate, part: NDArray[np.bool_], rest: NDArray[np.bool_], level: float
    ) -> Estimate:
        """Return a rate with the interval of part/(part + rest), each a sum over two samples."""
        if rate.value is None:
            return rate
        (one, low_one, high_one), (two, low_two, high_two) = (
            self._sum_of_labels(cells, level) for cells in (part, rest)
        )
        low = _logit_share(one, low_one, two, high_two, -1.0)
        high = _logit_share(one, high_one, two, low_two, 1.0)
        return replace(rate, low=low, high=high, method="MOVER Wilson")

    def _sum_of_labels(self, cells: NDArray[np.bool_], level: float) -> tuple[float, float, float]:
        """Return the weight of some outcomes with its interval, labels being separate samples."""
        value, down, up = 0.0, 0.0, 0.0
        for label in (0, 1):
            total, chosen = float(self.w[:, label].sum()), cells[:, label]
            sums = self._sums.of(_adding([x & (np.arange(2) == label) for x in (~cells, cells)]))
            share = min(max(float(sums.w[1, 0]) / total, 0.0), 1.0)
            low, high = share, share
            possible = self.counts.sum(axis=1) > 0
            if (chosen & possible).any() and (~chosen & possible).any():
                near = np.full((2, 1), self._typical[label])
                ends = share_interval(sums, near, level, unseen=NONE)
                low, high = float(ends[0][0]), float(ends[1][0])
            value += total * share
            down = math.hypot(down, total * (share - low))
            up = math.hypot(up, total * (high - share))
        return value, value - down, value + up

    def cost(self, costs: Costs, level: float, *, prevalence: bool = False) -> Estimate:
        """Return the mean cost per 1,000 cases.

        The interval joins Wilson intervals of the shares of every outcome by MOVER, with the
        correlation of a multinomial (Zou & Donner 2008); each outcome costs the same.

        Args:
            costs: of each outcome.
            level: of the interval.
            prevalence: whether the share of positives is given, and not that of the rows: then
                the outcomes of positives and of negatives are two samples.
        """
        # What is never done cannot go wrong: only what is done has outcomes.
        done = self.counts.sum(axis=1) > 0
        if self.groups is not None:
            return self._clustered_cost(costs.table(), level, prevalence=prevalence)
        table, sums = costs.table()[done], self._sums.of(lambda x: x[done])
        if not prevalence:
            near = np.broadcast_to(self._typical, table.shape).ravel()
            mean, low, high = mean_cost(table.ravel(), sums.of(np.ravel), level, near=near)
        else:
            total = sums.w.sum()
            mean = 0.0
            ends = []
            for label in (0, 1):
                share = float(sums.w[:, label].sum()) / total
                part = sums.of(itemgetter((slice(None), label)))
                m, lo, hi = mean_cost(table[:, label], part, level)
                mean += share * m
                ends.append((share * (m - lo), share * (hi - m)))
            low = mean - math.hypot(ends[0][0], ends[1][0])
            high = mean + math.hypot(ends[0][1], ends[1][1])
        # No case costs less than the cheapest outcome, or more than the dearest.
        low, high = max(low, float(table.min())), min(high, float(table.max()))
        return Estimate(
            value=PER * mean, low=PER * low, high=PER * high, level=level, method="MOVER Wilson"
        )

    def _clustered_cost(self, table: Floats, level: float, *, prevalence: bool) -> Estimate:
        assert self.groups is not None
        total = float(self.w.sum())
        mean = float((self.w * table).sum()) / total
        variance = max(float((self.w * table**2).sum()) / total - mean**2, 0.0)
        off, rows = self.off(table, mean, prevalence=prevalence), self.groups.sum(axis=(1, 2))
        ends = {"at_least": float(table.min()), "at_most": float(table.max())}
        if float(np.ptp(table[self.w > 0])) == 0.0:  # so it is, whatever the cases
            return Estimate(value=PER * mean, low=PER * mean, high=PER * mean, level=level)
        return per_case(clustered_mean(mean, off, rows, variance, level=level, **ends))


def per_case(cost: Estimate) -> Estimate:
    """Return a cost of a case as that of as many as costs are stated for."""
    value, low, high = (None if x is None else PER * x for x in (cost.value, cost.low, cost.high))
    return replace(cost, value=value, low=low, high=high)


def _adding(sides: Sequence[NDArray[np.bool_]]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what adds up the outcomes of each side, (sides, 1)."""
    return lambda x: np.array([[x[side].sum()] for side in sides])


def _logit_share(part: float, part_end: float, rest: float, rest_end: float, way: float) -> float:
    """Return one end of the interval of part/(part + rest), by MOVER on the logarithm of odds."""
    if part_end <= 0.0:
        return 0.0
    if rest_end <= 0.0:
        return 1.0
    if part <= 0.0 or rest <= 0.0:  # the odds are 0 or infinite: their own end bounds them
        return part_end / (part_end + rest_end)
    distance = math.hypot(math.log(part_end / part), math.log(rest_end / rest))
    odds = math.exp(math.log(part / rest) + way * distance)
    return odds / (1.0 + odds)


_EMPTY = {
    "act_share": "there are no cases",
    "review_share": "there are no cases",
    "pass_share": "there are no cases",
    "precision": "nothing is acted on",
    "recall": "there is no positive",
    "fpr": "there is no negative",
    "specificity": "there is no negative",
    "npv": "nothing is let pass",
    "error": "nothing is decided without a review",
}


def mean_cost(
    cost: Floats, sums: Weighed, level: float, *, near: Floats | None = None
) -> tuple[float, float, float]:
    """Return the mean of a cost that takes few values, and its interval.

    Args:
        cost: (j,) value of each outcome.
        sums: (j,) the cases.
        level: of the interval.
        near: (j,) Σw²/Σw that cases of an outcome without any would have; None for that of all.
    """
    total, squares = float(sums.w.sum()), float(sums.w2.sum())
    p = sums.w / total
    base = cost[int(p.argmax())]  # Σp = 1: the most frequent outcome needs no interval
    used = cost != base
    if not used.any():
        return float(base), float(base), float(base)
    # Outcomes of one cost are one outcome.
    values, which = np.unique(cost[used], return_inverse=True)
    sides = sums.of(lambda x: _sides(x, x[used], which))
    share = np.bincount(which, p[used], len(values))
    typical = np.full((2, len(values)), squares / total)
    if near is not None:
        typical[1] = 0.0
        np.maximum.at(typical[1], which, near[used])
    lower, upper = share_interval(sides, typical, level, unseen=NONE)
    c = values - base
    mean = float(base + c @ share)
    down = np.where(c > 0, c * (share - lower), -c * (upper - share))
    up = np.where(c > 0, c * (upper - share), -c * (share - lower))
    # Covariances of the shares, as the sandwich has them, over their standard errors.
    part = sides.w2[1]
    both = np.outer(share, share) * squares - np.outer(share, part) - np.outer(part, share)
    error = np.sqrt(np.maximum(part * (1.0 - 2.0 * share) + share**2 * squares, 1e-300))
    together = np.sign(np.outer(c, c)) * both / np.outer(error, error)
    np.fill_diagonal(together, 1.0)
    low = mean - math.sqrt(max(float(down @ together @ down), 0.0))
    high = mean + math.sqrt(max(float(up @ together @ up), 0.0))
    return mean, low, high


def _sides(all_: NDArray[Any], used: NDArray[Any], which: NDArray[Any]) -> NDArray[Any]:
    """Return (2, groups) the sums of all but each group, and of each group."""
    each = np.bincount(which, used)
    return np.stack([all_.sum() - each, each])


def done_by_group(shares: Floats, groups: Floats) -> Floats:
    """Return (G, 3, 2) what a policy does with (G, 2, m) cases, from its (3, m) shares."""
    return np.swapaxes(groups @ shares.T, 1, 2)


def outcome_of(
    shares: Floats, w: Floats, w2: Floats, counts: NDArray[Any], groups: Floats | None = None
) -> Outcome:
    """Return the outcome of a policy.

    Args:
        shares: (3, m) of `Policy.shares`.
        w: (2, m) weight of the rows by label.
        w2: (2, m) squared weight.
        counts: (2, m) rows.
        groups: (G, 2, m) weight by group, or None.
    """
    done = None if groups is None else done_by_group(shares, groups)
    return Outcome(shares @ w.T, shares @ w2.T, shares @ counts.T, done)
