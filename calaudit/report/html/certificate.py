"""The calibrator of an audit: what it is, what it is worth, how it was chosen."""

from __future__ import annotations

from calaudit.calibrators.base import Calibrator
from calaudit.report.content.certificate import (
    CHOSEN,
    candidate_line,
    check_lines,
    check_title,
    checks_of,
    fit_text,
    fitted_on,
    floor_pairs,
    meaning,
    method_title,
    parameters_text,
    warnings,
)
from calaudit.report.content.columns import DASH
from calaudit.report.html.blocks import Block, Cell, Head, Notes, Prose, Section, Table
from calaudit.report.model import Note

__all__ = ["certificate_section"]


def certificate_section(calibrator: Calibrator) -> Section:
    """Return the certificate of a calibrator."""
    title = method_title(calibrator.method)
    sentences = [f"{title}{parameters_text(calibrator)} {meaning(calibrator)}".strip()]
    sentences.append(" · ".join(fitted_on(calibrator)))
    against, _ = warnings(calibrator)  # the others are among the notes of the audit
    remarks = [Note(code=r.code, text=r.text, advice=r.advice) for r in against]
    blocks: list[Block] = [Notes(remarks)] if remarks else []
    blocks.append(Prose(sentences))
    blocks += _checks(calibrator)
    blocks += _candidates(calibrator)
    blocks += _floors(calibrator)
    blocks.append(Prose([fit_text(calibrator)], "Fit"))
    return Section(name="calibrator", title="Calibrator", blocks=blocks)


def _checks(calibrator: Calibrator) -> list[Table]:
    return [
        Table(
            caption=check_title(check),
            heads=[
                Head(title="", left=True),
                Head(title="before"),
                Head(title="after"),
                Head(title="", left=True),
            ],
            rows=[
                [
                    Cell(text=line.title, left=True, term=line.name),
                    Cell(text=line.before),
                    Cell(text=line.after, tone="strong"),
                    Cell(text=line.remark, left=True, tone="quiet"),
                ]
                for line in check_lines(check)
            ],
        )
        for check in checks_of(calibrator, audited=True)
    ]


def _candidates(calibrator: Calibrator) -> list[Table]:
    candidates = calibrator.certificate.candidates
    if not candidates:
        return []
    titles = ("", "log loss", "worse by", "error", "")
    rows = []
    for line, each in ((candidate_line(each), each) for each in candidates):
        figures = zip(
            (line.log_loss, line.worse, line.error),
            (each.log_loss, each.worse, each.error),
            strict=True,
        )
        rows.append(
            [
                Cell(text=line.method, left=True, term=line.method),
                *(Cell(text=text or DASH, value=value) for text, value in figures),
                Cell(
                    text="chosen" if line.chosen else line.reason,
                    left=True,
                    tone="strong" if line.chosen else "quiet",
                ),
            ]
        )
    return [
        Table(
            caption="Candidates, cross-validated",
            heads=[Head(title=title, left=not title) for title in titles],
            rows=rows,
            remarks=[CHOSEN],
            sortable=len(rows) > 1,
        )
    ]


def _floors(calibrator: Calibrator) -> list[Table]:
    pairs = floor_pairs(calibrator)
    if not pairs:
        return []
    heads = [Head(title="floor", left=True), Head(title="T")]
    rows = [[Cell(text=floor, left=True), Cell(text=temperature)] for floor, temperature in pairs]
    return [Table(caption="Temperature by floor", heads=heads, rows=rows)]
