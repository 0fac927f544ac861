"""The report of ``calaudit check``: the verdict, every rule, and the figures before and after."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.check import FAIL, INCONCLUSIVE, PASS, CheckReport, RuleResult
from calaudit.report.console.closing import note_lines, role_lines
from calaudit.report.console.figures import Figures, named_table, widest_fit
from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.opening import dropped_lines, sentence_lines, source_text
from calaudit.report.console.page import Page, styled
from calaudit.report.numbers import count, counted
from calaudit.report.side_by_side import level_titles, side_by_side

__all__ = ["CHECK_SECTIONS"]

COLOURS = {PASS: "green", FAIL: "red", INCONCLUSIVE: "yellow"}

MOST = 30
"""Rules shown at most that passed, and at most that are inconclusive; failed ones all are."""


def outcome_lines(report: CheckReport, page: Page) -> list[Text]:
    """Return the verdict, its first sentence in bold."""
    mark = page.glyphs.marks.get(report.status, "?")
    colour = COLOURS[FAIL] if report.breaks(report.status) else COLOURS[report.status]
    lead = styled(f"{mark} ", f"bold {colour}")
    return sentence_lines(report.sentence, lead, page)


def rule_lines(report: CheckReport, page: Page) -> list[Text]:
    """Return a line a rule and slice, folded under itself."""
    rows: list[list[Text]] = []
    more: list[str] = []
    for status in (FAIL, INCONCLUSIVE, PASS):
        found = [result for result in report.results if result.status == status]
        kept = found if status == FAIL else found[:MOST]
        rows += [[styled(status, f"bold {COLOURS[status]}"), _told(r, page)] for r in kept]
        if len(found) > len(kept):
            more.append(f"{count(len(found) - len(kept))} more {status}")
    lines = grid([Column("", right=False)] * 2, rows, width=page.width) if rows else []
    text = f"{' and '.join(more)} are in the JSON report." if more else ""
    return lines + (hanging(page.ours(text, "dim"), width=page.prose) if text else [])


def compared_lines(report: CheckReport, page: Page) -> list[Text]:
    """Return the figures before and after, with intervals where there is room."""
    rows = side_by_side(report)
    if not rows:
        return []
    names = [row.metric for row in rows]
    then, now = level_titles(report)
    title = "value" if report.baseline is None else "after"
    new = _column(title, [row.after for row in rows], page, "bold")
    new_interval = _column(now, [row.after_interval for row in rows], page, "dim")
    tables = [new + new_interval, new]
    if report.baseline is not None:
        old = _column("before", [row.before for row in rows], page)
        old_interval = _column(then, [row.before_interval for row in rows], page, "dim")
        change = _column("change", [row.change for row in rows], page)
        tables = [old + table + change for table in tables]
        tables.insert(0, old + old_interval + new + new_interval + change)
    return named_table("", names, widest_fit(tables, names, page), page)


def row_lines(report: CheckReport, page: Page) -> list[Text]:
    """Return which rows there are on both sides, and how they were matched."""
    room = max(page.width - 32, 24)
    dot = f" {page.glyphs.dot} "
    rows = counted(report.rows, "row") + dot + report.task + dot
    pairs = [("after", page.ours(rows) + source_text(report, page, room))]
    if report.baseline is not None:
        known = "" if report.baseline_rows is None else counted(report.baseline_rows, "row") + dot
        pairs.insert(0, ("before", page.ours(known) + page.name(report.baseline, room)))
    if report.pairing is not None:
        p = report.pairing
        matched = page.ours(f"{counted(p.matched, 'row')} by ") + page.name(p.column, 24)
        rest = f"{dot}{count(p.only_before)} only before{dot}{count(p.only_after)} only after"
        pairs.append(("matched", matched + page.ours(rest)))
    cells = [[styled(name, "dim"), text] for name, text in pairs]
    lines = grid([Column("", right=False)] * 2, cells, width=page.width)
    return lines + dropped_lines(report, page)


def _told(result: RuleResult, page: Page) -> Text:
    before, where, after = result.told
    if not where:
        return page.ours(before)
    return page.ours(f"{before} where ") + page.name(where, page.width // 2) + page.ours(after)


def _column(title: str, cells: list[str], page: Page, style: str = "") -> Figures:
    dash = page.glyphs.dash
    return [(Column(title), [page.ours(cell or dash, style) for cell in cells])]


CHECK_SECTIONS = (
    ("", outcome_lines),
    ("Rules", rule_lines),
    ("Figures", compared_lines),
    ("Rows", row_lines),
    ("Notes", note_lines),
    ("Columns", role_lines),
)
"""Sections in the order in which they are read; one without lines is left out."""
