"""Formats of report files, by suffix."""

from __future__ import annotations

import json

import pytest

from calaudit.errors import SettingsError
from calaudit.report.formats import render, suffixes
from tests.report.examples import multiclass


@pytest.mark.parametrize("suffix", [".json", ".JSON"])
def test_json(suffix: str) -> None:
    """The suffix chooses the format, in any case."""
    assert json.loads(render(multiclass(), suffix))["task"] == "multiclass"


def test_text() -> None:
    """A .txt file is the console report."""
    assert "Overconfident" in render(multiclass(), ".txt")


@pytest.mark.parametrize("suffix", ["", ".xml"])
def test_unknown_suffix_lists_the_known(suffix: str) -> None:
    """The message says which suffixes there are."""
    with pytest.raises(SettingsError, match=r"\.json, \.txt"):
        render(multiclass(), suffix)


def test_every_suffix_renders() -> None:
    """No format is announced that is not there."""
    assert all(render(multiclass(), suffix) for suffix in suffixes())
