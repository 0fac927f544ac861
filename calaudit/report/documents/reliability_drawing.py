"""The reliability of scores: the picture, and what it shows as a table."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.audit_report import AuditReport
from calaudit.report.content.figure_columns import level_text
from calaudit.report.content.reliability_table import BinTable, domain_of, is_inside
from calaudit.report.document import Column, Dots, Gauge, Table, names
from calaudit.report.documents.headline_figures import level_of
from calaudit.report.evaluation_report import Bin, Report
from calaudit.report.numbers import count

MOST_GAPS = 4
"""Runs of empty bins shown at most, each as one line; more are only counted."""

MOST = 60
"""Bins of a table at most: those that add most to the calibration error."""


def reliability_table(report: Report | AuditReport) -> Table | None:
    """Return the bins of a report; of an audit those of the scores as they are best used."""
    shown = report.best
    filled = [b for b in shown.bins if b.rows]
    if not filled:
        return None
    caption = "Reliability"
    if len(report.evaluations) > 1:
        caption += f", {'after' if shown is report.evaluations[-1] else 'before'} calibration"
    kept = set(map(id, sorted(filled, key=_error, reverse=True)[:MOST]))
    runs, most = _empty_runs(shown.bins), max(map(_error, filled))
    rows = _rows(
        [b for b in shown.bins if id(b) in kept or not b.rows], shown=len(runs) <= MOST_GAPS
    )
    return Table(
        caption=caption,
        columns=_columns(rows, [b for b in filled if id(b) in kept], shown),
        remarks=_remarks(shown, len(filled), len(kept), runs),
        gauge=_gauge(rows, shown),
        nouns="bins",
        rank=[most - _error(b) if isinstance(b, Bin) else most for b in rows],
    )


def _columns(
    rows: Sequence[Bin | list[Bin]], filled: Sequence[Bin], report: Report
) -> list[Column]:
    table = BinTable(filled)
    lines = [table.line(b) if isinstance(b, Bin) else None for b in rows]
    bins = [b if isinstance(b, Bin) else None for b in rows]
    spans = [
        line.span if line else table.span(run[0].lower, run[-1].upper)
        for line, run in zip(lines, [r if isinstance(r, list) else [r] for r in rows], strict=True)
    ]
    came = "is %" if report.task == "binary" else "right %"
    said = [None if b is None else b.mean_score for b in bins]
    true = [None if b is None else b.observed for b in bins]
    return [
        names("score", spans, named=False),
        Column(
            title="rows",
            cells=["0" if line is None else line.rows for line in lines],
            values=[0 if b is None else b.rows for b in bins],
        ),
        Column(title="says %", cells=["" if x is None else x.says for x in lines], values=said),
        Column(
            title=came,
            cells=["" if x is None else x.came for x in lines],
            values=true,
            tone="strong",
        ),
        Column(
            title=level_text(level_of(report)),
            cells=["" if x is None else x.interval for x in lines],
            tone="quiet",
            drop=1,
        ),
        Column(title="gap", cells=["" if x is None else x.gap for x in lines]),
    ]


def _gauge(rows: Sequence[Bin | list[Bin]], report: Report) -> Gauge:
    came = "is" if report.task == "binary" else "right"
    banded = any(b.band_low is not None for b in report.bins)
    outside = f"{came}, outside of the range of a calibrated model" if banded else ""
    low, high = domain_of(b for b in rows if isinstance(b, Bin))
    return Gauge(
        rows=[
            Dots(
                score=b.mean_score,
                observed=b.observed,
                low=b.band_low,
                high=b.band_high,
                inside=is_inside(b),
            )
            if isinstance(b, Bin)
            else None
            for b in rows
        ],
        low=low,
        high=high,
        keys=("says", came, outside),
    )


def _error(b: Bin) -> float:
    """Return what a bin adds to the calibration error, up to a factor."""
    return b.weight * abs((b.mean_score or 0) - (b.observed or 0))


def _empty_runs(bins: Sequence[Bin]) -> list[list[Bin]]:
    runs: list[list[Bin]] = []
    for previous, b in zip([None, *bins], bins, strict=False):
        if b.rows == 0 and previous is not None and previous.rows == 0:
            runs[-1].append(b)
        elif b.rows == 0:
            runs.append([b])
    return runs


def _rows(bins: Sequence[Bin], *, shown: bool) -> list[Bin | list[Bin]]:
    """Return filled bins, and runs of empty ones between them if they are shown."""
    rows: list[Bin | list[Bin]] = []
    for b in bins:
        if b.rows:
            rows.append(b)
        elif shown and rows and isinstance(rows[-1], list):
            rows[-1].append(b)
        elif shown:
            rows.append([b])
    return rows


def _remarks(report: Report, filled: int, kept: int, runs: Sequence[list[Bin]]) -> list[str]:
    remarks = []
    if kept < filled:
        remarks.append(f"The {kept} of {filled} bins with the most error; all are in the JSON.")
    if len(runs) > MOST_GAPS:
        remarks.append(f"{count(sum(map(len, runs)))} of {count(len(report.bins))} bins are empty.")
    return remarks
