"""Where each cell of delimited text begins and ends, so that all others can be copied as bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Cells", "UnevenRow", "cells_of"]

Ints = NDArray[np.int64]

_QUOTE, _LF, _CR = 34, 10, 13


class UnevenRow(Exception):
    """A row has too few or too many cells.

    Attributes:
        row: its place in the block, from 0. found: how many cells it has.
    """

    def __init__(self, row: int, found: int) -> None:
        super().__init__(row, found)
        self.row, self.found = row, found


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Complete rows of a block of bytes.

    Attributes:
        text: the block; lines without any character belong to no row.
        starts, ends: (n, width) where each cell's text is, quotes included.
        after: (n,) where the next line begins.
        used: how many bytes of the block are complete lines.
        quoted: whether there is a quote anywhere.
    """

    text: bytes
    starts: Ints
    ends: Ints
    after: Ints
    used: int
    quoted: bool

    def column(self, index: int) -> Any:
        """Return one column's cells as Arrow text, without their quotes."""
        spans = zip(self.starts[:, index].tolist(), self.ends[:, index].tolist(), strict=True)
        cells = [self.text[a:b] for a, b in spans]
        if self.quoted:
            cells = [_unquoted(cell) for cell in cells]
        offsets = np.zeros(len(cells) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, cells), np.int64, len(cells)), out=offsets[1:])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(cells))]
        return pa.Array.from_buffers(pa.large_string(), len(cells), buffers)

    def only(self, rows: NDArray[np.bool_]) -> bytes:
        """Return the lines of some rows."""
        begin, end = self.starts[rows, 0].tolist(), self.after[rows].tolist()
        return b"".join(self.text[a:b] for a, b in zip(begin, end, strict=True))


def cells_of(text: bytes, width: int, delimiter: str) -> Cells:
    """Return the cells of all complete lines of ``text``, which begins with a line.

    A quote counts only at the beginning of a cell, as in Arrow; there it may hold delimiters and
    line ends, and two quotes stand for one.

    Raises:
        UnevenRow: a row has another number of cells than ``width``.
    """
    octets = np.frombuffer(text, np.uint8)
    quotes = octets == _QUOTE
    lines = _line_ends(octets)
    ends = lines | (octets == ord(delimiter))
    quoted = bool(quotes.any())
    if quoted:
        inside = np.bitwise_xor.accumulate(quotes)
        outer = ends & ~inside
        if _well_formed(octets, quotes, inside, outer):
            at: Ints = np.flatnonzero(outer)
        else:
            at = _scanned(text, delimiter)
    else:
        at = np.flatnonzero(ends)
    return _rows(text, octets, at, lines, width, quoted)


def _line_ends(octets: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where lines end: LF, CR LF (at the LF), or CR alone."""
    lines: NDArray[np.bool_] = octets == _LF
    returns = octets == _CR
    if returns.any():
        alone = returns.copy()
        alone[:-1] &= ~lines[1:]
        alone[-1:] = False  # what follows is not known yet
        lines = lines | alone
    return lines


def _well_formed(
    octets: NDArray[np.uint8],
    quotes: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    outer: NDArray[np.bool_],
) -> bool:
    """Return whether quotes open only where cells begin and close only where they end."""
    at = np.flatnonzero(quotes)
    opening = at[inside[at]]
    before = opening - 1
    begins = (before < 0) | outer[before] | quotes[before]
    closing = at[~inside[at]]
    closing = closing[closing + 1 < len(octets)]
    after = closing + 1
    stops = outer[after] | quotes[after] | (octets[after] == _CR)
    return bool(begins.all() and stops.all())


def _scanned(text: bytes, delimiter: str) -> Ints:
    """Return where cells end, cell by cell: for text with quotes in the middle of cells."""
    d = re.escape(delimiter.encode())
    cell = re.compile(
        rb'(?:"[^"]*(?:""[^"]*)*"|(?!"))[^' + d + rb"\r\n]*(?:(\r?\n|\r(?=[^\n]))|" + d + rb")"
    )
    ends, at = [], 0
    while (found := cell.match(text, at)) is not None:
        at = found.end()
        ends.append(at - 1)
    return np.array(ends, np.int64)


def _rows(
    text: bytes,
    octets: NDArray[np.uint8],
    at: Ints,
    lines: NDArray[np.bool_],
    width: int,
    quoted: bool,
) -> Cells:
    """Return the cells that end ``at``, in rows."""
    last = np.flatnonzero(lines[at])
    used = int(at[last[-1]]) + 1 if len(last) else 0
    at = at[: int(last[-1]) + 1] if len(last) else at[:0]
    starts = np.concatenate([np.zeros(1, np.int64), at[:-1] + 1])[: len(at)]
    final = lines[at]
    crlf = final & (octets[at] == _LF) & (at > starts) & (octets[at - 1] == _CR)
    ends = at - crlf
    counts = np.diff(np.flatnonzero(final), prepend=-1)
    empty = (counts == 1) & (ends == starts)[final]
    if empty.any():
        blank = np.zeros(len(at), np.bool_)
        blank[np.flatnonzero(final)[empty]] = True
        starts, ends, at, counts = starts[~blank], ends[~blank], at[~blank], counts[~empty]
    uneven = np.flatnonzero(counts != width)
    if len(uneven):
        raise UnevenRow(int(uneven[0]), int(counts[uneven[0]]))
    shape = (-1, width)
    return Cells(
        text, starts.reshape(shape), ends.reshape(shape), at.reshape(shape)[:, -1] + 1, used, quoted
    )


def _unquoted(cell: bytes) -> bytes:
    if not cell.startswith(b'"'):
        return cell
    head, _, rest = cell[1:].rpartition(b'"')
    return head.replace(b'""', b'"') + rest
