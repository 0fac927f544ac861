"""Where the report comes from: what was read and how, and the command that makes it again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from calaudit.report.audit import AuditReport
from calaudit.report.check import CheckReport
from calaudit.report.command import command_of
from calaudit.report.content.closing import role_detail, settings_text
from calaudit.report.content.opening import dropped_text
from calaudit.report.html.blocks import Block, Cell, Code, Facts, Head, Section, Table
from calaudit.report.kinds import AnyReport
from calaudit.report.model import InputFile, Report, RoleResult
from calaudit.report.numbers import count, counted

__all__ = ["provenance_section"]

MOST_COLUMNS = 3
"""Columns of one role that are named; of more, the first and the last are."""


def provenance_section(report: AnyReport) -> Section:
    """Return files, columns, settings and the command."""
    read = report.before if isinstance(report, AuditReport) else report
    blocks: list[Block] = []
    command = command_of(report)
    if command is not None:
        blocks.append(Code("The command that makes this report", command))
    if isinstance(report, AuditReport) and report.division.calibration:
        blocks.append(
            _files("Files that the calibrator was fitted on", report.division.calibration)
        )
    if read.inputs:
        blocks.append(_files("Files", read.inputs))
    if read.roles:
        blocks.append(_roles(read.roles))
    blocks.append(Facts(_facts(report)))
    blocks.append(_settings(report))
    return Section(name="provenance", title="Where this comes from", blocks=blocks)


def _files(caption: str, inputs: Sequence[InputFile]) -> Table:
    heads = [
        Head(title="path", left=True),
        Head(title="format", left=True),
        Head(title="rows"),
        Head(title="bytes"),
    ]
    rows = [
        [
            Cell(text="standard input" if f.path == "-" else f.path, left=True, named=True),
            Cell(text=f.format, left=True),
            Cell(text=count(f.rows), value=f.rows),
            Cell(text="" if f.bytes is None else count(f.bytes), value=f.bytes),
        ]
        for f in inputs
    ]
    return Table(caption=caption, heads=heads, rows=rows)


def _roles(roles: Sequence[RoleResult]) -> Table:
    heads = [Head(title=title, left=True) for title in ("role", "columns", "how it was read")]
    rows = [
        [
            Cell(text=role.role, left=True),
            Cell(text=_columns(role), left=True, named=True),
            Cell(text=role_detail(role), left=True, tone="quiet"),
        ]
        for role in roles
    ]
    return Table(caption="Columns", heads=heads, rows=rows)


def _columns(role: RoleResult) -> str:
    names = role.columns
    if len(names) > MOST_COLUMNS:
        return f"{names[0]} … {names[-1]} ({count(len(names))})"
    return ", ".join(names)


def _facts(report: AnyReport) -> list[tuple[str, str]]:
    read = report.before if isinstance(report, AuditReport) else report
    used = f"{count(read.intake.rows_used)} of {counted(read.intake.rows_read, 'row')} used"
    dropped = dropped_text(read.intake)
    facts = [("Rows", f"{used}; {dropped}" if dropped else used)]
    if isinstance(report, AuditReport):
        facts.append(("Fitted and judged", report.division.sentence))
    if isinstance(report, CheckReport):
        facts += _sides(report)
    table = read.table if isinstance(read, Report) else {}
    return [
        *facts,
        ("Settings", settings_text(report.settings, table, report.calaudit)),
        ("Schema", report.schema),
    ]


def _sides(report: CheckReport) -> list[tuple[str, str]]:
    facts = []
    if report.baseline is not None:
        known = report.baseline_rows
        rows = "" if known is None else f", {counted(known, 'row')}"
        facts.append(("Baseline", f"{report.baseline}{rows}"))
    if report.pairing is not None:
        p = report.pairing
        only = f"{count(p.only_before)} only before, {count(p.only_after)} only after"
        facts.append(("Matched", f"{counted(p.matched, 'row')} by {p.column}, {only}"))
    return facts


def _settings(report: AnyReport) -> Table:
    heads = [Head(title="setting", left=True), Head(title="value", left=True)]
    rows = [
        [
            Cell(text=name, left=True),
            Cell(text=json.dumps(value, ensure_ascii=False), left=True, named=True),
        ]
        for name, value in report.settings.items()
    ]
    return Table(caption="Every setting, as in the JSON report", heads=heads, rows=rows)
