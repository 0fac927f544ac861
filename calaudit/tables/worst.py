"""The most confidently wrong rows of a stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.options.choices import Task
from calaudit.predictions.chunk import Chunk
from calaudit.tables.views import Tails, View


@dataclass(frozen=True, slots=True, order=True)
class WorstCandidate:
    """One wrong row.

    The order is that of the list: most confident first; among equals the one that gave the
    truth the least, then file order.

    Attributes:
        doubt: 1 − confidence in the predicted outcome, in [0, ½] for binary.
        truth: probability given to the true outcome.
        source, row: where the row is.
        label: index of the true outcome (binary 0/1; top-label 0).
        predicted: index of the predicted outcome, or None for top-label.
        id, said: id and predicted class as given, where there are such columns.
    """

    doubt: float
    truth: float
    source: int
    row: int
    label: int
    predicted: int | None = None
    id: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class WorstRows:
    """At most ``most`` wrong rows, most confident first; merges like a table."""

    most: int = 0
    rows: tuple[WorstCandidate, ...] = ()

    def merge(self, other: WorstRows) -> WorstRows:
        """Return the worst rows of both."""
        most = max(self.most, other.most)
        return WorstRows(most, tuple(sorted(self.rows + other.rows)[:most]))

    def with_chunk(self, chunk: Chunk, view: View, task: Task) -> WorstRows:
        """Return the worst rows of these and a chunk."""
        score = view.confidence()
        wrong = (score >= 0.5) != (view.labels == 1) if task == "binary" else view.labels == 0
        at = np.flatnonzero(wrong)
        doubt = _doubt(view, score, task)[at]
        if len(at) > self.most:
            worst = np.argpartition(doubt, self.most - 1)[: self.most]
            keep = np.flatnonzero(doubt <= doubt[worst].max())  # with equal doubts at the border
            at, doubt = at[keep], doubt[keep]
        truth = doubt if view.truth is None else _values(view.truth)[at]
        order = np.lexsort((at, truth, doubt))[: self.most]
        at, doubt, truth = at[order], doubt[order], truth[order]
        labels = view.labels if view.classes is None else view.classes
        predicted = view.predicted if task == "multiclass" else None
        if task == "binary":
            predicted = (score >= 0.5).astype(np.intp)
        numbers = chunk.row_numbers(at)
        ids, said = chunk.ids(at), chunk.predicted(at)
        found = tuple(
            WorstCandidate(
                doubt=float(doubt[i]),
                truth=float(truth[i]),
                source=chunk.source,
                row=int(numbers[i]),
                label=int(labels[row]),
                predicted=None if predicted is None else int(predicted[row]),
                id=None if ids is None else str(ids[i]),
                said=None if said is None else str(said[i]),
            )
            for i, row in enumerate(at)
        )
        return self.merge(WorstRows(self.most, found))


def _doubt(view: View, score: NDArray[np.float64], task: Task) -> NDArray[np.float64]:
    """Return 1 − the confidence in the predicted outcome, from the tails where they are known."""
    if isinstance(view.scores, Tails):
        q, above = view.scores.q, view.scores.above
        return q if task == "binary" else np.where(above, q, 1.0 - q)
    return np.minimum(score, 1.0 - score) if task == "binary" else 1.0 - score


def _values(scores: NDArray[np.float64] | Tails) -> NDArray[np.float64]:
    return scores.values() if isinstance(scores, Tails) else scores
