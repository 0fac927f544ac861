"""The HTML report as a browser shows it, from disk and without a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from calaudit.report.render_html import html_fragment, render_html
from tests.browser.browser import CHROMIUM, CONTRAST, DRIVER, look, requested, started
from tests.report.html_reports import REPORTS

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (Path(CHROMIUM).exists() and Path(DRIVER).exists()),
        reason="no /usr/bin/chromium and /usr/bin/chromedriver (Debian: chromium-driver)",
    ),
]

NAMES = ("multiclass", "sliced", "decision-fraud", "check-hostile", "audit-digits", "audit-spam",
         "all-names-hostile")  # fmt: skip


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return files with reports of every kind."""
    place = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        (place / f"{name}.html").write_text(render_html(REPORTS[name]()), encoding="utf-8")
    return {name: place / f"{name}.html" for name in NAMES}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Return a browser with scripts."""
    found = started(tmp_path_factory.mktemp("profile"))
    yield found
    found.quit()


def found(browser: Chrome, selector: str) -> list[WebElement]:
    """Return the elements that a selector of CSS finds."""
    return browser.find_elements("css selector", selector)


@pytest.mark.parametrize("name", NAMES)
def test_opens_without_a_network_and_without_complaints(
    browser: Chrome, pages: dict[str, Path], name: str
) -> None:
    """Nothing is asked for but the file itself, and the console stays empty."""
    requested(browser)
    browser.get_log("browser")
    look(browser, pages[name])
    assert browser.title
    assert {url for url in requested(browser) if not url.startswith("data:")} == {
        pages[name].as_uri()
    }
    assert browser.get_log("browser") == []


def column(browser: Chrome, table: str, at: int) -> list[str]:
    """Return the texts of one column of the table that is called so."""
    cells = f"{table} tbody tr > :nth-child({at})"
    return [cell.text for cell in found(browser, cells)]


def test_tables_sort_by_click_and_by_key(browser: Chrome, pages: dict[str, Path]) -> None:
    """A click on a head sorts by its numbers, a second one the other way; so does Enter."""
    look(browser, pages["sliced"])
    table = "#slices .ca-scroll:first-of-type table"
    at_first = column(browser, table, 2)
    head = f"{table} thead th:nth-child(2)"
    found(browser, f"{head} button")[0].click()
    rows = [int(text.replace(",", "")) for text in column(browser, table, 2)]
    assert rows == sorted(rows)
    assert found(browser, head)[0].get_attribute("aria-sort") == "ascending"
    found(browser, f"{head} button")[0].send_keys("\ue007")  # Enter
    rows = [int(text.replace(",", "")) for text in column(browser, table, 2)]
    assert rows == sorted(rows, reverse=True)
    assert found(browser, head)[0].get_attribute("aria-sort") == "descending"
    assert sorted(column(browser, table, 2)) == sorted(at_first)
    found(browser, f"{table} thead th:nth-child(1) button")[0].click()
    assert len(found(browser, f"{table} [aria-sort]")) == 1


def test_whole_rows_move(browser: Chrome, pages: dict[str, Path]) -> None:
    """After sorting each row still has its own figures."""
    look(browser, pages["multiclass"])
    rows = [row.text for row in found(browser, "#classes tbody tr")]
    found(browser, "#classes thead th:nth-child(6) button")[0].click()
    after = [row.text for row in found(browser, "#classes tbody tr")]
    assert after != rows
    assert sorted(after) == sorted(rows)


def test_tooltips_show_what_a_mark_says(browser: Chrome, pages: dict[str, Path]) -> None:
    """Over a mark stand its figures; elsewhere, and after Escape, nothing does."""
    from selenium.webdriver import ActionChains

    look(browser, pages["multiclass"])
    (tip,) = found(browser, ".ca-tip")
    assert not tip.is_displayed()
    mark = found(browser, "figure svg [aria-roledescription=point][aria-label]")[-1]
    ActionChains(browser).scroll_to_element(mark).move_to_element(mark).perform()
    assert tip.is_displayed()
    assert tip.text == mark.get_attribute("aria-label")
    ActionChains(browser).move_to_element(found(browser, "figcaption")[0]).perform()
    assert not tip.is_displayed()
    found(browser, ".ca-drawing")[0].send_keys("\ue014")  # the arrow to the right
    assert tip.is_displayed()
    assert tip.text
    found(browser, ".ca-drawing")[0].send_keys("\ue00c")  # Escape
    assert not tip.is_displayed()


TEXTS = {
    "text": "p, li, dt, dd, figcaption, summary, code",
    "headings": "h1, h2, h3, caption, nav a",
    "cells": ".ca-table th, .ca-table td, .ca-table a, .ca-table button, .ca-mark",
    "pictures": "figure svg text",
}


@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["sliced", "check-hostile", "audit-spam"])
def test_readable_in_both_schemes(
    browser: Chrome, pages: dict[str, Path], name: str, scheme: str, texts: str
) -> None:
    """Text has a contrast of at least 4.5 with what is behind it, and the page is dark in dark."""
    look(browser, pages[name], scheme=scheme)
    measured = browser.execute_script(CONTRAST, TEXTS[texts])
    assert len(measured) > 5
    assert [each for each in measured if each[0] < 4.5] == []
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    bright = sum(map(int, paper[4:-1].split(","))) > 3 * 128
    assert bright == (scheme == "light")


@pytest.mark.parametrize("width", [320, 390, 820, 1280, 1920])
@pytest.mark.parametrize("name", NAMES)
def test_the_page_never_scrolls_sideways(
    browser: Chrome, pages: dict[str, Path], name: str, width: int
) -> None:
    """Wide tables scroll within themselves."""
    look(browser, pages[name], width=width)
    measure = "return [document.documentElement.scrollWidth, innerWidth]"
    wide, room = browser.execute_script(measure)
    assert room == width
    assert wide <= width


@pytest.mark.parametrize("name", ["multiclass", "decision-fraud", "audit-digits"])
def test_prints_light_and_whole(browser: Chrome, pages: dict[str, Path], name: str) -> None:
    """On paper there is no navigation, and dark ink whatever the screen prefers."""
    look(browser, pages[name], scheme="dark", medium="print")
    measured = browser.execute_script(CONTRAST, "h1, h2, p, td, th, svg text")
    assert [each for each in measured if each[0] < 4.5] == []
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert not found(browser, "nav")[0].is_displayed()
    folded = found(browser, "#definitions, #provenance, #columns")
    assert not any(each.is_displayed() for each in folded)
    browser.execute_script("document.querySelector('#definitions details').open = true")
    assert [each.is_displayed() for each in folded] == [False, True, False]
    assert found(browser, "#definitions dt")[0].is_displayed()
    over = (
        "return [...document.querySelectorAll('.ca-scroll')]"
        ".filter((e) => getComputedStyle(e).overflowX !== 'visible').length"
    )
    assert browser.execute_script(over) == 0


SIZES = """
return [...document.querySelectorAll("figure svg text")]
  .filter((e) => e.textContent.trim())
  .map((e) => {
    const scale = e.getScreenCTM(), size = parseFloat(getComputedStyle(e).fontSize);
    return [size * Math.hypot(scale.a, scale.b), e.textContent];
  });
