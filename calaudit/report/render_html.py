"""A report as one HTML file that needs nothing else, and as a fragment for notebooks.

What is drawn depends on the report alone: no clock, no environment, nothing from elsewhere. A
content security policy holds the file to it.
"""

from __future__ import annotations

from dataclasses import replace

from calaudit.report.html.blocks import Drawing
from calaudit.report.html.environment import rendered
from calaudit.report.html.pictures import main_picture
from calaudit.report.html.sections import answer_of, sections_of
from calaudit.report.kinds import AnyReport, kind_of

__all__ = ["html_fragment", "render_html"]

COMMANDS = {"report": "evaluate", "thresholds": "threshold"}
"""Kind of report → the command that makes it, where it has another name."""


def render_html(report: AnyReport) -> str:
    """Return the report as an HTML document that ends with a newline."""
    kind = kind_of(report.schema)
    return rendered(
        "page.html",
        answer=answer_of(report),
        sections=sections_of(report),
        command=COMMANDS.get(kind, kind),
        version=report.calaudit,
    )


def html_fragment(report: AnyReport) -> str:
    """Return the report as a part of a page: the answer and the main picture, the rest folded.

    Its styles reach nothing outside of it.
    """
    left = ("definitions", "pictures")
    sections = [
        replace(section, blocks=[b for b in section.blocks if not isinstance(b, Drawing)])
        for section in sections_of(report)
        if section.name not in left
    ]
    return rendered(
        "fragment.html",
        answer=answer_of(report),
        drawings=main_picture(report),
        sections=sections,
    )
