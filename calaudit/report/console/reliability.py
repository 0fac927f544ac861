"""The reliability table: what the scores say, what came true, and a drawing of both."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from calaudit.report.console.figures import rate_text
from calaudit.report.console.grid import INDENT, Column, grid, hanging
from calaudit.report.console.page import Page
from calaudit.report.console.plot import Axis, axis_of, bar, dots, is_inside, ruler
from calaudit.report.model import Bin, Report
from calaudit.report.numbers import compact, count, shown

__all__ = ["reliability_lines"]

MOST_BINS = 40
"""Bins shown at most: those that add most to the calibration error."""

NARROW = 72
"""Below this width there is no room for the intervals beside the drawing."""

MOST_GAPS = 4
"""Runs of empty bins shown at most, each as one line; more are only counted."""


def reliability_lines(report: Report, page: Page) -> list[Text]:
    """Return the table with a legend under it."""
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
    return [*drawn, *_legend(report, page, len(filled), len(kept), runs)]


class _Table:
    """The columns of one reliability table; its decimals and its axis are shared by all rows."""

    def __init__(self, report: Report, page: Page, bins: Sequence[Bin]) -> None:
        self.page = page
        self.total = max(sum(b.weight for b in report.bins), 1e-300)
        self.edges = _edge_places(bins)
        self.decimals = _rate_places(bins)
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
        """Return the columns; the drawing is the last."""
        return [*self.left, Column(ruler(self.axis), right=False)]

    def row(self, b: Bin) -> list[Text]:
        """Return the cells of one bin."""
        return [*self._figures(b), dots(b, self.axis, self.page.glyphs)]

    def empty(self, run: Sequence[Bin]) -> list[Text]:
        """Return one line for a run of empty bins."""
        blanks = [Text()] * (len(self.left) - 1)
        return [self._span(run[0].lower, run[-1].upper, "dim"), Text("0", style="dim"), *blanks]

    def _figures(self, b: Bin) -> list[Text]:
        page, d = self.page, self.decimals
        gap = None if b.mean_score is None or b.observed is None else b.mean_score - b.observed
        ends = [rate_text(end, d) for end in (b.low, b.high)]
        interval = page.glyphs.dash.join(ends) if all(ends) else ""
        share = [bar(b.weight / self.total, self.share, page.glyphs)] if self.share else []
        return [
            self._span(b.lower, b.upper),
            Text(compact(b.rows)),
            *share,
            Text(rate_text(b.mean_score, d)),
            Text(rate_text(b.observed, d), style="bold"),
            *([Text(interval, style="dim")] if self.bounded else []),
            Text(shown(gap, d, "points", sign=True)),
        ]

    def _span(self, lower: float, upper: float, style: str = "") -> Text:
        span = f"{lower:.{self.edges}f}"
        if upper > lower:
            span += f"{self.page.glyphs.dash}{upper:.{self.edges}f}"
        return Text(span, style=style)


def _rate_places(bins: Sequence[Bin]) -> int:
    """Return decimals that show small rates, and every gap that lies outside of the band."""
    rates = [v for b in bins for v in (b.mean_score, b.observed) if v]
    gaps = [abs((b.mean_score or 0) - (b.observed or 0)) for b in bins if not is_inside(b)]
    smallest = min([10 * min(rates, default=0.1), *(20 * gap for gap in gaps if gap)])
    return next((d for d in (1, 2, 3) if smallest >= 10.0 ** -(d + 1)), 4)


def _edge_places(bins: Sequence[Bin]) -> int:
    """Return as few decimals as place the edges within a fiftieth of the narrowest bin."""
    edges = [edge for b in bins for edge in (b.lower, b.upper)]
    near = min((b.upper - b.lower for b in bins if b.upper > b.lower), default=0.1) / 50
    return next((d for d in range(2, 6) if all(abs(round(e, d) - e) <= near for e in edges)), 6)


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


def _legend(
    report: Report, page: Page, filled: int, kept: int, runs: Sequence[list[Bin]]
) -> list[Text]:
    glyphs = page.glyphs
    came = "is" if report.task == "binary" else "right"
    key = f"{glyphs.expected} says   {glyphs.inside} {came}"
    if any(b.band_low is not None for b in report.bins):
        key += f"   {glyphs.outside} {came}, outside of {glyphs.band * 3}, "
        key += "the range of a calibrated model"
    lines = hanging(page.ours(key, "dim"), width=page.width)
    remarks = []
    if kept < filled:
        remarks.append(f"The {kept} of {filled} bins with the most error; all are in the JSON.")
    if len(runs) > MOST_GAPS:
        remarks.append(f"{count(sum(map(len, runs)))} of {count(len(report.bins))} bins are empty.")
    return lines + [
        line for r in remarks for line in hanging(page.ours(r, "dim"), width=page.prose)
    ]
