"""A report as one HTML file that needs nothing else, and as a fragment for notebooks.

What is drawn depends on the report alone: no clock, no environment, nothing from elsewhere. A
content security policy holds the file to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from calaudit.report.document import Document, Drawing, Section
from calaudit.report.html.environment import rendered
from calaudit.report.html.figure import figure_of
from calaudit.report.kinds import document_of
from calaudit.report.rendered import Rendered

__all__ = ["html_fragment", "render_html"]

FOLDED_OUT = ("definitions", "pictures")
"""Sections that a notebook has no room for."""


def render_html(report: Rendered) -> str:
    """Return the report as an HTML document that ends with a newline."""
    document = document_of(report)
    sections = _drawn(document, _ordered(document.sections))
    return rendered("page.html", document=document, sections=sections)


def html_fragment(report: Rendered) -> str:
    """Return the report as a part of a page: the answer and the main picture, the rest folded.

    Its styles reach nothing outside of it.
    """
    document = document_of(report)
    drawn = (figure_of(drawing, document) for drawing in document.drawings)
    main = next((figure for figure in drawn if figure is not None), None)
    sections = [
        replace(section, blocks=[b for b in section.blocks if not isinstance(b, Drawing)])
        for section in document.sections
        if section.name not in FOLDED_OUT
    ]
    return rendered(
        "fragment.html",
        document=document,
        figures=[] if main is None else [main],
        sections=[section for section in sections if section.blocks],
    )


def _ordered(sections: Sequence[Section]) -> list[Section]:
    """Return what the short form has first, then the rest; pictures do not part its tables."""
    first, *others = sections
    return [
        first,
        *sorted(others, key=lambda s: (s.folded, not s.short or s.name == "pictures")),
    ]


def _drawn(document: Document, sections: Sequence[Section]) -> list[Section]:
    """Return the sections with their drawings made; those without data are left out."""
    found = []
    for section in sections:
        blocks: list[Any] = [
            figure_of(block, document) if isinstance(block, Drawing) else block
            for block in section.blocks
        ]
        blocks = [block for block in blocks if block is not None]
        if blocks:
            found.append(replace(section, blocks=blocks))
    return found
