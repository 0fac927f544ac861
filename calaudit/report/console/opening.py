"""The verdict in a sentence, and what it was found on."""

from __future__ import annotations

from rich.text import Text

from calaudit.report.check import CheckReport
from calaudit.report.console.grid import hanging
from calaudit.report.console.page import Page, styled
from calaudit.report.content.opening import dropped_text, sentences, task_text
from calaudit.report.decision import DecisionReport
from calaudit.report.model import Report
from calaudit.report.numbers import count

__all__ = [
    "ReadReport",
    "data_lines",
    "dropped_lines",
    "mark",
    "sentence_lines",
    "source_text",
    "verdict_lines",
]

ReadReport = Report | DecisionReport | CheckReport
"""A report of one reading of its data: it has inputs, roles and an intake."""

COLOURS = {
    "none": "green",
    "unknown": "cyan",
    "negligible": "green",
    "moderate": "yellow",
    "large": "red",
}


def mark(status: str, size: str, page: Page) -> Text:
    """Return the mark of a status: its form tells it apart without its colour."""
    return styled(page.glyphs.marks.get(status, "?"), f"bold {COLOURS.get(size, 'yellow')}")


def verdict_lines(report: Report, page: Page) -> list[Text]:
    """Return the verdict, its first sentence in bold."""
    verdict = report.verdict
    lead = mark(verdict.status, verdict.size, page) + Text(" ")
    return sentence_lines(verdict.sentence, lead, page)


def sentence_lines(sentence: str, lead: Text, page: Page) -> list[Text]:
    """Return what the report says first, after ``lead``, with its first sentence in bold."""
    first, rest = sentences(sentence)
    text = page.ours(first, "bold")
    if rest:
        text = text + Text(" ") + page.ours(rest)
    return [Text(), *hanging(text, width=page.prose, first=lead)]


def data_lines(report: Report | DecisionReport, page: Page) -> list[Text]:
    """Return one line on the data, and one on what was dropped, if anything was."""
    used = count(report.intake.rows_used)
    plural = "" if report.intake.rows_used == 1 else "s"
    between = f" {page.glyphs.dot} "
    start = page.ours(f"{used} row{plural}{between}{task_text(report)}{between}")
    line = start + source_text(report, page, max(page.width - start.cell_len - 3, 24))
    return hanging(line, width=page.width) + dropped_lines(report, page)


def source_text(report: ReadReport, page: Page, room: int) -> Text:
    """Return the name of the file, or how many files there are, in about ``room`` cells."""
    inputs = report.inputs
    if not inputs:
        return Text("no files")
    if len(inputs) == 1:
        name = inputs[0].path
        return page.ours("standard input") if name == "-" else page.name(name, room)
    lead = page.ours(f"{count(len(inputs))} files from ")
    return lead + page.name(inputs[0].path, max(room - lead.cell_len, 16))


def dropped_lines(report: ReadReport, page: Page) -> list[Text]:
    """Return how many rows were left out and why; nothing where all were used."""
    text = dropped_text(report.intake)
    return hanging(page.ours(text, "yellow"), width=page.prose) if text else []
