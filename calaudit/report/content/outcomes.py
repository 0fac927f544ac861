"""What the recommended cutoffs do to right and wrong, to each slice, and to each class."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.content.cutoffs import number_text, verbs
from calaudit.report.content.figure_columns import amounts, cases, rates, row_counts
from calaudit.report.content.option_table import level_of, rate_columns, rate_names
from calaudit.report.document import Column
from calaudit.report.numbers import integral_percent
from calaudit.report.threshold_report import ClassCutoff, DecisionReport, SliceOutcome


def truth_columns(report: DecisionReport) -> list[Column]:
    """Return the cases of the file by what is done with them; a row for each of `truth_names`."""
    best = report.recommended
    if best is None:
        return []
    titles = {
        verbs(report).act_on: ("tp", "fp"),
        "review": ("reviewed_positives", "reviewed_negatives"),
    }
    if report.task == "binary":
        titles["let pass"] = ("fn", "tn")
    columns = []
    for title, (of_positives, of_negatives) in titles.items():
        found = [best.counts.get(of_positives, 0.0), best.counts.get(of_negatives, 0.0)]
        if title != "review" or any(found):
            columns.append(cases(title, found))
    return columns


def truth_names(report: DecisionReport) -> list[str]:
    """Return what the cases are; names of classes come from the data."""
    if report.task != "binary":
        return ["right", "wrong"]
    if len(report.classes) != 2:
        return ["positive", "negative"]
    negative, positive = report.classes
    return [f"positive: {positive}", f"negative: {negative}"]


def truth_remark(report: DecisionReport) -> str:
    """Return to which prevalence the cases are weighted; "" where they are not."""
    assumed = report.settings.get("prevalence")
    return "" if assumed is None else f"Weighted to {integral_percent(assumed)} positive."


def slice_outcome_columns(slices: Sequence[SliceOutcome], report: DecisionReport) -> list[Column]:
    """Return what one pair of cutoffs does to every slice."""
    names = [name for name in rate_names(report) if name != "pass_share"]
    found, costs = [s.rates for s in slices], [s.cost for s in slices]
    columns = [row_counts(s.rows for s in slices), *rate_columns(names, found, report)]
    if not any(costs):
        return columns
    return columns + amounts("cost", costs, level_of(report))


def class_cutoff_columns(classes: Sequence[ClassCutoff], report: DecisionReport) -> list[Column]:
    """Return the cutoff of each predicted class, what it accepts, and how often that is wrong."""
    level = level_of(report)
    cutoffs = Column(
        title="accept from",
        cells=tuple(number_text(c.act_from) for c in classes),
        values=tuple(c.act_from for c in classes),
        right=False,
    )
    found = [c.rates for c in classes]
    return [
        row_counts(c.rows for c in classes),
        cutoffs,
        *rates("accept", [each.get("act_share") for each in found], level),
        *rates("error", [each.get("error") for each in found], level, bounded=True),
    ]
