"""JSON lines: one object a line, read in blocks; the type of a field is judged block by block.

Labels are compared as text and scores as numbers whatever the block's type, so a field
that is 0/1 for a million lines and then ``"cat"`` is read alike throughout.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError
from calaudit.predictions.arrays import number_column, text_column
from calaudit.predictions.columns import column_kind
from calaudit.predictions.compression import open_binary
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.source import Column, Input, first_line

__all__ = ["JsonlSource"]

_BLOCK = 8192
_SAMPLE = 1000


class JsonlSource:
    """One JSON-lines file, plain or compressed."""

    def __init__(self, path: str, shown: str, size: int) -> None:
        self._path, self._shown = path, shown
        self.input = Input(shown, "jsonl", size, None)
        sample = list(islice(self._objects(), _SAMPLE))
        names = dict.fromkeys(name for record in sample for name in record)
        columns = {name: _array([record.get(name) for record in sample]) for name in names}
        self._lists = {n for n, array in columns.items() if column_kind(array.type) == "list"}
        self.columns: tuple[Column, ...] = tuple(
            Column(name, column_kind(array.type)) for name, array in columns.items()
        )

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named fields."""
        for batch in self.read(columns):
            return batch
        return pa.RecordBatch.from_arrays(
            [pa.nulls(0, pa.string()) for _ in columns], list(columns)
        )

    def parts(self, _columns: Sequence[str], /) -> list[JsonlPart]:
        """Return the one part."""
        return [JsonlPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield blocks of the named fields; a field that a line lacks is null."""
        objects = self._objects()
        while block := list(islice(objects, _BLOCK)):
            arrays = [
                _array([record.get(name) for record in block], name in self._lists)
                for name in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, list(columns))

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _objects(self) -> Iterator[dict[str, Any]]:
        number = 1
        try:
            with io.TextIOWrapper(open_binary(self._path), "utf-8-sig") as lines:
                for line in lines:
                    if line.strip():
                        record = json.loads(line)
                        if not isinstance(record, dict):
                            raise ValueError("it is not an object")
                        yield record
                    number += 1
        except (ValueError, *DAMAGE) as error:
            raise InputError(
                f"{self._shown}: line {number} is not a JSON object ({first_line(error)}). "
                "Write one object a line; if this is the last line, the file was cut off."
            ) from error


@dataclass(slots=True)
class JsonlPart:
    """All of a JSON-lines file."""

    source: JsonlSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named fields."""
        return self.source.read(columns)


def _array(values: list[Any], lists: bool = False) -> Any:
    """Return one block of a field: lists, integers, floats, or else text."""
    if lists or any(isinstance(value, list) for value in values):
        return _list_array(values)
    kinds = {type(value) for value in values}
    if kinds == {int} and all(abs(value) < 2**63 for value in values):
        return number_column(np.array(values, np.int64))
    if kinds <= {int, float, type(None)}:
        return number_column(np.array([np.nan if v is None else v for v in values], np.float64))
    return text_column([v if v is None or isinstance(v, str) else json.dumps(v) for v in values])


def _list_array(values: list[Any]) -> Any:
    rows = [value if isinstance(value, list) else [] for value in values]
    numbers = [v if isinstance(v, (int, float)) else np.nan for row in rows for v in row]
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    flat = number_column(np.array(numbers, np.float64))
    return pa.ListArray.from_arrays(number_column(offsets), flat)
