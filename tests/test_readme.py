"""README.md: short, and with a picture that shows what the program draws."""

from __future__ import annotations

import os
import re

import pytest

import calaudit
from docs.generators.pages import ROOT

README = ROOT / "README.md"
PICTURED = ("sample_data/digits_logits.parquet", "split=validation")


def test_readme_is_short() -> None:
    """What is more than 200 lines stands in a page of docs/."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_readme_picture_shows_the_figures_of_the_audit(dark: bool) -> None:
    """Every mark of the README's picture says what the audit beside it says."""
    path = ROOT / "docs" / f"reliability-{'dark' if dark else 'light'}.svg"
    assert f"docs/{path.name}" in README.read_text(encoding="utf-8")
    report = calaudit.audit(ROOT / PICTURED[0], split=PICTURED[1])
    drawn = report.plot("reliability").to_svg(dark=dark)
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN"):
        path.write_text(drawn, encoding="utf-8")
    told = re.compile(r'aria-label="([^"]*)"')
    assert len(told.findall(drawn)) > 20
    # What renders it may place a mark elsewhere in its next version, and not say other figures.
    assert told.findall(path.read_text(encoding="utf-8")) == told.findall(drawn)
