"""From a score table and what is asked to the options and the evidence of a decision report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calaudit.api.decisions.settings import Ask
from calaudit.api.decisions.units import Unit
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.sample import sample_of
from calaudit.errors import NotEnoughData
from calaudit.metrics.estimate import Estimate
from calaudit.report.decision import Option, Plateau, Sensitivity, Split
from calaudit.report.model import Note
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.crossfit import Deals, Tried, cross_fitted, deals_of, difference, in_sample
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.outcome import PER, Outcome, outcome_of
from calaudit.thresholds.plateau import plateau
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.prevalence import label_factors
from calaudit.thresholds.problem import Problem

__all__ = ["FEW_ROWS", "Bench", "Recommended", "counts_of", "recommend"]

FEW_ROWS = 10_000
"""Rows up to which the rule for calibrated scores is recommended, and not the empirical minimum:
with few rows the minimum is that of the noise."""

HALF = 0.5

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


@dataclass(frozen=True, slots=True, eq=False)
class Recommended:
    """The recommendation with everything that belongs to it."""

    method: str
    policy: Policy
    options: tuple[Option, ...]
    plateaus: tuple[Plateau, ...]
    sensitivity: tuple[Sensitivity, ...]
    notes: tuple[Note, ...]


Choose = Callable[[Problem, Ladder], Policy]


def recommend(bench: Bench, method: str, current: float | None) -> Recommended:
    """Return the recommended policy among its alternatives.

    Args:
        bench: the rows and what is asked.
        method: "auto", "calibrated" or "empirical".
        current: the cutoff in use, or None.

    Raises:
        Impossible: no policy keeps the limits.
    """
    problem, ladder = bench.problem, bench.ladder
    rules: dict[str, Choose] = {"empirical_minimum": Problem.empirical}
    notes: list[Note] = []
    if problem.by_calibration:
        rules = {"calibrated_rule": Problem.calibrated} | rules
    few = int(ladder.sample.counts.sum()) <= FEW_ROWS
    first = "calibrated_rule" if method == "calibrated" or few else "empirical_minimum"
    if method == "empirical" or not problem.by_calibration:
        first = "empirical_minimum"
    policies: dict[str, Policy] = {}
    for name, choose in rules.items():
        try:
            policies[name] = choose(problem, ladder)
        except NotEnoughData as error:
            if name == "empirical_minimum":
                raise
            notes.append(_no_rule(str(error)))
    if first not in policies:
        first = "empirical_minimum"
    tried = {
        name: cross_fitted(_chosen(rules[name], problem), ladder, bench.deals, policy)
        for name, policy in policies.items()
    }
    label = RULES[first] if problem.costs is not None else "what the limits allow"
    policy, best, rule = policies[first], tried[first], first
    plain = _plain_options(bench, best, policy, current)
    cheapest = _one_for_all(plain) if method == "auto" and problem.by_calibration else None
    if cheapest is not None:  # the scores do not pay at these costs
        policy, label, rule = _all_alike(bench, cheapest), "the same for all", ""
        best = in_sample(policy, ladder.sample)
        plain = _plain_options(bench, best, policy, current)
    options = [
        bench.option("recommended", label, policy, tried=best if rule else None),
        *(
            bench.option(name, RULES[name], p, tried=tried[name], against=best, same=policy)
            for name, p in policies.items()
            if name != rule
        ),
        *plain,
    ]
    chosen = "limits" if not problem.by_calibration else rule.replace("_", " ")
    return Recommended(
        chosen or "the same for all",
        policy,
        tuple(options),
        _plateaus(bench, policy),
        _sensitivity(bench, rules[first]),
        tuple(notes),
    )


ALIKE = ("act_on_all", "act_on_none", "review_all")
"""Options that do the same with every case."""


def _one_for_all(options: list[Option]) -> str | None:
    """Return the cheapest option that does the same with all and is clearly cheaper, if any."""
    clear = [
        (option.cost.value, option.name)
        for option in options
        if option.name in ALIKE
        and option.excess is not None
        and (option.excess.high or 0.0) < 0.0
        and option.cost is not None
        and option.cost.value is not None
    ]
    return min(clear)[1] if clear else None


def _all_alike(bench: Bench, name: str) -> Policy:
    top = len(bench.ladder)
    low, high = {"act_on_all": (0, 0), "act_on_none": (top, top), "review_all": (0, top)}[name]
    return Policy(low=low, high=high)


RULES = {
    "calibrated_rule": "calibrated, then by the costs",
    "empirical_minimum": "the cheapest on these rows",
}


def _chosen(choose: Choose, problem: Problem) -> Callable[[Ladder], Policy]:
    return lambda ladder: choose(problem, ladder)


def _no_rule(why: str) -> Note:
    return Note(
        code="no-calibrated-rule",
        text=f"The scores could not be calibrated for the rule by costs: {why}.",
        advice="The cheapest cutoffs on these rows are recommended instead.",
    )


def _plain_options(bench: Bench, best: Tried, first: Policy, current: float | None) -> list[Option]:
    """Return the alternatives that no row had a say in."""
    problem, unit, top = bench.problem, bench.unit, len(bench.ladder)
    found: list[Option] = []

    def add(name: str, label: str, policy: Policy, shown: Any = None) -> None:
        found.append(bench.option(name, label, policy, against=best, same=first, shown=shown))

    if current is not None:
        policy = _one_cut(bench, current)
        given = (None, current) if problem.two_sided else (0.0, current)
        add("current", f"the current cutoff, {current:g}", policy, given)
    if problem.by_calibration and problem.capacity is None:
        # Where the prevalence differs, so do the odds that a score stands for.
        low, high = (unit.of_probability(p) for p in problem.aims(as_in_file=True))
        policy = bench.rungs((low, high))
        add("as_if_calibrated", "the scores as probabilities", policy)
    if problem.two_sided:
        middle = unit.of_probability(0.5)
        if current != middle:
            add("cutoff_half", f"a cutoff of {middle:g}", _one_cut(bench, middle), (None, middle))
        add("act_on_all", "act on everything", Policy(low=0, high=0))
        add("act_on_none", "let everything pass", Policy(low=top, high=top))
    else:
        add("act_on_all", "accept everything", Policy(low=0, high=0))
    if problem.reviews and problem.capacity is None:
        add("review_all", "review everything", Policy(low=0, high=top))
    return found


def _one_cut(bench: Bench, cutoff: float) -> Policy:
    policy = bench.rungs((cutoff, cutoff))
    return policy if bench.problem.two_sided else replace(policy, low=0)


def _plateaus(bench: Bench, policy: Policy) -> tuple[Plateau, ...]:
    problem = bench.problem
    if problem.costs is None or problem.limits.given or problem.capacity is not None:
        return ()
    ladder, cost = bench.ladder.scaled(problem.factors), problem.costs.table()
    top = len(ladder)
    ends = [("act_from", policy.high, PASS, 0, top)]
    if problem.reviews:
        ends = [("act_from", policy.high, REVIEW, policy.low, top)]
        if problem.two_sided:
            ends.append(("review_from", policy.low, PASS, 0, policy.high))
    found = []
    for name, rung, below, first, last in ends:
        above = REVIEW if name == "review_from" else ACT
        low, high = plateau(
            ladder, rung, cost[below], cost[above], level=bench.level, first=first, last=last
        )
        numbers = bench.unit.cutoffs(bench.table, (low, high))
        own = bench.cutoffs(policy)[name == "act_from"]  # it may be rounded past an end
        known = [x for x in (*numbers, own) if x is not None]
        upper = None if numbers[1] is None or own is None else max(known)
        found.append(Plateau(cutoff=name, low=min(known, default=None), high=upper))
    return tuple(found)


def _sensitivity(bench: Bench, choose: Choose) -> tuple[Sensitivity, ...]:
    """Return the cutoffs under other costs and prevalences."""
    problem = bench.problem
    changed: list[tuple[str, str, Problem]] = []
    if problem.costs is not None:
        for factor, word in ((0.5, "halved"), (2.0, "doubled")):
            if problem.two_sided:
                costs = problem.costs.with_ratio(factor)
                change = (f"miss_cost_{word}", f"a missed positive costs {_words(factor)} as much")
            else:
                costs = replace(problem.costs, fp=factor * problem.costs.fp)
                change = (f"error_cost_{word}", f"an error costs {_words(factor)} as much")
            changed.append((*change, replace(problem, costs=costs)))
    if problem.two_sided and problem.costs is not None:
        rate = _prevalence_of(bench)
        for factor, word in ((0.5, "halved"), (2.0, "doubled")):
            if factor * rate < 1.0:
                factors = label_factors(bench.base_rate, factor * rate)
                label = f"positives are {_words(factor)} as frequent ({100 * factor * rate:.3g} %)"
                changed.append((f"prevalence_{word}", label, replace(problem, factors=factors)))
    found = []
    for change_name, label, other in changed:
        try:
            policy = choose(other, bench.ladder)
        except NotEnoughData:
            continue
        low, high = bench.cutoffs(policy)
        found.append(Sensitivity(change=change_name, label=label, review_from=low, act_from=high))
    return tuple(found)


def _words(factor: float) -> str:
    return "half" if factor < 1 else "twice"


def _prevalence_of(bench: Bench) -> float:
    return bench.base_rate * bench.problem.factors[1]


def _times(estimate: Estimate, factor: float) -> Estimate:
    def scaled(x: float | None) -> float | None:
        return None if x is None else x * factor

    return replace(
        estimate, value=scaled(estimate.value), low=scaled(estimate.low), high=scaled(estimate.high)
    )
