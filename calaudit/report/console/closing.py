"""Notes with advice, and how the columns were read."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.opening import ReadReport
from calaudit.report.console.page import Page, styled
from calaudit.report.content.closing import role_detail, settings_text
from calaudit.report.kinds import AnyReport
from calaudit.report.model import Note, Report, RoleResult
from calaudit.report.numbers import count

__all__ = ["note_lines", "role_lines"]

MOST_COLUMNS = 3
"""Columns of one role that are named; of more, the first and the last are."""


def note_lines(report: AnyReport, page: Page) -> list[Text]:
    """Return each note with its advice under it."""
    return [line for note in report.notes for line in _note(note, page)]


def role_lines(report: ReadReport, page: Page) -> list[Text]:
    """Return who plays which part, and the option that changes what was inferred."""
    columns = [Column("", right=False), Column("", right=False), Column("", right=False)]
    rows = [_role(role, page) for role in report.roles]
    lines = grid(columns, rows, width=page.width) if rows else []
    table = report.table if isinstance(report, Report) else {}
    text = settings_text(report.settings, table, report.calaudit)
    return lines + hanging(page.ours(text, "dim"), width=page.prose)


def _note(note: Note, page: Page) -> list[Text]:
    lead = Text("  ") + Text(page.glyphs.marks["note"], style="bold cyan") + Text(" ")
    lines = hanging(page.ours(note.text), width=page.prose, first=lead)
    if note.advice:
        advice = page.ours(f"{page.glyphs.arrow} {note.advice}", "dim")
        lines += hanging(advice, width=page.prose, indent=lead.cell_len)
    return lines


def _role(role: RoleResult, page: Page) -> list[Text]:
    arrow = styled(f"{page.glyphs.left} ", "dim")
    return [Text(role.role), arrow + _columns(role, page), page.ours(role_detail(role), "dim")]


def _columns(role: RoleResult, page: Page) -> Text:
    room = max((page.width - 20) // 3, 12)
    names = list(role.columns)
    if len(names) > MOST_COLUMNS:
        first, last = (page.name(name, 13) for name in (names[0], names[-1]))
        return first + Text(f" {page.glyphs.ellipsis} ") + last + Text(f" ({count(len(names))})")
    return Text(", ").join(page.name(name, room) for name in names)
