"""The page of a report: complete, well-formed, accessible, and sufficient to itself."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise

import pytest

from calaudit.report.command import command_of
from calaudit.report.evaluation_report import ClassResult, Report, SliceResult, WorstRow
from calaudit.report.glossary import known
from calaudit.report.html.environment import rendered
from calaudit.report.render_html import render_html
from calaudit.report.render_json import render_json, report_from_json
from tests.report.examples import binary_calibrated, error, estimate, multiclass, sliced, tiny
from tests.report.html_page import Element, parsed, rows_of, tables_of
from tests.report.html_reports import REPORTS, digits_audit, spam_audit

TEMPLATES = files("calaudit.report.html") / "templates"


@cache
def page(name: str) -> Element:
    """Return the page of one of the reports, taken apart."""
    return parsed(render_html(REPORTS[name]()))


@pytest.mark.parametrize("name", REPORTS)
def test_headings_are_in_order_and_the_answer_is_the_first(name: str) -> None:
    """There is one h1, no level is skipped, and every section has its heading for a name."""
    levels = [int(e.tag[1]) for e in page(name).all() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for section in page(name).all("section"):
        heading = page(name).by_id(section.attributes["aria-labelledby"])
        assert heading.tag == "h2"
        assert heading.text


@pytest.mark.parametrize("name", REPORTS)
def test_links_lead_somewhere_on_the_page(name: str) -> None:
    """Every id is there once, and every link is to one of them."""
    ids = [e.attributes["id"] for e in page(name).all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    targets = [e.attributes["href"] for e in page(name).all("a")]
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(ids)


@pytest.mark.parametrize("name", REPORTS)
def test_tables_say_what_they_are(name: str) -> None:
    """Each table has a caption, heads with a scope, and rows as long as its head."""
    for table in page(name).all("table"):
        assert table.all("caption")[0].text
        assert {th.attributes["scope"] for th in table.all("th")} == {"col", "row"}
        (head,) = table.all("thead")
        wide = len(head.all("th")) + len(head.all("td"))
        assert {len(row) for row in rows_of(table)} == {wide}


@pytest.mark.parametrize("name", REPORTS)
def test_pictures_have_words(name: str) -> None:
    """Each picture is an image with a description, or several, and it is said how to read it."""
    for figure in page(name).all("figure"):
        images = figure.all("svg")
        assert images
        for svg in images:
            assert svg.attributes["role"] == "img"
            assert len(svg.attributes["aria-label"]) > 20
        assert len(figure.all("figcaption")[0].text) > 20


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_fetched_and_nothing_foreign_runs(name: str) -> None:
    """The policy allows our one script by its hash; no element or style names another place."""
    tree = page(name)
    (script,) = tree.all("script")
    digest = base64.b64encode(hashlib.sha256("".join(script.children).encode()).digest())  # type: ignore[arg-type]
    policies = [
        e.attributes["content"]
        for e in tree.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest.decode()}'" in policies[0]
    for element in tree.all():
        assert element.tag not in {"img", "link", "iframe", "object", "embed", "base", "form"}
        for attribute, value in element.attributes.items():
            assert not attribute.startswith("on")
            assert attribute not in {"src", "action", "srcset"}
            assert attribute == "xmlns" or "//" not in value or value == element.text
    assert all("url(" not in style.text and "@import" not in style.text
               for style in tree.all("style"))  # fmt: skip


def test_every_kind_of_content_has_its_section_and_nothing_else_has() -> None:
    """What a report does not have is not even a heading."""
    audited = [section.attributes["id"] for section in page("audit-spam").all("section")]
    assert {"figures", "pictures", "options", "limits", "calibrator", "classic"} <= set(audited)
    assert audited[-2:] == ["definitions", "provenance"]
    bare = replace(tiny(), notes=(), worst=(), slices=(), by_class=(), histogram=())
    found = {section.attributes["id"] for section in parsed(render_html(bare)).all("section")}
    assert found.isdisjoint({"notes", "slices", "classes", "options", "calibrator"})


def test_contents_are_those_of_the_page() -> None:
    """The table of contents names every section, in order."""
    tree = page("sliced")
    (contents,) = tree.all("nav")
    titles = [section.all("h2")[0].text for section in tree.all("section")]
    assert [link.text for link in contents.all("a")] == titles


def test_figures_lead_to_their_definitions() -> None:
    """A figure is linked to what the glossary says of it, with its formula and its source."""
    tree = page("multiclass")
    link = next(a for a in tree.all("a") if a.text == "ECE, equal width")
    entry = known("ece")
    assert entry is not None
    told = tree.by_id(link.attributes["href"].removeprefix("#")).text
    for part in (entry.short, entry.formula, entry.source):
        assert " ".join(part.split()) in told


def test_an_audit_shows_both_sides() -> None:
    """The figures before and after stand in one row, and the saving beside the log loss."""
    report = digits_audit()
    assert report.after is not None
    rows = rows_of(
        tables_of(page("audit-digits"))["Headline figures, before and after calibration"]
    )
    accuracy = next(row for row in rows if row[0] == "Accuracy")
    sides = (report.before, report.after)
    assert [accuracy[1], accuracy[3]] == [
        f"{100 * (side.metrics['accuracy'].value or 0):.1f} %" for side in sides
    ]
    saved = next(row for row in rows if row[0] == "Log loss")[-1]
    assert saved.startswith("saves ")


def test_the_calibrator_is_certified() -> None:
    """The method, its parameters and the cross-fitted figures are those of the document.

    The held-out rows are those judged, whose unbiased figures head the page: the plain ones of
    the same rows would be a second number under the same name.
    """
    document = digits_audit().calibrator
    section = page("audit-digits").by_id("calibrator")
    (parameter,) = document["certificate"]["parameters"]
    assert f"{parameter['name']} = {parameter['value']:.5g}" in section.text
    crossed = document["certificate"]["checks"][-1]
    tables = tables_of(section)
    rows = rows_of(tables[f"Cross-fitted on the {crossed['rows']} fit rows"])
    assert rows[0][1:3] == [f"{crossed[side]['log_loss']:.4f}" for side in ("before", "after")]
    assert [row[0] for row in rows[1:3]] == ["smECE, plain", "ECE, plain"]
    assert not [caption for caption in tables if "held-out" in caption]


def test_the_command_is_on_the_page() -> None:
    """What makes the report again can be copied from it."""
    command = command_of(spam_audit())
    assert command is not None
    assert command in [code.text for code in page("audit-spam").all("code")]


@pytest.mark.parametrize("name", ["sliced", "decision-fraud", "check-regression", "audit-digits"])
def test_a_saved_report_is_the_same_page(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page depends on nothing but the report: not on the place, the time or the machine."""
    report = REPORTS[name]()
    at_once = render_html(report)
    monkeypatch.setenv("TZ", "Pacific/Apia")
    monkeypatch.setenv("LANG", "tr_TR.UTF-8")
    assert render_html(report_from_json(render_json(report))) == at_once


