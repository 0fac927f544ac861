"""A report as one HTML file that needs nothing else, and as a fragment for notebooks.

What is drawn depends on the report alone: no clock, no environment, nothing from elsewhere. A
content security policy holds the file to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from calaudit.report.document import Answer, Document, Drawing, Notes, Prose, Section
from calaudit.report.html.environment import rendered
from calaudit.report.html.figure import figure_of
from calaudit.report.kinds import document_of
from calaudit.report.one_page.layout import OnePage
from calaudit.report.one_page.pieces import shortened
from calaudit.report.pictures import Picture
from calaudit.report.rendered import Rendered

HELD, ROWS, TABLES = 700.0, 5, 3
"""Pixels that a table on one page may be wide, its rows, and how many tables there are."""

FOLDED_OUT = ("definitions", "pictures")
"""Sections that a notebook has no room for."""


def render_html(report: Rendered, title: str = "") -> str:
    """Return the report as an HTML document that ends with a newline; ``title``: in its head."""
    document = document_of(report)
    return _page(document, _ordered(document.sections), title=title)


def picture_page(picture: Picture) -> str:
    """Return a picture as a page of its own."""
    from calaudit import __version__

    answer = Answer(status="", size="", lead=picture.title)
    document = Document(command="", version=__version__, level=0, answer=answer, sections=())
    drawing = Drawing(name=picture.name, picture=lambda: picture)
    return _page(document, [Section(name="picture", title="Picture", blocks=[drawing])])


def html_page(page: OnePage, sheet: str, sides: tuple[float, float]) -> str:
    """Return one page as HTML for screens of any width, which prints ``sheet``, an SVG."""
    parts: list[tuple[str, Any]] = [
        ("Figures", page.cards),
        ("Picture", next((each for each in page.document.drawings if page.picture), None)),
        ("What to do next", Prose([page.step]) if page.step else None),
        ("Notes", Notes(page.notes[:ROWS]) if page.notes else None),
        *((name, shortened(table, HELD, ROWS)) for name, table in page.tables[:TABLES]),
    ]
    sections = [
        Section(name=f"part-{i}", title=title, blocks=[block])
        for i, (title, block) in enumerate(parts)
        if block is not None
    ]
    about = {"title": page.title, "date": page.date, "sheet": sheet, "sides": sides}
    return _page(page.document, sections, **about)


def _page(document: Document, sections: Sequence[Section], **more: Any) -> str:
    about = {"title": "", "date": "", "sheet": "", **more}
    return rendered("page.html", document=document, sections=_drawn(document, sections), **about)


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
