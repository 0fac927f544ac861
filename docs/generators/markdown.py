"""Texts of the code as Markdown: prose, tables and names of options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["code", "joined", "plain", "table"]

SPAN = re.compile(r"``(.+?)``|`([^`]+)`|(?<![\w-])(--[a-z][a-z-]*)", re.S)
"""What stands there as code: in backticks, single or double, or the name of an option."""


def plain(text: str) -> str:
    """Return a text in one line, in which only code is marked."""
    parts, end = [], 0
    text = " ".join(text.split())
    for found in SPAN.finditer(text):
        parts += [_escaped(text[end : found.start()]), code(next(filter(None, found.groups())))]
        end = found.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    text = re.sub(r"([\\*_\[\]`])", r"\\\1", text)
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("|", "&#124;")


def code(text: str) -> str:
    """Return a text as code that can stand in a table."""
    if "|" not in text and "`" not in text:
        return f"`{text}`"
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return f"<code>{safe}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already; "" where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]) * bool(lines)


def joined(*parts: str) -> str:
    """Return a page of parts with blank lines between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"
