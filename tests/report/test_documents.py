"""Laws of the documents: what holds of every kind of report, in whatever draws it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.cells import cell_len

import calaudit
from calaudit.report.document import Cards, Drawing, Table
from calaudit.report.fit_report import FitReport
from calaudit.report.kinds import KINDS, document_of, kind_of
from calaudit.report.render_html import html_fragment, render_html
from calaudit.report.render_markdown import CHARACTERS, render_markdown
from calaudit.report.rendered import Rendered
from tests.report.html_page import Element, parsed
from tests.report.html_reports import REPORTS, SAMPLES
from tests.report.test_console import drawn

ALL: dict[str, Callable[[], Rendered]] = {
    **REPORTS,
    "fit-digits": lambda: FitReport(calibrator=calaudit.fit(SAMPLES / "digits_logits.parquet")),
    "fit-spam": lambda: FitReport(
        calibrator=calaudit.fit(SAMPLES / "spam_filter.csv", positive="spam")
    ),
}

FIGURE = re.compile(r"(?<![\w.,-])[-+]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?![\w.])")

CUT = r"\S+ of \S+ \w+; .*"
"""How many rows of a table are shown: other renderers show others."""

SHORT_LINES = 70
"""Lines of the short form at most: a screen, or two for an audit with costs."""


def words(element: Element) -> str:
    """Return the texts of a page, apart from each other."""
    return " ".join(c if isinstance(c, str) else words(c) for c in element.children)


def figures(text: str) -> set[str]:
    """Return the numbers in a text."""
    return {found.strip("+-").rstrip(",") for found in FIGURE.findall(text)}


def test_every_kind_has_an_example() -> None:
    """The laws below are about every kind that there is."""
    assert {kind_of(make()).command for make in ALL.values()} == {k.command for k in KINDS.values()}


@pytest.mark.parametrize(
    ("width", "full"), [(40, True), (60, False), (80, True), (100, False), (140, True)]
)
@pytest.mark.parametrize("name", ALL)
def test_lines_fit_the_terminal(name: str, width: int, full: bool) -> None:
    """No line is wider than the terminal, ends in blanks, or has a colour that nobody wants."""
    text = drawn(ALL[name](), width, full=full)
    wide = [s for s in text.splitlines() if cell_len(s) > width or s != s.rstrip()]
    assert wide == []
    assert "\x1b" not in text


@pytest.mark.parametrize("name", ALL)
def test_ascii_terminals_get_ascii(name: str) -> None:
    """A stream that knows only ASCII gets every section, and no encoding error."""
    text, full = drawn(ALL[name](), 80, "ascii"), drawn(ALL[name](), 80)
    titles = [line for line in full.splitlines() if re.fullmatch(r"[A-Z][a-z ]+", line)]
    assert text.isascii()
    assert [line for line in text.splitlines() if line in titles] == titles


@pytest.mark.parametrize("name", ALL)
def test_figures_of_the_terminal_are_everywhere(name: str) -> None:
    """What the terminal shows stands on the page, too, and in the Markdown if that is not cut."""
    report = ALL[name]()
    shown = figures(re.sub(CUT, "", drawn(report, 400)))
    page = words(parsed(render_html(report)))
    assert shown - figures(page) == set()
    markdown = render_markdown(report)
    if len(markdown) < CHARACTERS and "in the JSON report" not in markdown:
        text = re.sub(r"&#(\d+);", lambda m: chr(int(m.group(1))), markdown).replace("\u200b", "")
        assert shown - figures(text) == set()


@pytest.mark.parametrize("name", ALL)
def test_the_short_form_is_a_part_of_the_whole(name: str) -> None:
    """Nothing is said in short that is not said in full, and it names what it leaves out."""
    short, full = (drawn(ALL[name](), 80, full=full) for full in (False, True))
    assert len(short.splitlines()) <= SHORT_LINES
    assert figures(re.sub(CUT, "", short)) <= figures(full)
    left_out = [s.title for s in document_of(ALL[name]()).sections if not s.short]
    assert "--full shows more" in short or not left_out


@pytest.mark.parametrize("name", ALL)
def test_columns_are_as_long_as_their_table(name: str) -> None:
    """Every column of every table has an entry for each row."""
    for section in document_of(ALL[name]()).sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Drawing) else block
            if isinstance(table, Table):
                for column in table.columns:
                    for part in (column.values, column.tones, column.marks, column.terms):
                        assert len(part) in (0, table.length), (table.caption, column.title)
                assert {len(column.cells) for column in table.columns} == {table.length}


@pytest.mark.parametrize("name", ALL)
def test_figures_in_large_are_those_of_the_table(name: str) -> None:
    """Cards repeat what a table beside them says, so that a terminal may leave them out."""
    for section in document_of(ALL[name]()).sections:
        cards = [card for b in section.blocks if isinstance(b, Cards) for card in b.cards]
        tables = [block for block in section.blocks if isinstance(block, Table)]
        cells = {cell for table in tables for column in table.columns for cell in column.cells}
        for card in cards:
            assert any(cell.startswith(card.value) for cell in cells)
            assert {card.interval, card.after_interval, ""} <= cells | {""}


@pytest.mark.parametrize("name", ALL)
def test_notebooks_show_every_kind(name: str) -> None:
    """The answer stands in what a notebook shows of any report."""
    report = ALL[name]()
    assert document_of(report).answer.lead in parsed(html_fragment(report)).text
