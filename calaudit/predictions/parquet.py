"""Parquet files: a part is a row group, or several small ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calaudit.errors import InputError
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.frames import column_of
from calaudit.predictions.source import Column, Input, first_line

__all__ = ["ParquetSource"]

_PART_CELLS = 1_000_000
_BATCH_CELLS = 4 << 20
_WHOLE_CELLS = 64 << 20
_BUFFER_BYTES = 32 << 20
_WIDE = 8
_PEEK_ROWS = 10_000


class ParquetSource:
    """One Parquet file; only the columns asked for are ever decoded."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        try:
            # One parse of the footer serves every thread.
            self._metadata = pq.read_metadata(path)
            self._schema = self._metadata.schema.to_arrow_schema()
        except DAMAGE as error:
            raise InputError(
                f"{shown}: begins as a Parquet file but cannot be read ({first_line(error)}). "
                "It is probably truncated: copy or write it again."
            ) from error
        self.input = Input(shown, "parquet", size, self._metadata.num_rows)
        self.columns: tuple[Column, ...] = tuple(column_of(field) for field in self._schema)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        for part in self.parts(columns):
            for batch in part.batches(columns, _PEEK_ROWS):
                return batch
        return pa.RecordBatch.from_arrays(
            [pa.nulls(0, pa.string()) for _ in columns], list(columns)
        )

    def parts(self, columns: Sequence[str]) -> list[ParquetPart]:
        """Return the row groups: small ones taken together."""
        parts: list[ParquetPart] = []
        groups: list[int] = []
        first, rows, cells = 1, 0, 0
        total = self._metadata.num_row_groups
        for group in range(total):
            groups.append(group)
            rows += self._metadata.row_group(group).num_rows
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
            raise InputError(
                f"{self._shown}: row group {part.groups[0]} cannot be decoded "
                f"({first_line(error)}). The file is damaged: copy or write it again."
            ) from error

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _open(self, columns: Sequence[str]) -> Any:
        return pq.ParquetFile(
            self._path,
            metadata=self._metadata,
            pre_buffer=False,
            # A stream of its own for each column: a row group is never held as a whole.
            buffer_size=max(16 << 10, min(1 << 20, _BUFFER_BYTES // len(columns))),
        )

    def _cells(self, group: int, columns: Sequence[str]) -> int:
        """Return how many values the columns hold, counting those inside lists."""
        meta, names = self._metadata.row_group(group), set(columns)
        chunks = (meta.column(i) for i in range(meta.num_columns)) if len(names) <= _WIDE else ()
        nested = sum(c.num_values for c in chunks if c.path_in_schema.split(".")[0] in names)
        return int(nested or meta.num_rows * len(names))

    def _batches(self, part: ParquetPart, names: Sequence[str], rows: int) -> Iterator[Any]:
        width = len(names)
        if width > _WIDE and part.cells <= _WHOLE_CELLS:
            # Streaming many columns at once holds a page and a dictionary of each, which is
            # more than the decoded row group, and is slower than column after column.
            with self._open(names) as file:
                table = file.read_row_groups(
                    list(part.groups), columns=list(names), use_threads=part.use_threads
                )
            yield from table.to_batches()
        else:
            # Wide rows are decoded many at a time: a batch costs some microseconds a column.
            many = max(rows, min(65_536, _BATCH_CELLS // width)) if width > _WIDE else rows
            with self._open(names) as file:
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
