"""What the page says is what the terminal says, digit by digit."""

from __future__ import annotations

import re
from functools import cache

import pytest

from calaudit.report.document import Table
from calaudit.report.documents.calibrator_sections import calibrator_section
from calaudit.report.render_html import render_html
from tests.certificates import fit_text
from tests.report.html_page import parsed, rows_of, tables_of
from tests.report.html_reports import REPORTS, digits_audit
from tests.report.test_console import drawn

BOTH = {
    "multiclass": ("Headline figures", "Classic figures", "Reliability", "Worst rows"),
    "sliced": ("Headline figures", "Classic figures", "Slices by region"),
    "rare_events": ("Headline figures", "Classic figures", "Reliability"),
    "tiny": ("Headline figures", "Classic figures", "Reliability"),
    "decision-fraud": (
        "Options", "Cost per 1,000 cases", "Volumes",
        "Cases by what they are and what is done with them", "If assumptions change",
        "What these cutoffs do by channel",
    ),
    "decision-by_class": ("Cutoffs by predicted class",),
    "decision-matrix": ("Cost per 1,000 cases", "Cases by smallest expected cost"),
    "check-regression": ("Figures before and after", "Every rule"),
    "audit-digits": (
        "Headline figures, before and after calibration",
        "Accepting the most confident, reviewing the rest",
    ),
}  # fmt: skip
"""Report → captions of tables that the terminal shows, too."""


@cache
def terminal(name: str) -> list[str]:
    """Return the lines of a terminal that is wide enough for all, with single blanks."""
    return [" ".join(line.split()) for line in drawn(REPORTS[name](), 400).splitlines()]


def has_in_order(line: str, texts: list[str]) -> bool:
    """Return whether ``texts`` stand in ``line`` one after the other."""
    return re.search(".*".join(map(re.escape, texts)), line) is not None


@pytest.mark.parametrize(
    ("name", "caption"),
    [(name, caption) for name, captions in BOTH.items() for caption in captions],
)
def test_rows_are_lines_of_the_terminal(name: str, caption: str) -> None:
    """All texts of a row stand in one line of the console report, in the same order."""
    found = tables_of(parsed(render_html(REPORTS[name]())))
    rows = rows_of(found[caption])
    assert rows
    for row in rows:
        texts = [text.lstrip("✓✗? ") for text in row if text]
        assert any(has_in_order(line, texts) for line in terminal(name)), texts


@pytest.mark.parametrize("name", ["multiclass", "tiny", "decision-fraud", "check-regression",
                                  "audit-digits", "audit-spam"])  # fmt: skip
def test_sentences_are_those_of_the_terminal(name: str) -> None:
    """The answer, and each note with its advice, are word for word the same."""
    tree = parsed(render_html(REPORTS[name]()))
    console = " ".join(terminal(name))
    (lead,) = tree.all("h1")
    notes = [li for e in tree.all("section") if e.attributes["id"] == "notes" for li in e.all("li")]
    said = [lead.text, *(part for li in notes for part in li.text.split("→"))]
    for text in said:
        assert text in console


def test_the_certificate_is_that_of_fit() -> None:
    """The calibrator of an audit is described as ``calaudit fit`` describes it."""
    import json

    from calaudit.calibrators.saved_calibrator import calibrator_of

    report = digits_audit()
    text = fit_text(calibrator_of(json.dumps(report.calibrator)), width=300)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    tables = tables_of(parsed(render_html(report)).by_id("calibrator"))
    assert len(tables) >= 2
    for caption, table in tables.items():
        assert caption in lines
        for row in rows_of(table):
            texts = [text for text in row if text]
            assert any(has_in_order(line, texts) for line in lines), texts


def test_a_calibrator_that_changes_nothing_has_no_figures_before_and_after() -> None:
    """The identity saves 0 by definition: neither the page nor the terminal shows a table of it."""
    import calaudit
    from tests.report.html_reports import SAMPLES

    fitted = calaudit.fit(SAMPLES / "digits_toplabel.csv", method="identity")
    assert fitted.certificate.checks
    assert "before" not in fit_text(fitted)
    tables = [each for each in calibrator_section(fitted).blocks if isinstance(each, Table)]
    assert not [each for each in tables if "rows" in each.caption]
