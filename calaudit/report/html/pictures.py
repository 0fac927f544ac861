"""The pictures of a report as blocks of the page, each with its figures as a table if short."""

from __future__ import annotations

from calaudit.report.audit import AuditReport
from calaudit.report.content.reliability import BinTable
from calaudit.report.glossary import known
from calaudit.report.html.blocks import Cell, Drawing, Head, Panel, Section, Table
from calaudit.report.kinds import AnyReport
from calaudit.report.model import Report
from calaudit.report.pictures import Picture, pictures_of, themed_svg, themed_svgs

__all__ = ["main_picture", "picture_section"]

MOST = 50
"""Bins up to which a picture has its figures beside it."""


def picture_section(report: AnyReport) -> Section:
    """Return every picture that the report has data for."""
    drawings = [_drawing(report, picture) for picture in pictures_of(report)]
    return Section(name="pictures", title="Pictures", blocks=drawings)


def main_picture(report: AnyReport) -> list[Drawing]:
    """Return the main picture alone; () where there is none."""
    return [_drawing(report, picture) for picture in pictures_of(report)[:1]]


def _drawing(report: AnyReport, picture: Picture) -> Drawing:
    explained = known(picture.name, "picture")
    title, subtitle = picture.title, picture.subtitle
    if answer_text(report).startswith(title):  # which stands at the head of the page
        title, subtitle = subtitle, ""
    return Drawing(
        name=picture.name,
        title=title,
        subtitle=subtitle,
        panels=_panels(picture),
        text=picture.alt if explained is None else explained.reading,
        table=_bins(report) if picture.name == "reliability" else None,
    )


def answer_text(report: AnyReport) -> str:
    """Return what the page says first."""
    if isinstance(report, AuditReport):
        return report.answer
    return report.verdict.sentence if isinstance(report, Report) else report.sentence


def _panels(picture: Picture) -> list[Panel]:
    if not picture.panels:
        return [Panel(svg=themed_svg(picture))]
    return [
        Panel(svg=svg, name=panel.title, told=panel.subtitle)
        for svg, panel in zip(themed_svgs(picture), picture.panels, strict=True)
    ]


def _bins(report: AnyReport) -> Table | None:
    """Return the reliability table of a report; of an audit that on the scores as they are best."""
    shown = report.best if isinstance(report, AuditReport) else report
    if not isinstance(shown, Report):
        return None
    filled = [b for b in shown.bins if b.rows]
    if not 0 < len(filled) <= MOST:
        return None
    came = "is %" if shown.task == "binary" else "right %"
    interval = f"{100 * float(shown.settings.get('level', 0.95)):g} %"
    heads = [Head(title="score", left=True)]
    heads += [Head(title=title) for title in ("rows", "says %", came, interval, "gap")]
    table = BinTable(filled)
    rows = [
        [
            Cell(text=line.span, left=True, value=b.lower),
            Cell(text=line.rows, value=b.rows),
            Cell(text=line.says, value=b.mean_score),
            Cell(text=line.came, value=b.observed, tone="strong"),
            Cell(text=line.interval, tone="quiet"),
            Cell(text=line.gap),
        ]
        for b, line in ((b, table.line(b)) for b in filled)
    ]
    when = ""
    if isinstance(report, AuditReport) and report.after is not None:
        when = f", {'after' if shown is report.after else 'before'} calibration"
    return Table(caption=f"Reliability{when}", heads=heads, rows=rows)
