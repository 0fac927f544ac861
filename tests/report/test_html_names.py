"""Names from the data are shown on the page, and are never a part of it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from calaudit.report.render_html import html_fragment, render_html
from calaudit.report.rendered import Rendered
from calaudit.visible import visible
from tests.report.checks import HOSTILE, NAMES
from tests.report.decisions import by_class
from tests.report.examples import multiclass, sliced
from tests.report.html_page import Element, parsed
from tests.report.html_reports import ATTRIBUTE, CONTROL, SCRIPT, hostile

WAYS: dict[str, Callable[[Rendered], str]] = {"page": render_html, "fragment": html_fragment}


def shape(tree: Element) -> Counter[tuple[str, tuple[str, ...]]]:
    """Return how often there is each element with its attributes, without what is in them."""
    return Counter((e.tag, tuple(e.attributes)) for e in tree.all())


@pytest.mark.parametrize("way", WAYS)
def test_names_make_no_elements(way: str) -> None:
    """Scripts and images in the names of files, classes, slices and columns are text."""
    tree = parsed(WAYS[way](hostile()))
    assert len(tree.all("script")) == (1 if way == "page" else 0)
    assert not tree.all("img")
    assert not [name for e in tree.all() for name in e.attributes if name.startswith("on")]
    for name in (SCRIPT, ATTRIBUTE, visible(CONTROL)):
        assert name in tree.text


@pytest.mark.parametrize("way", WAYS)
def test_nothing_steers_the_reader(way: str) -> None:
    """Control characters, overrides of the direction and lone surrogates are escapes."""
    text = WAYS[way](hostile())
    kinds = {unicodedata.category(char) for char in text.replace("\n", "")}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"})
    text.encode("utf-8")


def test_names_have_their_own_direction() -> None:
    """A name that is written from right to left does not turn round what stands beside it."""
    name = "\u05d0\u05d1\u05d2"
    report = sliced()
    slices = tuple(replace(each, value=name) for each in report.slices[:1])
    tree = parsed(render_html(replace(report, slices=slices)))
    assert name in [e.text for e in tree.by_id("slices").all("bdi")]


def test_names_within_attributes_and_styles_stay_there() -> None:
    """What is between quotes or in a caption cannot end it."""
    plain, bad = (
        parsed(render_html(replace(sliced(), slices=tuple(
            replace(each, column=column) for each in sliced().slices
        ))))
        for column in ("region", ATTRIBUTE + "</style></title></table>" + HOSTILE)
    )  # fmt: skip
    assert shape(bad) == shape(plain)


@given(name=NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_name_leaves_the_page_as_it_is(name: str) -> None:
    """Whatever a class is called, the page has the same elements."""
    report = by_class()
    first, *others = report.by_class
    named = replace(report, by_class=(replace(first, name=name), *others))
    text = render_html(named)
    assert shape(parsed(text)) == shape(parsed(render_html(report)))
    assert " ".join(visible(name).split()) in parsed(text).text


def test_the_answer_cannot_end_the_title() -> None:
    """The sentence that is the title of the document is only that."""
    report = multiclass()
    verdict = replace(report.verdict, sentence="</title><script>alert(2)</script> is it.")
    tree = parsed(render_html(replace(report, verdict=verdict)))
    assert tree.all("title")[0].text.startswith("</title><script>alert(2)</script>")
    assert len(tree.all("script")) == 1


def test_styles_of_a_fragment_reach_nothing_else() -> None:
    """In a notebook every rule is about our own classes, and nothing runs."""
    tree = parsed(html_fragment(multiclass()))
    rules = re.sub(r"@media[^{]*\{", "", tree.all("style")[0].text)
    selectors = [
        part.strip()
        for found in re.findall(r"([^{}]+)\{", rules)
        for part in re.split(r",(?![^()]*\))", found)
        if part.strip()
    ]
    assert len(selectors) > 50
    assert [one for one in selectors if ".ca-" not in one] == []
    assert not tree.all("script")
    assert not [e for e in tree.all("a") if e.attributes.get("href")]


def test_a_notebook_shows_the_fragment() -> None:
    """A report displays itself: the answer, the main picture, and the rest to be opened."""
    report = multiclass()
    tree = parsed(report._repr_html_())
    assert report._repr_html_() == html_fragment(report)
    assert not tree.all("h1")
    assert len(tree.all("figure")) == 1
    assert [e.text for e in tree.all("summary")][-1] == "Where this comes from"
    for theme in ('[data-jp-theme-light="false"]', ".vscode-dark", "prefers-color-scheme: dark"):
        assert theme in tree.all("style")[0].text
