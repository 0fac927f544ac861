"""Hive partitions: columns whose value stands in a file's directory, ``fold=3/part.parquet``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from calaudit.predictions.arrays import number_column, text_column
from calaudit.predictions.labels import encoded, label_text
from calaudit.predictions.source import Column, Input, Note, Part, Source

__all__ = ["PartitionedSource", "contradictions", "partition_values"]

_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition_values(folder: str | Path) -> dict[str, str]:
    """Return the columns that a directory path gives; a null partition is empty text."""
    pairs = (part.split("=", 1) for part in Path(folder).parts if "=" in part)
    return {key: "" if value == _HIVE_NULL else unquote(value) for key, value in pairs}


class PartitionedSource:
    """A source of any format with constant columns added; a stored column of the name wins."""

    def __init__(self, source: Source, values: Mapping[str, str]) -> None:
        self._source = source
        stored = {column.name for column in source.columns}
        self._values = {name: value for name, value in values.items() if name not in stored}
        self._doubled = {name: value for name, value in values.items() if name in stored}
        self.columns: tuple[Column, ...] = (
            *source.columns,
            *(Column(name, "text") for name in self._values),
        )
        self._anchor = next(column.name for column in source.columns if column.name)

    @property
    def source(self) -> Source:
        """The file without the constants."""
        return self._source

    @property
    def input(self) -> Input:
        """The file as the report lists it."""
        return self._source.input

    def peek(self, columns: Sequence[str], /) -> Any:
        """Return the first rows of the named columns."""
        return self.completed(self._source.peek(self.stored(columns)), columns)

    def parts(self, columns: Sequence[str], /) -> list[Any]:
        """Return the source's parts, each with the constants added."""
        return [PartitionedPart(self, part) for part in self._source.parts(self.stored(columns))]

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def contradiction(self, name: str) -> Note | None:
        """Return a note if a column's first rows are not what the path says of it."""
        value = self._doubled.get(name)
        if value is None:
            return None
        _, texts = encoded(self._source.peek([name]).column(0))
        other = next((text for text in texts if text != label_text(value)), None)
        if other is None:
            return None
        text = f"{self.input.path}: its folder says {name}={value}, its column {name!r} {other}."
        return "folder-contradicts-column", text, "The column is used; rename one of the two."

    def stored(self, columns: Sequence[str]) -> list[str]:
        """Return those of the columns that are in the file; at least one, to count rows by."""
        return [name for name in columns if name not in self._values] or [self._anchor]

    def completed(self, batch: Any, columns: Sequence[str]) -> Any:
        """Return the batch with the constants among ``columns`` in their places."""
        arrays = []
        for name in columns:
            if name in self._values:
                indices = number_column(np.zeros(batch.num_rows, np.int32))
                arrays.append(
                    pa.DictionaryArray.from_arrays(indices, text_column([self._values[name]]))
                )
            else:
                arrays.append(batch.column(name))
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def contradictions(sources: Sequence[Source], columns: Sequence[str]) -> list[Note]:
    """Return a note for each column that is used and contradicted by the path of a file."""
    given = [source for source in sources if isinstance(source, PartitionedSource)]
    found = ((source.contradiction(name) for source in given) for name in columns)
    return [note for notes in found if (note := next(filter(None, notes), None))]


class PartitionedPart:
    """A part of a file in a partition."""

    def __init__(self, owner: PartitionedSource, part: Part) -> None:
        self._owner, self._part = owner, part
        self.first_row, self.rows = part.first_row, part.rows

    def batches(self, columns: Sequence[str], rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named columns."""
        for batch in self._part.batches(self._owner.stored(columns), rows):
            yield self._owner.completed(batch, columns)
