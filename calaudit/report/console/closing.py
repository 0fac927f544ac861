"""Notes with advice, and how the columns were read."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page, styled
from calaudit.report.kinds import AnyReport
from calaudit.report.model import Note, Report, RoleResult
from calaudit.report.numbers import count

__all__ = ["note_lines", "role_lines"]

MOST_COLUMNS = 3
"""Columns of one role that are named; of more, the first and the last are."""


def note_lines(report: AnyReport, page: Page) -> list[Text]:
    """Return each note with its advice under it."""
    return [line for note in report.notes for line in _note(note, page)]


def role_lines(report: AnyReport, page: Page) -> list[Text]:
    """Return who plays which part, and the option that changes what was inferred."""
    columns = [Column("", right=False), Column("", right=False), Column("", right=False)]
    rows = [_role(role, page) for role in report.roles]
    lines = grid(columns, rows, width=page.width) if rows else []
    return lines + hanging(page.ours(_settings(report), "dim"), width=page.prose)


def _note(note: Note, page: Page) -> list[Text]:
    lead = Text("  ") + Text(page.glyphs.marks["note"], style="bold cyan") + Text(" ")
    lines = hanging(page.ours(note.text), width=page.prose, first=lead)
    if note.advice:
        advice = page.ours(f"{page.glyphs.arrow} {note.advice}", "dim")
        lines += hanging(advice, width=page.prose, indent=lead.cell_len)
    return lines


def _role(role: RoleResult, page: Page) -> list[Text]:
    arrow = styled(f"{page.glyphs.left} ", "dim")
    how = f"inferred; {role.option} changes it" if role.inferred else ""
    detail = " ".join(part for part in (role.detail, f"({how})" if how else "") if part)
    return [Text(role.role), arrow + _columns(role, page), page.ours(detail, "dim")]


def _columns(role: RoleResult, page: Page) -> Text:
    room = max((page.width - 20) // 3, 12)
    names = list(role.columns)
    if len(names) > MOST_COLUMNS:
        first, last = (page.name(name, 13) for name in (names[0], names[-1]))
        return first + Text(f" {page.glyphs.ellipsis} ") + last + Text(f" ({count(len(names))})")
    return Text(", ").join(page.name(name, room) for name in names)


def _settings(report: AnyReport) -> str:
    s = report.settings
    words = ("convention", "method", "level", "seed", "clip")
    bins = str(s.get("bins", ""))
    parts = [f"{bins} bins" if bins.isdigit() else bins] if bins else []
    parts += [f"{word} {_value(s[word])}" for word in words if s.get(word) is not None]
    if isinstance(report, Report) and "exact" in report.table:
        parts.append("exact table" if report.table["exact"] else "compressed table")
    return ", ".join([*parts, f"calaudit {report.calaudit}"])


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
