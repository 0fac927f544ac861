"""How labels and lists of names are written, and read in one spelling."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import filled, view
from calaudit.predictions.columns import plain

POSITIVE = frozenset({"1", "true", "t", "yes", "y", "positive", "pos", "correct", "right", "tp"})
"""Labels that mean 1 unless `--positive` says otherwise, whatever their case."""

NEGATIVE = frozenset(
    {"0", "-1", "false", "f", "no", "n", "negative", "neg", "incorrect", "wrong", "fp"}
)
"""Labels that mean 0 unless `--positive` says otherwise, whatever their case."""


def label_text(value: Any) -> str | None:
    """Return a label in the one spelling used for comparison: ``3.0`` is ``"3"``; None if NaN."""
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    if text.endswith(",0"):  # a decimal comma
        text = text[:-2] + ".0"
    if text[:1] in "+-.0123456789" and text[:1]:
        try:
            number = float(text)
        except ValueError:
            return text
        if number.is_integer() and abs(number) < 2**53:
            return str(int(number))
    return text


def silent_text(text: str) -> str:
    """Return an answer as it is compared with those that say that there is none.

    >>> silent_text(" I don't know. ")
    "i don't know"
    """
    return text.strip(" .![]<>\"'").casefold()


def id_text(value: Any) -> str:
    """Return an id as text, the same from any format, as CSV knows nothing else; "" for none.

    >>> id_text(7), id_text(7.0), id_text("7"), id_text(None)
    ('7', '7', '7', '')
    """
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_fraction(text: str) -> bool:
    """Return whether a label is a number that is not whole, such as a tie written 0.5."""
    try:
        return not float(text).is_integer()
    except (ValueError, OverflowError):
        return False


def encoded(column: Any) -> tuple[NDArray[np.int32], list[str | None]]:
    """Return (n,) indices, -1 for null, and the texts of the distinct values they index."""
    column = plain(column)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    elif len(column.dictionary) > len(column):
        column = column.dictionary_decode().dictionary_encode()
    indices = column.indices
    if indices.null_count:
        indices = filled(indices.cast(pa.int32()), -1)
    codes = view(indices).astype(np.int32, copy=False)
    return codes, [label_text(value) for value in column.dictionary.to_pylist()]


def joined(names: Iterable[str]) -> str:
    """Return names as one argument, as `split_names` takes it apart."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(list(names))
    return out.getvalue()


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list; quotes hold a name with a comma together."""
    return tuple(part.strip() for part in next(csv.reader([text], skipinitialspace=True), []))
