"""The README shows what the program prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import calaudit

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- output: calaudit (?P<command>.+?) -->\n```text\n(?P<text>.*?)```", re.S)
UP_TO = re.compile(r" \(up to (?P<heading>.+)\)$")
"""After a command: its output is shown as far as that heading, and "…" stands for the rest."""


def _blocks() -> list[tuple[str, str]]:
    text = README.read_text(encoding="utf-8")
    return [(match["command"], match["text"]) for match in BLOCK.finditer(text)]


def _output(command: str) -> str:
    cut = UP_TO.search(command)
    command = UP_TO.sub("", command)
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "calaudit", *command.split()],
        capture_output=True,
        check=False,
        cwd=ROOT,
        encoding="utf-8",
        env=environment,
    )
    assert done.returncode in (0, 1), done.stderr  # 1: the gate failed, as it should
    printed = done.stdout.strip("\n") + "\n"
    if cut is None:
        return printed
    shown, heading, _ = printed.partition(f"\n{cut['heading']}\n")
    assert heading, f"{command} prints no heading {cut['heading']!r}"
    return f"{shown}\n…\n"


def test_readme_has_real_output() -> None:
    """There is at least one screen of output to check."""
    assert _blocks()


@pytest.mark.parametrize("command", [command for command, _ in _blocks()])
def test_readme_output_is_what_the_command_prints(command: str) -> None:
    """Every output block of the README is what its command prints at 80 columns."""
    shown = dict(_blocks())[command]
    printed = _output(command)
    if os.environ.get("CALAUDIT_REFRESH_GOLDEN"):
        text = README.read_text(encoding="utf-8")
        head = f"<!-- output: calaudit {command} -->\n```text\n"
        assert head + shown in text
        README.write_text(text.replace(head + shown, head + printed, 1), encoding="utf-8")
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
