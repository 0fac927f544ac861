"""One pair of cutoffs for all cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from calaudit.api.decisions.cutoff_figures import Trial
from calaudit.api.decisions.opened import Request, groups_of_tables
from calaudit.api.decisions.prevalences import estimate_prevalence
from calaudit.api.decisions.recommending import recommend
from calaudit.api.decisions.report_parts import cost_curve, guarantees_of, risks_of, slice_outcomes
from calaudit.api.decisions.sentences import decision_sentences
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.decisions.threshold_notes import decision_notes
from calaudit.api.decisions.threshold_settings import ThresholdSettings
from calaudit.errors import NotEnoughData, SettingsError
from calaudit.findings.finding import Finding, said
from calaudit.metrics.estimate import Estimate
from calaudit.report.threshold_report import DecisionReport, RiskPoint
from calaudit.tables.keys import ONE_KEY
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.costs import ACT, PASS, REVIEW, Costs
from calaudit.thresholds.prevalence import label_factors
from calaudit.thresholds.problem import Problem


def decide(request: Request) -> DecisionReport:
    """Return the report of one pair of cutoffs for all cases."""
    settings, unit = request.settings, request.unit
    costs, binary = asked_costs(request), request.predictions.task == "binary"
    tables = request.read_tables(lambda: cut_tables(request))
    table, groups = tables.table(), tables.groups()
    _check_rows(table, binary, costs)
    limited = settings.most is not None or settings.most_share is not None
    reviews = not binary or limited or (costs is not None and costs.review is not None)
    reviews |= costs is None and settings.limits.max_error is not None
    problem = Problem(
        costs=costs, limits=settings.limits, reviews=reviews, two_sided=binary,
        splits=table.exact, maximize=settings.maximize,
    )  # fmt: skip
    rows = request.intake.rows_used
    trial = Trial.of(table, request.unit, problem, settings=settings, rows=rows, groups=groups)
    capacity = settings.capacity(trial.size * trial.ladder.total)
    notes: list[Finding] = []
    factors, assumed = _prevalence(request, trial, notes)
    trial = replace(trial, problem=replace(problem, capacity=capacity, factors=factors))
    found = recommend(trial, settings.method, settings.current)
    aurc: Estimate | None = None
    risks: tuple[RiskPoint, ...] = ()
    if not binary:
        aurc, risks = risks_of(table, trial.ladder.sample, unit, level=settings.level)
    report = request.report(
        volume=trial.volume,
        sentence="",
        settings=assumed,
        method=found.method,
        options=found.options,
        plateaus=found.plateaus,
        sensitivity=found.sensitivity,
        guarantees=guarantees_of(settings.limits, found.allowed),
        cost_curve=cost_curve(trial),
        aurc=aurc,
        risk_coverage=risks,
        slices=slice_outcomes(request, trial, found),
        notes=(*notes, *found.notes),
        groups=groups_of_tables(request.predictions, tables, settings.weight_kind),
    )
    more = decision_notes(report, request.predictions, table.cells())
    words = said(decision_sentences(report), more)
    return replace(report, **words, notes=(*report.notes, *more))


def asked_costs(request: Request) -> Costs | None:
    """Return the costs of a request, whose questions its data can answer.

    Raises:
        SettingsError: nothing says what is good, or what is asked is not for such data.
    """
    settings, task, unit = request.settings, request.predictions.task, request.unit
    costs = settings.costs_for(task)
    check_asked(settings, costs, task)
    if task != "binary" and settings.prevalence is not None:
        raise SettingsError("--prevalence is the share of positives: it is for binary scores")
    if settings.current is not None and not unit.lowest <= settings.current <= unit.highest:
        raise SettingsError(
            f"--current {settings.current:g} lies outside of the scores, {unit.lowest:g} to "
            f"{unit.highest:g}; on a scale of 0 to 10, say, give --out-of 10"
        )
    return costs


def check_asked(settings: ThresholdSettings, costs: Costs | None, task: str) -> None:
    """Refuse to recommend anything where nothing says what is good."""
    limits = settings.limits.given
    if settings.maximize is not None:
        _check_index(settings, task)
        return
    if costs is None and not limits:
        ways = (
            "--cost-fp 1 --cost-fn 20 (and --cost-review 0.5), or a limit such as "
            "--min-precision 0.9 or --max-error 0.02, or --maximize f1"
            if task == "binary"
            else "--cost-error 10 --cost-review 1, or a limit: --max-error 0.02"
        )
        raise SettingsError(
            "say what makes a cutoff good: what errors cost, relative to each other, as " + ways
        )
    if task != "binary" and set(limits) - {"max_error", "min_precision"}:
        option = "--" + min(set(limits) - {"max_error", "min_precision"}).replace("_", "-")
        raise SettingsError(
            f"{option} is for binary scores; a prediction with a confidence is right or wrong: "
            "limit its errors with --max-error"
        )


def _check_index(settings: ThresholdSettings, task: str) -> None:
    """Refuse an index of scores that have none, and whatever else would say what is good."""
    asked = f"--maximize {settings.maximize}"
    if task != "binary":
        raise SettingsError(f"{asked} weighs positives and negatives: it is for binary scores")
    given = [name for name, cost in settings.costs.items() if cost is not None]
    given += settings.limits.given
    given += ["max_review"] * (settings.most is not None or settings.most_share is not None)
    given += ["method"] * (settings.method != "auto")
    if given:
        other = "--" + given[0].replace("_", "-")
        raise SettingsError(f"{asked} says by itself which cutoff is best: leave out {other}")


def _check_rows(table: ScoreTable, binary: bool, costs: Costs | None) -> None:
    """Refuse rows that no cutoff can be chosen on."""
    cells = table.cells()
    positives, negatives = (float(w.sum()) for w in cells.w[::-1])
    if binary and (positives == 0 or negatives == 0):
        only, no = ("negative", "positive") if positives == 0 else ("positive", "negative")
        raise NotEnoughData(
            f"every row is {only}: without a {no} one no cutoff can be judged",
            "Check the label column and --positive, or that the file is not sorted and cut",
        )
    if len(cells) > 1:
        return
    total = positives + negatives
    text, told = f"all scores are {cells.p[0]:.6g}: no cutoff tells cases apart", ""
    if costs is not None:
        c = costs.table()
        ways = {"acting on all": c[ACT], "letting all pass": c[PASS]}
        if not binary:
            ways = {"accepting all": c[ACT]}
        if costs.review is not None:
            ways["reviewing all"] = c[REVIEW]
        each = [
            f"{name} costs {1000 * (w[0] * negatives + w[1] * positives) / total:.4g}"
            for name, w in ways.items()
        ]
        told = f"Per 1,000 cases, {', '.join(each)}"
    raise NotEnoughData(text, told)


def cut_tables(request: Request) -> DecisionTables:
    """Return empty tables, cut at the cutoffs that are known before any row is read."""
    unit, settings, costs = request.unit, request.settings, asked_costs(request)
    values = [unit.of_probability(0.5)]
    if settings.current is not None:
        values.append(settings.current)
    if costs is not None:
        reviews = costs.review is not None
        binary = request.predictions.task == "binary"
        problem = Problem(costs=costs, reviews=reviews, two_sided=binary)
        values += [unit.of_probability(p) for p in problem.aims()]
    if request.predictions.group is not None:  # groups have few cells, which end at round numbers
        round_ones = np.arange(-100, 101) / 10 if unit.name == "logit" else np.arange(1, 100) / 100
        values += [x if unit.name == "logit" else unit.of_probability(x) for x in round_ones]
    keys = {unit.key(value) for value in values}
    cuts = tuple(sorted(key for key in keys if 0 < key <= ONE_KEY))
    return DecisionTables(request.viewer, cuts=cuts, group=request.predictions.group)


def _prevalence(
    request: Request, trial: Trial, notes: list[Finding]
) -> tuple[tuple[float, float], dict[str, Any]]:
    """Return what labels are weighted by, and the prevalence for the settings."""
    settings = request.settings
    rate = settings.prevalence
    assumed: dict[str, Any] = {"base_rate": trial.base_rate}
    if settings.unlabelled is not None:
        estimate, note = estimate_prevalence(
            request.predictions,
            request.calibrator,
            trial,
            settings.unlabelled,
            threads=settings.threads,
        )
        notes.append(note)
        rate = estimate.value
        assumed["prevalence_estimate"] = {
            "value": estimate.value, "low": estimate.low, "high": estimate.high,
            "file": settings.unlabelled,
        }  # fmt: skip
    if rate is None:
        return (1.0, 1.0), assumed
    return label_factors(trial.base_rate, rate), assumed | {"prevalence": rate}
