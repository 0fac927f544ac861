"""A drawing as a page shows it: inline SVGs, its words, and its figures folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calaudit.report.document import Document, Drawing, Table
from calaudit.report.glossary import known
from calaudit.report.pictures import Picture, themed_svg, themed_svgs


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One SVG of a figure; with a name from the data, and its figures, where there are several."""

    svg: str
    name: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture as inline SVGs.

    Attributes:
        title: what it finds. subtitle: what is drawn. text: how to read it.
        panels: one, or those of small multiples, which wrap.
        table: the same in figures.
    """

    title: str
    subtitle: str
    text: str
    panels: Sequence[Panel]
    table: Table | None


def figure_of(drawing: Drawing, document: Document) -> Figure | None:
    """Return a drawing of a document; None where there are no data for it."""
    picture = drawing.picture()
    if picture is None:
        return None
    explained = known(picture.name, "picture")
    title, subtitle = picture.title, picture.subtitle
    if document.answer.lead.startswith(title):  # which stands at the head of the page
        title, subtitle = subtitle, ""
    return Figure(
        title=title,
        subtitle=subtitle,
        text=picture.alt if explained is None else explained.reading,
        panels=_panels(picture),
        table=drawing.table,
    )


def _panels(picture: Picture) -> list[Panel]:
    if not picture.panels:
        return [Panel(svg=themed_svg(picture))]
    return [
        Panel(svg=svg, name=panel.title, told=panel.subtitle)
        for svg, panel in zip(themed_svgs(picture), picture.panels, strict=True)
    ]
