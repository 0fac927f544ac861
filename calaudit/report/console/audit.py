"""The report of ``calaudit audit``: the answer, and the figures and tables behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rich.text import Text

from calaudit.report.audit import AuditReport
from calaudit.report.console.closing import note_lines, role_lines
from calaudit.report.console.cutoffs import guarantee_lines, plateau_lines
from calaudit.report.console.decision import curve_lines
from calaudit.report.console.diagram_risk import risk_lines
from calaudit.report.console.figures import drawn, named_table, widest_fit
from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.matrix import matrix_lines
from calaudit.report.console.opening import data_lines, mark, sentence_lines
from calaudit.report.console.options import cost_lines, option_lines
from calaudit.report.console.outcomes import class_cutoff_lines
from calaudit.report.console.page import Page, styled
from calaudit.report.console.reliability import reliability_lines
from calaudit.report.console.slices import slice_lines
from calaudit.report.console.wrong import worst_lines
from calaudit.report.content.certificate import (
    candidate_line,
    fitted_on,
    meaning,
    method_title,
    parameters_text,
)
from calaudit.report.content.columns import level_text
from calaudit.report.content.comparison import Compared, comparison
from calaudit.report.content.selective import (
    selective_columns,
    selective_names,
    selective_remarks,
)
from calaudit.report.decision import DecisionReport
from calaudit.report.model import Report

__all__ = ["AUDIT_SECTIONS"]

Section = Callable[[AuditReport, Page], list[Text]]


def answer_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return the answer, its first sentence in bold."""
    verdict = report.before.verdict
    lead = mark(verdict.status, verdict.size, page)
    if report.makes_worse:
        lead = styled(page.glyphs.marks["FAIL"], "bold red")
    return sentence_lines(report.answer, lead + Text(" "), page)


def division_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return what was judged, and on what the calibrator was fitted."""
    lines = data_lines(report.before, page)
    return lines + hanging(page.ours(report.division.sentence), width=page.prose)


def comparison_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return the headline figures before and after; with intervals where there is room."""
    found, level = comparison(report), level_text(page.level)
    columns: tuple[str, ...]
    if report.after is None:
        columns = ("", "value", page.interval_title, "")
        rows = [_plain(line, page) for line in found]
    elif page.width >= WIDE:
        columns = ("", "before", f"{level} before", "after", f"{level} after", "")
        rows = [_row(line, page, bounded=True) for line in found]
    else:
        columns = ("", "before", "after", f"{level} after", "")
        rows = [_row(line, page, bounded=False) for line in found]
    heads = [Column(title, right=title in ("value", "before", "after")) for title in columns]
    return grid(heads, rows, width=page.width)


WIDE = 90
"""Cells from which intervals before calibration have room, too."""


def _title(line: Compared) -> Text:
    return Text(("  " if line.before.part else "") + line.before.title)


def _plain(line: Compared, page: Page) -> list[Text]:
    dash = page.glyphs.dash
    value = Text(line.before.value or dash, style="bold")
    return [_title(line), value, page.ours(line.before.interval), page.ours(line.remark, "dim")]


def _row(line: Compared, page: Page, *, bounded: bool) -> list[Text]:
    dash = page.glyphs.dash
    after = line.after
    interval = [page.ours(line.before.interval, "dim")] if bounded else []
    return [
        _title(line),
        Text(line.before.value or dash),
        *interval,
        Text(dash if after is None else after.value or dash, style="bold"),
        page.ours("" if after is None else after.interval),
        page.ours(line.remark, "dim"),
    ]


def bin_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return the reliability of the scores as they are best used; the diagram shows both."""
    best = report.best
    return reliability_lines(best, page, None if best is report.before else report.before)


def selective_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return what accepting the most confident decisions would give."""
    selective = report.selective
    if selective is None or not selective.acceptances:
        return []
    names = selective_names(selective)
    tables = (
        drawn(selective_columns(selective, page.level, bounded=bounded), page)
        for bounded in (True, False)
    )
    lines = named_table("errors allowed", names, widest_fit(tables, names, page), page)
    if page.plot:
        found = [(a.coverage.value, a.error.value) for a in selective.acceptances]
        marks = [(x, y) for x, y in found if x is not None and y is not None]
        lines = [
            *risk_lines(selective.curve, page, marks=marks, key="with the limits below"),
            Text(),
            *lines,
        ]
    text = " ".join(selective_remarks(selective))
    return lines + hanging(page.ours(text, "dim"), width=page.prose)


def calibrator_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return the calibrator in a few lines: its parameters, its rows, and what it was one of."""
    calibrator = report.fitted
    text = page.ours(method_title(calibrator.method), "bold")
    said = f"{parameters_text(calibrator)} {meaning(calibrator)}".rstrip()
    lines = hanging(text + page.ours(said), width=page.prose)
    lines += hanging(
        page.ours(f" {page.glyphs.dot} ".join(fitted_on(calibrator)), "dim"), width=page.prose
    )
    tried = [candidate_line(candidate) for candidate in calibrator.certificate.candidates]
    if tried:
        losses = ", ".join(f"{c.method} {c.log_loss or c.reason}" for c in tried)
        text = page.ours(f"Cross-validated log loss: {losses}.", "dim")
        lines += hanging(text, width=page.prose)
    return lines


def columns_lines(report: AuditReport, page: Page) -> list[Text]:
    """Return how the columns of the judged rows were read, and the settings."""
    return role_lines(report.before, page)


def _decided(section: Callable[[DecisionReport, Page], list[Text]]) -> Section:
    """Return a section of the decision as one of the audit; nothing where none was asked for."""
    return lambda report, page: [] if report.decision is None else section(report.decision, page)


def _of(section: Callable[[Report, Page], list[Text]]) -> Section:
    """Return a section on the scores as they are best used as one of the audit."""
    return lambda report, page: section(report.best, page)


def _titled(title: str, section: Section) -> tuple[tuple[str, Section], tuple[str, Section]]:
    """Return a section twice, of which one is empty: on scores as they are, and calibrated."""

    def lines(report: AuditReport, page: Page, *, calibrated: bool) -> list[Text]:
        return section(report, page) if (report.best is report.after) is calibrated else []

    plain, new = partial(lines, calibrated=False), partial(lines, calibrated=True)
    return (title, plain), (f"{title}, calibrated", new)


AUDIT_SECTIONS: tuple[tuple[str, Section], ...] = (
    ("", answer_lines),
    ("", division_lines),
    ("On the rows judged", comparison_lines),
    *_titled("Reliability", bin_lines),
    ("Curve", _decided(curve_lines)),
    ("Options", _decided(option_lines)),
    ("Cost per 1,000 cases", _decided(cost_lines)),
    ("Decisions, cost per 1,000 cases", _decided(matrix_lines)),
    ("Cutoffs by class", _decided(class_cutoff_lines)),
    ("Limits", _decided(guarantee_lines)),
    ("Range", _decided(plateau_lines)),
    ("Without a person", selective_lines),
    ("Calibrator", calibrator_lines),
    *_titled("Slices", _of(slice_lines)),
    *_titled("Worst rows", _of(worst_lines)),
    ("Notes", note_lines),
    ("Columns", columns_lines),
)
"""Sections in the order in which they are read; one without lines is left out."""