def large() -> Report:
    """Return a report of 1,000 classes, 200 slices and 100 rows, with long names."""
    base, part = multiclass(), sliced()
    bins = base.bins
    classes = tuple(
        ClassResult(
            name=f"class number {i} of a thousand", weight=1234.0 + i, mean_score=0.001 + i / 1e6,
            observed=0.0011, ece=error(0.00123, 0.0003, 0.0011, 0.001, 0.0014),
            bins=bins if i < 12 else (),
        )
        for i in range(1000)
    )  # fmt: skip
    slices = tuple(
        SliceResult(
            column="a column with a long name", value=f"value number {i} of two hundred",
            rows=1000 + i, small=False, status="overconfident", size="moderate", p_value=0.001,
            metrics=part.slices[0].metrics, bins=bins if i < 12 else (),
        )
        for i in range(200)
    )  # fmt: skip
    worst = tuple(
        WorstRow(file="a/long/path/to/a/file.parquet", row=10**7 + i, id=f"id-{i:032d}",
                 label=classes[i].name, predicted=classes[-i].name, confidence=0.999, loss=9.0)
        for i in range(100)
    )  # fmt: skip
    names = tuple(each.name for each in classes)
    return replace(base, classes=names, by_class=classes, slices=slices, worst=worst)


def test_a_large_report_is_below_two_megabytes() -> None:
    """1,000 classes, 200 slices and 100 rows are all on a page of at most 2 MB."""
    text = render_html(large())
    assert len(text.encode()) <= 2_000_000
    tables = tables_of(parsed(text))
    lengths = {caption: len(rows_of(table)) for caption, table in tables.items()}
    assert lengths["Classes, the worst first"] == 1000
    assert lengths["Slices by a column with a long name"] == 200
    assert lengths["Worst rows"] == 100


def test_the_script_is_small() -> None:
    """Tooltips and sorting take less than 3 KB."""
    assert len((TEMPLATES / "script.js").read_bytes()) < 3000


@pytest.mark.parametrize("name", ["style.css", "page.css"])
def test_the_palette_has_the_only_colours(name: str) -> None:
    """No colour stands in the styles themselves, by its number, its function or its name."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(rgb|hsl|lab|lch|oklab|oklch|color)a?\(", text)
    values = re.findall(r"(?:color|background|border|outline)[\w-]*:\s*([^;}]+)", text)
    words = {word for value in values for word in re.findall(r"(?<![\w-])[a-z]+(?![\w(-])", value)}
    assert words.isdisjoint({"black", "white", "gray", "grey", "red", "green", "blue", "orange"})


@pytest.mark.parametrize("name", ["style.css", "page.css"])
def test_every_variable_has_a_colour(name: str) -> None:
    """A colour that the styles ask for is one of the palette's."""
    from calaudit.report.pictures.palette import DARK, LIGHT

    asked = set(re.findall(r"var\(--ca-([\w-]+)\)", (TEMPLATES / name).read_text(encoding="utf-8")))
    assert asked
    assert asked <= set(LIGHT) & set(DARK)


def test_what_is_missing_is_an_error() -> None:
    """A template that is not given what it shows fails instead of leaving a gap."""
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        rendered("page.html")


def test_missing_figures_sort_and_read_as_missing() -> None:
    """A figure that could not be computed is a dash with its reason, not None."""
    report = binary_calibrated()
    metrics = {**report.metrics, "auroc": replace(estimate(None), reason="one class only")}
    section = parsed(render_html(replace(report, metrics=metrics))).by_id("figures")
    rows = rows_of(tables_of(section)["Headline figures"])
    assert ["AUROC", "–", "", "one class only"] in rows
    assert "None" not in section.text
