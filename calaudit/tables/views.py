"""From canonical rows to (score, label) pairs, keeping the tails that subtraction would lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.options.choices import Scale, Task
from calaudit.predictions.chunk import Chunk
from calaudit.tables.builder import TableBuilder
from calaudit.tables.keys import keys_of, keys_of_tails

Floats = NDArray[np.float64]

SMALLEST = 5e-324
"""What underflows to 0 from a finite logit is kept above it: only -inf means impossible."""


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """Probabilities as tails: p = q, or 1 − q where ``above``; each (n,)."""

    q: Floats
    above: NDArray[np.bool_]

    def values(self) -> Floats:
        """Return p."""
        return np.where(self.above, 1.0 - self.q, self.q)

    def take(self, rows: NDArray[Any]) -> Tails:
        """Return the tails of some rows."""
        return Tails(self.q[rows], self.above[rows])


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The calibration view of a chunk.

    Attributes:
        scores: (n,) probabilities, or tails where they come from logits.
        labels: (n,) 0 or 1.
        weights: (n,) or None.
        truth: multiclass: probability of the true class, as ``scores``.
        predicted: multiclass: (n,) class of the largest probability, the first of equals.
        probabilities: multiclass: (n, K) float64.
        classes: multiclass: (n,) true class.
    """

    scores: NDArray[Any] | Tails
    labels: NDArray[Any]
    weights: Floats | None
    truth: NDArray[Any] | Tails | None = None
    predicted: NDArray[np.intp] | None = None
    probabilities: Floats | None = None
    classes: NDArray[Any] | None = None

    def take(self, rows: NDArray[Any]) -> View:
        """Return the scores, labels and weights of some rows."""
        scores = self.scores.take(rows) if isinstance(self.scores, Tails) else self.scores[rows]
        weights = None if self.weights is None else self.weights[rows]
        return View(scores, self.labels[rows], weights)

    def keys(self) -> NDArray[np.int64]:
        """Return (n,) the key of each score."""
        if isinstance(self.scores, Tails):
            return keys_of_tails(self.scores.q, self.scores.above)
        return keys_of(self.scores.astype(np.float64, copy=False))

    def add_to(self, table: TableBuilder) -> None:
        """Add the rows to a table."""
        _add(table, self.scores, self.labels, self.weights)

    def add_truth_to(self, table: TableBuilder) -> None:
        """Add the probability of the true class of each row to a table, with label 1."""
        assert self.truth is not None
        _add(table, self.truth, np.ones(len(self.labels), np.uint8), self.weights)

    def outcome(self) -> NDArray[Any] | Tails:
        """Return (n,) the probability of what happened."""
        if self.truth is not None:
            return self.truth
        if isinstance(self.scores, Tails):
            q, above = self.scores.q, self.scores.above
        else:
            p = self.scores.astype(np.float64, copy=False)
            above = p > 0.5
            q = np.where(above, 1.0 - p, p)  # exact by Sterbenz' lemma
        return Tails(q, above == (self.labels == 1))

    def confidence(self) -> Floats:
        """Return the score as float64 values."""
        if isinstance(self.scores, Tails):
            return self.scores.values()
        return self.scores.astype(np.float64, copy=False)


def _add(
    table: TableBuilder, scores: NDArray[Any] | Tails, labels: NDArray[Any], weights: Floats | None
) -> None:
    if isinstance(scores, Tails):
        table.add_tails(scores.q, scores.above, labels, weights)
    else:
        table.add(scores, labels, weights)


def view_of(chunk: Chunk, task: Task, scale: Scale) -> View:
    """Return the calibration view of a chunk; probabilities are used as stored, in float64."""
    if task == "multiclass":
        return _of_logits(chunk) if scale == "logit" else _of_probabilities(chunk)
    if scale == "logit":
        q, above = logit_tails(chunk.scores.astype(np.float64, copy=False))
        return View(Tails(q, above), chunk.labels, chunk.weights)
    return View(chunk.scores, chunk.labels, chunk.weights)


def logit_tails(z: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the tails of 1/(1 + exp(-z)), and whether they are those above one half."""
    e = np.exp(-np.abs(z))
    return np.where(np.isfinite(z), np.maximum(e / (1.0 + e), SMALLEST), 0.0), z > 0


def _of_probabilities(chunk: Chunk) -> View:
    p = chunk.scores.astype(np.float64, copy=False)
    rows = np.arange(len(p))
    predicted = chunk.scores.argmax(axis=1)
    right = (predicted == chunk.labels).astype(np.uint8)
    truth = p[rows, chunk.labels]
    top = np.minimum(p[rows, predicted], 1.0)
    return View(top, right, chunk.weights, np.minimum(truth, 1.0), predicted, p, chunk.labels)


def _of_logits(chunk: Chunk) -> View:
    z = chunk.scores.astype(np.float64, copy=False)
    rows = np.arange(len(z))
    predicted = chunk.scores.argmax(axis=1)
    with np.errstate(over="ignore"):
        e = np.exp(z - z[rows, predicted][:, None])
    e[rows, predicted] = 0.0
    others = e.sum(axis=1)  # the largest term is 1: p_top = 1/(1 + others)
    total = 1.0 + others
    top_above = others < 1.0
    top = Tails(np.where(top_above, others, 1.0) / total, top_above)
    e[rows, predicted] = 1.0
    right = predicted == chunk.labels
    mine = e[rows, chunk.labels] / total
    possible = z[rows, chunk.labels] > -np.inf
    low = np.where(possible, np.maximum(mine, SMALLEST), 0.0)
    truth = Tails(np.where(right, top.q, np.minimum(low, 0.5)), right & top_above)
    e /= total[:, None]
    return View(top, right.astype(np.uint8), chunk.weights, truth, predicted, e, chunk.labels)
