"""The certificate of a fit as people read it: the map, what it is worth, how it was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page, styled
from calaudit.report.content.certificate import (
    CHOSEN,
    CandidateLine,
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

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.calibrators.certificate import Check

__all__ = ["render_fit"]


def render_fit(calibrator: Calibrator, console: Console) -> None:
    """Print a calibrator and its certificate on ``console``."""
    page = Page.of(console, calibrator.certificate.level)
    sections = [("", _headline(calibrator, page)), ("", _data(calibrator, page))]
    sections += [(check_title(check), _check(check, page)) for check in checks_of(calibrator)]
    sections += [
        ("Candidates, cross-validated", _candidates(calibrator, page)),
        ("Temperature by floor", _floors(calibrator, page)),
        ("Fit", hanging(page.ours(fit_text(calibrator), "dim"), width=page.prose)),
        ("Notes", _notes(calibrator, page)),
    ]
    for title, lines in sections:
        titled = [Text(title, style="bold"), *lines] if title and lines else lines
        for line in [*titled, Text()] if titled else []:
            console.print(line, highlight=False, no_wrap=True, overflow="ignore", crop=False)


def _headline(calibrator: Calibrator, page: Page) -> list[Text]:
    lines: list[Text] = [Text()]
    for remark in warnings(calibrator)[0]:
        lead = styled(page.glyphs.marks["FAIL"] + " ", "bold red")
        lines += hanging(page.ours(remark.text, "bold red"), width=page.prose, first=lead)
    text = page.ours(method_title(calibrator.method), "bold")
    text = text + page.ours(parameters_text(calibrator))
    said = meaning(calibrator)
    if said:
        text = text + Text(" ") + page.ours(said)
    lead = styled(page.glyphs.marks["note"] + " ", "bold cyan")
    return [*lines, *hanging(text, width=page.prose, first=lead)]


def _data(calibrator: Calibrator, page: Page) -> list[Text]:
    dot = f" {page.glyphs.dot} "
    return hanging(page.ours(dot.join(fitted_on(calibrator))), width=page.prose)


def _check(check: Check, page: Page) -> list[Text]:
    rows = [
        [Text(line.title), Text(line.before), Text(line.after), page.ours(line.remark, "dim")]
        for line in check_lines(check)
    ]
    columns = [Column("", right=False), Column("before"), Column("after"), Column("", right=False)]
    return grid(columns, rows, width=page.width)


def _candidates(calibrator: Calibrator, page: Page) -> list[Text]:
    candidates = calibrator.certificate.candidates
    if not candidates:
        return []
    columns = [
        Column("", right=False),
        Column("log loss"),
        Column("worse by"),
        Column("error"),
        Column("", right=False),
    ]
    rows = [_candidate(candidate_line(candidate), page) for candidate in candidates]
    lines = grid(columns, rows, width=page.width)
    return lines + hanging(page.ours(CHOSEN, "dim"), width=page.prose)


def _candidate(line: CandidateLine, page: Page) -> list[Text]:
    figures = (line.log_loss, line.worse, line.error)
    remark = f"{page.glyphs.left} chosen" if line.chosen else line.reason
    style = "bold" if line.chosen else "dim"
    return [
        page.ours(line.method),
        *(Text(figure or page.glyphs.dash) for figure in figures),
        page.ours(remark, style),
    ]


def _floors(calibrator: Calibrator, page: Page) -> list[Text]:
    columns = [Column("floor"), Column("T"), Column("", right=False)]
    rows = [[*map(Text, pair), Text()] for pair in floor_pairs(calibrator)]
    return grid(columns, rows, width=page.width) if rows else []


def _notes(calibrator: Calibrator, page: Page) -> list[Text]:
    lines: list[Text] = []
    for remark in warnings(calibrator)[1]:  # the others are said at the top
        lead = Text("  ") + Text(page.glyphs.marks["note"], style="bold cyan") + Text(" ")
        lines += hanging(page.ours(remark.text), width=page.prose, first=lead)
        if remark.advice:
            advice = page.ours(f"{page.glyphs.arrow} {remark.advice}", "dim")
            lines += hanging(advice, width=page.prose, indent=lead.cell_len)
    return lines
