"""Golden files of checks as JUnit XML, Markdown and annotations."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from calaudit.report.check_report import CheckReport
from calaudit.report.render_github import render_github
from calaudit.report.render_junit import render_junit
from calaudit.report.render_markdown import render_markdown
from tests.report.checks import CHECKS

GOLDEN = Path(__file__).parent / "golden"

RENDERERS: dict[str, Callable[[CheckReport], str]] = {
    "xml": render_junit,
    "md": render_markdown,
    "github": render_github,
}


@pytest.mark.parametrize("suffix", RENDERERS)
@pytest.mark.parametrize("name", ["regression", "hostile", "absolute", "strict"])
def test_golden(name: str, suffix: str) -> None:
    """Every example reads exactly as it did when someone last looked at it."""
    text = RENDERERS[suffix](CHECKS[name]())
    path = GOLDEN / f"{name}.{suffix}"
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")
