"""The rows of a decision, and everything that turns cutoffs into numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from calaudit.api.decisions.settings import Ask
from calaudit.api.decisions.units import Unit
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.sample import sample_of
from calaudit.metrics.estimate import Estimate
from calaudit.report.decision import Option, Split
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.crossfit import Deals, Tried, deals_of, difference, in_sample
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import PER, Outcome, outcome_of
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem

__all__ = ["Bench", "counts_of"]

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
class Bench:
    """The rows, and everything that turns rungs into numbers.

    Attributes:
        table: the score table. unit: of its scores. ladder: its cutoffs. deals: its folds.
        problem: what is asked. level: of intervals. volume: cases that totals are for.
        base_rate: share of positives among the rows. size: cases that a unit of weight is worth.
        frequency: whether weights are numbers of rows.
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

    @classmethod
    def of(
        cls, table: ScoreTable, unit: Unit, problem: Problem, *,
        ask: Ask, rows: int,
    ) -> Bench:  # fmt: skip
        """Return the bench of a table of so many rows."""
        scale = "logit" if unit.name == "logit" else "probability"
        ladder = ladder_of(sample_of(weighted_cells(table, ask.weight_kind), scale=scale))
        cases = ladder.total if ask.weight_kind == "frequency" else float(rows)
        rate = float(ladder.below[1, -1]) / ladder.total
        deals = deals_of(ladder.sample, ask.seed)
        volume = ask.per_day or cases
        size = cases / ladder.total
        counted = ask.weight_kind == "frequency"
        return cls(table, unit, ladder, deals, problem, ask.level, volume, rate, size, counted)

    def outcome(self, policy: Policy) -> Outcome:
        """Return what a policy does to all rows, at the prevalence asked for."""
        sample = self.ladder.sample
        outcome = outcome_of(policy.shares(len(self.ladder)), sample.w, sample.w2, sample.counts)
        return outcome.scaled(self.problem.factors)

    def meant(self, outcome: Outcome) -> Outcome:
        """Return sums of raw weights as the ladder has them: see `weighted_cells`."""
        if self.table.weights is None:
            return outcome
        if self.frequency:
            return Outcome(outcome.w, outcome.w, outcome.w)
        unit = float(self.table.weights.w2.sum()) / float(self.table.weights.w.sum())
        return Outcome(outcome.w / unit, outcome.w2 / unit**2, outcome.counts)

    def rungs(self, cutoffs: tuple[float, float]) -> Policy:
        """Return the policy of two given cutoffs in the unit of the file."""
        low, high = (int(np.searchsorted(self.table.starts, self.unit.key(c))) for c in cutoffs)
        return Policy(low=min(low, high), high=high)

    def cutoffs(self, policy: Policy) -> tuple[float | None, float | None]:
        """Return the numbers of a policy: from which to review, and from which to act."""
        aims = (policy.aim_low, policy.aim_high)
        low, high = self.unit.cutoffs(self.table, (policy.low, policy.high), aims)
        return (low if policy.low < policy.high else None), high

    def split(self, policy: Policy) -> Split | None:
        """Return the equal scores that are reviewed in part."""
        if policy.split is None:
            return None
        score = self.unit.score(self.table, policy.split)
        rows = self.size * float(self.ladder.sample.w[:, policy.split].sum())
        rest = "pass" if policy.split < policy.low else "act"
        return Split(score=score, rows=rows, reviewed=rows * policy.split_share, rest=rest)

    def option(
        self, name: str, label: str, policy: Policy, *, tried: Tried | None = None,
        against: Tried | None = None, same: Policy | None = None,
        shown: tuple[float | None, float | None] | None = None,
    ) -> Option:  # fmt: skip
        """Return an option, with figures of rows it was not chosen on where ``tried`` has them.

        Args:
            name: a stable name.
            label: the same in words.
            policy: what is done.
            tried: cross-fitted; None for a policy that was not chosen on these rows.
            against: the recommended option's trial, to be compared with.
            same: the recommended policy: one that does the same with every row costs the same.
            shown: cutoffs to print, where they were given.
        """
        outcome = self.outcome(policy)
        costs, factors = self.problem.costs, self.problem.factors
        trial = tried or in_sample(policy, self.ladder.sample)
        cost = total = excess = apparent = None
        if costs is not None:
            cost = trial.cost(costs, self.level, factors=factors)
            total = _times(cost, self.volume / PER)
            apparent = outcome.cost(costs, self.level).value
            if against is not None:
                excess = difference(trial, against, costs, factors, self.level)
                if same is not None and np.array_equal(self.outcome(same).w, outcome.w):
                    excess = replace(SAME, level=self.level)
        review_from, act_from = shown or self.cutoffs(policy)
        # Rates and counts are those of the printed cutoffs on all rows, so that anyone can check
        # them; what a policy costs is taken from rows that it was not chosen on.
        given = factors != (1.0, 1.0)
        counts = counts_of(outcome, self.size)
        return Option(
            name=name, label=label, review_from=review_from, act_from=act_from, counts=counts,
            rates=outcome.rates(self.level, prevalence=given), split=self.split(policy),
            cross_fitted=tried is not None,
            cost=cost, apparent_cost=apparent if tried else None, total_cost=total, excess=excess,
        )  # fmt: skip


def _times(estimate: Estimate, factor: float) -> Estimate:
    def scaled(x: float | None) -> float | None:
        return None if x is None else x * factor

    return replace(
        estimate, value=scaled(estimate.value), low=scaled(estimate.low), high=scaled(estimate.high)
    )
