"""Every other figure, beside what chance alone would show; and the confidently wrong rows."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.content.classic import Classic, classics
from calaudit.report.content.figure_columns import DASH, interval_title
from calaudit.report.content.wrong import worst_columns, wrong_sentences
from calaudit.report.document import Block, Column, Prose, Section, Table, names
from calaudit.report.documents.headline_figures import level_of
from calaudit.report.evaluation_report import Report


def classic_section(before: Report, after: Report | None = None) -> Section:
    """Return the classic figures, of both sides where there are two."""
    support = f"{interval_title(level_of(before))}, or test"
    sides = [("Classic figures", before)]
    if after is not None:
        sides = [("Before calibration", before), ("After calibration", after)]
    found = [(caption, classics(report)) for caption, report in sides]
    tables = [
        _table(caption, rows, support, plain=after is None) for caption, rows in found if rows
    ]
    return Section(name="classic", title="Classic figures", blocks=tables)


def _table(caption: str, rows: Sequence[Classic], support: str, *, plain: bool) -> Table:
    parts = [[*each.support, *([each.remark] if each.remark else [])] for each in rows]
    columns = [
        names("", [each.title for each in rows], named=False, terms=[each.name for each in rows]),
        Column(
            title="plain", cells=[each.value or ("" if each.support else DASH) for each in rows]
        ),
        Column(
            title="chance",
            cells=[each.chance for each in rows],
            tone="quiet",
            term="noise_floor",
            drop=1,
        ),
        Column(title="unbiased", cells=[each.unbiased for each in rows], tone="strong"),
        Column(title=support, cells=[", ".join(each) for each in parts], right=False),
    ]
    return Table(caption=caption, columns=columns, plain=plain)


def wrong_section(before: Report, after: Report | None = None) -> Section:
    """Return what the confidently wrong rows cost, and which rows they are."""
    if after is None:
        blocks: list[Block] = [Prose(wrong_sentences(before))]
    else:
        blocks = [
            Prose(wrong_sentences(before), "Before calibration"),
            Prose(wrong_sentences(after), "After calibration"),
        ]
    for report, when in ((before, ""), (after, " after calibration")):
        columns = worst_columns(report.worst) if report is not None else []
        if columns:
            caption = f"Worst rows{when}"
            # The first column names the row to a page that reads it aloud.
            blocks.append(Table(caption=caption, columns=columns, sortable=True))
    return Section(name="wrong", title="Confidently wrong", blocks=blocks)
