"""JSON lines, or one array of objects: read in blocks, each field typed block by block.

Labels are compared as text and scores as numbers whatever the block's type, so a field
that is 0/1 for a million lines and then ``"cat"`` is read alike throughout.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.arrays import flag_column, number_column, text_column, with_nulls
from calaudit.predictions.columns import column_kind
from calaudit.predictions.compression import open_binary
from calaudit.predictions.damage import DAMAGE
from calaudit.predictions.logs.known import Log, log_of, place_of_records
from calaudit.predictions.objects import BadObject, read_objects
from calaudit.predictions.source import Column, Input, first_line, no_rows

_BLOCK = 8192
_dumps = partial(json.dumps, ensure_ascii=False)
_SAMPLE = 1000
_DEPTH = 4
_ROWS = 3
"""Values of lists side by side that are rather columns than the scores of one row."""

_HEAD = 1024


class JsonlSource:
    """One JSON file, plain or compressed, or the records of a log.

    Args:
        path: where it is.
        shown: how the user named it.
        size: its bytes.
        notes: to which is added how a log is read.
        archived: the records where the file is an archive of them.

    Attributes:
        paths: where the values of each column are in a record.
    """

    def __init__(
        self,
        path: str,
        shown: str,
        size: int,
        notes: list[Finding],
        archived: Callable[[str], Iterator[dict[str, Any]]] | None = None,
    ) -> None:
        self._path, self._shown, self._archived = path, shown, archived
        self.input = Input(shown, "jsonl", size, None)
        self._place: tuple[str, ...] = ()
        self._log: Log | None = None
        if archived is None:
            with open_binary(path) as stream:
                self._place = place_of_records(stream.read(_HEAD))
        sample = list(islice(self._objects(), _SAMPLE))
        self._log = log_of(sample[0]) if sample else None
        if self._log is not None:
            notes.append(finding(self._log.code))
            sample = list(islice(self._objects(), _SAMPLE))
        self._refuse_columns(sample)
        self.paths: dict[str, tuple[str | int, ...]] = {
            ".".join(path): path for record in sample for path in _paths(record)
        }
        for name in [n for n in self.paths if {f"{n}.type", f"{n}.values"} <= self.paths.keys()]:
            self.paths[name] = self.paths.pop(f"{name}.values")  # a vector as Spark writes it
        columns = {
            n: json_array([value_at(r, path) for r in sample]) for n, path in self.paths.items()
        }
        for name in [name for name, array in columns.items() if _single(array)]:
            self.paths[name] = (*self.paths[name], 0)
            columns[name] = json_array([value_at(r, self.paths[name]) for r in sample])
        nested = {n for n, p in self.paths.items() if _all_records(sample, p)}
        self._lists = {n for n, array in columns.items() if pa.types.is_list(array.type)}
        self.columns: tuple[Column, ...] = tuple(
            Column(name, "nested" if name in nested else column_kind(array.type), type=array.type)
            for name, array in columns.items()
        )

    def peek(self, columns: Sequence[str]) -> Any:
        """Return the first rows of the named fields."""
        for batch in self.read(columns):
            return batch
        return no_rows(self.columns, columns)

    def parts(self, _columns: Sequence[str], /) -> list[JsonlPart]:
        """Return the one part."""
        return [JsonlPart(self)]

    def read(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield blocks of the named fields; a field that a line lacks is null."""
        objects = self._objects()
        while block := list(islice(objects, _BLOCK)):
            arrays = [
                json_array([value_at(r, self.paths[name]) for r in block], name in self._lists)
                for name in columns
            ]
            yield pa.RecordBatch.from_arrays(arrays, list(columns))

    def close(self) -> None:
        """Nothing is held open between parts."""

    def _objects(self) -> Iterator[dict[str, Any]]:
        try:
            records = self.records()
            yield from records if self._log is None else self._log.rows(records)
        except BadObject as bad:
            raise InputError(f"{self._shown}: {bad}") from None
        except DAMAGE as error:
            raise InputError(
                f"{self._shown}: cannot be read to its end ({first_line(error)}). It is cut off, "
                "damaged or not UTF-8 text: copy or write it again."
            ) from error

    @property
    def is_log(self) -> bool:
        """Whether the rows are made of records of a known log."""
        return self._log is not None or self._archived is not None

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield the records as they are stored."""
        if self._archived is not None:
            yield from self._archived(self._path)
            return
        with open_binary(self._path) as stream:
            records = read_objects(stream, self._place)
            first = list(islice(records, 2))
            if len(first) == 1:  # a single object may be the whole
                first = _column_rows(first[0]) or first
            for record in chain(first, records):
                yield from _table_rows(record) if _is_table(record) else (record,)

    def _refuse_columns(self, sample: Sequence[dict[str, Any]]) -> None:
        """Refuse a single object that holds whole columns or all the rows."""
        if len(sample) == 1 and {"results", "n-samples"} <= sample[0].keys():
            raise InputError(
                f"{self._shown}: holds the results of lm-evaluation-harness without their rows. "
                "Give samples_….jsonl beside it, which --log_samples writes."
            )
        values = list(sample[0].values()) if len(sample) == 1 else [0]
        if any(isinstance(v, dict) for v in values) or all(isinstance(v, list) for v in values):
            raise InputError(
                f"{self._shown}: is one JSON object, not one for each row. Write an array or lines "
                "of objects, as pandas does with to_json(orient='records')."
            )


@dataclass(slots=True)
class JsonlPart:
    """All of a JSON file."""

    source: JsonlSource
    first_row: int = 1
    rows: int | None = None

    def batches(self, columns: Sequence[str], _rows: int, /) -> Iterator[Any]:
        """Yield record batches of the named fields."""
        return self.source.read(columns)


def _paths(record: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where the values of a record are: also those of the records in it, as ``a.b``."""
    for name, value in record.items():
        yield (*path, name)
        if isinstance(value, dict) and len(path) < _DEPTH:
            yield from _paths(value, (*path, name))


