"""The options side by side: what each does to the cases, what it costs, and in total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.cutoffs import cutoff_text, verbs
from calaudit.report.content.figure_columns import amount_places, amounts, case_count, cases, rates
from calaudit.report.document import Column
from calaudit.report.threshold_report import INDEX_TITLES, DecisionReport, Option

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


def level_of(report: DecisionReport) -> float:
    """Return the confidence level of the report's intervals."""
    return float(report.settings.get("level", 0.95))


def option_names(report: DecisionReport) -> list[str]:
    """Return what the options are called in the tables."""
    return [
        "recommended" if option.name == "recommended" else option.label for option in report.options
    ]


def option_cutoffs(report: DecisionReport) -> list[str]:
    """Return the cutoffs of each option; "" where its label says all."""
    return [
        "" if option.name in PLAIN else cutoff_text(option, report) for option in report.options
    ]


def option_remark(report: DecisionReport) -> str:
    """Return which option is recommended, and what the cutoffs are on."""
    remarks = [f"Recommended: {report.options[0].label}."]
    if report.options[0].apparent_index is not None:
        remarks.append("Its index is that of rows that it was not chosen on.")
    if report.unit in UNITS:
        remarks.append(f"Cutoffs are {UNITS[report.unit]}.")
    return " ".join(remarks)


def cost_columns(report: DecisionReport) -> list[Column]:
    """Return the cost of each option, and what it costs more than the recommended one."""
    if not report.options or report.options[0].cost is None:
        return []
    costs = [option.cost for option in report.options]
    more = [None if _decides_alike(option) else option.excess for option in report.options]
    decimals = amount_places(costs)
    level = level_of(report)
    # Intervals of costs go before those of differences, which say which option is better.
    return amounts("cost", costs, level, drop=1, term="cost") + amounts(
        "difference", more, level, decimals=decimals, sign=True
    )


def cost_remark(report: DecisionReport) -> str:
    """Return which options were judged on rows that they were not chosen on, and which agree."""
    named = list(zip(option_names(report), report.options, strict=True))
    tried = [name for name, option in named if option.cross_fitted]
    if not tried:
        return ""
    text = f"Judged on rows that they were not chosen on: {', '.join(tried)}."
    alike = [name for name, option in named if _decides_alike(option)]
    if alike:
        text += f" The same decisions as recommended, on these rows: {', '.join(alike)}."
    return text


def _decides_alike(option: Option) -> bool:
    return option.excess is not None and option.excess.method == "the same decisions"


def index_columns(report: DecisionReport) -> list[Column]:
    """Return the index that is to be the largest, of each option; none where there is none."""
    index = report.settings.get("maximize")
    if index is None:
        return []
    found = [option.index for option in report.options]
    return rates(INDEX_TITLES[index], found, level_of(report), bounded=True, term=index)


def volume_columns(report: DecisionReport) -> list[Column]:
    """Return how many cases of a day, or of the file, go where, and what they cost together."""
    words = verbs(report)
    volumes = [
        cases(title, [_volume(o, share, report) for o in report.options])
        for share, title in zip(SHARES, (words.act_on, "review", words.let_pass), strict=True)
        if share in rate_names(report)
    ]
    totals = [option.total_cost for option in report.options]
    if not any(totals):
        return volumes
    return volumes + amounts("total cost", totals, level_of(report))


def volume_remark(report: DecisionReport) -> str:
    """Return what the volumes are of."""
    of = f"of {report.volume_of}" if report.volume_of == "the file" else report.volume_of
    return f"{case_count(report.volume)} cases {of}."


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


def rate_columns(
    names: Sequence[str],
    found: Sequence[Mapping[str, Estimate]],
    report: DecisionReport,
) -> list[Column]:
    """Return the columns of these shares and rates with their intervals."""
    words = verbs(report)
    titles = {"act_share": words.act, "review_share": "review", "pass_share": "pass"}
    columns: list[Column] = []
    for name in names:
        each = [one.get(name) for one in found]
        drop = 2 if name == "pass_share" else int(name in SHARES)  # shares before rates
        term = "" if name in SHARES or name == "error" else name
        columns += rates(
            titles.get(name, name), each, level_of(report), bounded=True, drop=drop, term=term
        )
    return columns


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
