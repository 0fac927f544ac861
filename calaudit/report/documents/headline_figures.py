"""The figures that matter most, of a report or of the same rows before and after a calibrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calaudit.report.content.before_after_table import Compared, comparison
from calaudit.report.content.figure_columns import DASH, interval_title, level_text
from calaudit.report.content.headline import SUFFIX, Headline, headlines
from calaudit.report.document import Block, Card, Cards, Column, Table, names
from calaudit.report.evaluation_report import Report

if TYPE_CHECKING:
    from calaudit.report.audit_report import AuditReport

CARDS = ("smece", "gap", "log_loss", "auroc")
"""Headlines that are shown in large."""

LAST = 9
"""When the intervals before calibration are left out: first of all, on small pages, too."""

BESIDE = ("recoverable_log_loss", "average_precision")
"""Headlines that the short form leaves out."""

TERMS = {"gap": "overconfident"}
"""Headline → what explains it, where the glossary calls it otherwise."""


def level_of(report: Report) -> float:
    """Return the confidence level of the report's intervals."""
    return float(report.settings.get("level", 0.95))


def headline_blocks(report: Report) -> list[Block]:
    """Return the main figures in large, and all in a table."""
    found = [Compared(before=h, after=None, remark=h.remark) for h in headlines(report)]
    return _blocks(report, found)


def compared_blocks(report: AuditReport) -> list[Block]:
    """Return the same before and after calibration, where there is a calibrator."""
    return _blocks(report.before, comparison(report))


def _blocks(report: Report, found: Sequence[Compared]) -> list[Block]:
    shown = {each.before.name: each for each in found if each.before.value}
    cards = [_card(report.task, shown[name]) for name in CARDS if name in shown]
    level = level_of(report)
    compared = any(each.after is not None for each in found)
    befores = [each.before for each in found]
    columns = [
        names(
            "",
            [h.title for h in befores],
            named=False,
            terms=[_term(h) for h in befores],
            indented=[h.part for h in befores],
        )
    ]
    if compared:
        afters = [each.after or Headline(name="", title="") for each in found]
        columns += _values("before", f"{level_text(level)} before", befores, drop=LAST)
        columns += _values("after", f"{level_text(level)} after", afters, strong=True)
    else:
        columns += _values("value", interval_title(level), befores, strong=True)
    remarks = [each.remark for each in found]
    columns.append(Column(title="", cells=remarks, right=False, tone="quiet"))
    caption = "Headline figures" + (", before and after calibration" if compared else "")
    table = Table(
        caption=caption,
        columns=columns,
        plain=True,
        nouns="figures",
        rank=[float(each.before.name in BESIDE) for each in found],
    )
    return [Cards(cards, level_text(level)), table]


def _values(
    title: str, over: str, found: Sequence[Headline], *, strong: bool = False, drop: int = 0
) -> list[Column]:
    return [
        Column(
            title=title, cells=[h.value or DASH for h in found], tone="strong" if strong else ""
        ),
        Column(title=over, cells=[h.interval for h in found], right=False, drop=drop),
    ]


def _card(task: str, each: Compared) -> Card:
    old, new, title = each.before, each.after, each.before.title
    if old.name == "gap":
        title = "Gap to base rate" if task == "binary" else "Gap to accuracy"
    unit = next((u for u in SUFFIX.values() if new and old.value.endswith(u)), "")
    same = unit and new is not None and new.value.endswith(unit)
    return Card(
        title=title,
        value=old.value.removesuffix(unit) if same else old.value,
        interval=old.interval,
        remark=old.remark,
        after="" if new is None else new.value or DASH,
        after_interval="" if new is None else new.interval,
        term=_term(old),
    )


def _term(headline: Headline) -> str:
    return TERMS.get(headline.name, headline.name)
