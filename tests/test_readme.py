"""Every output that README.md and docs/ show is what the program prints."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import calaudit
from calaudit.cli import main
from docs.generators.pages import OUTPUT, PAGES, ROOT, named

README = ROOT / "README.md"
UP_TO = re.compile(r" \(up to (?P<heading>.+)\)$")
"""After a command: its output is shown as far as that heading, and "…" stands for the rest."""

BLOCKS = [
    (page, match["command"], match["text"])
    for page in PAGES
    for match in OUTPUT.finditer(page.read_text(encoding="utf-8"))
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a folder with the sample data, on a terminal of 80 columns without colours."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def test_pages_have_real_output() -> None:
    """The README and several pages have output to check."""
    assert {README, ROOT / "docs" / "get-started.md"} <= {page for page, _, _ in BLOCKS}


@pytest.mark.parametrize(
    ("page", "command", "shown"), BLOCKS, ids=[f"{named(p)}: {c}" for p, c, _ in BLOCKS]
)
def test_output_is_what_the_command_prints(
    folder: Path, capsys: pytest.CaptureFixture[str], page: Path, command: str, shown: str
) -> None:
    """Every output block of a page is what its command prints at 80 columns."""
    cut = UP_TO.search(command)
    code = main(UP_TO.sub("", command).split())
    out, err = capsys.readouterr()
    assert code in (0, 1), err  # 1: the gate failed, as it should
    printed = out.strip("\n") + "\n"
    if cut is not None:
        first, heading, _ = printed.partition(f"\n{cut['heading']}\n")
        assert heading, f"{command} prints no heading {cut['heading']!r}"
        printed = f"{first}\n…\n"
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN"):
        text = page.read_text(encoding="utf-8")
        head = f"<!-- output: calaudit {command} -->\n```text\n"
        assert head + shown in text
        page.write_text(text.replace(head + shown, head + printed, 1), encoding="utf-8")
        return
    assert shown == printed


PICTURED = ("sample_data/digits_logits.parquet", "split=validation")


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
