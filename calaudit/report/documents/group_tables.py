"""Tables of classes and of slices, whose rows can be sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from calaudit.metrics.estimate import Estimate
from calaudit.report.content.figure_columns import DASH, cases, rates
from calaudit.report.content.slice_table import (
    ADJUSTED,
    class_columns,
    class_places,
    error_text,
    slice_places,
    slice_rates,
    verdict_text,
    worst_first,
)
from calaudit.report.document import Column, Mark, Section, Table, Tone, names
from calaudit.report.evaluation_report import ClassResult, Report, SliceResult
from calaudit.report.numbers import compact

if TYPE_CHECKING:
    from calaudit.report.audit_report import AuditReport

AGAINST = (
    "Each class against all others: “is” is how often it is the true class, and “gap” how far "
    "what the scores say on average is above that. “Chance” is the plain ECE that chance alone "
    "would give a calibrated model."
)

SIZES = {"yellow": "moderate", "red": "large"}
"""Sizes of the marks of lights."""

TOO_LOW = "One-sided tests: is the PD too low? Lights by Holm: red below 0.01, yellow below 0.05."

Pair = tuple[SliceResult | None, ...]
"""One slice on each side: as scores are, and calibrated; None where a side does not have it."""


def class_section(report: Report | AuditReport) -> Section:
    """Return each class against the others, the worst first; calibrated ones beside before."""
    best = report.best
    found = worst_first(best.by_class)
    if not found:
        return Section(name="classes", title="Classes", blocks=[])
    columns, order = class_columns(found, class_places(report.evaluations)), "the worst first"
    if len(report.evaluations) > 1:
        columns = _before_and_after(found, report.evaluations, best)
        after = best is report.evaluations[-1]
        order += " after calibration" if after else " before calibration"
    some = len(found) < len(best.classes)
    listed = f"{len(found)} of {len(best.classes)} classes. " if some else ""
    table = Table(
        caption=f"Classes, {order}",
        columns=[names("class", [each.name for each in found]), *columns],
        remarks=[f"{listed}{order[:1].upper()}{order[1:]}. {AGAINST}"],
        sortable=True,
        plain=True,
        nouns="classes",
    )
    return Section(name="classes", title="Classes", blocks=[table])


def _before_and_after(
    found: Sequence[ClassResult], sides: Sequence[Report], best: Report
) -> list[Column]:
    """Return rows and share once, what a calibrator changes twice, and chance."""
    wanted = class_places(sides)
    old, new = ({c.title: c for c in _columns_of(found, side, wanted)} for side in sides)
    strong = old if best is sides[0] else new
    known = {c.title: c for c in class_columns(found, wanted)}
    moved = []
    for title in ("gap", "unbiased ECE"):
        for side, when in ((old, "before"), (new, "after")):
            tone: Tone = "strong" if side is strong else ""
            moved.append(replace(side[title], title=f"{title} {when}", tone=tone))
    rest = [replace(known[title], tone="quiet", drop=2) for title in ("plain ECE", "chance")]
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
            cells=[DASH if i is None else column.cells[i] for i in at],
            values=[None if i is None else column.values[i] for i in at],
        )
        for column in columns
    ]


def grade_section(report: Report) -> Section:
    """Return the grades, those of the lowest stated PD first; empty where there are none."""
    grades = report.grades or ()
    if not grades:
        return Section(name="grades", title="Grades", blocks=[], short=True)
    level = report.settings["level"]
    observed = [each.observed for each in grades]
    tests: list[tuple[str, list[float | None]]] = [
        ("Jeffreys", [each.p_value for each in observed]),
        ("binomial", [each.binomial for each in grades]),
        ("Holm", [each.adjusted for each in grades]),
    ]
    columns = [
        names("grade", [each.grade for each in grades]),
        cases("rows", [each.rows for each in grades]),
        *rates("PD", [Estimate(value=each.stated) for each in grades], level),
        cases("defaults", [each.defaults for each in grades]),
        *rates("is", observed, level, bounded=True),
        *(Column(title=t, cells=[error_text(p, 3) for p in ps], values=ps, drop=t == "binomial")
          for t, ps in tests),
        Column(title="light", cells=[each.light for each in grades], right=False,
               marks=[Mark("miscalibrated", SIZES[each.light]) if each.light in SIZES else
                      Mark("calibrated", "none") for each in grades]),
    ]  # fmt: skip
    falls = [f"from {a.grade} to {b.grade}" for a, b in pairwise(grades)
             if a.defaults * b.rows > b.defaults * a.rows]  # fmt: skip
    order = f"Rates fall {', '.join(falls)}." if falls else "Rates never fall as the PD rises."
    table = Table(caption="Grades", columns=columns, remarks=[TOO_LOW, order], plain=True)
    return Section(name="grades", title="Grades", blocks=[table], short=True)


def slice_section(report: Report | AuditReport) -> Section:
    """Return a table for each ``--by`` column, the most clearly miscalibrated first."""
    known = [{(s.column, s.value): s for s in side.slices} for side in report.evaluations]
    tables = [
        _slice_table(column, [tuple(side.get((column, s.value)) for side in known) for s in group])
        for column, group in groupby(report.best.slices, key=lambda s: s.column)
    ]
    if tables:
        tables[-1] = replace(tables[-1], remarks=[ADJUSTED])
    return Section(name="slices", title="Slices", blocks=tables, short=True)


def _slice_table(column: str, rows: Sequence[Pair]) -> Table:
    there = [s for row in rows for s in row if s is not None]
    firsts = [next(s for s in row if s is not None) for row in rows]
    last = [row[-1] for row in rows]
    quiet: list[Tone] = ["quiet" if s.small else "" for s in firsts]
    decimals = slice_places(there)
    found = [slice_rates(s)[1] for s in firsts]
    columns = [
        names(column, [s.value for s in firsts], title_named=True, tones=quiet),
        Column(title="rows", cells=[compact(s.rows) for s in firsts],
               values=[s.rows for s in firsts], tones=quiet),
    ]  # fmt: skip
    came = Column(
        title="is %" if "base_rate" in there[0].metrics else "right %",
        cells=[text for text, _ in found],
        values=[value for _, value in found],
        tones=quiet,
    )
    if len(rows[0]) == 1:
        said, error, verdict = _side([row[0] for row in rows], decimals)
        columns += [said, came, error, *_plain([row[0] for row in rows], decimals), verdict]
    else:
        columns.append(came)
        for i, when in enumerate((" before", " after")):
            side = _side([row[i] for row in rows], decimals)
            columns += [
                replace(each, title=f"{each.title}{when}", drop=0 if i else 1) for each in side
            ]
    return Table(
        caption=f"Slices by {column}",
        columns=columns,
        sortable=True,
        nouns="slices",
        rank=[float(s is None or s.small or s.status == "calibrated") for s in last],
    )


def _side(found: Sequence[SliceResult | None], decimals: int) -> list[Column]:
    """Return what the scores say, their error and the verdict on one side."""
    said = [("", None) if s is None else slice_rates(s)[0] for s in found]
    judged = [s is not None and not s.small for s in found]
    smeces = [None if s is None else s.metrics.get("smece") for s in found]
    tones: list[Tone] = ["strong" if each else "quiet" for each in judged]
    return [
        Column(
            title="says %",
            cells=[text for text, _ in said],
            values=[value for _, value in said],
        ),
        Column(
            title="smECE",
            cells=[error_text(e.point if e else None, decimals) for e in smeces],
            values=[None if e is None else e.point for e in smeces],
            tones=tones,
            term="smece",
        ),
        Column(
            title="verdict",
            cells=["" if s is None else verdict_text(s) for s in found],
            right=False,
            marks=[
                Mark(s.status, s.size) if s is not None and each else None
                for s, each in zip(found, judged, strict=True)
            ],
            tones=["" if each else "quiet" for each in judged],
        ),
    ]


def _plain(found: Sequence[SliceResult | None], decimals: int) -> list[Column]:
    """Return the plain ECE, and the one that chance would give."""
    eces = [None if s is None else s.metrics.get("ece") for s in found]
    plain = [None if e is None else e.value for e in eces]
    floors = [None if e is None else e.noise_floor for e in eces]
    return [
        Column(title="plain ECE", cells=[error_text(v, decimals) for v in plain], values=plain,
               term="ece", drop=1),
        Column(title="chance", cells=[error_text(v, decimals) for v in floors], values=floors,
               tone="quiet", term="noise_floor", drop=1),
    ]  # fmt: skip
