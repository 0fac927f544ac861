"""Arrow columns as numpy arrays: without a copy where the memory allows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import filled, text_column, view
from calaudit.predictions.compute import pc
from calaudit.predictions.notation import (
    ODD,
    Notation,
    first_cells,
    forms,
    parts,
    plain_notation,
    without_marks,
)

MISSING_TOKENS = ("", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "<na>", "nat", "?", "-")
"""Cells of a text column that stand for "no value", whatever their case."""

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?([iI]nf(inity)?|INF)$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column read as numbers.

    Attributes:
        values: (n,) float; NaN where there is no number.
        unparsed: (n,) bool, True where text stands that is not a number; None if nowhere.
        notation: how the numbers of a text column are written.
    """

    values: NDArray[Any]
    unparsed: NDArray[np.bool_] | None = None
    notation: Notation = field(default_factory=dict)


def plain(column: Any) -> Any:
    """Return the array without extension type, run ends, views, small decimals, or
    dictionaries of numbers.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(column.storage)
    if pa.types.is_run_end_encoded(kind):
        return plain(pc.run_end_decode(column))
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        return plain(column.dictionary_decode())
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_decimal(kind) and kind.bit_width < 128:  # Arrow can do little with those
        return column.cast(pa.decimal128(kind.precision, kind.scale))
    return column


def column_kind(kind: Any) -> str:
    """Return "number", "bool", "text", "list", "nested" or "other" for an Arrow type."""
    if isinstance(kind, pa.BaseExtensionType):
        return column_kind(kind.storage_type)
    if pa.types.is_run_end_encoded(kind) or pa.types.is_dictionary(kind):
        return column_kind(kind.value_type)
    if pa.types.is_boolean(kind):
        return "bool"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if _is_text(kind):
        return "text"
    if is_list(kind) and column_kind(kind.value_type) == "number":
        return "list"
    # Arrow has intervals of months, but pyarrow has no arrays of them.
    strange = pa.types.is_nested(kind) or str(kind) in ("month_interval", "day_time_interval")
    return "nested" if strange else "other"


def parse_numbers(column: Any) -> Numbers:
    """Return a number or text column as floats, keeping float32 and float64 as they are."""
    column = plain(column)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if _is_text(kind):
        return _parse_text(column)
    if pa.types.is_float16(kind):
        column = column.cast(pa.float32())
    elif not pa.types.is_floating(kind):
        column = column.cast(pa.float64(), safe=False)
    return Numbers(_floats(column))


def cell_text(column: Any, index: int) -> str:
    """Return one cell as a reader of the file would write it, shortened to 40 characters."""
    value = column[index].as_py()
    if value is None:
        return "(empty)"
    text = repr(value) if isinstance(value, float) else str(value)
    if text == "":
        return "(empty)"
    return text if len(text) <= 40 else text[:37] + "..."


def _parse_text(column: Any) -> Numbers:
    # The whole column at once: this is what a clean file takes.
    try:
        values = _floats(column.cast(pa.float64()))
        return Numbers(values, None, plain_notation(column, values))
    except pa.ArrowInvalid:
        pass
    written = pc.utf8_trim_whitespace(column)
    odd = pc.any(pc.match_substring_regex(written, ODD)).as_py()
    text = without_marks(written) if odd else written
    number = pc.match_substring_regex(text, _NUMBER)
    values = _floats(pc.if_else(number, text, pa.nulls(1, text.type)[0]).cast(pa.float64()))
    missing = pc.is_in(pc.utf8_lower(text), text_column(MISSING_TOKENS).cast(text.type))
    known = pc.or_(pc.or_(pc.coalesce(number, missing), missing), pc.is_null(column))
    if not odd:
        return Numbers(values, ~view(known), plain_notation(written, values))
    parted, shares = parts(written)
    masks = forms(written, number, parted, values)
    values = np.where(masks["percent"], values / 100, np.where(parted, shares, values))
    return Numbers(values, ~(view(known) | parted), first_cells(written, masks))


def _floats(column: Any) -> NDArray[Any]:
    """Return a float column with null as NaN; without nulls it is a view."""
    if column.null_count:
        column = filled(column, np.nan)
    values: NDArray[Any] = view(column)
    return values


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def is_list(kind: Any) -> bool:
    """Return whether an Arrow type is one of lists, of whatever."""
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )
