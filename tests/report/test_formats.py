"""Formats of report files, by suffix."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from calaudit.errors import SettingsError
from calaudit.report.formats import render, suffixes
from calaudit.report.kinds import AnyReport
from tests.report.checks import regression
from tests.report.decisions import fraud
from tests.report.examples import multiclass

KINDS: dict[str, Callable[[], AnyReport]] = {
    "report": multiclass,
    "thresholds": fraud,
    "check": regression,
}


@pytest.mark.parametrize("suffix", [".json", ".JSON"])
def test_json(suffix: str) -> None:
    """The suffix chooses the format, in any case."""
    assert json.loads(render(multiclass(), suffix))["task"] == "multiclass"


def test_text() -> None:
    """A .txt file is the console report."""
    assert "Overconfident" in render(multiclass(), ".txt")


def test_formats_of_a_check() -> None:
    """A check is also JUnit XML and Markdown."""
    assert render(regression(), ".XML").startswith("<?xml")
    assert "### ❌ calaudit: FAIL" in render(regression(), ".md")


@pytest.mark.parametrize("suffix", ["", ".xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_unknown_suffix_lists_the_known(kind: str, suffix: str) -> None:
    """The message says which suffixes there are for this kind of report."""
    with pytest.raises(SettingsError) as caught:
        render(KINDS[kind](), suffix)
    assert str(caught.value).endswith(": " + ", ".join(suffixes(kind)))


@pytest.mark.parametrize("suffix", [".xml", ".MD"])
@pytest.mark.parametrize("kind", ["report", "thresholds"])
def test_a_format_of_another_kind_says_whose_it_is(kind: str, suffix: str) -> None:
    """Who wants JUnit XML of a report learns what can be written, and what writes JUnit XML."""
    with pytest.raises(SettingsError) as caught:
        render(KINDS[kind](), suffix)
    said = f": .json, .txt ({suffix.lower()} is only of calaudit check)"
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize("kind", KINDS)
def test_every_suffix_renders(kind: str) -> None:
    """No format is announced that is not there."""
    assert all(render(KINDS[kind](), suffix) for suffix in suffixes(kind))
