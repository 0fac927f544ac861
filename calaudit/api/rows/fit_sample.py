"""A few scores of the fit rows that a calibrator keeps, so that its exports are tried on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.certificate import Scores
from calaudit.calibrators.fit_points import Sample
from calaudit.calibrators.rows import HELD
from calaudit.predictions.chunk import Chunk

MOST_SCORES = 64
MOST_ROWS = 16
MOST_NUMBERS = 400


def quantile_scores(sample: Sample, scale: str) -> Scores:
    """Return scores of binary fit rows, rising, spread evenly over their quantiles."""
    rows = np.cumsum(sample.counts.sum(axis=0))
    levels = (np.arange(MOST_SCORES) + 0.5) / MOST_SCORES
    chosen = np.unique(np.searchsorted(rows, levels * rows[-1]))
    scores = sample.z if scale == "logit" else sample.p
    return tuple(scores[chosen].tolist())


class FirstRows:
    """The first fit rows by file and row number; those with a logit of −inf are passed over."""

    def __init__(self) -> None:
        self._found: list[tuple[tuple[int, int], tuple[float, ...]]] = []
        self._most = MOST_ROWS

    def add(self, chunk: Chunk, folds: NDArray[np.int64]) -> None:
        """Look at a chunk, (n, K), and the folds of its rows."""
        most = self._most = min(MOST_ROWS, MOST_NUMBERS // chunk.scores.shape[1])
        known = self._found
        if len(known) >= most and (not most or known[-1][0] < (chunk.source, chunk.first_row)):
            return
        # A usable row is soon found: only a chunk of other rows is looked through to its end.
        chosen = np.flatnonzero(folds != HELD)
        chosen = chosen[np.isfinite(chunk.scores[chosen]).all(axis=1)][:most]
        numbers = chunk.row_numbers(chosen).tolist()
        scores = chunk.scores[chosen].astype(np.float64).tolist()
        rows = [
            ((chunk.source, number), tuple(row))
            for number, row in zip(numbers, scores, strict=True)
        ]
        self._found = sorted([*self._found, *rows])[:most]

    def merge(self, other: FirstRows) -> FirstRows:
        """Return the first of both; this one changes."""
        self._most = min(self._most, other._most)
        self._found = sorted([*self._found, *other._found])[: self._most]
        return self

    def scores(self) -> Scores:
        """Return the scores, a tuple a row."""
        return tuple(row for _, row in self._found)
