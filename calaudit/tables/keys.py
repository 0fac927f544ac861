"""Integer keys for probabilities: monotone, lossless, and fine in both tails.

The key of p is built from its tail q = min(p, 1 - p), which is exact in floating point
(Sterbenz' lemma for p > 1/2). With bits(q) the int64 view of float64 q and
B = bits(1/2)::

    key(p) = bits(q)          for p <= 1/2
    key(p) = 2 B - bits(q)    for p > 1/2

so that key(1 - p) = 2 B - key(p), key(0) = 0, key(1/2) = B and key(1) = 2 B. A *cell of
level k* is ``key >> (52 - k)``: k bits of the mantissa of q are kept, cells of a lower level
are unions of cells of a higher one, and level 52 has a cell for every distinct value.

A float32 score has the same in 32 bits: its *short key*, with::

    key(p) = (short(p) << SHORT_SHIFT) + SHORT_BASE

but where the tail is 0 or below `SHORT_LEAST`, which no short key tells.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

EXACT_LEVEL = 52
HALF_KEY = int(np.float64(0.5).view(np.int64))
ONE_KEY = 2 * HALF_KEY
SHORT_ONE = 2 * int(np.float32(0.5).view(np.int32))
SHORT_LEVEL, SHORT_SHIFT = 23, 29
SHORT_BASE = (1023 - 127) << EXACT_LEVEL
SHORT_LEAST = int(np.float64(np.finfo(np.float32).tiny).view(np.int64))
"""Key of the smallest tail of which the short key tells the key."""


def keys_of(p: NDArray[Any], out: KeyBuffers | None = None) -> NDArray[np.int64]:
    """Return the keys of probabilities.

    Args:
        p: (n,) float64 probabilities in [0, 1]; not checked.
        out: scratch space for at least n rows, to avoid allocation in a loop.

    Returns:
        (n,) int64 keys in [0, 2 B]. A view of ``out.keys`` where ``out`` is given. Short keys,
        int32, where both are of float32.
    """
    n = len(p)
    buffers = out or KeyBuffers(n)
    tail, mask, keys = buffers.tail[:n], buffers.mask[:n], buffers.keys[:n]
    # The sign of 1/2 - p, spread over all bits: -1 above one half, else 0. Arithmetic on it
    # replaces a masked copy, which costs twenty times as much.
    np.subtract(0.5, p, out=tail)
    np.right_shift(tail.view(keys.dtype), 8 * keys.itemsize - 1, out=mask)
    np.subtract(1.0, p, out=tail)
    np.minimum(tail, p, out=tail)
    np.abs(tail, out=tail)  # -0.0 is 0
    np.bitwise_xor(tail.view(keys.dtype), mask, out=keys)
    np.bitwise_and(mask, buffers.flip, out=mask)
    np.add(keys, mask, out=keys)
    return keys


def keys_of_tails(q: NDArray[np.float64], upper: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the keys of p = q, or of p = 1 - q where ``upper``.

    For probabilities known by their distance from 1, as from logits: q = 1/(1+e^|z|) keeps
    what 1 - q would round away below 2^-53.

    Args:
        q: (n,) float64 tails in [0, 1/2].
        upper: (n,) whether p is 1 - q.
    """
    bits = np.ascontiguousarray(q, dtype=np.float64).view(np.int64)
    return np.where(upper, ONE_KEY - bits, bits)


def key_of(p: float) -> int:
    """Return the key of one probability."""
    return int(keys_of(np.array([p], dtype=np.float64))[0])


def tails_of(keys: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the tail q of each key and whether the key lies above one half."""
    upper = keys > HALF_KEY
    return np.where(upper, ONE_KEY - keys, keys).view(np.float64), upper


class KeyBuffers:
    """Scratch arrays for `keys_of`, reused from block to block; of float32 for short keys."""

    __slots__ = ("flip", "keys", "mask", "tail")

    def __init__(self, rows: int, dtype: type[np.floating[Any]] = np.float64) -> None:
        self.tail: NDArray[Any] = np.empty(rows, dtype)
        bits = np.dtype(f"i{self.tail.itemsize}")
        self.mask, self.keys = np.empty(rows, bits), np.empty(rows, bits)
        self.flip = 2 * dtype(0.5).view(bits) + 1
