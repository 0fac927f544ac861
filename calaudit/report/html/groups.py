"""Tables of classes and of slices, whose rows can be sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from calaudit.report.content.columns import Column
from calaudit.report.content.slices import (
    ADJUSTED,
    class_columns,
    led,
    rate_names,
    slice_line,
)
from calaudit.report.html.blocks import Cell, Head, Section, Table, name_cells, table_of
from calaudit.report.model import Report, SliceResult

__all__ = ["class_section", "slice_section"]

TERMS = {"smECE": "smece", "ECE": "ece", "floor": "noise_floor"}
"""Title of a column → its name in the glossary."""

AGAINST = "Each class against all others, the worst first: what it is given, and how often it is."


def class_section(before: Report, after: Report | None = None) -> Section:
    """Return each class against the others, the worst first."""
    if not before.by_class:
        return Section(name="classes", title="Classes", blocks=[])
    columns = class_columns(before.by_class)
    later = {each.name: each for each in after.by_class} if after else {}
    if all(each.name in later for each in before.by_class):
        now = class_columns(tuple(later[each.name] for each in before.by_class))
        columns = _before_and_after(columns, now)
    table = table_of(
        "Classes, the worst first",
        name_cells(each.name for each in before.by_class),
        columns,
        title=Head(title="class", left=True),
        remarks=[AGAINST],
        sortable=True,
        plain=True,
    )
    return Section(name="classes", title="Classes", blocks=[table])


def _before_and_after(before: list[Column], after: list[Column]) -> list[Column]:
    """Return rows and share once, what a calibrator changes twice, and chance."""
    old, new = ({c.title: c for c in columns} for columns in (before, after))
    moved = []
    for title in ("gap", "ECE"):
        moved.append(replace(old[title], title=f"{title} before"))
        moved.append(replace(new[title], title=f"{title} after", tone="strong"))
    return [old["rows"], old["is %"], *moved, new["chance"]]


def slice_section(before: Report, after: Report | None = None) -> Section:
    """Return a table for each ``--by`` column."""
    later = {(s.column, s.value): s for s in after.slices} if after else {}
    tables = [
        _slice_table(column, list(group), later)
        for column, group in groupby(before.slices, key=lambda s: s.column)
    ]
    if tables:
        tables[-1] = replace(tables[-1], remarks=[ADJUSTED])
    return Section(name="slices", title="Slices", blocks=tables)


def _slice_table(
    column: str, found: Sequence[SliceResult], later: dict[tuple[str, str], SliceResult]
) -> Table:
    says, came = rate_names(found[0])
    pairs = [(s, later.get((s.column, s.value))) for s in found]
    titles = ["rows", f"{says} %", f"{came} %", "smECE", "ECE", "floor", "verdict"]
    if later:
        titles = ["rows", f"{came} %"]
        titles += [f"{title} before" for title in (f"{says} %", "smECE", "verdict")]
        titles += [f"{title} after" for title in (f"{says} %", "smECE", "verdict")]
    heads = [
        Head(title=title, left=title.startswith("verdict"), term=TERMS.get(title, ""))
        for title in titles
    ]
    return Table(
        caption=f"Slices by {column}",
        heads=[Head(title=column, left=True, named=True), *heads],
        rows=[_compared(s, after) if later else _single(s) for s, after in pairs],
        sortable=len(found) > 1,
    )


def _single(s: SliceResult) -> list[Cell]:
    line, ece = slice_line(s), s.metrics.get("ece")
    return [
        _name(s),
        Cell(text=line.rows, value=s.rows),
        Cell(text=line.says, value=line.said),
        Cell(text=line.came, value=line.true),
        _error(s),
        Cell(text=line.ece, value=ece.value if ece else None),
        Cell(text=line.floor, value=ece.noise_floor if ece else None, tone="quiet"),
        _verdict(s),
    ]


def _compared(s: SliceResult, after: SliceResult | None) -> list[Cell]:
    line = slice_line(s)
    cells = [_name(s), Cell(text=line.rows, value=s.rows), Cell(text=line.came, value=line.true)]
    for each in (s, after):
        if each is None:
            cells += [Cell(text=""), Cell(text=""), Cell(text="", left=True)]
        else:
            line = slice_line(each)
            cells += [Cell(text=line.says, value=line.said), _error(each), _verdict(each)]
    return cells


def _name(s: SliceResult) -> Cell:
    return Cell(text=s.value, left=True, named=True)


def _error(s: SliceResult) -> Cell:
    return Cell(text=slice_line(s).smece, value=led(s.metrics.get("smece")), tone="strong")


def _verdict(s: SliceResult) -> Cell:
    text = slice_line(s).verdict
    if s.small:
        return Cell(text=text, left=True, tone="quiet")
    return Cell(text=text, left=True, status=s.status, size=s.size)
