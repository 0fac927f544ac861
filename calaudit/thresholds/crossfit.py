"""What a policy costs on cases that it was not chosen on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.cross_fitted import FOLDS, LossSums, deal_folds, deal_groups
from calaudit.calibrators.fit_points import Sample
from calaudit.errors import NotEnoughData
from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.normal import normal_quantile
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.index import costs_of_index, index_of
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import PER, Outcome, done_by_group, outcome_of, per_case
from calaudit.thresholds.policy import Policy

Floats = NDArray[np.float64]

Choice = Callable[[Ladder], Policy]

REPEATS = 5
"""Times that few rows are dealt into folds anew: the cost of a policy that hangs on a few rows
changes from deal to deal."""

FEW = 10_000
"""Rows up to which that is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Deals:
    """The rows dealt into folds, several times over.

    Attributes:
        folds: of all deals, one deal after the other.
        repeats: number of deals.
        groups: (G, 2, m) the rows by group, where they belong together.
        places: (repeats, G) the fold of each group in each deal.
    """

    folds: tuple[Sample, ...]
    repeats: int
    groups: Floats | None = None
    places: NDArray[np.int64] | None = None


def deals_of(sample: Sample, seed: int, repeats: int = REPEATS) -> Deals:
    """Return the rows of a sample in folds; the same for the same rows and seed."""
    repeats = repeats if int(sample.counts.sum()) <= FEW else 1
    if sample.groups is not None:
        rngs = (np.random.default_rng([seed, 21, repeat]) for repeat in range(repeats))
        dealt, places = zip(*(deal_groups(sample, rng) for rng in rngs), strict=True)
        return Deals(sum(map(tuple, dealt), ()), repeats, sample.groups, np.stack(places))
    folds = [
        fold
        for repeat in range(repeats)
        for fold in deal_folds(sample, np.random.default_rng([seed, 21, repeat]))
    ]
    return Deals(tuple(folds), repeats)


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A policy, or one for each fold, and the cases it was tried on.

    Attributes:
        outcome: of all cases.
        shares: (f, 3, m) what is done with the cases of each fold and cell.
        w: (f, 2, m) weight of the cases of each fold; w2: (f, 2, m) squared weight. A case that
            was dealt several times counts once in all.
        repeats: number of deals.
        steps: cells where something else begins to be done, in some fold.
    """

    outcome: Outcome
    shares: Floats
    w: Floats
    w2: Floats
    repeats: int
    steps: NDArray[np.intp]

    def costs(self, costs: Costs, cells: NDArray[np.intp]) -> Floats:
        """Return the cost of every case of some cells; (f, 2, cells)."""
        by_label: Floats = np.matmul(costs.table().T, self.shares[:, :, cells])
        return by_label

    def cost(
        self, costs: Costs, level: float, *, factors: tuple[float, float] = (1.0, 1.0)
    ) -> Estimate:
        """Return the mean cost per 1,000 cases of the policy that all rows give.

        The interval is that of `Outcome.cost`, widened by how much the policy depends on the rows
        it is chosen on: half of the delete-a-fold jackknife variance of the cost on all rows, which
        simulations found to bring it to its level. Where one policy is tried it stays as it is.

        Args:
            costs: of each outcome.
            level: of the interval.
            factors: what the weights of each label are multiplied by, where the share of
                positives is not that of the rows.
        """
        outcome = self.outcome.scaled(factors)
        plain = outcome.cost(costs, level, prevalence=factors != (1.0, 1.0))
        by = np.array(factors)[:, None]
        if len(self.shares) == 1:
            return plain
        rows = np.add.reduceat(self.w.sum(axis=0), self.steps, axis=1) * by
        each = (self.costs(costs, self.steps) * rows).sum(axis=(1, 2)) * (PER / rows.sum())
        each = each.reshape(self.repeats, -1)
        k = each.shape[1]
        jackknife = float(((each - each.mean(axis=1, keepdims=True)) ** 2).sum(axis=1).mean())
        spread = 0.5 * (k - 1) / k * jackknife * normal_quantile(0.5 + level / 2) ** 2
        if spread <= 0 or plain.value is None or plain.low is None or plain.high is None:
            return plain
        table = PER * costs.table()
        low = plain.value - math.hypot(plain.value - plain.low, math.sqrt(spread))
        high = plain.value + math.hypot(plain.high - plain.value, math.sqrt(spread))
        return replace(
            plain,
            low=max(low, float(table.min())),
            high=min(high, float(table.max())),
            method="cross-fitted MOVER Wilson, jackknife",
        )

    def index(self, name: str, level: float, *, factors: tuple[float, float]) -> Estimate:
        """Return an index of what is done, with the interval of the costs that it is as good as."""
        outcome = self.outcome.scaled(factors)
        value = float(index_of(name, outcome.w))
        cost = self.cost(costs_of_index(name, outcome.w), level, factors=factors)
        if cost.low is None or cost.high is None:
            return replace(cost, value=value)
        low, high = (value - end / PER for end in (cost.high, cost.low))
        least = -1.0 if name == "youden" else 0.0
        return replace(cost, value=value, low=max(low, least), high=min(high, 1.0))


def in_sample(policy: Policy, sample: Sample) -> Tried:
    """Return one policy tried on all rows."""
    shares = policy.shares(sample.w.shape[1])
    outcome = outcome_of(shares, sample.w, sample.w2, sample.counts, sample.groups)
    steps = _steps([policy], shares.shape[1])
    return Tried(outcome, shares[None], sample.w[None], sample.w2[None], 1, steps)


def cross_fitted(choose: Choice, ladder: Ladder, deals: Deals, spare: Policy) -> Tried:
    """Return the policies chosen without each fold, tried on that fold.

    Args:
        choose: picks a policy for some rows.
        ladder: all rows.
        deals: the same cells, the rows dealt out.
        spare: what is done where no policy can be chosen on the rows of the other folds.
    """
    policies = []
    for fold in deals.folds:
        sample = ladder.sample
        gone = sample.counts == fold.counts
        rest = replace(
            sample,
            w=np.where(gone, 0.0, sample.w - fold.w),
            w2=np.where(gone, 0.0, sample.w2 - fold.w2),
            counts=sample.counts - fold.counts,
            groups=None,
        )
        try:
            policies.append(choose(ladder_of(rest)))
        except NotEnoughData:
            policies.append(spare)
    return _tried(policies, deals)


def _tried(policies: list[Policy], deals: Deals) -> Tried:
    folds = deals.folds
    cells = folds[0].w.shape[1]
    shares = np.stack([policy.shares(cells) for policy in policies])
    w = np.stack([fold.w for fold in folds]) / deals.repeats
    w2 = np.stack([fold.w2 for fold in folds]) / deals.repeats
    counts = np.stack([fold.counts for fold in folds]) / deals.repeats
    outcome = outcome_of(*(np.concatenate(list(x), axis=1) for x in (shares, w, w2, counts)))
    if deals.groups is not None and deals.places is not None:
        done = np.zeros((len(deals.groups), 3, 2))
        for policy, (repeat, fold) in enumerate(np.ndindex(deals.repeats, FOLDS)):
            mine = deals.places[repeat] == fold
            done[mine] += done_by_group(shares[policy], deals.groups[mine]) / deals.repeats
        outcome = replace(outcome, groups=done)
    return Tried(outcome, shares, w, w2, deals.repeats, _steps(policies, cells))


def _steps(policies: list[Policy], cells: int) -> NDArray[np.intp]:
    """Return the cells where a policy begins to do something else, the first one among them."""
    splits = [policy.split for policy in policies if policy.split is not None]
    ends = [rung for policy in policies for rung in (policy.low, policy.high)]
    steps = np.unique([0, *ends, *splits, *(split + 1 for split in splits)])
    return steps[steps < cells]


def difference(
    a: Tried, b: Tried, costs: Costs, factors: tuple[float, float], level: float
) -> Estimate:
    """Return what ``a`` costs more than ``b`` per 1,000 of the same cases, with its interval."""
    by = np.array(factors)[:, None]
    dealt = a if len(a.shares) > 1 else b
    cells = np.union1d(a.steps, b.steps)
    w, w2 = (np.add.reduceat(x, cells, axis=2) for x in (dealt.w, dealt.w2))
    w, w2 = w * by, w2 * by * by
    one, other = a.outcome.scaled(factors), b.outcome.scaled(factors)
    excess = a.costs(costs, cells) - b.costs(costs, cells)
    mean, error = LossSums(excess, w, w2).mean_difference(LossSums(np.zeros_like(excess), w, w2))
    if one.groups is not None and other.groups is not None:
        more = replace(one, groups=one.groups - other.groups)
        rows, given = one.groups.sum(axis=(1, 2)), factors != (1.0, 1.0)
        off = more.off(costs.table(), mean, rows=one.groups, prevalence=given)
        variance = error**2 * float(rows.sum())
        return per_case(clustered_mean(mean, off, rows, variance, level=level))
    half = normal_quantile(0.5 + level / 2) * error
    return around(PER * mean, PER * half, level, "paired normal")
