"""The options side by side: what each does to the cases, what it costs, and in total."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.figures import drawn, named_table, short_name, widest_fit
from calaudit.report.console.grid import Column, hanging
from calaudit.report.console.page import Page
from calaudit.report.content.options import (
    RATES,
    cost_columns,
    cost_remark,
    option_cutoffs,
    option_names,
    option_remark,
    rate_columns,
    rate_names,
    volume_columns,
    volume_remark,
)
from calaudit.report.decision import DecisionReport

__all__ = ["cost_lines", "option_lines", "volume_lines"]


def option_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return what each option does, and its rates; with intervals where there is room."""
    if not report.options:
        return []
    found = [option.rates for option in report.options]
    wanted = rate_names(report)
    names = _names(report, page)
    brief = tuple(name for name in wanted if name != "pass_share")
    tables = (
        drawn(rate_columns(each, found, report, bounded), page)
        for each, bounded in ((wanted, wanted), (wanted, RATES), (wanted, ()), (brief, ()))
    )
    figures = widest_fit(tables, names, page)
    cutoffs = [
        page.ours(text, style)
        for text, style in zip(option_cutoffs(report), _styles(report, "dim"), strict=True)
    ]
    lines = named_table(
        "", names, figures, page, styles=_styles(report), last=(Column("", right=False), cutoffs)
    )
    return lines + hanging(page.ours(option_remark(report), "dim"), width=page.prose)


def cost_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cost of each option, and what it costs more than the recommended one."""
    if not cost_columns(report):
        return []
    tables = (
        drawn(cost_columns(report, bounded=first, difference_bounded=second), page)
        for first, second in ((True, True), (False, True), (False, False))
    )
    names = _names(report, page)
    figures = widest_fit(tables, names, page)
    lines = named_table("", names, figures, page, styles=_styles(report))
    text = cost_remark(report)
    return lines + (hanging(page.ours(text, "dim"), width=page.prose) if text else [])


def volume_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return how many cases of a day, or of the file, go where, and what they cost together."""
    if not report.options:
        return []
    tables = (drawn(volume_columns(report, bounded=bounded), page) for bounded in (True, False))
    names = _names(report, page)
    figures = widest_fit(tables, names, page)
    lines = named_table("", names, figures, page, styles=_styles(report))
    return lines + hanging(page.ours(volume_remark(report), "dim"), width=page.prose)


def _names(report: DecisionReport, page: Page) -> list[str]:
    return [short_name(name, page) for name in option_names(report)]


def _styles(report: DecisionReport, others: str = "") -> list[str]:
    return ["bold" if option.name == "recommended" else others for option in report.options]
