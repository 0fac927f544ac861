"""numpy arrays and Python lists as Arrow arrays, without a copy where the memory allows it.

`pyarrow.array`, `pyarrow.scalar` and `to_numpy` import pandas wherever it is installed, which
takes longer than reading a small file, so the buffers are handed over directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import SettingsError


def number_column(values: NDArray[Any]) -> Any:
    """Return a (n,) array of integers or floats as an Arrow array over the same memory."""
    native = np.ascontiguousarray(values, values.dtype.newbyteorder("="))
    kind = pa.from_numpy_dtype(native.dtype)
    return pa.Array.from_buffers(kind, len(native), [None, pa.py_buffer(native)])


def view(column: Any) -> NDArray[Any]:
    """Return a column of numbers or booleans without nulls as (n,); numbers are not copied."""
    rows, first, buffer = len(column), column.offset, column.buffers()[1]
    if pa.types.is_boolean(column.type):
        if not rows:
            return np.empty(0, np.bool_)
        octets = np.frombuffer(buffer, np.uint8)
        return np.unpackbits(octets, count=first + rows, bitorder="little")[first:].view(np.bool_)
    kind = np.dtype(column.type.to_pandas_dtype())
    if not rows:
        return np.empty(0, kind)
    return np.frombuffer(buffer, kind, rows, first * kind.itemsize)


def scalar(value: np.generic | NDArray[Any]) -> Any:
    """Return a numpy scalar, or array without dimensions, as an Arrow scalar of its type."""
    return number_column(np.asarray(value).reshape(1))[0]


def doubles(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers as float64; a signalling NaN, of damaged data, is one like the others."""
    with np.errstate(invalid="ignore"):
        return values.astype(np.float64, copy=False)


def filled(column: Any, value: float | str) -> Any:
    """Return a column of numbers, or of texts, with a value of its type in the place of nulls."""
    if isinstance(value, str):
        return column.fill_null(text_column([value]).cast(column.type)[0])
    return column.fill_null(scalar(np.array(value, column.type.to_pandas_dtype())))


def flag_column(values: NDArray[np.bool_]) -> Any:
    """Return a (n,) array of booleans as an Arrow array."""
    bits = pa.py_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, bits])


def with_nulls(column: Any, values: Sequence[Any]) -> Any:
    """Return a column of numbers, null where the values that it was made of are None."""
    if None not in values:
        return column
    known = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return pa.Array.from_buffers(
        column.type, len(column), [flag_column(known).buffers()[1], column.buffers()[1]]
    )


def text_column(values: Sequence[Any]) -> Any:
    """Return texts as an Arrow array; None and NaN become null, other values their text."""
    absent = np.fromiter((v is None or v != v for v in values), np.bool_, len(values))
    encoded = [b"" if gone else str(v).encode() for v, gone in zip(values, absent, strict=True)]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
    mask = pa.py_buffer(np.packbits(~absent, bitorder="little")) if absent.any() else None
    buffers = [mask, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)


def repeated(value: Any, rows: int) -> Any:
    """Return the one entry of an Arrow array for so many rows, without a copy for each."""
    return pa.DictionaryArray.from_arrays(number_column(np.zeros(rows, np.int32)), value)


def list_column(flat: Any, width: int) -> Any:
    """Return an Arrow array of n * width values as n lists of that width."""
    return pa.FixedSizeListArray.from_arrays(flat, width)


def array_column(values: Any, name: str) -> Any:
    """Return an array-like of shape (n,), (n, 1) or (n, K) as an Arrow array of n rows.

    It is whatever numpy takes, by itself or as ``__array__``, and what has ``__dlpack__`` alone;
    what is masked is missing.

    Raises:
        SettingsError: another number of dimensions, a ragged list of lists, or a tensor that is
            not in the memory of the processor or of a type that numpy does not have.
    """
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    tensor = hasattr(values, "__dlpack__")
    try:
        alone = tensor and not hasattr(values, "__array__")
        array = np.asarray(np.from_dlpack(values) if alone else values)
    except (BufferError, ValueError, TypeError, RuntimeError) as error:
        way = f"; give a copy that numpy reads, as {name}=x.detach().cpu().float().numpy()"
        why = f"{name} cannot be made into an array: {error}{way * tensor}"
        raise SettingsError(why) from error
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        told = array.dtype.kind == "f"
        array = values.filled(np.nan) if told else np.array(values.tolist(), object)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 1:
        return _flat_column(array)
    if array.ndim != 2:
        raise SettingsError(
            f"{name} has shape {array.shape}: give one value a row (n,) or one a class (n, K)"
        )
    if array.dtype == np.bool_:  # one-hot labels are numbers
        array = array.astype(np.uint8)
    return list_column(_flat_column(np.ascontiguousarray(array).reshape(-1)), array.shape[1])


def _flat_column(array: NDArray[Any]) -> Any:
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.dtype == np.bool_:
        return flag_column(array)
    if array.dtype.kind in "iuf" and array.dtype.itemsize <= 8:
        return number_column(array)
    if array.dtype.kind == "f":
        return number_column(array.astype(np.float64))
    # Text, dates and mixed objects, such as 0, 1 and "cat": compared as text further on.
    return text_column(array.astype(object).tolist() if array.dtype.kind != "M" else _dates(array))


def _dates(array: NDArray[Any]) -> list[str | None]:
    texts = np.datetime_as_string(array).tolist()
    return [None if text == "NaT" else text for text in texts]
