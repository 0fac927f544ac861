"""Delimited text with new scores: every other byte is copied."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import number_column
from calaudit.predictions.columns import parse_numbers
from calaudit.predictions.delimited import CsvSource
from calaudit.predictions.rewriting.drafts import refusing_full_disk
from calaudit.predictions.rewriting.new_columns import check_names
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer
from calaudit.predictions.storage import arrow_file
from calaudit.predictions.text_cells import Cells, UnevenRow, cells_of

Floats = NDArray[np.float64]


def open_text_sink(path: Path, name: str) -> BinaryIO:
    """Open a file for writing, compressed as the last suffix of ``name`` says."""
    suffix = Path(name).suffix.lower()
    if suffix == ".gz":
        # No time of day in the header: the same input gives the same bytes.
        return cast(BinaryIO, gzip.GzipFile(path, "wb", compresslevel=6, mtime=0))
    if suffix == ".bz2":
        return cast(BinaryIO, bz2.open(path, "wb"))
    if suffix == ".xz":
        return cast(BinaryIO, lzma.open(path, "wb"))
    if suffix == ".zst":
        return cast(BinaryIO, pa.output_stream(arrow_file(path, "wb"), compression="zstd"))
    return path.open("wb")


def rewrite_text(
    source: CsvSource,
    sink: BinaryIO,
    shown: str,
    rescorer: Rescorer,
    naming: Naming,
    advance: Callable[[int], None],
) -> None:
    """Copy delimited text with new scores.

    Args:
        source: the input.
        sink: where the text goes.
        shown: what the output is called.
        rescorer: what gives the new scores.
        naming: where they go.
        advance: called with the number of rows of each block.
    """
    names = [column.name for column in source.columns]
    layout = rescorer.layout
    check_names(names, layout.scores, naming, source.input.path)
    first = source.peek(layout.scores).columns
    comma = any("comma" in parse_numbers(column).notation for column in first)
    writer = _Splicer(names, layout.scores, source.delimiter, comma, rescorer, naming)
    with refusing_full_disk(shown):
        sink.write(writer.header(source.header))
    for cells, lengthened in _blocks(source):
        text = writer.spliced(cells)
        text = text.removesuffix(b"\n") if lengthened else text
        with refusing_full_disk(shown):
            sink.write(text)
        advance(len(cells.starts))


class _Splicer:
    """Puts new cells into the bytes of a block."""

    def __init__(
        self,
        names: list[str],
        scores: tuple[str, ...],
        delimiter: str,
        comma: bool,
        rescorer: Rescorer,
        naming: Naming,
    ) -> None:
        self._delimiter, self._comma = delimiter, comma
        self._rescorer, self._naming = rescorer, naming
        self._scores, self._width = scores, len(names)
        self._at = [names.index(name) for name in scores]
        self._order = sorted(range(len(scores)), key=self._at.__getitem__)

    def header(self, head: bytes) -> bytes:
        """Return the lines before the rows, with the names of added columns."""
        if not self._naming.adds:
            return head
        body = head.rstrip(b"\r\n")
        added = [self._cell(new) for _, new in self._naming.written(self._scores)]
        return body + b"".join(self._delimiter.encode() + c for c in added) + head[len(body) :]

    def _cell(self, name: str) -> bytes:
        if re.search(rf'[{re.escape(self._delimiter)}"\r\n]', name):
            name = '"' + name.replace('"', '""') + '"'
        return name.encode()

    def spliced(self, cells: Cells) -> bytes:
        """Return the block with new cells, without rows that are dropped."""
        block = pa.RecordBatch.from_arrays([cells.column(i) for i in self._at], list(self._scores))
        values, valid = self._rescorer.values(block)
        if valid is not None and self._rescorer.invalid == "drop":
            cells = cells_of(cells.only(valid), None, self._width, self._delimiter)
            values, valid = values[valid], None
        if not len(values):
            return cells.text
        texts = [self._texts(values[:, j], valid) for j in range(values.shape[1])]
        return self._added(cells, texts) if self._naming.adds else self._replaced(cells, texts)

    def _texts(self, values: Floats, valid: NDArray[np.bool_] | None) -> list[bytes]:
        """Return cells with numbers, with the decimal mark of the file."""
        texts = _texts(values, valid)
        if not self._comma:
            return texts
        cell = b'"%s"' if self._delimiter == "," else b"%s"
        return [cell % text.replace(b".", b",") if text else text for text in texts]

    def _replaced(self, cells: Cells, texts: list[list[bytes]]) -> bytes:
        columns = [self._at[j] for j in self._order]
        begin, end = cells.starts[:, columns].ravel(), cells.ends[:, columns].ravel()
        new: list[bytes] = [b""] * len(begin)
        for place, j in enumerate(self._order):
            new[place :: len(columns)] = texts[j]
        return _joined(cells, begin, end, new)

    def _added(self, cells: Cells, texts: list[list[bytes]]) -> bytes:
        comma = self._delimiter.encode()
        end = cells.ends[:, -1]
        new = [comma + comma.join(row) for row in zip(*texts, strict=True)]
        return _joined(cells, end, end, new)


def _joined(
    cells: Cells, begin: NDArray[np.int64], end: NDArray[np.int64], new: list[bytes]
) -> bytes:
    """Return the block with what lies from each ``begin`` to its ``end`` exchanged."""
    text = cells.text
    pieces: list[bytes] = [b""] * (2 * len(new) + 1)
    kept = zip([0, *end[:-1].tolist()], begin.tolist(), strict=True)
    pieces[0:-1:2] = [text[a:b] for a, b in kept]
    pieces[1::2] = new
    pieces[-1] = text[int(end[-1]) :]
    return b"".join(pieces)


def _texts(values: Floats, valid: NDArray[np.bool_] | None) -> list[bytes]:
    """Return numbers in the fewest digits that give them back; b"" where not valid."""
    column = number_column(np.ascontiguousarray(values)).cast(pa.string()).cast(pa.binary())
    texts: list[bytes] = column.to_pylist()
    if valid is not None:
        texts = [text if ok else b"" for text, ok in zip(texts, valid.tolist(), strict=True)]
    return texts


def _blocks(source: CsvSource) -> Iterator[tuple[Cells, bool]]:
    """Yield the rows, a block at a time, and whether a line end was added to the last line."""
    row = 0
    for records in source.records():
        text, inside = records.text, records.inside
        lengthened = not text.endswith((b"\n", b"\r"))
        if lengthened:
            text, inside = text + b"\n", None
        try:
            cells = cells_of(text, inside, len(source.columns), source.delimiter)
        except UnevenRow as uneven:
            raise source.uneven(uneven, row) from None
        yield cells, lengthened
        row += len(cells.starts)
