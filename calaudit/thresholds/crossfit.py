"""What a policy costs on cases that it was not chosen on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.crossfit import LossSums
from calaudit.calibrators.sample import Sample
from calaudit.errors import NotEnoughData
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import PER, Outcome, outcome_of
from calaudit.thresholds.policy import Policy

__all__ = ["Tried", "cross_fitted", "difference", "in_sample"]

Floats = NDArray[np.float64]

Choice = Callable[[Ladder], Policy]


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """A policy, or one for each fold, and the cases it was tried on.

    Attributes:
        outcome: of all cases.
        shares: (f, 3, m) what is done with the cases of each fold and cell.
        w, w2: (f, 2, m) weights of the cases of each fold.
    """

    outcome: Outcome
    shares: Floats
    w: Floats
    w2: Floats

    def losses(self, costs: Costs) -> LossSums:
        """Return the cost of every case; (f, 2, m)."""
        cost = np.einsum("al,fam->flm", costs.table(), self.shares)
        return LossSums(cost, self.w, self.w2)


def in_sample(policy: Policy, folds: list[Sample]) -> Tried:
    """Return one policy tried on all rows, in folds, so that it can be compared case by case."""
    return _tried([policy] * len(folds), folds)


def cross_fitted(choose: Choice, ladder: Ladder, folds: list[Sample], spare: Policy) -> Tried:
    """Return the policies chosen without each fold, tried on that fold.

    Args:
        choose: picks a policy for some rows.
        ladder: all rows.
        folds: the same cells, the rows dealt out.
        spare: what is done where no policy can be chosen on the rows of the other folds.
    """
    policies = []
    for fold in folds:
        sample = ladder.sample
        gone = sample.counts == fold.counts
        rest = replace(
            sample,
            w=np.where(gone, 0.0, sample.w - fold.w),
            w2=np.where(gone, 0.0, sample.w2 - fold.w2),
            counts=sample.counts - fold.counts,
        )
        try:
            policies.append(choose(ladder_of(rest)))
        except NotEnoughData:
            policies.append(spare)
    return _tried(policies, folds)


def _tried(policies: list[Policy], folds: list[Sample]) -> Tried:
    shares = np.stack(
        [policy.shares(f.w.shape[1]) for policy, f in zip(policies, folds, strict=True)]
    )
    parts = [outcome_of(s, f.w, f.w2, f.counts) for s, f in zip(shares, folds, strict=True)]
    outcome = parts[0]
    for part in parts[1:]:
        outcome = outcome.plus(part)
    return Tried(outcome, shares, np.stack([f.w for f in folds]), np.stack([f.w2 for f in folds]))


def difference(
    a: Tried, b: Tried, costs: Costs, factors: tuple[float, float], level: float
) -> Estimate:
    """Return what ``a`` costs more than ``b`` per 1,000 of the same cases, with its interval.

    The interval is normal over the differences of the cases, with as much spread added as the
    rarest error that could have been missed would bring.
    """
    first, second = a.losses(costs), b.losses(costs)
    by = np.array(factors)[:, None]
    one = replace(first, w=first.w * by, w2=first.w2 * by * by)
    two = replace(second, w=one.w, w2=one.w2)
    mean, error = one.mean_difference(two)
    half = normal_quantile(0.5 + level / 2) * error
    return Estimate(
        value=PER * mean,
        low=PER * (mean - half),
        high=PER * (mean + half),
        level=level,
        method="paired normal",
    )
