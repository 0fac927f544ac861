"""Tables of classes and of slices, whose rows can be sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from calaudit.report.audit import AuditReport
from calaudit.report.content.columns import DASH, Column
from calaudit.report.content.slices import (
    ADJUSTED,
    class_columns,
    class_places,
    rate_names,
    slice_line,
    slice_places,
    verdict_text,
    worst_first,
)
from calaudit.report.html.blocks import Cell, Head, Section, Table, name_cells, table_of
from calaudit.report.model import ClassResult, Report, SliceResult

__all__ = ["class_section", "slice_section"]

TERMS = {"smECE": "smece", "plain ECE": "ece", "chance": "noise_floor"}
"""Title of a column → its name in the glossary."""

AGAINST = (
    "Each class against all others: “is” is how often it is the true class, and “gap” how far "
    "what the scores say on average is above that. ECE is the median-unbiased point; beside it "
    "stand the plain figure and the one that chance alone would give a calibrated model."
)


def class_section(report: Report | AuditReport) -> Section:
    """Return each class against the others, the worst first; calibrated ones beside before."""
    best = report.best if isinstance(report, AuditReport) else report
    found = worst_first(best.by_class)
    if not found:
        return Section(name="classes", title="Classes", blocks=[])
    columns, order = class_columns(found, class_places(report)), "the worst first"
    if isinstance(report, AuditReport) and report.after is not None:
        columns = _before_and_after(found, report)
        order += " after calibration" if best is report.after else " before calibration"
    table = table_of(
        f"Classes, {order}",
        name_cells(each.name for each in found),
        columns,
        title=Head(title="class", left=True),
        remarks=[f"{order[:1].upper()}{order[1:]}. {AGAINST}"],
        sortable=True,
        plain=True,
    )
    return Section(name="classes", title="Classes", blocks=[table])


def _before_and_after(found: Sequence[ClassResult], report: AuditReport) -> list[Column]:
    """Return rows and share once, what a calibrator changes twice, and chance."""
    assert report.after is not None
    sides, wanted = (report.before, report.after), class_places(report)
    old, new = ({c.title: c for c in _columns_of(found, side, wanted)} for side in sides)
    best = new if report.best is report.after else old
    known = {c.title: c for c in class_columns(found, wanted)}
    moved = []
    for title in ("gap", "ECE"):
        for side, when in ((old, "before"), (new, "after")):
            tone = "strong" if side is best else ""
            moved.append(replace(side[title], title=f"{title} {when}", tone=tone))
    rest = [replace(known[title], tone="quiet") for title in ("plain", "chance")]
    return [known["rows"], known["is %"], *moved, *rest]


def _columns_of(found: Sequence[ClassResult], side: Report, wanted: int) -> list[Column]:
    """Return the columns of these classes on one side; a dash where it does not list one."""
    there = {each.name: each for each in side.by_class}
    rows = {c.name: i for i, c in enumerate(c for c in found if c.name in there)}
    columns = class_columns([there[name] for name in rows], wanted)
    at = [rows.get(c.name) for c in found]
    return [
        replace(
            column,
            cells=tuple(DASH if i is None else column.cells[i] for i in at),
            values=tuple(None if i is None else column.values[i] for i in at),
        )
        for column in columns
    ]


def slice_section(report: Report | AuditReport) -> Section:
    """Return a table for each ``--by`` column, the most clearly miscalibrated first."""
    audit = report if isinstance(report, AuditReport) else None
    best = audit.best if audit else report
    assert isinstance(best, Report)
    sides = [best] if audit is None or audit.after is None else [audit.before, audit.after]
    known = [{(s.column, s.value): s for s in side.slices} for side in sides]
    tables = [
        _slice_table(column, [[side.get((column, s.value)) for side in known] for s in group])
        for column, group in groupby(best.slices, key=lambda s: s.column)
    ]
    if tables:
        tables[-1] = replace(tables[-1], remarks=[ADJUSTED])
    return Section(name="slices", title="Slices", blocks=tables)


def _slice_table(column: str, rows: Sequence[Sequence[SliceResult | None]]) -> Table:
    there = [s for row in rows for s in row if s is not None]
    says, came = rate_names(there[0])
    decimals = slice_places(there)
    titles = ["rows", f"{says} %", f"{came} %", "smECE", "plain ECE", "chance", "verdict"]
    compared = len(rows[0]) > 1
    if compared:
        titles = ["rows", f"{came} %"]
        titles += [f"{title} before" for title in (f"{says} %", "smECE", "verdict")]
        titles += [f"{title} after" for title in (f"{says} %", "smECE", "verdict")]
    heads = [
        Head(title=title, left=title.startswith("verdict"), term=TERMS.get(title, ""))
        for title in titles
    ]
    make = _compared if compared else _single
    return Table(
        caption=f"Slices by {column}",
        heads=[Head(title=column, left=True, named=True), *heads],
        rows=[make(row, decimals) for row in rows],
        sortable=len(rows) > 1,
    )


def _single(sides: Sequence[SliceResult | None], decimals: int) -> list[Cell]:
    (s,) = sides
    assert s is not None
    line, ece = slice_line(s, decimals), s.metrics.get("ece")
    return [
        _name(s),
        Cell(text=line.rows, value=s.rows),
        Cell(text=line.says, value=line.said),
        Cell(text=line.came, value=line.true),
        _error(s, decimals),
        Cell(text=line.ece, value=ece.value if ece else None),
        Cell(text=line.floor, value=ece.noise_floor if ece else None, tone="quiet"),
        _verdict(s),
    ]


def _compared(sides: Sequence[SliceResult | None], decimals: int) -> list[Cell]:
    first = next(s for s in sides if s is not None)
    line = slice_line(first, decimals)
    cells = [_name(first), Cell(text=line.rows, value=first.rows)]
    cells.append(Cell(text=line.came, value=line.true))
    for each in sides:
        if each is None:
            cells += [Cell(text=""), Cell(text=""), Cell(text="", left=True)]
        else:
            line = slice_line(each, decimals)
            cells.append(Cell(text=line.says, value=line.said))
            cells += [_error(each, decimals), _verdict(each)]
    return cells


def _name(s: SliceResult) -> Cell:
    return Cell(text=s.value, left=True, named=True)


def _error(s: SliceResult, decimals: int) -> Cell:
    smece = s.metrics.get("smece")
    text, value = slice_line(s, decimals).smece, smece.led if smece else None
    return Cell(text=text, value=value, tone="strong")


def _verdict(s: SliceResult) -> Cell:
    text = verdict_text(s)
    if s.small:
        return Cell(text=text, left=True, tone="quiet")
    return Cell(text=text, left=True, status=s.status, size=s.size)
