"""The command that a report names makes it again."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from pathlib import Path

from calaudit.cli import main
from calaudit.report.command import command_of
from calaudit.report.render_json import report_from_json


def assert_made_again(folder: Path, *words: str, codes: Collection[int] = (0,)) -> None:
    """Run a command in a folder, then the one in its report: the same report, byte by byte."""
    assert main([*words, "-q", "-o", "one.json"]) in codes
    text = (folder / "one.json").read_text()
    command = command_of(report_from_json(text))
    assert command is not None
    assert main([*shlex.split(command)[1:], "-q", "-o", "two.json"]) in codes
    assert (folder / "two.json").read_text() == text
