"""Cells of text that hold a list or a record, as JSON, Python, numpy or torch print them."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.predictions.arrays import flag_column
from calaudit.predictions.columns import MISSING_TOKENS, is_list
from calaudit.predictions.jsonl import json_array

_WRAPPED = re.compile(
    r"(?:(?:np|numpy|torch)\.)?(?:float\d*|int\d*|array|tensor)\(|, ?dtype=[\w.]+|\)"
)
_NUMBERS = re.compile(r"\[[-+0-9.,eE\sna]*\]")
_PYTHON = {"'": '"', "None": "null", "True": "true", "False": "false"}


def listed_cells(column: Any, kind: Any = None) -> Any:
    """Return a column of text as an Arrow array of lists or records; null where none stands.

    Args:
        column: text.
        kind: Arrow type of the first rows, whose fields are those of all; None for these.

    >>> listed_cells(pa.array(["[0.1 0.9]", "[np.float64(0.2), 0.8]"])).to_pylist()
    [[0.1, 0.9], [0.2, 0.8]]
    """
    values = [None if cell is None else _value(cell.strip()) for cell in column.to_pylist()]
    if kind is None:
        records = [value for value in values if isinstance(value, dict)]
        return _records(values, None) if 2 * len(records) > len(values) else json_array(values)
    return _records(values, kind) if pa.types.is_struct(kind) else json_array(values, is_list(kind))


def _records(values: list[Any], kind: Any) -> Any:
    """Return one block of records, with the fields of a type, or else of the first."""
    absent = np.fromiter((not isinstance(value, dict) for value in values), np.bool_, len(values))
    first = next((value for value in values if isinstance(value, dict)), {})
    held = {field.name: field.type for field in kind} if kind is not None else dict.fromkeys(first)
    parts = []
    for name, inner in held.items():
        cells = [value.get(name) if isinstance(value, dict) else None for value in values]
        nested = isinstance(first.get(name), dict) if inner is None else pa.types.is_struct(inner)
        parts.append(
            _records(cells, inner) if nested else json_array(cells, inner and is_list(inner))
        )
    return pa.StructArray.from_arrays(parts, list(held), mask=flag_column(absent))


def _value(cell: str) -> Any:
    if cell.casefold() in MISSING_TOKENS:
        return None
    bare = _WRAPPED.sub("", cell) if '"' not in cell and "'" not in cell else cell
    if _NUMBERS.fullmatch(bare):
        try:
            return [
                float(number)
                for number in re.split(r"[\s,]+", bare[1:-1].strip(" \n\t,"))
                if number
            ]
        except ValueError:
            return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    if '"' in cell:
        return None
    spelled = re.sub(r"'|\b(?:None|True|False)\b", lambda found: _PYTHON[found[0]], cell)
    try:
        return json.loads(spelled)
    except (ValueError, RecursionError):
        return None
