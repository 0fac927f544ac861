"""Where each cell of delimited text begins and ends, so that all others can be copied as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.quotes import Words, inside_quotes, is_inside, line_ends

Ints = NDArray[np.int64]

_LF, _CR = 10, 13


class UnevenRow(Exception):
    """A row has too few or too many cells.

    Attributes:
        row: its place in the block, from 0. found: how many cells it has. text: the row.
    """

    def __init__(self, row: int, found: int, text: str) -> None:
        super().__init__(row, found, text)
        self.row, self.found, self.text = row, found, text


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Complete rows of a block of bytes.

    Attributes:
        text: the block; lines without any character belong to no row.
        starts, ends: (n, width) where each cell's text is, quotes included.
        after: (n,) where the next line begins.
        quoted: whether there is a quote anywhere.
    """

    text: bytes
    starts: Ints
    ends: Ints
    after: Ints
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


def cells_of(text: bytes, inside: Words | None, width: int, delimiter: str) -> Cells:
    """Return the cells of whole records.

    Args:
        text: lines, the last of which ends like the others.
        inside: bits of the bytes that lie in quotes; None where that is to be found out.
        width: how many cells a row has.
        delimiter: between two cells.

    Raises:
        UnevenRow: a row has another number of cells than ``width``.
    """
    octets = np.frombuffer(text, np.uint8)
    lines = line_ends(octets)
    ends = lines | (octets == ord(delimiter))
    inside = inside_quotes(text, delimiter) if inside is None else inside
    at: Ints = np.flatnonzero(ends)
    if inside is not None:
        at = at[~is_inside(inside, at)]
    return _rows(text, octets, at, lines, width, inside is not None)


def _rows(
    text: bytes,
    octets: NDArray[np.uint8],
    at: Ints,
    lines: NDArray[np.bool_],
    width: int,
    quoted: bool,
) -> Cells:
    """Return the cells that end ``at``, in rows."""
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
        row, last = int(uneven[0]), int(np.cumsum(counts)[uneven[0]])
        found = int(counts[row])
        line = text[int(starts[last - found]) : int(ends[last - 1])]
        raise UnevenRow(row, found, line.decode("utf-8", "replace"))
    shape = (-1, width)
    return Cells(
        text, starts.reshape(shape), ends.reshape(shape), at.reshape(shape)[:, -1] + 1, quoted
    )


def _unquoted(cell: bytes) -> bytes:
    if not cell.startswith(b'"'):
        return cell
    head, _, rest = cell[1:].rpartition(b'"')
    return head.replace(b'""', b'"') + rest
