"""What a recommendation is held against: other policies, equal ones, and other costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from calaudit.api.decisions.cutoff_figures import Trial, Way
from calaudit.errors import NotEnoughData
from calaudit.metrics.clustered import FEWEST
from calaudit.report.threshold_report import Plateau, Sensitivity
from calaudit.thresholds.costs import ACT, PASS, REVIEW
from calaudit.thresholds.crossfit import in_sample
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.plateau import plateau
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.prevalence import label_factors
from calaudit.thresholds.problem import Problem

Choose = Callable[[Problem, Ladder], Policy]


def plain_ways(trial: Trial, current: float | None) -> list[Way]:
    """Return the alternatives that no row had a say in."""
    problem, unit, top = trial.problem, trial.unit, len(trial.ladder)
    found: list[Way] = []

    def add(name: str, label: str, policy: Policy) -> None:
        found.append(Way(name, label, policy, in_sample(policy, trial.ladder.sample)))

    if current is not None:
        add("current", f"the current cutoff, {current:g}", _one_cut(trial, current))
    if problem.by_calibration and problem.capacity is None:
        # Where the prevalence differs, so do the odds that a score stands for.
        low, high = (unit.of_probability(p) for p in problem.aims(as_in_file=True))
        add("as_if_calibrated", "scores as probabilities", trial.rungs((low, high)))
    if problem.two_sided:
        middle = unit.of_probability(0.5)
        if current != middle:
            add("cutoff_half", f"a cutoff of {middle:g}", _one_cut(trial, middle))
        add("act_on_all", "act on everything", Policy(low=0, high=0))
        add("act_on_none", "let everything pass", Policy(low=top, high=top))
    else:
        add("act_on_all", "accept everything", Policy(low=0, high=0))
    if problem.reviews and problem.capacity is None:
        add("review_all", "review everything", Policy(low=0, high=top))
    return found


def _one_cut(trial: Trial, cutoff: float) -> Policy:
    """Return the policy of a cutoff that was given, and is printed as it was."""
    policy = trial.rungs((cutoff, cutoff))
    if trial.problem.two_sided:
        return replace(policy, cuts=(None, cutoff))
    return replace(policy, low=0, cuts=(0.0, cutoff))


def plateaus_of(trial: Trial) -> tuple[Plateau, ...]:
    """Return the cutoffs among which the cheapest lies, as far as these rows can tell."""
    problem = trial.problem
    if problem.costs is None or problem.limits.given or problem.capacity is not None:
        return ()
    groups = trial.ladder.sample.groups
    if groups is not None and len(groups) < FEWEST:
        return ()
    ladder, cost = trial.ladder.scaled(problem.factors), problem.costs.table()
    ends = [("act_from", REVIEW if problem.reviews else PASS, ACT)]
    if problem.reviews and problem.two_sided:
        ends.append(("review_from", PASS, REVIEW))
    found = []
    for name, below, above in ends:
        rungs = plateau(ladder, cost[below], cost[above], level=trial.level, seed=trial.seed)
        low, high = trial.unit.outward(trial.table, rungs)
        found.append(Plateau(cutoff=name, low=low, high=high))
    return tuple(found)


def sensitivity_of(trial: Trial, choose: Choose) -> tuple[Sensitivity, ...]:
    """Return the cutoffs under other costs and prevalences."""
    problem = trial.problem
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
        rate = _prevalence_of(trial)
        for factor, word in ((0.5, "halved"), (2.0, "doubled")):
            if factor * rate < 1.0 and 0.0 < trial.base_rate < 1.0:
                factors = label_factors(trial.base_rate, factor * rate)
                label = f"positives are {_words(factor)} as frequent ({100 * factor * rate:.3g} %)"
                changed.append((f"prevalence_{word}", label, replace(problem, factors=factors)))
    found = []
    for change_name, label, other in changed:
        try:
            policy = choose(other, trial.ladder)
        except NotEnoughData:
            continue
        low, high = trial.cutoffs(policy)
        found.append(Sensitivity(change=change_name, label=label, review_from=low, act_from=high))
    return tuple(found)


def _words(factor: float) -> str:
    return "half" if factor < 1 else "twice"


def _prevalence_of(trial: Trial) -> float:
    return trial.base_rate * trial.problem.factors[1]
