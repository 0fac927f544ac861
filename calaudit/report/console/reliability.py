"""The reliability table: what the scores say, what came true, and a drawing of both."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from calaudit.report.console.diagram import diagram_lines
from calaudit.report.console.grid import INDENT, Column, grid, hanging
from calaudit.report.console.page import Page
from calaudit.report.console.plot import Axis, axis_of, bar, dots, ruler
from calaudit.report.content.reliability import BinTable
from calaudit.report.model import Bin, Report
from calaudit.report.numbers import count

__all__ = ["reliability_lines"]

MOST_BINS = 40
"""Bins shown at most: those that add most to the calibration error."""

NARROW = 72
"""Below this width there is no room for the intervals beside the drawing."""

MOST_GAPS = 4
"""Runs of empty bins shown at most, each as one line; more are only counted."""


def reliability_lines(report: Report, page: Page, before: Report | None = None) -> list[Text]:
    """Return the table with a legend under it; the diagram stands for its drawings if wanted.

    Args:
        report: what was found.
        page: where it is shown.
        before: the same rows before they were calibrated, for the diagram.
    """
    filled = [b for b in report.bins if b.rows]
    if not filled:
        return []
    kept = _kept(filled)
    runs = _empty_runs(report.bins)
    table = _Table(report, page, kept)
    shown_runs = runs if len(runs) <= MOST_GAPS else []
    lines = [
        table.row(item) if isinstance(item, Bin) else table.empty(item)
        for item in _in_order(report.bins, kept, shown_runs)
    ]
    drawn = grid(table.columns(), lines, width=page.width)
    key = [] if page.plot else _legend(report, page)
    shown = (report, page) if before is None else (before, page, report)
    picture = [*diagram_lines(*shown), Text()] if page.plot else []
    return [*picture, *drawn, *key, *_remarks(report, page, len(filled), len(kept), runs)]


class _Table:
    """The columns of one reliability table; its decimals and its axis are shared by all rows."""

    def __init__(self, report: Report, page: Page, bins: Sequence[Bin]) -> None:
        self.page = page
        self.total = max(sum(b.weight for b in report.bins), 1e-300)
        self.text = BinTable(bins)
        self.share = 8 if page.width >= 100 else 0
        came = "is %" if report.task == "binary" else "right %"
        level = page.interval_title.replace(" interval", "")
        share = [Column("", right=False)] if self.share else []
        self.left = [Column("score", right=False), Column("rows"), *share]
        self.bounded = page.width >= NARROW
        interval = [Column(level)] if self.bounded else []
        self.left += [Column("says %"), Column(came), *interval, Column("gap")]
        cells = [[Text(column.title) for column in self.left], *map(self._figures, bins)]
        used = sum(max(row[i].cell_len for row in cells) for i in range(len(self.left)))
        room = page.width - INDENT - used - 2 * len(self.left)
        self.axis: Axis = axis_of(bins, max(min(room, 48), 10))

    def columns(self) -> list[Column]:
        """Return the columns; the drawing is the last, where there is no diagram."""
        return [*self.left, *([] if self.page.plot else [Column(ruler(self.axis), right=False)])]

    def row(self, b: Bin) -> list[Text]:
        """Return the cells of one bin."""
        drawing = [] if self.page.plot else [dots(b, self.axis, self.page.glyphs)]
        return [*self._figures(b), *drawing]

    def empty(self, run: Sequence[Bin]) -> list[Text]:
        """Return one line for a run of empty bins."""
        blanks = [Text()] * (len(self.columns()) - 2)
        span = self.page.ours(self.text.span(run[0].lower, run[-1].upper), "dim")
        return [span, Text("0", style="dim"), *blanks]

    def _figures(self, b: Bin) -> list[Text]:
        line, page = self.text.line(b), self.page
        share = [bar(b.weight / self.total, self.share, page.glyphs)] if self.share else []
        return [
            page.ours(line.span),
            Text(line.rows),
            *share,
            Text(line.says),
            Text(line.came, style="bold"),
            *([page.ours(line.interval, "dim")] if self.bounded else []),
            Text(line.gap),
        ]


def _kept(filled: Sequence[Bin]) -> list[Bin]:
    def weight(b: Bin) -> float:
        return b.weight * abs((b.mean_score or 0) - (b.observed or 0))

    chosen = set(sorted(range(len(filled)), key=lambda i: -weight(filled[i]))[:MOST_BINS])
    return [b for i, b in enumerate(filled) if i in chosen]


def _empty_runs(bins: Sequence[Bin]) -> list[list[Bin]]:
    runs: list[list[Bin]] = []
    for previous, b in zip([None, *bins], bins, strict=False):
        if b.rows == 0 and previous is not None and previous.rows == 0:
            runs[-1].append(b)
        elif b.rows == 0:
            runs.append([b])
    return runs


def _in_order(
    bins: Sequence[Bin], kept: Sequence[Bin], runs: Sequence[list[Bin]]
) -> list[Bin | list[Bin]]:
    starts = {id(run[0]): run for run in runs}
    chosen = {id(b) for b in kept}
    return [starts.get(id(b), b) for b in bins if id(b) in chosen or id(b) in starts]


def _legend(report: Report, page: Page) -> list[Text]:
    glyphs = page.glyphs
    came = "is" if report.task == "binary" else "right"
    key = f"{glyphs.expected} says   {glyphs.inside} {came}"
    if any(b.band_low is not None for b in report.bins):
        key += f"   {glyphs.outside} {came}, outside of {glyphs.band * 3}, "
        key += "the range of a calibrated model"
    return hanging(page.ours(key, "dim"), width=page.width)


def _remarks(
    report: Report, page: Page, filled: int, kept: int, runs: Sequence[list[Bin]]
) -> list[Text]:
    remarks = []
    if kept < filled:
        remarks.append(f"The {kept} of {filled} bins with the most error; all are in the JSON.")
    if len(runs) > MOST_GAPS:
        remarks.append(f"{count(sum(map(len, runs)))} of {count(len(report.bins))} bins are empty.")
    return [line for r in remarks for line in hanging(page.ours(r, "dim"), width=page.prose)]
