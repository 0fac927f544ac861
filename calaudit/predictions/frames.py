"""Data in memory: anything with the Arrow stream interface, and numpy arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.arrays import array_column
from calaudit.predictions.columns import column_kind
from calaudit.predictions.source import Column, Input

_PART_ROWS = 1_000_000
_PEEK_ROWS = 10_000


def tabular(data: Any) -> Any:
    """Return data in memory with the Arrow stream interface; what is on disk as it is.

    Args:
        data: a mapping from names to arrays, a structured array, a lazy frame of Polars, a data set
            of Hugging Face's `datasets` (the rows that it selects, in its order), or any other.

    Raises:
        SettingsError: the arrays are not of one length, or there are several data sets.
    """
    if hasattr(data, "__arrow_c_stream__"):
        return data
    fields = getattr(getattr(data, "dtype", None), "names", None)
    if isinstance(data, Mapping):
        parts = [name for name, part in data.items() if hasattr(part, "with_format")]
        if parts:
            several = f"these are {len(data)} data sets"
            raise SettingsError(f"{several}: give one of them, as data[{parts[0]!r}]")
        fields = list(data)
    if fields is not None:
        columns = {str(name): array_column(data[name], str(name)) for name in fields}
        return table_of(columns, "data")
    if hasattr(data, "with_format"):
        return pa.concat_tables(data.with_format("arrow").iter(_PART_ROWS))
    return data.collect() if hasattr(data, "collect_schema") else data


def open_frame(data: Any, name: str = "<frame>") -> TableSource | StreamSource:
    """Return a source for an object with ``__arrow_c_stream__``; a stream is read once."""
    if isinstance(data, pa.Table):
        return TableSource(data, Input(name, "frame", None, data.num_rows))
    try:
        reader = pa.RecordBatchReader.from_stream(data)
    except (pa.ArrowException, TypeError, ValueError, OSError) as error:
        raise InputError(f"the data cannot be read as an Arrow stream: {error}") from error
    return StreamSource(reader, Input(name, "frame", None, None))


def kept(data: Any) -> Any:
    """Return data that can be read as often as one likes: a stream as a table in memory.

    Raises:
        InputError: the stream broke off.
    """
    data = tabular(data)
    if not hasattr(data, "__arrow_c_stream__") or isinstance(data, pa.Table):
        return data
    try:
        return pa.RecordBatchReader.from_stream(data).read_all()
    except (pa.ArrowException, TypeError, ValueError, OSError, RuntimeError) as error:
        raise InputError(f"the data cannot be read as an Arrow stream: {error}") from error


class TableSource:
    """An Arrow table in memory, cut into slices without copying."""

    def __init__(self, table: Any, shown: Input) -> None:
        self._table = table
        self.input = shown
        self.columns = tuple(column_of(field) for field in table.schema)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns."""
        return _one_batch(self._table.select(list(columns)).slice(0, _PEEK_ROWS))

    def parts(self, _columns: Sequence[str], /) -> list[TablePart]:
        """Return slices of a million rows."""
        starts = range(0, max(self._table.num_rows, 1), _PART_ROWS)
        return [TablePart(self._table.slice(start, _PART_ROWS), start + 1) for start in starts]

    def close(self) -> None:
        """Nothing is held open."""


class TablePart:
    """Consecutive rows of a table."""

    def __init__(self, table: Any, first_row: int) -> None:
        self._table = table
        self.first_row = first_row
        self.rows: int | None = table.num_rows

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        yield from self._table.select(list(columns)).to_batches(max_chunksize=rows)


class StreamSource:
    """A stream of record batches: one part, read once, never held as a whole."""

    def __init__(self, reader: Any, shown: Input) -> None:
        self._reader = reader
        self._held: Any = None
        self.input = shown
        self.columns = tuple(column_of(field) for field in reader.schema)

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named columns; they are given again by `parts`."""
        if self._held is None:
            self._held = self._next()
        return self._held.select(list(columns)).slice(0, _PEEK_ROWS)

    def parts(self, _columns: Sequence[str], /) -> list[StreamPart]:
        """Return the one part."""
        return [StreamPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield what was peeked at, then the rest."""
        if self._held is not None:
            yield self._held.select(list(columns))
            self._held = None
        while True:
            batch = self._next()
            if batch is None or not batch.num_rows:
                return
            yield batch.select(list(columns))

    def close(self) -> None:
        """Close the stream."""
        self._reader.close()

    def _next(self) -> Any:
        try:
            while True:
                batch = self._reader.read_next_batch()
                if batch.num_rows:
                    return batch
        except StopIteration:
            return pa.RecordBatch.from_arrays(
                [pa.nulls(0, field.type) for field in self._reader.schema],
                schema=self._reader.schema,
            )
        except (pa.ArrowException, OSError, RuntimeError) as error:
            raise InputError(f"{self.input.path}: the stream broke off: {error}") from error


@dataclass(slots=True)
class StreamPart:
    """All of a stream."""

    source: StreamSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches as the stream gives them."""
        return self.source.read(columns)


def column_of(field: Any) -> Column:
    """Return an Arrow field's name and kind."""
    kind = field.type.storage_type if isinstance(field.type, pa.BaseExtensionType) else field.type
    inner = kind
    if pa.types.is_dictionary(kind) or column_kind(kind) == "list":
        inner = kind.value_type
    stored = {pa.float16(): "float16", pa.float32(): "float32"}.get(inner, "float64")
    width = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    return Column(field.name, column_kind(kind), stored, width, kind)


def table_of(columns: Mapping[str, Any], shown: str) -> Any:
    """Return named Arrow arrays as a table; all must have the same length."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise SettingsError(f"{shown}: the arrays differ in length: {told} rows")
    return pa.table(dict(columns))


def _one_batch(table: Any) -> Any:
    batches = table.combine_chunks().to_batches()
    if batches:
        return batches[0]
    return pa.RecordBatch.from_arrays(
        [pa.nulls(0, field.type) for field in table.schema], schema=table.schema
    )
