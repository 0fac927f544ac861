"""The pages that people read: README.md and those of docs/, and the blocks that stand in them."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["OUTPUT", "PAGES", "ROOT", "commands", "named", "python", "text_of"]

ROOT = Path(__file__).parents[2]

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

UNRUN = re.compile(r"<!-- not run: [^>]+ -->\n *```.*?\n *```", re.S)
"""A block that no test runs, and why."""

OUTPUT = re.compile(r"<!-- output: calaudit (?P<command>.+?) -->\n```text\n(?P<text>.*?)```", re.S)


def named(page: Path) -> str:
    """Return how a page is called in the name of a test."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path, *, all_of_it: bool = False) -> str:
    """Return the text of a page, without the blocks that it says are not run."""
    text = page.read_text(encoding="utf-8")
    return text if all_of_it else UNRUN.sub("", text)


def commands(page: Path) -> list[str]:
    """Return the commands of calaudit that a page tells people to type, in their order."""
    blocks = re.findall(r"^ *```(?:console|bash|sh|shell)\n(.*?)^ *```", text_of(page), re.S | re.M)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    typed = (line.strip().removeprefix("$ ").split(" #")[0].strip() for line in lines)
    return [line for line in typed if line.startswith("calaudit ")]


def python(page: Path) -> list[str]:
    """Return the blocks of Python of a page."""
    return re.findall(r"^```python\n(.*?)^```", text_of(page), re.S | re.M)
