"""A code for each id of a column: the same for 7, 7.0 and "7", in whatever format."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from calaudit.predictions.arrays import filled, text_column
from calaudit.predictions.columns import plain
from calaudit.predictions.compute import pc
from calaudit.predictions.group_codes import Codes, hashed
from calaudit.predictions.spelling import id_text

NO_ID = np.uint64(0)
"""Code of an id that is not there."""

_WORD = 8


def id_codes(ids: Any) -> Codes:
    """Return (n,) hashes of the texts of ids, eight bytes of all at a time."""
    ids = text_column(list(ids)) if isinstance(ids, tuple) else ids
    texts = filled(_texts(plain(ids)), "")
    first, rows = texts.offset, len(texts)
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[first : first + rows + 1]
    octets = np.zeros(int(offsets[-1]) + _WORD, np.uint8)
    octets[:-_WORD] = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[: offsets[-1]]
    words = np.ndarray((len(octets) - _WORD + 1,), "<u8", octets, strides=(1,))  # at every byte
    starts, left = offsets[:-1].copy(), np.diff(offsets)
    codes = hashed(left.astype(np.uint64))
    open_ = np.flatnonzero(left > 0)
    while len(open_):
        # Of the last word of a text what comes behind it is pushed out.
        spare = np.maximum(_WORD - left[open_], 0).astype(np.uint64) * np.uint64(_WORD)
        codes[open_] = hashed(codes[open_] ^ (words[starts[open_]] << spare))
        starts[open_] += _WORD
        left[open_] -= _WORD
        open_ = open_[left[open_] > 0]
    codes[np.diff(offsets) == 0] = NO_ID
    return codes


def _texts(ids: Any) -> Any:
    """Return ids as Arrow text; whole numbers without a point."""
    try:
        if pa.types.is_floating(ids.type):
            ids = pc.if_else(pc.is_nan(ids), pa.nulls(1, ids.type)[0], ids)
            ids = ids.cast(pa.int64())
        texts = ids.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # such as 1.5, or beyond all integers
        return text_column([id_text(value) for value in ids.to_pylist()])
    if pc.any(pc.match_substring(texts, ".")).as_py():
        return pc.replace_substring_regex(texts, r"^(-?\d+)\.0+$", r"\1")
    return texts
