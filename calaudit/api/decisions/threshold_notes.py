"""What to know about a recommendation, and what to do about it."""

from __future__ import annotations

from typing import Any

from calaudit.api.decisions.recommending import NO_RULE
from calaudit.api.reports.evaluation_notes import reading_notes
from calaudit.api.reports.grouping import groups_note
from calaudit.findings.finding import Finding, finding
from calaudit.metrics.estimate import Estimate
from calaudit.predictions.predictions import Predictions
from calaudit.report.command import fit_command
from calaudit.report.threshold_report import DecisionReport, Option
from calaudit.tables.cells import Cells

FLATTERY = 0.02
"""Optimism from which it is named."""


def decision_notes(report: DecisionReport, predictions: Predictions, cells: Cells) -> list[Finding]:
    """Return the notes of the reader and those that the options give rise to."""
    notes = reading_notes(predictions, cells)
    options = {option.name: option for option in report.options}
    first = report.options[0]
    if "calibrator" in report.settings and predictions.scale == "logit":
        notes.append(finding("cutoffs-on-probabilities"))
    notes += _few(first) if report.groups is None else [groups_note(report.groups)]
    notes += _not_paying(options)
    notes += _miscalibrated(report, options, predictions.declared)
    notes += _beaten(options)
    notes += _optimism(first)
    notes += _split(first)
    return notes


def _miscalibrated(
    report: DecisionReport, options: dict[str, Option], declared: dict[str, Any]
) -> list[Finding]:
    naive = options.get("as_if_calibrated")
    if naive is None or naive.excess is None or naive.excess.low is None or naive.excess.low <= 0:
        return []
    if NO_RULE in [note.code for note in report.notes]:
        return []
    kind = "calibrated" if "calibrator" in report.settings else "stored"
    dearer = _dearer(naive.excess)
    found = {"cutoffs": _cuts(naive), **dearer, "command": fit_command(report, declared)}
    return [finding("miscalibrated-for-decision", kind=kind, **found)]


FEW_CASES, FEW_OF_A_LABEL = 60, 10
"""Cases, and cases of either label, below which the figures are a first guess."""


def _few(option: Option) -> list[Finding]:
    counts = option.counts
    positives = counts["tp"] + counts["fn"] + counts["reviewed_positives"]
    total = sum(counts.values())
    if total >= FEW_CASES and min(positives, total - positives) >= FEW_OF_A_LABEL:
        return []
    return [finding("few-cases", cases=total, positives=positives)]


SAME_FOR_ALL = ("act_on_none", "act_on_all", "review_all")


def _not_paying(options: dict[str, Option]) -> list[Finding]:
    """Return a note where one decision for all cases is not clearly dearer."""
    for name in SAME_FOR_ALL:
        option = options.get(name)
        if option is None or option.excess is None or option.cost is None:
            continue
        low = option.excess.low
        if low is not None and low <= 0 and option.cost.value is not None:
            costs = {"cost": option.cost.value, **_dearer(option.excess)}
            return [finding("scores-do-not-pay", kind=name, **costs)]
    return []


def _beaten(options: dict[str, Option]) -> list[Finding]:
    for name, kind in (("empirical_minimum", "empirical"), ("calibrated_rule", "calibrated")):
        option = options.get(name)
        if option is not None and option.excess is not None:
            high = option.excess.high
            if high is not None and high < 0:
                found = {"cutoffs": _cuts(option), **_dearer(option.excess)}
                return [finding("other-rule-cheaper", kind=kind, **found)]
    return []


def _optimism(option: Option) -> list[Finding]:
    apparent, cost = option.apparent_cost, option.cost
    if apparent is None or cost is None or cost.value is None or cost.value <= 0:
        return []
    share = 1.0 - apparent / cost.value
    if share < FLATTERY:
        return []
    return [finding("optimism", apparent=apparent, percent=100 * share)]


def _split(option: Option) -> list[Finding]:
    split = option.split
    if split is None:
        return []
    found = {"rows": split.rows, "score": split.score, "reviewed": split.reviewed}
    return [finding("capacity-splits-ties", kind=split.rest, **found)]


def _cuts(option: Option) -> str:
    act = "never act" if option.act_from is None else f"act from {option.act_from:.4g}"
    if option.review_from is None:
        return act
    return f"review from {option.review_from:.4g}, {act}"


def _dearer(excess: Estimate) -> dict[str, float | None]:
    return {"excess": excess.value, "low": excess.low, "high": excess.high}


def matrix_notes(report: DecisionReport) -> list[Finding]:
    """Return a warning where the probabilities promise another cost than what came."""
    assert report.matrix is not None
    rule = next(rule for rule in report.matrix.rules if rule.name == "expected_cost")
    cost, promised = rule.cost, rule.promised
    if cost.low is None or cost.high is None or cost.low <= promised <= cost.high:
        return []
    found = {"promised": promised, "cost": cost.value, "low": cost.low, "high": cost.high}
    return [finding("promised-cost-differs", **found)]
