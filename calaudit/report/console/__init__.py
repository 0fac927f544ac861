"""A report as people read it in a terminal: the verdict first, the small print last.

One module a section; each returns lines of text for a `Page`. Text from the data never
reaches rich as markup, and nothing is drawn that the stream cannot encode.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from calaudit.report.audit import AuditReport
from calaudit.report.check import CheckReport
from calaudit.report.console.audit import AUDIT_SECTIONS
from calaudit.report.console.check import CHECK_SECTIONS
from calaudit.report.console.classic import classic_lines
from calaudit.report.console.closing import note_lines, role_lines
from calaudit.report.console.decision import DECISION_SECTIONS
from calaudit.report.console.headline import headline_lines
from calaudit.report.console.opening import data_lines, verdict_lines
from calaudit.report.console.page import Page
from calaudit.report.console.reliability import reliability_lines
from calaudit.report.console.slices import slice_lines
from calaudit.report.console.wrong import worst_lines, wrong_lines
from calaudit.report.decision import DecisionReport
from calaudit.report.kinds import AnyReport
from calaudit.report.model import Report

__all__ = ["render_console", "render_text"]

SECTIONS: dict[type, tuple[tuple[str, Callable[[Any, Page], list[Text]]], ...]] = {
    Report: (
        ("", verdict_lines),
        ("", data_lines),
        ("", headline_lines),
        ("Reliability", reliability_lines),
        ("Classic figures", classic_lines),
        ("Confidently wrong", wrong_lines),
        ("Worst rows", worst_lines),
        ("Slices", slice_lines),
        ("Notes", note_lines),
        ("Columns", role_lines),
    ),
    DecisionReport: DECISION_SECTIONS,
    CheckReport: CHECK_SECTIONS,
    AuditReport: AUDIT_SECTIONS,
}
"""Kind of report → its sections in the order in which they are read; one without lines is left
out."""

TEXT_WIDTH = 100
"""Width of a report that is written to a .txt file."""


def render_console(report: AnyReport, console: Console, *, plot: bool = False) -> None:
    """Print ``report`` on ``console``, in its width, colours and encoding; with its pictures."""
    page = Page.of(console, float(report.settings.get("level", 0.95)), plot=plot)
    for title, section in SECTIONS[type(report)]:
        lines = section(report, page)
        if title and lines:
            lines = [Text(title, style="bold"), *lines]
        for line in [*lines, Text()] if lines else []:
            console.print(line, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def render_text(report: AnyReport) -> str:
    """Return ``report`` as plain text of a fixed width, without colours."""
    stream = io.StringIO()
    console = Console(file=stream, width=TEXT_WIDTH, color_system=None, force_terminal=False)
    render_console(report, console)
    return stream.getvalue()
