"""From a score table and what is asked to the options and the evidence of a decision report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from calaudit.api.decisions.alternatives import Choose, plain_ways, plateaus_of, sensitivity_of
from calaudit.api.decisions.cutoff_figures import Trial, Way
from calaudit.calibrators.binary import CROSS_FITTED_FROM, chosen_fit
from calaudit.calibrators.cross_fitted import FOLDS
from calaudit.calibrators.methods import BINARY_FITS, BinaryFit
from calaudit.errors import NotEnoughData
from calaudit.findings.finding import Finding, finding
from calaudit.report.threshold_report import INDEX_TITLES, Option, Plateau, Sensitivity
from calaudit.thresholds.constraints import Permitted
from calaudit.thresholds.crossfit import cross_fitted, in_sample
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.preference import LEVEL, preferred
from calaudit.thresholds.problem import Problem

POINTS = 1024
"""Points at most that calibrators are fitted to; cutoffs lie at any score."""

NO_RULE = "no-calibrated-rule"
"""Code of the note that there is no rule by costs."""

RULES = {
    "calibrated_rule": "calibrated, then by the costs",
    "empirical_minimum": "cheapest on these rows",
}

ALIKE = ("act_on_all", "act_on_none", "review_all")
"""Ways that do the same with every case."""

SIMPLEST = ("current", "calibrated_rule", "as_if_calibrated", "empirical_minimum", *ALIKE)
"""Ways in the order in which they are preferred where their costs can hardly be told apart; a
cutoff of one half comes last. To do the same with all would often be among these with few rows."""

METHODS = {
    "current": "current cutoff", "as_if_calibrated": "scores as probabilities",
    "cutoff_half": "cutoff of one half", **dict.fromkeys(ALIKE, "the same for all"),
}  # fmt: skip
"""What the report calls the method where it is not that of a rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Recommended:
    """The recommendation with everything that belongs to it; ``allowed`` by the limits."""

    method: str
    policy: Policy
    allowed: Permitted
    options: tuple[Option, ...]
    plateaus: tuple[Plateau, ...]
    sensitivity: tuple[Sensitivity, ...]
    notes: tuple[Finding, ...]


def recommend(trial: Trial, method: str, current: float | None) -> Recommended:
    """Return the recommended policy among its alternatives.

    Args:
        trial: the rows and what is asked.
        method: "auto", "calibrated" or "empirical".
        current: the cutoff in use, or None.

    Raises:
        Impossible: no policy keeps the limits.
    """
    problem = trial.problem
    allowed = problem.permitted(trial.ladder)
    rules, notes = _rules(trial, allowed)
    plateaus = plateaus_of(trial)
    ways = [_tried(trial, name, choose, plateaus) for name, choose in rules.items()]
    ways += plain_ways(trial, current)
    best = _best(trial, ways, method)
    rule = rules.get(best.name) or rules.get("calibrated_rule") or rules["empirical_minimum"]
    label = best.label if problem.costs is not None else "what the limits allow"
    if problem.maximize is not None:
        label = f"the largest {INDEX_TITLES[problem.maximize]} on these rows"
    label = "the same for all" if best.name in ALIKE else label
    options = [trial.option(replace(best, label=label), name="recommended")]
    options += [
        trial.option(way, against=best) for way in ways if way is not best or way.name not in RULES
    ]
    named = METHODS.get(best.name, best.name.replace("_", " "))
    return Recommended(
        named if problem.by_calibration else "largest index" if problem.maximize else "limits",
        best.policy,
        allowed,
        tuple(options),
        tuple(_holding(plateau, *trial.cutoffs(best.policy)) for plateau in plateaus),
        sensitivity_of(trial, rule),
        notes,
    )


def _rules(trial: Trial, allowed: Permitted) -> tuple[dict[str, Choose], tuple[Finding, ...]]:
    """Return how cutoffs are chosen on some rows, by name, and what to know of that."""
    problem, ladder = trial.problem, trial.ladder

    def empirical(asked: Problem, rows: Ladder) -> Policy:
        # What the limits permit on all rows is known, whatever errors cost.
        known = rows is ladder and asked.factors == problem.factors
        return asked.empirical(rows, allowed if known else None)

    if not problem.by_calibration:
        return {"empirical_minimum": empirical}, ()
    try:
        fit = _fit(trial)
    except NotEnoughData as error:
        return {"empirical_minimum": empirical}, (finding(NO_RULE, reason=str(error)),)
    calibrated: Choose = partial(Problem.calibrated, fit=fit)
    return {"calibrated_rule": calibrated, "empirical_minimum": empirical}, ()


def _fit(trial: Trial) -> BinaryFit:
    """Return the fit of the calibrator that ``auto`` finds; where there are too few rows, Platt's.

    Raises:
        NotEnoughData: there is no such fit on these rows.
    """
    rows, *folds = (
        sample.condensed(POINTS) for sample in (trial.ladder.sample, *trial.deals.folds[:FOLDS])
    )
    method = "platt"
    if rows.effective_rows >= CROSS_FITTED_FROM:
        candidates = chosen_fit(rows, rows, folds, BINARY_FITS)[0]
        method = next(each.method for each in candidates if each.chosen)
    fit = BINARY_FITS[method]
    fit(rows)
    return lambda sample: fit(sample.condensed(POINTS))


def _tried(trial: Trial, name: str, choose: Choose, plateaus: tuple[Plateau, ...]) -> Way:
    """Return a rule's policy on all rows, tried on each fold by that of the others."""
    problem, ladder = trial.problem, trial.ladder
    policy = trial.rounded(choose(problem, ladder), plateaus)
    if problem.costs is None and problem.maximize is None:  # there is nothing to try it for
        return Way(name, RULES[name], policy, in_sample(policy, ladder.sample))
    tried = cross_fitted(partial(choose, problem), ladder, trial.deals, policy)
    return Way(name, RULES[name], policy, tried)


def class_policy(trial: Trial) -> Policy:
    """Return the policy that is recommended for the predictions of one class.

    Raises:
        NotEnoughData: no policy keeps the limits.
    """
    if not trial.problem.by_calibration:
        return trial.problem.empirical(trial.ladder)
    ways = plain_ways(trial, None)
    for name, choose in (
        ("calibrated_rule", Problem.calibrated), ("empirical_minimum", Problem.empirical),
    ):  # fmt: skip
        try:
            ways.append(_tried(trial, name, choose, ()))
        except NotEnoughData:  # rows of one outcome have no calibrator
            continue
    return _best(trial, ways, "auto").policy


def _best(trial: Trial, ways: list[Way], method: str) -> Way:
    """Return the way that is recommended."""
    known = {way.name: way for way in ways}
    if method == "calibrated" and "calibrated_rule" in known:
        return known["calibrated_rule"]
    if method == "auto" and trial.problem.by_calibration:
        order = [known[name] for name in SIMPLEST if name in known]
        order += [way for way in ways if way.name not in SIMPLEST]
        return order[preferred(len(order), lambda i, j: trial.excess(order[i], order[j], LEVEL))]
    return known["empirical_minimum"]


def _holding(plateau: Plateau, review_from: float | None, act_from: float | None) -> Plateau:
    """Return a range that holds the recommended cutoff, too."""
    own = act_from if plateau.cutoff == "act_from" else review_from
    if own is None:
        return replace(plateau, high=None) if plateau.cutoff == "act_from" else plateau
    low, high = plateau.low, plateau.high
    low = own if low is None else min(low, own)
    return replace(plateau, low=low, high=None if high is None else max(high, own))
