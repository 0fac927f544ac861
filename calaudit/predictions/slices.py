"""Slice columns → codes and texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.predictions.arrays import filled, view
from calaudit.predictions.chunk import SliceCodes
from calaudit.predictions.columns import plain

MISSING = "(missing)"
"""The slice of rows whose slice column is null."""


def read_slices(column: Any) -> SliceCodes:
    """Return the column's values as text, dictionary-coded; null becomes ``(missing)``."""
    column = plain(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    elif len(column.dictionary) > len(column):
        column = column.dictionary_decode().dictionary_encode()
    values = [
        value if type(value) is str and value else _slice_text(value)
        for value in column.dictionary.to_pylist()
    ]
    indices = column.indices.cast(pa.int32())
    if indices.null_count:
        indices = filled(indices, len(values))
        values.append(MISSING)
    return SliceCodes(view(indices).astype(np.int32, copy=False), tuple(values))


def _slice_text(value: Any) -> str:
    if value is None or value != value or value == "":
        return MISSING
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
