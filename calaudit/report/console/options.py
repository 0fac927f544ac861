"""The options side by side: what each does to the cases, what it costs, and in total."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.text import Text

from calaudit.metrics.estimate import Estimate
from calaudit.report.console.cutoffs import cutoff_text, verbs
from calaudit.report.console.figures import (
    Figures,
    amount_places,
    amounts,
    case_count,
    cases,
    named_table,
    rates,
    short_name,
    widest_fit,
)
from calaudit.report.console.grid import Column, hanging
from calaudit.report.console.page import Page
from calaudit.report.decision import DecisionReport, Option

__all__ = ["RATES", "cost_lines", "option_lines", "rate_figures", "rate_names", "volume_lines"]

SHARES = ("act_share", "review_share", "pass_share")

RATES = ("precision", "recall", "fpr", "error")

LIMITED = {"max_fpr": "fpr", "max_error": "error", "max_error_passing": "error"}
"""Limit → the rate that it limits, where that is not shown anyway."""

PLAIN = ("act_on_all", "act_on_none", "review_all")
"""Options whose label says all: no cutoff needs to be known."""

UNITS = {
    "logit": "logits, as in the file",
    "score": "scores as in the file",
    "calibrated probability": "on the scores after the calibrator",
}
"""Unit of the cutoffs, where it is not the probability in the file → in words."""


def option_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return what each option does, and its rates; with intervals where there is room."""
    if not report.options:
        return []
    found = [option.rates for option in report.options]
    wanted = rate_names(report)
    names = option_names(report, page)
    brief = tuple(name for name in wanted if name != "pass_share")
    tables = (
        rate_figures(each, found, report, page, bounded)
        for each, bounded in ((wanted, wanted), (wanted, RATES), (wanted, ()), (brief, ()))
    )
    figures = widest_fit(tables, names, page)
    cutoffs = [
        Text() if option.name in PLAIN else page.ours(cutoff_text(option, report), style)
        for option, style in zip(report.options, _styles(report, "dim"), strict=True)
    ]
    lines = named_table(
        "", names, figures, page, styles=_styles(report), last=(Column("", right=False), cutoffs)
    )
    remarks = [f"Recommended: {report.options[0].label}."]
    if report.unit in UNITS:
        remarks.append(f"Cutoffs are {UNITS[report.unit]}.")
    return lines + hanging(page.ours(" ".join(remarks), "dim"), width=page.prose)


def cost_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return the cost of each option, and what it costs more than the recommended one."""
    if not report.options or report.options[0].cost is None:
        return []
    costs = [option.cost for option in report.options]
    same = [_decides_alike(option) for option in report.options]
    more = [None if s else option.excess for s, option in zip(same, report.options, strict=True)]
    decimals = amount_places(costs)
    tables = (
        amounts("cost", costs, page, bounded=first)
        + amounts("difference", more, page, decimals=decimals, sign=True, bounded=second)
        for first, second in ((True, True), (False, True), (False, False))
    )
    names = option_names(report, page)
    figures = widest_fit(tables, names, page)
    lines = named_table("", names, figures, page, styles=_styles(report))
    tried = [
        name for name, option in zip(names, report.options, strict=True) if option.cross_fitted
    ]
    if tried:
        text = f"Judged on rows that they were not chosen on: {', '.join(tried)}."
        alike = [name for name, s in zip(names, same, strict=True) if s]
        if alike:
            text += f" The same decisions as recommended, on these rows: {', '.join(alike)}."
        lines += hanging(page.ours(text, "dim"), width=page.prose)
    return lines


def _decides_alike(option: Option) -> bool:
    return option.excess is not None and option.excess.method == "the same decisions"


def volume_lines(report: DecisionReport, page: Page) -> list[Text]:
    """Return how many cases of a day, or of the file, go where, and what they cost together."""
    if not report.options:
        return []
    words = verbs(report)
    volumes = [
        cases(title, [_volume(o, share, report) for o in report.options])
        for share, title in zip(SHARES, (words.act_on, "review", words.let_pass), strict=True)
        if share in rate_names(report)
    ]
    totals = [option.total_cost for option in report.options]
    tables = (
        volumes + (amounts("total cost", totals, page, bounded=bounded) if any(totals) else [])
        for bounded in (True, False)
    )
    names = option_names(report, page)
    figures = widest_fit(tables, names, page)
    lines = named_table("", names, figures, page, styles=_styles(report))
    of = f"of {report.volume_of}" if report.volume_of == "the file" else report.volume_of
    text = f"{case_count(report.volume)} cases {of}."
    return lines + hanging(page.ours(text, "dim"), width=page.prose)


def option_names(report: DecisionReport, page: Page) -> list[str]:
    """Return what the options are called in the tables."""
    return [
        "recommended" if option.name == "recommended" else short_name(option.label, page)
        for option in report.options
    ]


def rate_names(report: DecisionReport) -> tuple[str, ...]:
    """Return the shares and rates that are of interest for this task and its limits."""
    limited = {LIMITED.get(g.limit) for g in report.guarantees}
    binary = report.task == "binary"
    wanted = {"act_share", "precision", "recall", "pass_share"} if binary else {"act_share"}
    wanted |= {"error"} if not binary else {name for name in limited if name}
    found = [option.rates for option in report.options] or [s.rates for s in report.slices]
    if any(rates["review_share"].value for rates in found if "review_share" in rates):
        wanted.add("review_share")
    return tuple(name for name in (*SHARES, *RATES) if name in wanted)


def rate_figures(
    names: Sequence[str],
    found: Sequence[Mapping[str, Estimate]],
    report: DecisionReport,
    page: Page,
    bounded: Collection[str] = (),
) -> Figures:
    """Return the columns of these shares and rates."""
    words = verbs(report)
    titles = {"act_share": words.act, "review_share": "review", "pass_share": "pass"}
    figures: Figures = []
    for name in names:
        column = [each.get(name) for each in found]
        figures += rates(titles.get(name, name), column, page, bounded=name in bounded)
    return figures


def _styles(report: DecisionReport, others: str = "") -> list[str]:
    return ["bold" if option.name == "recommended" else others for option in report.options]


def _volume(option: Option, share: str, report: DecisionReport) -> float:
    """Return the cases of a day, or of the file, that the printed cutoffs send one way."""
    counts = option.counts
    parts = {
        "act_share": ("tp", "fp"),
        "review_share": ("reviewed_positives", "reviewed_negatives"),
        "pass_share": ("fn", "tn"),
    }
    part = sum(counts.get(name, 0.0) for name in parts[share])
    whole = sum(counts.values())
    a_day = report.volume_of != "the file" and whole > 0
    return float(round(report.volume * part / whole if a_day else part))