def value_at(record: Any, path: tuple[str | int, ...]) -> Any:
    """Return what stands at a path; the 0 at its end is for the one value of a list."""
    for name in path:
        if isinstance(name, int):
            return record[0] if isinstance(record, list) and len(record) == 1 else record
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _all_records(sample: Sequence[Any], path: tuple[str | int, ...]) -> bool:
    """Return whether there are records at a path, and nothing else."""
    kinds = {type(value_at(record, path)) for record in sample} - {type(None)}
    return kinds == {dict}


def _single(array: Any) -> bool:
    """Return whether each list holds one number or text, as in ``"score": [0.8]``."""
    if not pa.types.is_list(array.type) or pa.types.is_struct(array.type.value_type):
        return False
    return {len(row) for row in array.to_pylist() if row is not None} == {1}


def _is_table(record: dict[str, Any]) -> bool:
    """Return whether an object is a table: the names of its columns, and a list for each row."""
    rows = record.get("data")
    listed = isinstance(rows, list) and all(isinstance(row, list) for row in rows)
    return listed and isinstance(record.get("columns"), list)


def _column_rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an object that holds whole columns; [] where it is a row.

    They are lists, records by the number of the row, as pandas writes them by default, or one list
    of records.
    """
    columns = list(record.values())
    if not columns or not all(columns):
        return []
    if len(columns) == 1 and isinstance(columns[0], list) and isinstance(columns[0][0], dict):
        return columns[0] if all(isinstance(row, dict) for row in columns[0]) else []
    if all(isinstance(column, dict) for column in columns):
        names = columns[0].keys()
        counted = list(names) == [str(i) for i in range(len(names))]
        if not counted or any(column.keys() != names for column in columns):
            return []
        columns = [list(column.values()) for column in columns]
    if not all(isinstance(c, list) and len(c) == len(columns[0]) >= _ROWS for c in columns):
        return []
    return [dict(zip(record, row, strict=True)) for row in zip(*columns, strict=True)]


def _table_rows(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(table["data"], 1):
        if len(row) != len(table["columns"]):
            raise BadObject(
                f"row {number} of the table has {len(row)} values for {len(table['columns'])} "
                "columns. Write it again."
            )
        yield {str(name): value for name, value in zip(table["columns"], row, strict=True)}


def json_array(values: list[Any], lists: bool | None = None) -> Any:
    """Return one block of a field: lists, integers, floats, or else text.

    Args:
        values: one value a record.
        lists: whether the field holds lists; None to see it from the values.
    """
    kinds = {type(value) for value in values} - {type(None)}
    if lists or (lists is None and kinds == {list}):
        return _list_array(values)
    return _flat_array(values, kinds)


def _flat_array(values: list[Any], kinds: set[type]) -> Any:
    try:
        if kinds <= {int}:
            filled = [0 if value is None else value for value in values]
            return with_nulls(number_column(np.array(filled, np.int64)), values)
        if kinds <= {int, float}:
            filled = [np.nan if value is None else value for value in values]
            return with_nulls(number_column(np.array(filled, np.float64)), values)
    except OverflowError:  # such as identifiers of 64 bits, which stay what they are as text
        pass
    return text_column(
        [
            v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False)
            for v in values
        ]
    )


def _list_array(values: list[Any]) -> Any:
    """Return lists; another value is a list of its own, which is of the wrong length."""
    rows = [[] if v is None else v if isinstance(v, list) else [v] for v in values]
    flat = [value for row in rows for value in row]
    offsets = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    kinds = {type(value) for value in flat} - {type(None)} or {float}
    keys = (
        list(dict.fromkeys(k for value in flat if value for k in value)) if kinds == {dict} else []
    )
    if keys:
        parts = {key: json_array([v and v.get(key) for v in flat], False) for key in keys}
        inner = pa.StructArray.from_arrays(list(parts.values()), list(parts))
    else:
        inner = _flat_array(flat, kinds)
    absent = np.fromiter((value is None for value in values), np.bool_, len(values))
    return pa.ListArray.from_arrays(number_column(offsets), inner, mask=flag_column(absent))