"""


@pytest.mark.parametrize("name", NAMES)
def test_pictures_can_be_read_on_a_phone(
    browser: Chrome, pages: dict[str, Path], name: str
) -> None:
    """At 390 pixels no text in a picture is smaller than 10.5."""
    look(browser, pages[name], width=390)
    measured = browser.execute_script(SIZES)
    assert len(measured) > 5
    assert [each for each in measured if each[0] < 10.5] == []


OVER = """
const over = [];
for (const svg of document.querySelectorAll("figure svg")) {
  const paper = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].filter((e) => e.textContent.trim());
  const boxes = texts.map((e) => [e.getBoundingClientRect(), e.textContent, e]);
  for (const [box, text] of boxes) {
    if (box.left < paper.left - 3 || box.right > paper.right + 3) over.push(["beyond", text]);
  }
  for (const [i, [a, one, e]] of boxes.entries()) for (const [b, other, f] of boxes.slice(i + 1)) {
    if (e.getAttribute("transform").includes("rotate")) continue;
    if (f.getAttribute("transform").includes("rotate")) continue;
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && tall > 6) over.push(["upon", one, other]);
  }
}
return over;
"""
"""Texts that reach beyond their picture, and pairs of them that lie on each other."""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", NAMES)
def test_pictures_have_the_font_of_the_page_and_nothing_overflows(
    browser: Chrome, pages: dict[str, Path], name: str, width: int
) -> None:
    """Texts in pictures are set as those around them, within their picture, and apart."""
    look(browser, pages[name], width=width)
    fonts = browser.execute_script(
        "return [...document.querySelectorAll('body, figure svg text')]"
        ".map((e) => getComputedStyle(e).fontFamily)"
    )
    assert len(fonts) > 5
    assert len(set(fonts)) == 1
    assert browser.execute_script(OVER) == []


@pytest.mark.parametrize("name", ["multiclass", "audit-digits", "audit-spam", "decision-fraud"])
def test_the_first_screen_holds_the_answer_and_begins_the_diagram(
    browser: Chrome, pages: dict[str, Path], name: str
) -> None:
    """At 1280 by 800 the answer and the figures in large are seen, and where the diagram begins."""
    look(browser, pages[name])
    ends = "return [...document.querySelectorAll('h1, main > .ca-answer, #figures .ca-cards')]"
    ends += ".map((e) => e.getBoundingClientRect().bottom)"
    assert max(browser.execute_script(ends)) < 720
    start = "return document.querySelector('figure svg').getBoundingClientRect().top"
    assert browser.execute_script(start) < 760


def test_a_link_opens_the_family_that_it_leads_into(
    browser: Chrome, pages: dict[str, Path]
) -> None:
    """Definitions are folded away until a figure is followed to its own."""
    look(browser, pages["multiclass"])
    told = found(browser, "#def-smece")[0]
    assert not told.is_displayed()
    found(browser, ".ca-cards a[href='#def-smece']")[0].click()
    assert told.is_displayed()


def test_the_first_key_skips_to_the_report(browser: Chrome, pages: dict[str, Path]) -> None:
    """Tab shows the link that skips the contents, with an outline; Enter follows it."""
    from selenium.webdriver import ActionChains

    look(browser, pages["multiclass"])
    ActionChains(browser).send_keys("\ue004").perform()
    link = browser.switch_to.active_element
    assert link.get_attribute("class") == "ca-skip"
    assert link.rect["y"] >= 0
    assert link.value_of_css_property("outline-style") == "solid"
    link.send_keys("\ue007")
    assert browser.current_url.endswith("#main")


def test_nothing_moves_for_those_who_prefer_that(browser: Chrome, pages: dict[str, Path]) -> None:
    """Links jump instead of scrolling where less motion is preferred."""
    look(browser, pages["multiclass"])
    behaviour = "return getComputedStyle(document.documentElement).scrollBehavior"
    assert browser.execute_script(behaviour) == "auto"


def test_all_is_there_without_scripts(
    pages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without JavaScript every section, table and picture is shown, and nothing that is dead."""
    browser = started(tmp_path_factory.mktemp("still"), script=False)
    try:
        look(browser, pages["audit-spam"])
        assert not found(browser, ".ca-tip, button")
        for selector in ("section h2", "figure svg", "section > .ca-scroll table"):
            shown = [element.is_displayed() for element in found(browser, selector)]
            assert shown
            assert all(shown)
        details = found(browser, "details")[0]
        found(browser, "details summary")[0].click()
        assert details.get_attribute("open") is not None
        assert found(browser, "details table")[0].is_displayed()
        found(browser, "#provenance summary")[0].click()
        assert found(browser, "pre code")[0].is_displayed()
    finally:
        browser.quit()


