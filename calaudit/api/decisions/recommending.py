"""From a score table and what is asked to the options and the evidence of a decision report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calaudit.api.decisions.alternatives import Choose, plain_options, plateaus_of, sensitivity_of
from calaudit.api.decisions.bench import Bench
from calaudit.errors import NotEnoughData
from calaudit.report.decision import Option, Plateau, Sensitivity
from calaudit.report.model import Note
from calaudit.thresholds.constraints import Permitted
from calaudit.thresholds.crossfit import cross_fitted, in_sample
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem

__all__ = ["FEW_ROWS", "Recommended", "recommend"]

FEW_ROWS = 10_000
"""Rows up to which the rule for calibrated scores is recommended, and not the empirical minimum:
with few rows the minimum is that of the noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Recommended:
    """The recommendation with everything that belongs to it; ``allowed`` by the limits."""

    method: str
    policy: Policy
    allowed: Permitted
    options: tuple[Option, ...]
    plateaus: tuple[Plateau, ...]
    sensitivity: tuple[Sensitivity, ...]
    notes: tuple[Note, ...]


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
    allowed = problem.permitted(ladder)

    def empirical(asked: Problem, rows: Ladder) -> Policy:
        # What the limits permit on all rows is known, whatever errors cost.
        known = rows is ladder and asked.factors == problem.factors
        return asked.empirical(rows, allowed if known else None)

    rules: dict[str, Choose] = {"empirical_minimum": empirical}
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
    plain = plain_options(bench, best, policy, current)
    cheapest = _one_for_all(plain) if method == "auto" and problem.by_calibration else None
    if cheapest is not None:  # the scores do not pay at these costs
        policy, label, rule = _all_alike(bench, cheapest), "the same for all", ""
        best = in_sample(policy, ladder.sample)
        plain = plain_options(bench, best, policy, current)
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
        allowed,
        tuple(options),
        plateaus_of(bench, policy),
        sensitivity_of(bench, rules[first]),
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
