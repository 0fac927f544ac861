"""A report as people read it in a terminal: the answer first, the small print last.

Text from the data never reaches rich as markup, and nothing is drawn that the stream cannot
encode.
"""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from calaudit.report.console.block_lines import document_lines
from calaudit.report.console.page import Page
from calaudit.report.kinds import document_of
from calaudit.report.rendered import Rendered

__all__ = ["render_console", "render_text"]

TEXT_WIDTH = 100
"""Width of a report that is written to a .txt file."""


def render_console(
    report: Rendered,
    console: Console,
    *,
    full: bool = False,
    brief: bool = False,
    plot: bool = False,
) -> None:
    """Print ``report`` on ``console``, in its width, colours and encoding.

    Args:
        report: what was found.
        console: where it is printed.
        full: whether all of it is; otherwise what fits a screen.
        brief: whether the answer alone is, with the rows that it is about.
        plot: whether its charts are drawn.
    """
    document = document_of(report)
    if brief:
        document = replace(document, sections=(), closing=False)
    page = Page.of(console, document.level, plot=plot)
    for line in document_lines(document, page, full=full):
        line.rstrip()
        console.print(line, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def render_text(report: Rendered, *, full: bool = True) -> str:
    """Return ``report`` as plain text of a fixed width, without colours."""
    stream = io.StringIO()
    console = Console(file=stream, width=TEXT_WIDTH, color_system=None, force_terminal=False)
    render_console(report, console, full=full)
    return stream.getvalue()
