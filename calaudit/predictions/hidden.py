"""Stray quotes that make a well-formed cell, so that only the rows inside it betray them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.quotes import UnreadableRecord, line_ends, marked
from calaudit.predictions.records import Records

__all__ = ["refuse_hidden_rows"]

_NUMERIC = np.zeros(256, np.bool_)
_NUMERIC[list(b'0123456789.+-%"\r\n')] = True


def refuse_hidden_rows(
    records: Records, delimiter: str, width: int, numbers: Mapping[int, bool]
) -> None:
    """Refuse a record every line of which is a row by itself: its quotes are stray ones.

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
        text, inside = text + b"\n", np.append(inside, False)
    octets = np.frombuffer(text, np.uint8)
    if not _begins_rows(octets, inside, width, numbers):
        return
    ends = np.flatnonzero(line_ends(octets))
    begins = np.concatenate([[0], ends[:-1] + 1])
    marks = np.flatnonzero(octets == ord(delimiter))
    filled = np.diff(np.searchsorted(marks, ends), prepend=0) == width - 1
    filled |= ends - begins <= 1  # an empty line is none
    last = np.flatnonzero(~inside[ends])
    first = np.concatenate([[0], last[:-1] + 1])
    whole = np.logical_and.reduceat(filled, first)
    for k in np.flatnonzero(whole & (last > first)):
        rows = [text[begins[i] : ends[i]].strip(b"\r") for i in range(first[k], last[k] + 1)]
        if all(_is_row(row, delimiter, width, numbers) for row in rows if row):
            at = records.start + int(begins[first[k]])
            raise UnreadableRecord(at, "opens a quoted cell that holds whole rows")


def _begins_rows(
    octets: NDArray[np.uint8], inside: NDArray[np.bool_], width: int, numbers: Mapping[int, bool]
) -> bool:
    """Return whether a line that begins in quotes looks like a row at a first glance."""
    for at, ends in marked(octets, b"\n\r"):
        hidden = np.flatnonzero(ends & inside[at : at + len(ends)]) + at
        if 0 in numbers:
            hidden = hidden[_NUMERIC[octets[hidden + 1]]]
        if width - 1 in numbers:
            hidden = hidden[_NUMERIC[octets[hidden - 1]]]
        if len(hidden):
            return True
    return False


def _is_row(line: bytes, delimiter: str, width: int, numbers: Mapping[int, bool]) -> bool:
    cells = [cell.strip(b'"%').replace(b",", b".") for cell in line.split(delimiter.encode())]
    if len(cells) != width or any(cells[i] != cells[i].strip() for i in numbers):
        return False
    try:
        return all(
            0 <= number <= 1 or not numbers[i]
            for i, number in ((i, float(cells[i])) for i in numbers)
        )
    except ValueError:
        return False
