"""Dates of any format as the wall clock of their zone shows them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import filled, number_column, text_column, view
from calaudit.predictions.columns import MISSING_TOKENS, plain
from calaudit.predictions.compute import pc

Times = NDArray[np.datetime64]

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}(:\d{2}(:\d{2}([.,]\d+)?)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?"
)
_AFTER_SECONDS = r"^([.,]\d+)? ?(Z|[+-]\d{2}(:?\d{2})?)?$"
_SECONDS = 19
"""Characters of a date with its time, to the second."""

_LENGTHS = np.array([10, 13, 16, _SECONDS], np.int32)
"""Those of a date, and with hour, minute and second."""

_UNREAD = np.datetime64(datetime.min, "s")
_IN_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def time_of(text: str) -> np.datetime64 | None:
    """Return a date as it is written, without its zone; None for what is no ISO date.

    >>> str(time_of("2025-03-31T14:05:00+02:00")), time_of("31.3.2025")
    ('2025-03-31T14:05:00', None)
    """
    if not _ISO.fullmatch(text):
        return None
    try:
        return np.datetime64(datetime.fromisoformat(text).replace(tzinfo=None), "s")
    except ValueError:  # such as the 30th of February
        return None


def wall_times(column: Any) -> tuple[Times, NDArray[np.bool_]]:
    """Return (n,) times to the second, NaT where there is none, and which cells are no dates.

    Args:
        column: Arrow dates, timestamps (with a zone: the clock there) or text.
    """
    column = plain(column)
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _stored(column), np.zeros(len(column), np.bool_)
    if not pa.types.is_dictionary(kind):
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            return np.full(len(column), "NaT", "M8[s]"), ~view(column.is_null())
        column = column.dictionary_encode()
    texts = pc.utf8_trim_whitespace(column.dictionary)
    absent = pc.is_in(pc.utf8_lower(texts), text_column(MISSING_TOKENS).cast(texts.type))
    times = _written(pc.if_else(absent, pa.nulls(1, texts.type)[0], texts))
    at = view(filled(column.indices.cast(pa.int64()), len(texts)))
    found = np.append(times, np.datetime64("NaT", "s"))[at]
    bad = found == _UNREAD
    found[bad] = np.datetime64("NaT", "s")
    return found, bad


def _stored(column: Any) -> Times:
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("s"))
    elif column.type.tz is not None:
        column = pc.local_timestamp(column)
    ticks = view(filled(column.cast(pa.int64()), 0)) // _IN_SECOND[column.type.unit]
    times: Times = ticks.astype("M8[s]")
    times[view(column.is_null())] = np.datetime64("NaT", "s")
    return times


def _written(texts: Any) -> Times:
    """Return the times of distinct texts, `_UNREAD` for what is no date."""
    clock, rest = (
        pc.utf8_slice_codeunits(texts, 0, _SECONDS),
        pc.utf8_slice_codeunits(texts, _SECONDS),
    )
    usual = pc.and_(
        pc.is_in(pc.utf8_length(clock), number_column(_LENGTHS)),
        pc.match_substring_regex(rest, _AFTER_SECONDS),
    )
    if pc.all(pc.or_(usual, pc.is_null(texts))).as_py() is not False:
        with suppress(pa.ArrowInvalid):
            return _stored(clock.cast(pa.timestamp("s")))
    found = [_time_or_mark(text) for text in texts.to_pylist()]
    return np.array(found, "M8[s]")


def _time_or_mark(text: str | None) -> np.datetime64:
    if text is None:
        return np.datetime64("NaT", "s")
    found = time_of(text)
    return _UNREAD if found is None else found