@pytest.mark.parametrize(
    ("around", "scheme", "bright"),
    [
        ("", "light", True),
        ("", "dark", False),
        ('data-jp-theme-light="false"', "light", False),
        ('data-jp-theme-light="true"', "dark", True),
        ('class="vscode-dark"', "light", False),
        ('class="vscode-light"', "dark", True),
    ],
)
def test_notebooks_have_their_say(
    browser: Chrome, tmp_path: Path, around: str, scheme: str, bright: bool
) -> None:
    """A fragment follows the theme of the notebook before that of the system, and is readable."""
    page = tmp_path / "notebook.html"
    fragment = html_fragment(REPORTS["multiclass"]())
    head = '<!doctype html><meta charset="utf-8"><title>notebook</title>'
    page.write_text(f"{head}<body {around}><p id=own>Own.</p>{fragment}", encoding="utf-8")
    look(browser, page, scheme=scheme)
    own = found(browser, "#own")[0]
    assert own.value_of_css_property("color") in ("rgba(0, 0, 0, 1)", "rgb(0, 0, 0)")
    paper = found(browser, ".ca-fragment")[0].value_of_css_property("background-color")
    parts = [float(part) for part in paper[paper.index("(") + 1 : -1].split(",")][:3]
    assert (sum(parts) > 3 * 128) == bright
    measured = browser.execute_script(
        CONTRAST, ".ca-fragment p, .ca-fragment summary, .ca-fragment svg text"
    )
    assert len(measured) > 10
    assert [each for each in measured if each[0] < 4.5] == []


def test_narrow_pictures_stand_side_by_side_where_there_is_room(
    browser: Chrome, pages: dict[str, Path]
) -> None:
    """The diagram and its figures share a line from 1,100 pixels on, and stack below that."""
    for width, beside in ((1280, True), (1100, True), (800, False), (390, False)):
        look(browser, pages["audit-digits"], width=width)
        first, second = found(browser, "#figures figure, #figures > .ca-scroll")
        assert (abs(first.rect["y"] - second.rect["y"]) < 2) is beside, width
        assert (second.rect["x"] >= first.rect["x"] + first.rect["width"]) is beside, width
        assert second.rect["x"] + second.rect["width"] <= width


def test_what_is_after_is_seen_without_scrolling_on_a_phone(
    browser: Chrome, pages: dict[str, Path]
) -> None:
    """At 390 pixels the intervals before are left out, so that the column "after" is in sight."""
    for width in (390, 1280):
        look(browser, pages["audit-digits"], width=width)
        heads = found(browser, "#figures table thead th")
        shown = [head.text for head in heads if head.is_displayed()]
        wide = ["95 % before"] if width > 500 else []
        assert [text.replace("\u00a0", " ") for text in shown] == [
            "before", *wide, "after", "95 % after"
        ]  # fmt: skip
        (after,) = (head for head in heads if head.text == "after")
        assert after.rect["x"] + after.rect["width"] <= width


def test_verdicts_of_slices_are_in_sight(browser: Chrome, pages: dict[str, Path]) -> None:
    """At 1,280 pixels nothing of a table of slices has to be scrolled to."""
    look(browser, pages["sliced"])
    for region in found(browser, "#slices .ca-scroll"):
        (table,) = region.find_elements("css selector", "table")
        assert table.rect["width"] <= region.rect["width"]
