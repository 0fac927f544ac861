"""Several passes over the same predictions, read again or kept where they are small."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from calaudit.api.rows.fit_sample import FirstRows
from calaudit.api.rows.reading import Gathering, Progress, read_summary
from calaudit.api.rows.sides import Sides
from calaudit.api.rows.splits import Plan
from calaudit.api.rows.weights import check_numbers
from calaudit.calibrators.rows import HELD, Rows, Sums
from calaudit.calibrators.temperature_passes import log_beta_of
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.frames import StreamSource
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions

S = TypeVar("S", bound=Sums)

MOST_KEPT = 1 << 26
"""Bytes of scores that are kept in memory, so that later passes need not read them again."""

LANES = 4
"""Accumulators: as many whatever the threads, so that the figures do not depend on them."""

STARTING = 1 << 17
"""Numbers looked at to find where a fit begins."""


class Passes:
    """Reads all rows as often as a fit asks for.

    Args:
        predictions: the opened data set.
        plan: which rows are fitted.
        frequency: whether a row of weight w stands for w rows.
        threads: threads at most.
        progress: called with rows done and rows in all.
    """

    def __init__(
        self,
        predictions: Predictions,
        plan: Plan,
        *,
        frequency: bool = False,
        threads: int | None,
        progress: Progress | None,
    ) -> None:
        self.predictions = predictions
        self._rows = _Reading(plan, predictions.scale == "probability", frequency)
        self.sides, self.first_rows = Sides(), FirstRows()
        self.count = 0
        self._threads, self._progress = threads, progress
        self._lanes: list[list[Rows]] | None = None
        held = predictions.sources
        in_memory = all(source.input.bytes is None for source in held)
        self._once = any(isinstance(source, StreamSource) for source in held)
        self._room = _Room(1 << 62 if in_memory else MOST_KEPT)

    def __call__(self, make: Callable[[], S], /) -> S:
        """Return the merged sums of one pass; which lane sees a row does not depend on timing."""
        self.count += 1
        if self._lanes is not None:
            return self._again(self._lanes, make)
        first = self.count == 1

        def lane() -> _Lane[S]:
            return _Lane(make(), self._rows, self._room if first else None)

        found, _ = read_summary(
            self.predictions, lane, threads=self._threads, rounded=LANES, progress=self._progress
        )
        if first:
            self.sides, self.first_rows = found.sides, found.first_rows
            self._lanes = found.kept
            if found.kept is not None and len(found.kept) == 1:
                # Dealt anew: arrays are a single unit, which one thread has read.
                self._lanes = [found.kept[0][i::LANES] for i in range(LANES)]
        return found.sums

    def _again(self, lanes: list[list[Rows]], make: Callable[[], S]) -> S:
        def run(rows: list[Rows]) -> S:
            sums = make()
            for part in rows:
                sums.add(part)
            return sums

        threads = min(self._threads or os.cpu_count() or 1, len(lanes))
        if threads == 1:
            parts = [run(rows) for rows in lanes]
        else:
            with ThreadPoolExecutor(threads, thread_name_prefix="calaudit") as pool:
                parts = list(pool.map(run, lanes))
        total = parts[0]
        for part in parts[1:]:
            total = total.merge(part)
        return total

    def start(self, floor: float) -> float | None:
        """Return log(1/T) of the first rows, where a fit may begin, or None."""
        if self._once:
            return None
        found: list[Rows] = []
        size = 0
        for unit in self.predictions.units():
            chunks = unit.chunks(Intake())
            for chunk in chunks:
                rows = self._rows.of(chunk)
                rows = rows.take(rows.folds != HELD)
                if len(rows):
                    found.append(rows)
                    size += rows.scores.size
                if size >= STARTING:
                    break
            chunks.close()  # type: ignore[attr-defined]
            if size >= STARTING:
                break
        if not found:
            return None
        weights = None
        if found[0].weights is not None:
            weights = np.concatenate([rows.w for rows in found])
        return log_beta_of(
            Rows(
                np.concatenate([rows.scores for rows in found]),
                np.concatenate([rows.labels for rows in found]),
                weights,
                np.concatenate([rows.folds for rows in found]),
                found[0].probabilities,
            ),
            floor,
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the fits take rows."""

    plan: Plan
    probabilities: bool
    frequency: bool

    def of(self, chunk: Chunk) -> Rows:
        """Return the rows of a chunk."""
        if self.frequency and chunk.weights is not None:
            check_numbers(chunk.weights)
        return Rows(
            chunk.scores, chunk.labels, chunk.weights, self.plan.folds(chunk), self.probabilities,
            self.frequency,
        )  # fmt: skip


class _Room:
    """Memory that is left for rows, shared by the threads; another process has none."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._lock = threading.Lock()

    def __reduce__(self) -> Any:
        return _Room, (0,)

    def take(self, size: int) -> bool:
        with self._lock:
            self._left -= size
            return self._left >= 0


class _Lane(Gathering, Generic[S]):
    """Hands chunks to an accumulator.

    On the first pass, when it is given room, it looks at the division of the rows, too, and keeps
    them by lane: all of them or, where the room does not suffice, None.
    """

    def __init__(self, sums: S, reading: _Reading, room: _Room | None) -> None:
        self.sums, self._reading, self._room = sums, reading, room
        self.sides, self.first_rows = Sides(), FirstRows()
        self.kept: list[list[Rows]] | None = None if room is None else [[]]

    def add(self, chunk: Chunk) -> None:
        rows = self._reading.of(chunk)
        self.sums.add(rows)
        if self._room is None:
            return
        self.sides.add(self._reading.plan, chunk, rows.folds)
        self.first_rows.add(chunk, rows.folds)
        if self.kept is not None and self._room.take(rows.scores.nbytes):
            self.kept[0].append(rows)
        else:
            self.kept = None

    def merge(self, other: _Lane[S]) -> _Lane[S]:
        self.sums = self.sums.merge(other.sums)
        self.sides, self.first_rows = (
            self.sides.merge(other.sides), self.first_rows.merge(other.first_rows)
        )  # fmt: skip
        both = self.kept is not None and other.kept is not None
        self.kept = [*(self.kept or ()), *(other.kept or ())] if both else None
        return self
