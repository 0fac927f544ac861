"""What the recommended cutoffs do to right and wrong, to each slice, and to each class."""

from __future__ import annotations

from itertools import groupby

from rich.text import Text

from calaudit.report.console.figures import drawn, named_table, widest_fit
from calaudit.report.console.grid import hanging
from calaudit.report.console.page import Page
from calaudit.report.content.options import RATES
from calaudit.report.content.outcomes import (
    class_cutoff_columns,
    slice_outcome_columns,
    truth_columns,
    truth_names,
    truth_remark,
)
from calaudit.report.decision import DecisionReport
from calaudit.report.numbers import count

__all__ = ["class_cutoff_lines", "slice_outcome_lines", "truth_lines"]

MOST = 30
"""Slices or classes shown at most."""

MOST_REASONS = 3
"""Classes of which it is told why they have no cutoff."""

NAME = 24
"""Cells that the name of a class has at most before a sentence about it."""


def truth_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cases of the file by what they are and what is done with them."""
    columns = truth_columns(report)
    if not columns:
        return []
    lines = named_table("", truth_names(report), drawn(columns, page), page)
    text = truth_remark(report)
    return lines + (hanging(page.ours(text, "dim"), width=page.prose) if text else [])


def slice_outcome_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return a table for each ``--by`` column: what one pair of cutoffs does to every slice."""
    lines: list[Text] = []
    for column, group in groupby(report.slices, key=lambda s: s.column):
        found = list(group)
        kept = found[:MOST]
        names = [s.value for s in kept]
        tables = (
            drawn(slice_outcome_columns(kept, report, bounded, cost_bounded=cost), page)
            for bounded, cost in ((RATES, True), ((), True), ((), False))
        )
        figures = widest_fit(tables, names, page)
        lines += [Text()] if lines else []
        lines += named_table(column, names, figures, page)
        lines += _more(len(found) - len(kept), "slices", page)
    return lines


def class_cutoff_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cutoff of each predicted class, or why it has none."""
    kept = report.by_class[:MOST]
    if not kept:
        return []
    figures = drawn(class_cutoff_columns(kept, report), page)
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
