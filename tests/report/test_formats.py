"""Formats of report files, by suffix."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from calaudit.errors import SettingsError
from calaudit.report.formats import render, suffixes
from calaudit.report.kinds import kind_of
from calaudit.report.pictures import picture_of
from calaudit.report.rendered import Rendered
from tests.report.checks import regression
from tests.report.decisions import fraud
from tests.report.examples import multiclass

KINDS: dict[str, Callable[[], Rendered]] = {
    "evaluate": multiclass,
    "threshold": fraud,
    "check": regression,
}


@pytest.mark.parametrize("suffix", [".json", ".JSON"])
def test_json(suffix: str) -> None:
    """The suffix chooses the format, in any case."""
    assert json.loads(render(multiclass(), suffix))["task"] == "multiclass"


def test_text() -> None:
    """A .txt file is the console report."""
    assert "Overconfident" in str(render(multiclass(), ".txt"))


def test_formats_of_a_check() -> None:
    """A check is also JUnit XML and Markdown."""
    assert str(render(regression(), ".XML")).startswith("<?xml")
    assert "### ❌ calaudit: FAIL" in str(render(regression(), ".md"))


@pytest.mark.parametrize("suffix", ["", ".xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_unknown_suffix_lists_the_known(kind: str, suffix: str) -> None:
    """The message says which suffixes there are for this kind of report."""
    with pytest.raises(SettingsError) as caught:
        render(KINDS[kind](), suffix)
    assert str(caught.value).endswith(": " + ", ".join(suffixes(kind)))


@pytest.mark.parametrize("suffix", [".xml", ".XML"])
@pytest.mark.parametrize("kind", ["evaluate", "threshold"])
def test_a_format_of_another_kind_says_whose_it_is(kind: str, suffix: str) -> None:
    """Who wants JUnit XML of a report learns what can be written, and what writes JUnit XML."""
    with pytest.raises(SettingsError) as caught:
        render(KINDS[kind](), suffix)
    said = f".json, .txt, .html, .md, .svg, .png, .pdf ({suffix.lower()} is only of calaudit check)"
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize("kind", KINDS)
def test_every_suffix_renders(kind: str) -> None:
    """No format is announced that is not there."""
    assert all(render(KINDS[kind](), suffix) for suffix in suffixes(kind))


BEGINS = {
    ".svg": b"<svg",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".pdf": b"%PDF-",
    ".html": b"<!doctype html>",
}


@pytest.mark.parametrize("suffix", BEGINS)
@pytest.mark.parametrize("kind", KINDS)
def test_files_are_what_their_suffix_says(kind: str, suffix: str) -> None:
    """A picture of each kind of report begins as files of its format do."""
    found = render(KINDS[kind](), suffix, picture=kind_of(kind).pictures[0])
    content = found if isinstance(found, bytes) else found.encode()
    assert content[:20].lower().startswith(BEGINS[suffix].lower())


@pytest.mark.parametrize("kind", KINDS)
def test_the_main_picture_is_shown_when_none_is_named(kind: str) -> None:
    """Without a name a file shows the first of the pictures of its kind."""
    report = KINDS[kind]()
    assert render(report, ".svg") == render(report, ".svg", picture=kind_of(kind).pictures[0])


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_pictures_are_those_of_the_gallery(kind: str) -> None:
    """What is refused before the work is what could not be drawn after it, name by name."""
    with pytest.raises(SettingsError) as caught:
        picture_of(KINDS[kind](), "nothing")
    assert str(caught.value).endswith("there are: " + ", ".join(kind_of(kind).pictures))


def test_a_named_picture_alone() -> None:
    """A named picture in an .html file is that picture, not the report around it."""
    alone = str(render(multiclass(), ".html", picture="reliability"))
    assert alone.count("<figure") == 1
    assert alone == picture_of(multiclass(), "reliability").to_html()
    assert alone != render(multiclass(), ".html")


def test_a_picture_without_data() -> None:
    """A picture that the report has no data for is refused with those that there are."""
    with pytest.raises(SettingsError, match=r"no data for the picture 'slices'.*reliability"):
        render(multiclass(), ".svg", picture="slices")
