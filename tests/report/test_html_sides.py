"""One page, one figure under one name: pictures and tables of classes, and sides of an audit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calaudit.findings.finding import Finding
from calaudit.report.audit_report import AuditReport
from calaudit.report.evaluation_report import Report
from calaudit.report.pictures import picture_of
from calaudit.report.render_html import html_fragment, render_html
from calaudit.report.rendered import Rendered
from tests.report.examples import estimate
from tests.report.html_page import Element, parsed, rows_of, tables_of
from tests.report.html_reports import digits_audit, spam_audit
from tests.report.pictured import drawn, rows_with, slices


def worse() -> AuditReport:
    """Return an audit whose calibrator surely raises the log loss."""
    report = digits_audit()
    return replace(report, saved=estimate(-0.1, -0.2, -0.05))


def panels_of(page: Element, word: str) -> list[tuple[str, str]]:
    """Return the names of the panels on a page, and the error that each shows."""
    found = [e for e in page.all("div") if e.attributes.get("class") == "ca-panel"]
    told = [[p.text for p in panel.all("p")] for panel in found if panel.all("p")]
    return [
        (name, text.removeprefix(word).split()[0]) for name, text in told if text.startswith(word)
    ]


@pytest.mark.parametrize(
    "report", [digits_audit(), worse(), drawn()], ids=["after", "worse", "one"]
)
def test_panels_and_table_of_classes_show_one_figure_in_one_order(report: Rendered) -> None:
    """The ECE in a panel is that of its row, to the digit, and both begin with the largest."""
    page = parsed(render_html(report))
    (caption,) = [name for name in tables_of(page) if name.startswith("Classes")]
    table = tables_of(page)[caption]
    heads = [th.text for th in table.all("thead")[0].all("th")]
    when = ""
    if isinstance(report, AuditReport):
        when = " after" if report.best is report.after else " before"
        assert caption == f"Classes, the worst first{when} calibration"
    at = heads.index(f"unbiased ECE{when}")
    rows = [(row[0], row[at]) for row in rows_of(table)]
    panels = panels_of(page, "unbiased ECE")
    assert [text for _, text in panels] == [text for _, text in rows[:12]]
    if isinstance(report, AuditReport):  # the other has names that panels cut short
        assert panels == rows[:12]
    errors = [float(text.lstrip("<")) for _, text in rows]
    assert errors == sorted(errors, reverse=True)
    assert {"plain ECE", "chance"} <= set(heads)


def test_errors_beside_each_other_have_the_same_decimals() -> None:
    """All have three decimals; one too small for them is said to be less, and no 0 is."""
    base = drawn()
    points = (0.0124, 0.0002, 0.0)
    found = tuple(
        replace(each, name=f"c{i}", ece=replace(each.ece, unbiased=point))
        for i, (each, point) in enumerate(zip(base.by_class, points, strict=False))
    )
    page = parsed(render_html(replace(base, by_class=found)))
    assert [text for _, text in panels_of(page, "unbiased ECE")] == ["0.012", "<0.001", "0.000"]


def test_panels_of_slices_stand_in_the_order_of_their_table() -> None:
    """The first panel is the first row of the table that is drawn, with the same error."""
    report = slices()
    page = parsed(render_html(report))
    rows = [
        row[4]
        for name, table in tables_of(page).items()
        if name.startswith("Slices by")
        for row in rows_of(table)
    ]
    assert not report.slices[0].bins
    assert [text for _, text in panels_of(page, "calibration error")] == rows[1:]


def test_a_calibrator_that_makes_worse_is_not_what_is_shown() -> None:
    """Classes, slices and the table of bins are those of the scores as they are."""
    report = worse()
    assert report.makes_worse
    shown, before, after = (
        rows_with(picture_of(each, "classes").spec, "score", "observed", "told")
        for each in (report, report.before, digits_audit())
    )
    assert shown == before != after
    tables = tables_of(parsed(render_html(report)))
    rows = [
        int(row[1].replace(",", "")) for row in rows_of(tables["Reliability, before calibration"])
    ]
    assert [n for n in rows if n] == [b.rows for b in report.before.bins if b.rows]


@pytest.mark.parametrize("report", [digits_audit(), spam_audit()], ids=["digits", "spam"])
def test_every_note_of_an_audit_is_there_once(report: AuditReport) -> None:
    """The notes of all parts are merged in the report: none is lost, and none stands twice."""
    own = Finding(code="own", text="A note that only the audit has.", advice="")
    page = parsed(render_html(replace(report, notes=(*report.notes, own))))
    text = " ".join(page.text.split())
    for note in (*report.notes, own):
        assert text.count(" ".join(note.text.split())) == 1
    listed = [li for section in page.all("section") if section.attributes["id"] == "notes"
              for li in section.all("li")]  # fmt: skip
    assert len(listed) == len(report.notes) + 1


@pytest.mark.parametrize(
    "report", [drawn(), digits_audit(), slices()], ids=["one", "audit", "slices"]
)
def test_the_main_picture_stands_under_the_figures_in_large(report: Report | AuditReport) -> None:
    """It is before every table, and on the page and in the fragment it is there once."""
    page = parsed(render_html(report))
    first = next(e for e in page.by_id("figures").all() if e.tag in ("table", "figure"))
    assert first.tag == "figure"
    words = picture_of(report).alt
    for text in (render_html(report), html_fragment(report)):
        images = [svg.attributes["aria-label"] for svg in parsed(text).all("svg")]
        assert images.count(words) == 1


def test_a_picture_does_not_repeat_the_answer() -> None:
    """Under the answer the diagram says what is drawn; the histogram has a finding of its own."""
    report = drawn()
    page = parsed(render_html(report))
    findings = [p.text for p in page.all("p") if p.attributes.get("class") == "ca-finding"]
    assert findings[0] == " ".join(picture_of(report).subtitle.split())
    assert not [each for each in findings if report.verdict.sentence.startswith(each)]
