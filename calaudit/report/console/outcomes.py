"""What the recommended cutoffs do to right and wrong, to each slice, and to each class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from calaudit.report.console.cutoffs import number_text, verbs
from calaudit.report.console.figures import (
    Figures,
    amounts,
    cases,
    named_table,
    rates,
    widest_fit,
)
from calaudit.report.console.grid import Column, hanging
from calaudit.report.console.options import RATES, rate_figures, rate_names
from calaudit.report.console.page import Page
from calaudit.report.decision import DecisionReport, SliceOutcome
from calaudit.report.numbers import compact, count, integral_percent

__all__ = ["class_cutoff_lines", "slice_outcome_lines", "truth_lines"]

MOST = 30
"""Slices or classes shown at most."""

MOST_REASONS = 3
"""Classes of which it is told why they have no cutoff."""

NAME = 24
"""Cells that the name of a class has at most before a sentence about it."""


def truth_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cases of the file by what they are and what is done with them."""
    best = report.recommended
    if best is None:
        return []
    words, binary = verbs(report), report.task == "binary"
    columns = {words.act_on: ("tp", "fp"), "review": ("reviewed_positives", "reviewed_negatives")}
    if binary:
        columns["let pass"] = ("fn", "tn")
    figures: Figures = []
    for title, (of_positives, of_negatives) in columns.items():
        found = [best.counts.get(of_positives, 0.0), best.counts.get(of_negatives, 0.0)]
        if title != "review" or any(found):
            figures.append(cases(title, found))
    lines = named_table("", _truths(report), figures, page)
    assumed = report.settings.get("prevalence")
    if assumed is not None:
        text = f"Weighted to {integral_percent(assumed)} positive."
        lines += hanging(page.ours(text, "dim"), width=page.prose)
    return lines


def _truths(report: DecisionReport) -> list[str]:
    if report.task != "binary":
        return ["right", "wrong"]
    if len(report.classes) != 2:
        return ["positive", "negative"]
    negative, positive = report.classes
    return [f"positive: {positive}", f"negative: {negative}"]


def slice_outcome_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return a table for each ``--by`` column: what one pair of cutoffs does to every slice."""
    lines: list[Text] = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        kept = found[:MOST]
        names = [s.value for s in kept]
        figures = widest_fit(_slice_tables(kept, report, page), names, page)
        lines += [Text()] if lines else []
        lines += named_table(column, names, figures, page)
        lines += _more(len(found) - len(kept), "slices", page)
    return lines


def _slice_tables(
    kept: Sequence[SliceOutcome], report: DecisionReport, page: Page
) -> Iterator[Figures]:
    """Yield the columns of a table of slices: with all intervals, with fewer, with none."""
    names = [name for name in rate_names(report) if name != "pass_share"]
    found, costs = [s.rates for s in kept], [s.cost for s in kept]
    rows = (Column("rows"), [Text(compact(s.rows)) for s in kept])
    for bounded, cost_bounded in ((RATES, True), ((), True), ((), False)):
        figures = [rows, *rate_figures(names, found, report, page, bounded)]
        if any(costs):
            figures += amounts("cost", costs, page, bounded=cost_bounded)
        yield figures


def class_cutoff_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cutoff of each predicted class, or why it has none."""
    kept = report.by_class[:MOST]
    if not kept:
        return []
    found = [c.rates for c in kept]
    figures: Figures = [
        (Column("rows"), [Text(compact(c.rows)) for c in kept]),
        (Column("accept from", right=False), [page.ours(number_text(c.act_from)) for c in kept]),
        *rates("accept", [each.get("act_share") for each in found], page),
        *rates("error", [each.get("error") for each in found], page, bounded=True),
    ]
    lines = named_table("predicted", [c.name for c in kept], figures, page)
    lines += _more(len(report.by_class) - len(kept), "classes", page)
    reasons = [c for c in report.by_class if c.reason]
    for c in reasons[:MOST_REASONS]:
        lead = Text("  ") + page.name(c.name, NAME) + Text(": ")
        lines += hanging(page.ours(c.reason, "dim"), width=page.prose, first=lead)
    return lines + _more(len(reasons) - MOST_REASONS, "classes without a cutoff", page)


def _more(hidden: int, what: str, page: Page) -> list[Text]:
    if hidden <= 0:
        return []
    text = f"{count(hidden)} more {what} are in the JSON report."
    return hanging(page.ours(text, "dim"), width=page.prose)
