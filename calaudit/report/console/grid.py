"""Aligned columns as lines of text, without borders and without trailing blanks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

INDENT = 2

LEAST = 14
"""Cells that the last column needs to stand beside the others."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, and "left" or "right"."""

    title: str = ""
    right: bool = True


def grid(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Text]],
    *,
    width: int,
    gap: int = 2,
    least: int = LEAST,
) -> list[Text]:
    """Return a header and one or more lines for each row.

    The last column takes what is left of ``width`` and is folded into it, or stands under its
    row where less than ``least`` is left; the others are as wide as their widest cell. Without
    titles there is no header.
    """
    header = [Text(column.title, style="dim") for column in columns]
    titled = any(column.title for column in columns)
    table = [header, *rows] if titled else list(rows)
    widths = [max((row[i].cell_len for row in table), default=0) for i in range(len(columns))]
    used = INDENT + sum(widths[:-1]) + gap * (len(columns) - 1)
    room = min(widths[-1], width - used)
    below = width - 2 * INDENT if room < min(widths[-1], least) else 0
    widths[-1] = below or room
    lines: list[Text] = []
    for row in table:
        lines += _lines(columns, row, widths, gap, below=bool(below))
    return lines


def _lines(
    columns: Sequence[Column], row: Sequence[Text], widths: Sequence[int], gap: int, *, below: bool
) -> list[Text]:
    line = Text(" " * INDENT)
    for column, cell, width in zip(columns[:-1], row, widths, strict=False):
        blank = Text(" " * max(width - cell.cell_len, 0))
        line += blank + cell if column.right else cell + blank
        line += Text(" " * gap)
    if columns[-1].right and not below:
        line += Text(" " * max(widths[-1] - row[-1].cell_len, 0))
    folded = folds(row[-1], widths[-1])
    start = Text(" " * (2 * INDENT if below else line.cell_len))
    if below:
        lines = [line, *(start + rest for rest in folded if rest.plain)]
    else:
        lines = [line + folded[0], *(start + rest for rest in folded[1:])]
    for each in lines:
        each.rstrip()
    return lines


def hanging(
    text: Text, *, width: int, first: Text | None = None, indent: int = INDENT
) -> list[Text]:
    """Return ``text`` folded at ``width``, each line indented, the first led by ``first``."""
    lead = first if first is not None else Text(" " * indent)
    room = max(width - lead.cell_len, 20)
    folded = folds(text, room)
    blank = Text(" " * lead.cell_len)
    return [(lead if i == 0 else blank) + line for i, line in enumerate(folded)]


def folds(text: Text, width: int) -> list[Text]:
    """Return ``text`` in lines of at most ``width`` cells."""
    if text.cell_len <= width:
        return [text]
    lines = list(text.wrap(_CONSOLE, width))
    for line in lines:
        line.rstrip()
    return lines or [Text()]


_CONSOLE = Console(width=80)
"""`Text.wrap` asks for a console and uses only its defaults."""
