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

import pyarrow as pa

from calaudit.errors import InputError
from calaudit.predictions.columns import column_kind
from calaudit.predictions.compression import open_binary
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
        return pa.RecordBatch.from_pydict({name: pa.array([], pa.string()) for name in columns})

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
        except (ValueError, OSError, EOFError, pa.ArrowException) as error:
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
    if lists:
        return pa.array([_numbers(value) for value in values], pa.list_(pa.float64()))
    try:
        array = pa.array(values)
    except pa.ArrowException:
        array = None
    if array is not None and column_kind(array.type) != "other":
        return array
    if array is not None and pa.types.is_list(array.type):
        return pa.array([_numbers(value) for value in values], pa.list_(pa.float64()))
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _numbers(value: Any) -> list[float | None] | None:
    if not isinstance(value, list):
        return None
    return [float(v) if isinstance(v, (int, float)) else None for v in value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
