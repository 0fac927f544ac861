"""The pages that people read: README.md and those of docs/, and what they have people do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGES", "ROOT", "Step", "commands", "named", "steps", "text_of"]

ROOT = Path(__file__).parents[2]

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

BLOCK = re.compile(
    r"(?:^ *<!-- (?P<note>not run|output|file): (?P<what>[^\n]+?) -->\n)?"
    r"^ *```(?P<language>\w+)\n(?P<text>.*?)^ *```",
    re.S | re.M,
)
"""A block of code, and the comment before it that says what it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a page has people do, or shows them.

    Attributes:
        kind: "command" of calaudit, "python", "file" that is to be there, or "output".
        what: the command, the name of the file, or of an output the command that prints it,
            "python" for that of the block before.
        text: the Python, the content of the file, or the output.
    """

    kind: str
    what: str
    text: str = ""


def named(page: Path) -> str:
    """Return how a page is called in the name of a test."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """Return the text of a page."""
    return page.read_text(encoding="utf-8")


def steps(page: Path) -> Iterator[Step]:
    """Yield what a page has people do, in its order, but for what it says is not run."""
    for block in BLOCK.finditer(text_of(page)):
        note, language, text = block["note"], block["language"], block["text"]
        if note in ("output", "file"):
            yield Step(note, block["what"].removeprefix("calaudit "), text)
        elif language in ("console", "bash", "sh", "shell") and note != "not run":
            for line in text.replace("\\\n", " ").splitlines():
                typed = line.strip().removeprefix("$ ").split(" #")[0].strip()
                if typed.startswith("calaudit "):
                    yield Step("command", typed)
        elif language == "python" and note != "not run":
            yield Step("python", "", text)


def commands(page: Path) -> list[str]:
    """Return the commands of calaudit that a page tells people to type, in their order."""
    return [step.what for step in steps(page) if step.kind == "command"]
