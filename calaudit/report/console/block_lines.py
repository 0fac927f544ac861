"""The blocks of a document as lines of text. Nothing here knows a kind of report.

Figures in large repeat a table beside them, and definitions are what ``calaudit explain`` is for:
neither is drawn in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from calaudit.report.console.chart_lines import chart_lines
from calaudit.report.console.grid import Column, grid, hanging
from calaudit.report.console.page import Page, mark, styled
from calaudit.report.console.table_lines import STYLES, table_lines
from calaudit.report.document import (
    Answer,
    Block,
    Code,
    Document,
    Drawing,
    Facts,
    Mark,
    Notes,
    Prose,
    Section,
    Table,
)

NO_CHART = "There is no chart of what was found."


def document_lines(document: Document, page: Page, *, full: bool) -> Iterator[Text]:
    """Yield the lines of a document, the answer first.

    Args:
        document: what is shown.
        page: where.
        full: whether all of it is shown; otherwise the short form, with what more there is.
    """
    yield Text()
    yield from _answer(document.answer, page)
    left_out = []
    for section in document.sections:
        lines = _section(section, page, full=full) if full or section.short else []
        if lines:
            yield from ([Text(), page.ours(section.title, "bold")] if section.title else [Text()])
            yield from lines
        elif not section.short and _section(section, page, full=full):
            left_out.append(section.title)
    if document.sections:
        yield Text()
    if page.plot and not any(drawing.chart() for drawing in document.drawings):
        yield from hanging(page.ours(NO_CHART, "dim"), width=page.prose, indent=0)
    if left_out:
        what = f" {page.glyphs.dot} ".join(left_out)
        yield from hanging(
            page.ours(f"--full shows more: {what}", "dim"), width=page.prose, indent=0
        )
    if document.closing:
        yield from _lead(document.answer, page, "")


def _section(section: Section, page: Page, *, full: bool) -> list[Text]:
    """Return the lines of a section: what is read first, then what is looked at."""
    drawings = [block for block in section.blocks if isinstance(block, Drawing)]
    lines: list[Text] = []
    for block in [*(b for b in section.blocks if not isinstance(b, Drawing)), *drawings]:
        found = _block(block, page, full=full)
        titled = isinstance(block, Drawing) or (isinstance(block, Table) and not block.plain)
        titled = titled or (isinstance(block, Prose) and bool(block.title))
        lines += [Text()] * bool(lines and found and titled) + found
    return lines


def _block(block: Block, page: Page, *, full: bool) -> list[Text]:
    match block:
        case Answer():
            return _answer(block, page)
        case Table():
            return _captioned(block, page, full=full)
        case Drawing():
            return _drawing(block, page, full=full)
        case Prose():
            return _prose(block, page)
        case Notes():
            return _notes(block, page)
        case Facts():
            rows = [[page.ours(name, "dim"), page.name(text)] for name, text in block.pairs]
            return grid([Column("", right=False)] * 2, rows, width=page.width)
        case Code():
            title = hanging(page.ours(block.title, "dim"), width=page.prose)
            return [*title, *hanging(page.name(block.text), width=page.width)]
        case _:
            return []


def _answer(answer: Answer, page: Page) -> list[Text]:
    """Return the first sentence, the rest, and what it was found on."""
    lines = _lead(answer, page, answer.rest)
    dot = f" {page.glyphs.dot} "
    data = [dot.join(answer.data), dot.join(answer.told)]
    told = [line for part in data if part for line in hanging(page.ours(part), width=page.prose)]
    dropped = hanging(page.ours(answer.dropped, "yellow"), width=page.prose)
    return [*lines, *([Text(), *told] if told else []), *(dropped if answer.dropped else [])]


def _lead(answer: Answer, page: Page, rest: str) -> list[Text]:
    """Return the first sentence in bold after its mark, and the rest."""
    lead = mark(Mark(answer.status, answer.size), page) + Text(" ")
    text = page.ours(answer.lead, "bold")
    if rest:
        text = text + Text(" ") + page.ours(rest)
    return hanging(text, width=page.prose, first=lead)


def _captioned(table: Table, page: Page, *, full: bool) -> list[Text]:
    lines = table_lines(table, page, full=full)
    caption = hanging(page.ours(table.caption, "italic"), width=page.prose)
    return lines if table.plain else [*caption, *lines]


def _drawing(drawing: Drawing, page: Page, *, full: bool) -> list[Text]:
    """Return the chart, where charts are wanted, and the figures."""
    chart = drawing.chart() if page.plot else None
    lines = [] if chart is None else chart_lines(chart, page)
    table = drawing.table
    if table is None:
        return lines
    lines = [*lines, Text()] if lines else []
    return [page.ours(table.caption, "bold"), *lines, *table_lines(table, page, full=full)]


def _prose(block: Prose, page: Page) -> list[Text]:
    title = hanging(page.ours(block.title, "italic"), width=page.prose) if block.title else []
    style = STYLES[block.tone]
    texts = (hanging(page.ours(text, style), width=page.prose) for text in block.texts if text)
    return [*title, *(line for lines in texts for line in lines)]


def _notes(block: Notes, page: Page) -> list[Text]:
    lines: list[Text] = []
    for note in block.notes:
        lead = Text("  ") + styled(page.glyphs.marks["note"], "bold cyan") + Text(" ")
        lines += hanging(page.ours(note.text), width=page.prose, first=lead)
        if note.advice:
            advice = page.ours(f"{page.glyphs.arrow} {note.advice}", "dim")
            lines += hanging(advice, width=page.prose, indent=lead.cell_len)
    return lines
