"""New score columns in an Arrow schema, of the types that the old ones have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import SettingsError
from calaudit.predictions.arrays import flag_column, number_column
from calaudit.predictions.columns import column_kind
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer, stored

Floats = NDArray[np.float64]

_FLOATS = (pa.float16(), pa.float32(), pa.float64())


def check_names(names: list[str], scores: tuple[str, ...], naming: Naming, where: str) -> None:
    """Refuse added columns whose names are taken."""
    taken = [new for _, new in naming.written(scores) if new in names]
    if naming.adds and taken:
        raise SettingsError(
            f"{where} has a column {taken[0]!r} already; choose another --suffix or --prefix"
        )


class ColumnPlan:
    """How batches of one schema are given new scores.

    Floats keep their type; integers, decimals and text become float64. Lists stay lists of the
    same type.
    """

    def __init__(self, schema: Any, rescorer: Rescorer, naming: Naming, where: str) -> None:
        check_names(list(schema.names), rescorer.layout.scores, naming, where)
        self._rescorer, self._naming = rescorer, naming
        scores = rescorer.layout.scores
        self._at = [schema.names.index(name) for name in scores]
        self._fields = [self._field(schema.field(old), new) for old, new in naming.written(scores)]
        fields = list(schema)
        if naming.adds:
            fields += self._fields
        else:
            for i, field in zip(self._at, self._fields, strict=True):
                fields[i] = field
        self.schema = pa.schema(fields, schema.metadata)

    def rewritten(self, batch: Any) -> Any:
        """Return a record batch with the new scores, without rows that are dropped."""
        names = list(self._rescorer.layout.scores)
        bare = pa.RecordBatch.from_arrays([batch.column(i) for i in self._at], names)
        values, valid = self._rescorer.values(bare)
        new = self._arrays(values, valid)
        # Column by column, because pyarrow has no arrays of some types, which are only copied.
        result = batch.replace_schema_metadata(self.schema.metadata)
        for k, (array, field) in enumerate(zip(new, self._fields, strict=True)):
            if self._naming.adds:
                result = result.append_column(field, array)
            else:
                result = result.set_column(self._at[k], field, array)
        if valid is not None and self._rescorer.invalid == "drop":
            result = result.filter(flag_column(valid))
        return result

    def _field(self, old: Any, name: str) -> Any:
        nullable = old.nullable or self._rescorer.invalid == "keep"
        return pa.field(name, _new_type(old.type), nullable, old.metadata)

    def _arrays(self, values: Floats, valid: NDArray[np.bool_] | None) -> list[Any]:
        probabilities = self._rescorer.probabilities
        if self._rescorer.layout.form == "list":
            kind = self._fields[0].type
            dtype = kind.value_type.to_pandas_dtype()
            flat = number_column(stored(values.reshape(-1), dtype, probabilities=probabilities))
            return [_lists(flat, values.shape, kind, valid)]
        arrays = []
        for j, field in enumerate(self._fields):
            column = np.ascontiguousarray(values[:, j])
            column = stored(column, field.type.to_pandas_dtype(), probabilities=probabilities)
            arrays.append(_numbers(column, valid))
        return arrays


def _new_type(kind: Any) -> Any:
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    if column_kind(kind) != "list":
        return kind if kind in _FLOATS else pa.float64()
    if kind.value_type in _FLOATS:
        return kind
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(pa.float64(), kind.list_size)
    return pa.large_list(pa.float64()) if pa.types.is_large_list(kind) else pa.list_(pa.float64())


def _numbers(values: NDArray[Any], valid: NDArray[np.bool_] | None) -> Any:
    """Return an Arrow array; rows that are not valid are null."""
    array = number_column(values)
    if valid is None:
        return array
    mask = flag_column(valid).buffers()[1]
    return pa.Array.from_buffers(array.type, len(array), [mask, array.buffers()[1]])


def _lists(flat: Any, shape: tuple[int, ...], kind: Any, valid: NDArray[np.bool_] | None) -> Any:
    missing = None if valid is None else flag_column(~valid)
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(flat, type=kind, mask=missing)
    large = pa.types.is_large_list(kind)
    lengths = np.full(shape[0], shape[1])
    if valid is not None:  # a null holds no numbers: Parquet before pyarrow 25 takes no others
        lengths[~valid] = 0
        flat = flat.filter(flag_column(np.repeat(valid, shape[1])))
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64 if large else np.int32)
    array_type = pa.LargeListArray if large else pa.ListArray
    return array_type.from_arrays(number_column(offsets), flat, type=kind, mask=missing)
