"""Files as Arrow batches in groups: the row groups of Parquet, none larger than memory likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from calaudit.predictions.delimited import CsvSource
from calaudit.predictions.ipc import IpcSource
from calaudit.predictions.parquet import opened_parquet

GROUP_BYTES = 64 << 20
"""Most bytes of Arrow memory in a group; about four groups are held at a time."""

_BATCH_BYTES = 16 << 20
_MOST_ROWS = 1 << 17

END = None
"""What stands between the batches of two row groups."""


def parquet_batches(path: str, metadata: Any) -> Iterator[Any]:
    """Yield all columns in batches, and `END` after each row group."""
    with opened_parquet(path, metadata) as file:
        for group in range(metadata.num_row_groups):
            about = metadata.row_group(group)
            width = max(about.total_byte_size // max(about.num_rows, 1), 1)
            rows = max(256, min(_MOST_ROWS, _BATCH_BYTES // width))
            yield from file.iter_batches(rows, row_groups=[group])
            yield END


def ipc_batches(source: IpcSource) -> Iterator[Any]:
    """Yield the batches of an Arrow file, each a group of its own."""
    names = [column.name for column in source.columns]
    for batch in source.read(names):
        yield batch
        yield END


def text_batches(source: CsvSource) -> Iterator[Any]:
    """Yield delimited text as batches of text columns."""
    yield from source.read([column.name for column in source.columns])


def grouped(batches: Iterator[Any]) -> Iterator[list[Any]]:
    """Yield lists of batches that end where row groups do, or where they become too large."""
    group: list[Any] = []
    size = 0
    for batch in batches:
        if batch is not END:
            group.append(batch)
            size += batch.nbytes
        if group and (batch is END or size >= GROUP_BYTES):
            yield group
            group, size = [], 0
    if group:
        yield group


def text_schema(source: CsvSource) -> Any:
    """Return the schema of `text_batches`."""
    return pa.schema([pa.field(column.name, pa.string()) for column in source.columns])
