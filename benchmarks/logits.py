"""Logits of a network that is too sure, and labels drawn from what it should have said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["drawn_labels", "network", "network_in_memory"]

SPREAD = 2.0
TOO_SURE = 1.5
"""By what logits are larger than they should be, and so about the best temperature."""

BLOCK = 5000
SEED = 20240229

Rng = np.random.Generator


def drawn_labels(rng: Rng, powers: NDArray[Any]) -> NDArray[np.int64]:
    """Return (n,) labels with the probabilities that (n, K) positive numbers stand for."""
    below = np.cumsum(powers, axis=1, dtype=np.float64)
    drawn = rng.random((len(powers), 1)) * below[:, -1:]
    labels: NDArray[np.int64] = (below < drawn).sum(axis=1).clip(max=powers.shape[1] - 1)
    return labels


def network(rng: Rng, rows: int, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (rows, classes) logits, and labels."""
    honest = np.float32(SPREAD) * rng.standard_normal((rows, classes), dtype=np.float32)
    return np.float32(TOO_SURE) * honest, drawn_labels(rng, np.exp(honest))


def network_in_memory(rows: int, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the same of many rows, made a block at a time."""
    logits = np.empty((rows, classes), np.float32)
    labels = np.empty(rows, np.int64)
    for number, begin in enumerate(range(0, rows, BLOCK)):
        rng = np.random.default_rng([SEED, classes, number])
        part = slice(begin, min(begin + BLOCK, rows))
        logits[part], labels[part] = network(rng, part.stop - begin, classes)
    return logits, labels
