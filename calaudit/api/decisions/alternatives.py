"""What a recommendation is held against: other policies, equal ones, and other costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from calaudit.api.decisions.bench import Bench
from calaudit.errors import NotEnoughData
from calaudit.report.decision import Option, Plateau, Sensitivity
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.crossfit import Tried
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.plateau import plateau
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.prevalence import label_factors
from calaudit.thresholds.problem import Problem

__all__ = ["Choose", "plain_options", "plateaus_of", "sensitivity_of"]

Choose = Callable[[Problem, Ladder], Policy]


def plain_options(bench: Bench, best: Tried, first: Policy, current: float | None) -> list[Option]:
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


def plateaus_of(bench: Bench, policy: Policy) -> tuple[Plateau, ...]:
    """Return the cutoffs around those of a policy that these rows cannot tell from them."""
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


def sensitivity_of(bench: Bench, choose: Choose) -> tuple[Sensitivity, ...]:
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
