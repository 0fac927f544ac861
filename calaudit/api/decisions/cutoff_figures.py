"""The rows of a decision, and everything that turns cutoffs into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from calaudit.api.decisions.threshold_settings import ThresholdSettings
from calaudit.api.decisions.units import Unit
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.fit_points import sample_of
from calaudit.metrics.estimate import Estimate
from calaudit.report.threshold_report import Option, Plateau, Split
from calaudit.tables.groups import CELLS, GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.crossfit import REPEATS, Deals, Tried, deals_of, difference
from calaudit.thresholds.index import index_of
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import PER, Outcome, outcome_of
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem

SAME = Estimate(value=0.0, low=0.0, high=0.0, method="the same decisions")

COUNTS = {
    "tp": (ACT, 1), "fp": (ACT, 0), "fn": (PASS, 1), "tn": (PASS, 0),
    "reviewed_positives": (REVIEW, 1), "reviewed_negatives": (REVIEW, 0),
}  # fmt: skip


def counts_of(outcome: Outcome, size: float) -> dict[str, float]:
    """Return the cases by what is done and label, under the names of the report.

    Args:
        outcome: the weights of them.
        size: what a unit of weight is worth, in cases.
    """
    return {key: size * float(outcome.w[at]) for key, at in COUNTS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A way to decide: its stable name, the same in words, what it does, and on which rows that
    was tried: those that it was not chosen on.
    """

    name: str
    label: str
    policy: Policy
    tried: Tried


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What policies are tried on: the rows, and everything that turns rungs into numbers.

    Attributes:
        table: the score table. unit: of its scores. ladder: its cutoffs. deals: its folds.
        problem: what is asked. level: of intervals. volume: cases that totals are for.
        base_rate: share of positives among the rows. size: cases that a unit of weight is worth.
        frequency: whether weights are numbers of rows. seed: of what is drawn.
    """

    table: ScoreTable
    unit: Unit
    ladder: Ladder
    deals: Deals
    problem: Problem
    level: float
    volume: float
    base_rate: float
    size: float
    frequency: bool
    seed: int

    @classmethod
    def of(
        cls, table: ScoreTable, unit: Unit, problem: Problem, *,
        settings: ThresholdSettings, rows: int, deals: int = REPEATS,
        groups: GroupTable | None = None,
    ) -> Trial:  # fmt: skip
        """Return the trial of a table of so many rows, dealt so many times where they are few."""
        scale = "logit" if unit.name == "logit" else "probability"
        cells = weighted_cells(table, settings.weight_kind)
        sample = sample_of(cells, scale=scale)
        if groups is not None:
            sample = replace(sample, groups=groups.clusters(cells, CELLS).w)
        ladder = ladder_of(sample)
        cases = ladder.total if settings.weight_kind == "frequency" else float(rows)
        rate = float(ladder.below[1, -1]) / ladder.total
        dealt = deals_of(ladder.sample, settings.seed, deals)
        return cls(
            table, unit, ladder, dealt, problem, settings.level, settings.per_day or cases, rate,
            cases / ladder.total, settings.weight_kind == "frequency", settings.seed,
        )  # fmt: skip

    def outcome(self, policy: Policy) -> Outcome:
        """Return what a policy does to all rows, at the prevalence asked for."""
        sample = self.ladder.sample
        shares = policy.shares(len(self.ladder))
        outcome = outcome_of(shares, sample.w, sample.w2, sample.counts, sample.groups)
        return outcome.scaled(self.problem.factors)

    def meant(self, outcome: Outcome) -> Outcome:
        """Return sums of raw weights as the ladder has them: see `weighted_cells`."""
        if self.table.weights is None:
            return outcome
        if self.frequency:
            return Outcome(outcome.w, outcome.w, outcome.w, outcome.groups)
        unit = float(self.table.weights.w2.sum()) / float(self.table.weights.w.sum())
        groups = None if outcome.groups is None else outcome.groups / unit
        return Outcome(outcome.w / unit, outcome.w2 / unit**2, outcome.counts, groups)

    def rungs(self, cutoffs: tuple[float, float]) -> Policy:
        """Return the policy of two given cutoffs in the unit of the file."""
        low, high = (int(np.searchsorted(self.table.starts, self.unit.key(c))) for c in cutoffs)
        return Policy(low=min(low, high), high=high)

    def cutoffs(self, policy: Policy) -> tuple[float | None, float | None]:
        """Return the numbers of a policy: from which to review, and from which to act."""
        if policy.cuts is not None:
            return policy.cuts
        low, high = self.unit.cutoffs(self.table, (policy.low, policy.high))
        return (low if policy.low < policy.high else None), high

    def split(self, policy: Policy) -> Split | None:
        """Return the equal scores that are reviewed in part."""
        if policy.split is None:
            return None
        score = self.unit.score(self.table, policy.split)
        rows = self.size * float(self.ladder.sample.w[:, policy.split].sum())
        rest = "pass" if policy.split < policy.low else "act"
        return Split(score=score, rows=rows, reviewed=rows * policy.split_share, rest=rest)

    def rounded(self, policy: Policy, plateaus: Sequence[Plateau]) -> Policy:
        """Return a policy with cutoffs of as few digits as their ranges support."""
        cuts = dict(zip(("review_from", "act_from"), self.cutoffs(policy), strict=True))
        rungs = {"review_from": policy.low, "act_from": policy.high}
        last = self.unit.score(self.table, len(self.table) - 1)
        for plateau in plateaus:
            low, high = plateau.low, last if plateau.high is None else plateau.high
            if low is not None and cuts[plateau.cutoff] is not None:
                rungs[plateau.cutoff], cuts[plateau.cutoff] = self.unit.rounded(
                    self.table, rungs[plateau.cutoff], low, high
                )
        high = rungs["act_from"]
        first = rungs["review_from"] if self.problem.reviews else high
        if not plateaus or first > high:
            return policy
        return replace(policy, low=first, high=high, cuts=(cuts["review_from"], cuts["act_from"]))

    def excess(self, one: Way, other: Way, level: float) -> Estimate:
        """Return what one way costs more than another; 0 where both do the same with every row."""
        assert self.problem.costs is not None
        if np.array_equal(self.outcome(one.policy).w, self.outcome(other.policy).w):
            return replace(SAME, level=level)
        return difference(one.tried, other.tried, self.problem.costs, self.problem.factors, level)

    def option(self, way: Way, *, name: str = "", against: Way | None = None) -> Option:
        """Return a way to decide as the report has it.

        Args:
            way: what is done. Its cost is that on rows it was not chosen on.
            name: a stable name, where it is not that of the way.
            against: the recommended way, to be compared with.
        """
        outcome, fitted = self.outcome(way.policy), len(way.tried.shares) > 1
        costs, factors = self.problem.costs, self.problem.factors
        cost = total = excess = apparent = index = flattered = None
        if self.problem.maximize is not None:
            index = way.tried.index(self.problem.maximize, self.level, factors=factors)
            flattered = float(index_of(self.problem.maximize, outcome.w)) if fitted else None
        if costs is not None:
            cost = way.tried.cost(costs, self.level, factors=factors)
            total = _times(cost, self.volume / PER)
            apparent = outcome.cost(costs, self.level).value if fitted else None
            excess = None if against is None else self.excess(way, against, self.level)
        review_from, act_from = self.cutoffs(way.policy)
        # Rates and counts are those of the printed cutoffs on all rows, so that anyone can check
        # them; what a policy costs is taken from rows that it was not chosen on.
        given = factors != (1.0, 1.0)
        return Option(
            name=name or way.name, label=way.label, review_from=review_from, act_from=act_from,
            counts=counts_of(outcome, self.size), rates=outcome.rates(self.level, prevalence=given),
            split=self.split(way.policy), cross_fitted=fitted, cost=cost, apparent_cost=apparent,
            total_cost=total, excess=excess, index=index, apparent_index=flattered,
        )  # fmt: skip


def _times(estimate: Estimate, factor: float) -> Estimate:
    def scaled(x: float | None) -> float | None:
        return None if x is None else x * factor

    return replace(
        estimate, value=scaled(estimate.value), low=scaled(estimate.low), high=scaled(estimate.high)
    )
