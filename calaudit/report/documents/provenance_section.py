"""Where a report comes from: what was read and how, and the command that makes it again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from calaudit.report.content.columns_read import role_detail
from calaudit.report.content.figure_columns import DASH
from calaudit.report.document import Block, Code, Column, Facts, Section, Table, names
from calaudit.report.evaluation_report import InputFile, RoleResult
from calaudit.report.numbers import count

MOST_COLUMNS = 3
"""Columns of one role that are named; of more, the first and the last are."""


def provenance_section(
    *,
    command: str | None,
    files: Sequence[tuple[str, Sequence[InputFile]]],
    roles: Sequence[RoleResult],
    facts: Sequence[tuple[str, str]],
    settings: dict[str, Any],
) -> list[Section]:
    """Return how columns were read, and all else that the figures depend on.

    Args:
        command: that makes the report again, if there is one.
        files: captions and what was read.
        roles: which column is what.
        facts: names and what they are.
        settings: of the report.
    """
    columns: list[Block] = [_roles(roles)] if roles else []
    columns += [Facts(facts)] if facts else []
    blocks: list[Block] = []
    if command is not None:
        blocks.append(Code("The command that makes this report", command))
    blocks += [_files(caption, found) for caption, found in files if found]
    if settings:
        blocks.append(_settings(settings))
    return [
        Section(name="columns", title="Columns", blocks=columns, folded=True),
        Section(name="provenance", title="Where this comes from", blocks=blocks, folded=True),
    ]


def _files(caption: str, inputs: Sequence[InputFile]) -> Table:
    paths = ["standard input" if f.path == "-" else f.path for f in inputs]
    columns = [
        names("path", paths),
        Column(title="format", cells=[f.format for f in inputs], right=False),
        Column(
            title="rows", cells=[count(f.rows) for f in inputs], values=[f.rows for f in inputs]
        ),
        Column(
            title="bytes",
            cells=[DASH if f.bytes is None else count(f.bytes) for f in inputs],
            values=[f.bytes for f in inputs],
            drop=1,
        ),
    ]
    return Table(caption=caption, columns=columns, nouns="files")


def _roles(roles: Sequence[RoleResult]) -> Table:
    columns = [
        names("role", [role.role for role in roles], named=False),
        Column(title="columns", cells=[column_text(r) for r in roles], right=False, named=True),
        Column(
            title="how it was read",
            cells=[role_detail(role) for role in roles],
            right=False,
            tone="quiet",
        ),
    ]
    return Table(caption="Columns", columns=columns, plain=True)


def column_text(role: RoleResult) -> str:
    """Return the columns of a role: of many, the first, the last and their number."""
    found = role.columns
    if len(found) > MOST_COLUMNS:
        return f"{found[0]} … {found[-1]} ({count(len(found))})"
    return ", ".join(found)


def _settings(settings: dict[str, Any]) -> Table:
    texts = [json.dumps(value, ensure_ascii=False) for value in settings.values()]
    columns = [
        names("setting", list(settings), named=False),
        Column(title="value", cells=texts, right=False, named=True),
    ]
    return Table(caption="Every setting, as in the JSON report", columns=columns)
