"""Stray quotes that make a well-formed cell, so that only the rows inside it betray them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calaudit.predictions.columns import MISSING_TOKENS
from calaudit.predictions.quotes import (
    UnreadableRecord,
    Words,
    bits_of,
    is_inside,
    line_ends,
    shifted,
)
from calaudit.predictions.records import Records

_DIGITS = range(ord("+"), ord("9") + 1)
"""Digits, signs and the point, and what else lies among them."""

_MISSING = {token.encode() for token in MISSING_TOKENS}
_MOST = 2 / 3


def refuse_hidden_rows(
    records: Records, delimiter: str, width: int, numbers: Mapping[int, bool]
) -> None:
    """Refuse a record most lines of which are rows by themselves: its quotes are stray ones.

    Not all need be: a cell of a swallowed row may be missing, or be no number for once. Of the
    two or three lines of a text one may look like a row, as the cells beside the text stand there.

    Args:
        records: with quotes.
        delimiter: between two cells.
        width: how many cells a row has.
        numbers: which cells hold numbers, and whether these lie in [0, 1].

    Raises:
        UnreadableRecord: there is such a record.
    """
    text, inside = records.text, records.inside
    if inside is None or not numbers:
        return
    if not text.endswith((b"\n", b"\r")):
        text += b"\n"
    if not _begins_rows(text, inside, delimiter, first=0 in numbers, last=width - 1 in numbers):
        return
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(line_ends(octets))
    begins = np.concatenate([[0], ends[:-1] + 1])
    marks = np.flatnonzero(octets == ord(delimiter))
    filled = np.diff(np.searchsorted(marks, ends), prepend=0) == width - 1
    filled |= ends - begins <= 1  # an empty line is none
    last = np.flatnonzero(~is_inside(inside, ends))
    first = np.concatenate([[0], last[:-1] + 1])
    share = np.add.reduceat(filled, first, dtype=np.intp) / (last - first + 1)
    for k in np.flatnonzero((share >= _MOST) & (last > first)):
        rows = [text[begins[i] : ends[i]].strip(b"\r") for i in range(first[k], last[k] + 1)]
        seen = [_is_row(row, delimiter, width, numbers) for row in rows if row]
        if sum(seen) >= _MOST * len(seen):
            at = records.start + int(begins[first[k]])
            raise UnreadableRecord(at, "opens a quoted cell that holds whole rows")


def _begins_rows(text: bytes, inside: Words, delimiter: str, *, first: bool, last: bool) -> bool:
    """Return whether a line that begins in quotes looks like a row at a first glance.

    Args:
        text: records.
        inside: which of its bytes lie in quotes.
        delimiter: between two cells; there is one beside an empty cell.
        first: whether the first cell of a row is a number.
        last: whether the last one is.
    """
    ends = bits_of(text, *b"\n\r")
    found = ends & inside[: len(ends)]
    if not found.any():
        return False
    numeric = ends | bits_of(text, *b'"%', ord(delimiter), _DIGITS)
    if first:
        found &= shifted(numeric, -1)
    if last:
        found &= shifted(numeric, 1)
    return bool(found.any())


def _is_row(line: bytes, delimiter: str, width: int, numbers: Mapping[int, bool]) -> bool:
    """Return whether there are numbers in a line where a row has them, but for missing ones."""
    cells = [cell.strip(b'"') for cell in line.split(delimiter.encode())]
    if len(cells) != width or any(cells[i] != cells[i].strip() for i in numbers):
        return False
    known = {i: cells[i] for i in numbers if cells[i].lower() not in _MISSING}
    return bool(known) and all(_is_number(cell, numbers[i]) for i, cell in known.items())


def _is_number(cell: bytes, unit: bool) -> bool:
    """Return whether a cell is a number, or one in [0, 1]."""
    try:
        number = float(cell.rstrip(b"%").replace(b",", b"."))
    except ValueError:
        return False
    return not unit or 0 <= (number / 100 if cell.endswith(b"%") else number) <= 1
