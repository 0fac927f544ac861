"""Parquet files: a part is a row group, or several small ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from calaudit.errors import InputError
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.frames import column_of
from calaudit.predictions.source import Column, Input, first_line, no_rows
from calaudit.predictions.storage import arrow_file

_PART_CELLS = 1_000_000
_BATCH_CELLS = 4 << 20
_WHOLE_CELLS = 64 << 20
_AHEAD_CELLS = 16 << 20
_BUFFER_BYTES = 32 << 20
_WIDE = 8
_PEEK_ROWS = 10_000
_MAGIC = b"PAR1"
_BLOCK = 1 << 20
_SIGNATURE = 28
"""Bytes that follow a footer some of whose columns are encrypted."""


@contextmanager
def opened_parquet(path: str, metadata: Any, **options: Any) -> Iterator[Any]:
    """Give an open Parquet file that verifies the checksums of its pages, where it has any."""
    options = {"pre_buffer": False, "page_checksum_verification": True} | options
    with arrow_file(path) as raw, pq.ParquetFile(raw, metadata=metadata, **options) as file:
        yield file


class ParquetSource:
    """One Parquet file; only the columns asked for are ever decoded."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        try:
            with arrow_file(path) as file:
                # One parse of the footer serves every thread.
                self.metadata = pq.read_metadata(file)
                self.schema = self.metadata.schema.to_arrow_schema()
                footer = int.from_bytes(file.read_at(4, file.size() - 8), "little")
                # Asking for the metadata of an encrypted column ends the process.
                self.encrypted = footer - self.metadata.serialized_size == _SIGNATURE
                if not self.encrypted:
                    self._check_alone(file, file.size() - 8 - footer)
        except DAMAGE as error:
            raise InputError(
                f"{shown}: begins as a Parquet file but cannot be read ({first_line(error)}). "
                "It is truncated or damaged, or other data was joined to it: copy or write it "
                "again."
            ) from error
        self.input = Input(shown, "parquet", size, self.metadata.num_rows)
        self.columns: tuple[Column, ...] = tuple(column_of(field) for field in self.schema)
        flat = self.metadata.schema
        self._paths = [flat.column(i).path.split(".") for i in range(len(flat))]
        self._nested = [i for i, path in enumerate(self._paths) if len(path) > 1]

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        for part in self.parts(columns):
            part.cells = _WHOLE_CELLS + 1  # streamed, so that no whole row group is decoded
            for batch in part.batches(columns, _PEEK_ROWS):
                return batch.slice(0, _PEEK_ROWS)
        return no_rows(self.columns, columns)

    def parts(self, columns: Sequence[str]) -> list[ParquetPart]:
        """Return the row groups: small ones taken together."""
        parts: list[ParquetPart] = []
        groups: list[int] = []
        first, rows, cells = 1, 0, 0
        total = self.metadata.num_row_groups
        for group in range(total):
            groups.append(group)
            rows += self.metadata.row_group(group).num_rows
            cells += self._cells(group, columns)
            if cells >= _PART_CELLS or group == total - 1:
                parts.append(ParquetPart(self, tuple(groups), first, rows, cells=cells))
                first, rows, cells, groups = first + rows, 0, 0, []
        if len(parts) == 1:
            # Nothing to share between threads, so Arrow decodes the columns side by side.
            parts[0].use_threads = len(columns) > _WIDE
        return parts

    def read(self, part: ParquetPart, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Yield the part's batches."""
        try:
            yield from self._batches(part, columns, rows)
        except DAMAGE as error:
            if self.encrypted and "decrypt" in str(error):
                raise InputError(
                    f"{self._shown}: among {', '.join(columns)} is an encrypted column. Write the "
                    "file without encryption: keys cannot be given."
                ) from error
            raise InputError(
                f"{self._shown}: row group {part.groups[0]} cannot be decoded "
                f"({first_line(error)}). The file is damaged: copy or write it again."
            ) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _open(self, columns: Sequence[str], cells: int) -> Any:
        if is_remote(self._path) and cells <= _AHEAD_CELLS:
            # What is wanted of the row groups is asked for at once, and nothing else.
            return opened_parquet(self._path, self.metadata, pre_buffer=True)
        # A stream of its own for each column: a row group is never held as a whole.
        size = max(16 << 10, min(1 << 20, _BUFFER_BYTES // len(columns)))
        return opened_parquet(self._path, self.metadata, buffer_size=size)

    def _check_alone(self, file: Any, footer: int) -> None:
        """Refuse a file joined to another one: the last footer would be read with the first data.

        Raises:
            EOFError: between its data and its ``footer`` one file ends and another begins.
        """
        groups = self.metadata.num_row_groups
        last = self.metadata.row_group(groups - 1) if groups else None
        if last is None or not last.num_columns:
            return
        chunk = last.column(last.num_columns - 1)
        at = chunk.data_page_offset
        at = min(at, chunk.dictionary_page_offset or at) + chunk.total_compressed_size
        joint = 2 * _MAGIC
        for begin in range(at, footer, _BLOCK):  # usually nothing, or the index of the pages
            if joint in file.read_at(min(_BLOCK + len(joint), footer - begin), begin):
                raise EOFError("another Parquet file is joined to it")

    def _cells(self, group: int, columns: Sequence[str]) -> int:
        """Return how many values the columns hold, counting those inside lists."""
        meta, names = self.metadata.row_group(group), set(columns)
        known = len(names) <= _WIDE and not self.encrypted
        # Of flat columns nothing is asked: some damage in what is asked ends the process.
        wanted = [i for i in self._nested if known and self._paths[i][0] in names]
        nested = [meta.column(i).num_values for i in wanted if i < meta.num_columns]
        roots = len({self._paths[i][0] for i in wanted})
        return int(sum(nested) + meta.num_rows * (len(names) - roots))

    def _batches(self, part: ParquetPart, names: Sequence[str], rows: int) -> Iterator[Any]:
        width = len(names)
        if width > _WIDE and part.cells <= _WHOLE_CELLS:
            # Streaming many columns at once holds a page and a dictionary of each, which is
            # more than the decoded row group, and is slower than column after column.
            with self._open(names, part.cells) as file:
                table = file.read_row_groups(
                    list(part.groups), columns=list(names), use_threads=part.use_threads
                )
            yield from table.to_batches()
        else:
            # Wide rows are decoded many at a time: a batch costs some microseconds a column.
            many = max(rows, min(65_536, _BATCH_CELLS // width)) if width > _WIDE else rows
            with self._open(names, part.cells) as file:
                yield from file.iter_batches(
                    many, row_groups=list(part.groups), columns=list(names), use_threads=False
                )


@dataclass(slots=True)
class ParquetPart:
    """Some consecutive row groups of one file, or a share of their rows."""

    source: ParquetSource
    groups: tuple[int, ...]
    first_row: int
    rows: int
    cells: int = 0
    use_threads: bool = False

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        return self.source.read(self, columns, rows)
