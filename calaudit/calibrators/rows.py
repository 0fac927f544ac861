"""Multiclass rows as the fits take them: logits, labels, weights and folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HELD = -1
"""Fold of a row that no fit sees."""

BLOCK = 1 << 16
"""Numbers worked on at a time, so that scratch arrays stay in the processor's cache."""

FAR = -1e150
"""Stands for −inf where it is multiplied by probabilities of 0: its square is finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A block of rows.

    Attributes:
        scores: (n, K) logits, or probabilities.
        labels: (n,) in [0, K). weights: (n,) or None.
        folds: (n,) fold of each row, or `HELD`.
        probabilities: whether the scores are probabilities.
        frequency: whether a row of weight w stands for w rows.
    """

    scores: NDArray[Any]
    labels: NDArray[Any]
    weights: Floats | None
    folds: NDArray[np.int64]
    probabilities: bool = False
    frequency: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, chosen: Any) -> Rows:
        """Return the rows picked by a slice or an index."""
        weights = None if self.weights is None else self.weights[chosen]
        return Rows(
            self.scores[chosen],
            self.labels[chosen],
            weights,
            self.folds[chosen],
            self.probabilities,
            self.frequency,
        )

    def logits(self, floor: float) -> Floats:
        """Return (n, K) logits in float64; of probabilities, ln(max(p, floor))."""
        if self.probabilities:
            return np.log(np.maximum(self.scores.astype(np.float64), floor))
        return self.scores.astype(np.float64)

    @property
    def w(self) -> Floats:
        """(n,) weights, 1 where there are none."""
        return np.ones(len(self)) if self.weights is None else self.weights

    @property
    def w2(self) -> Floats:
        """(n,) squared weights; w rows of weight 1 have w of them."""
        return self.w if self.frequency else self.w * self.w

    @property
    def counts(self) -> NDArray[np.int64]:
        """(n,) how many rows each one stands for."""
        if self.weights is None or not self.frequency:
            return np.ones(len(self), np.int64)
        return np.rint(self.weights).astype(np.int64)

    def counted(self, codes: NDArray[Any], least: int) -> NDArray[np.int64]:
        """Return how many rows have each code, at least ``least`` codes."""
        return np.bincount(codes, self.counts, least).astype(np.int64)


class Sums(Protocol):
    """Sums over rows that merge."""

    def add(self, rows: Rows, /) -> None:
        """Add rows."""
        ...

    def merge(self, other: Self, /) -> Self:
        """Return the sums of the rows of both; neither is changed."""
        ...


S = TypeVar("S", bound=Sums)


class Read(Protocol):
    """One pass over all rows, with as many accumulators as it likes."""

    def __call__(self, make: Callable[[], S], /) -> S:
        """Return the merged sums."""
        ...


def blocks(rows: Rows) -> Iterator[Rows]:
    """Yield the rows in blocks of about `BLOCK` numbers."""
    size = max(32, BLOCK // max(rows.scores.shape[1], 1))
    for begin in range(0, len(rows), size):
        yield rows.take(slice(begin, begin + size))


def centred(z: Floats) -> Floats:
    """Return logits less the largest of their row, −inf as a number far below all others.

    They come back by class, (K, n): numpy adds up long rows much faster than short ones.
    """
    by_class = np.ascontiguousarray(z.T)
    with np.errstate(over="ignore"):
        by_class -= by_class.max(axis=0)
    return np.maximum(by_class, FAR, out=by_class)
