"""Which pictures there are of a report."""

from __future__ import annotations

from calaudit.errors import SettingsError
from calaudit.report.chart import Chart
from calaudit.report.kinds import document_of
from calaudit.report.pictures.picture import Picture
from calaudit.report.rendered import Rendered


def pictures_of(report: Rendered) -> tuple[Picture, ...]:
    """Return every picture that the report has data for, the main one first."""
    made = (drawing.picture() for drawing in document_of(report).drawings)
    return tuple(picture for picture in made if picture is not None)


def picture_of(report: Rendered, name: str | None = None) -> Picture:
    """Return one picture of a report: that of this name, or the main one.

    Raises:
        SettingsError: there is no such picture, or the report has no data for it.
    """
    drawings = {drawing.name: drawing for drawing in document_of(report).drawings}
    if name is not None and name not in drawings:
        known = ", ".join(drawings)
        raise SettingsError(f"there is no picture {name!r} of this report; there are: {known}")
    for each, drawing in drawings.items():
        if name in (None, each) and (found := drawing.picture()) is not None:
            return found
    others = ", ".join(each.name for each in pictures_of(report))
    wanted = "any picture" if name is None else f"the picture {name!r}"
    there = f"; there are: {others}" if others else ""
    raise SettingsError(f"the report has no data for {wanted}{there}")


def chart_of(report: Rendered, name: str | None = None) -> Chart:
    """Return what is drawn on axes: that of this name, or of the main picture that has one.

    Raises:
        SettingsError: there is none.
    """
    made = {drawing.name: drawing.chart() for drawing in document_of(report).drawings}
    charts = {each: chart for each, chart in made.items() if chart is not None}
    if charts and (name is None or name in charts):
        return charts[name or next(iter(charts))]
    wanted = "a picture" if name is None else f"the picture {name!r}"
    there = f"there are: {', '.join(charts)}; others come" if charts else "pictures come"
    raise SettingsError(f"ax: this report has not {wanted} for axes; {there} without ax")
