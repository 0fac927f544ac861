"""The figures of a report, or of the same rows before and after a calibrator."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.audit import AuditReport
from calaudit.report.content.classic import Classic, classics
from calaudit.report.content.columns import DASH, interval_title, level_text
from calaudit.report.content.comparison import Compared, comparison
from calaudit.report.content.headline import SUFFIX, Headline, headlines
from calaudit.report.content.wrong import worst_columns, wrong_sentences
from calaudit.report.html.blocks import (
    Block,
    Card,
    Cards,
    Cell,
    Head,
    Prose,
    Section,
    Table,
    cells_of,
    heads_of,
)
from calaudit.report.model import Report

__all__ = ["classic_section", "comparison_section", "headline_section", "level_of", "wrong_section"]

CARDS = ("smece", "gap", "log_loss", "auroc")
"""Headlines that are shown in large."""

TERMS = {"gap": "overconfident"}
"""Headline → what explains it, where the glossary calls it otherwise."""


def level_of(report: Report) -> float:
    """Return the confidence level of the report's intervals."""
    return float(report.settings.get("level", 0.95))


def headline_section(report: Report) -> Section:
    """Return the figures that matter most: the main ones in large, all in a table."""
    return _headlines(report, [Compared(before=h, after=None) for h in headlines(report)])


def comparison_section(report: AuditReport) -> Section:
    """Return the same before and after calibration, where there is a calibrator."""
    return _headlines(report.before, comparison(report))


def _headlines(report: Report, found: Sequence[Compared]) -> Section:
    shown = {each.before.name: each for each in found if each.before.value}
    cards = [_card(report.task, shown[name]) for name in CARDS if name in shown]
    level = level_text(level_of(report))
    compared = any(each.after is not None for each in found)
    old, new = f"{level} before", f"{level} after"
    heads = ["before", old, "after", new, ""]
    heads = heads if compared else ["value", interval_title(level_of(report)), ""]
    table = Table(
        caption="Headline figures" + (", before and after calibration" if compared else ""),
        heads=[
            Head(title="", left=True),
            *(
                Head(title=t, left=t not in ("before", "after", "value"), wide=t == old)
                for t in heads
            ),
        ],
        rows=[_headline_row(each, compared=compared) for each in found],
        plain=True,
    )
    return Section(name="figures", title="Figures", blocks=[Cards(cards, level), table])


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


def _headline_row(each: Compared, *, compared: bool) -> list[Cell]:
    old, new = each.before, each.after
    cells = [Cell(text=old.title, left=True, term=_term(old), part=old.part)]
    cells += _value(old, strong=not compared, wide=compared)
    if compared:
        cells += _value(new or Headline(name=old.name, title=old.title), strong=True)
    remark = each.remark if compared else old.remark
    return [*cells, Cell(text=remark, left=True, tone="quiet")]


def _value(headline: Headline, *, strong: bool, wide: bool = False) -> list[Cell]:
    tone = "strong" if strong else ""
    return [
        Cell(text=headline.value or DASH, tone=tone),
        Cell(text=headline.interval, left=True, wide=wide),
    ]


def _term(headline: Headline) -> str:
    return TERMS.get(headline.name, headline.name)


def classic_section(before: Report, after: Report | None = None) -> Section:
    """Return every other figure, beside what chance alone would show."""
    support = f"{interval_title(level_of(before))}, or test"
    heads = ["value", "by chance", "unbiased", support]
    reports: Sequence[tuple[str, Report]] = [("Classic figures", before)]
    if after is not None:
        reports = [("Before calibration", before), ("After calibration", after)]
    tables = [
        Table(
            caption=caption,
            heads=[Head(title="", left=True), *(_head(t, left=t == support) for t in heads)],
            rows=[_classic_row(classic) for classic in classics(report)],
            plain=after is None,
        )
        for caption, report in reports
    ]
    filled = [table for table in tables if table.rows]
    return Section(name="classic", title="Classic figures", blocks=filled)


def _head(title: str, *, left: bool) -> Head:
    return Head(title=title, left=left, term="noise_floor" if title == "by chance" else "")


def _classic_row(classic: Classic) -> list[Cell]:
    missing = "" if classic.support else DASH
    parts = [*classic.support, *([classic.remark] if classic.remark else [])]
    return [
        Cell(text=classic.title, left=True, term=classic.name),
        Cell(text=classic.value or missing),
        Cell(text=classic.chance, tone="quiet"),
        Cell(text=classic.unbiased, tone="strong"),
        Cell(text=", ".join(parts), left=True),
    ]


def wrong_section(before: Report, after: Report | None = None) -> Section:
    """Return what the confidently wrong rows cost, and which rows they are."""
    blocks: list[Block] = []
    if after is None:
        blocks.append(Prose(wrong_sentences(before)))
    else:
        blocks.append(Prose(wrong_sentences(before), "Before calibration"))
        blocks.append(Prose(wrong_sentences(after), "After calibration"))
    for report, when in ((before, ""), (after, " after calibration")):
        columns = worst_columns(report) if report is not None else []
        if columns:
            caption = f"Worst rows{when}"
            rows = list(zip(*map(cells_of, columns), strict=True))
            blocks.append(
                Table(caption=caption, heads=heads_of(columns), rows=rows, sortable=len(rows) > 1)
            )
    return Section(name="wrong", title="Confidently wrong", blocks=blocks)
