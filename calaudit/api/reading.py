"""One pass over the rows: units are read by several threads into one summary."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions, Unit
from calaudit.tables.summary import Summary, SummaryBuilder

__all__ = ["Progress", "read_summary"]

Progress = Callable[[int, int | None], None]

LANES = 4
"""Independent accumulators when sums are rounded: fixed, so that the figures do not depend on
the number of threads."""


class _Stopped(Exception):
    """Another thread failed or the user interrupted: this one need not go on."""


def read_summary(
    predictions: Predictions,
    make_builder: Callable[[], SummaryBuilder],
    *,
    threads: int | None,
    rounded: bool,
    progress: Progress | None,
) -> tuple[Summary, Intake]:
    """Read all units and return the summary and the intake of the whole.

    Args:
        predictions: the opened data set.
        make_builder: returns an empty builder.
        threads: threads at most; None for one a processor, four at most.
        rounded: whether the summary has sums that are rounded (weights, classes). Integer sums
            are the same in any order; rounded ones are kept in order.
        progress: called with rows done and rows in all (None if unknown), from one thread at
            a time.
    """
    units = predictions.units()
    most = threads or min(4, os.cpu_count() or 1)
    lanes = LANES if rounded else most
    lanes = max(1, min(lanes, len(units)))
    shared = _Shared(predictions.rows, progress)
    # Lane i reads units i, i + lanes, …: which rows it sees does not depend on timing.
    work = [units[i::lanes] for i in range(lanes)]
    if min(most, lanes) == 1:
        parts = [_read_lane(lane, make_builder(), shared) for lane in work]
    else:
        parts = _in_threads(work, make_builder, shared, min(most, lanes))
    summary, intake = parts[0]
    for other, read in parts[1:]:
        summary, intake = summary.merge(other), intake.merge(read)
    predictions.finish(intake)
    return summary, intake


class _Shared:
    """What the threads share: progress, and the wish to stop."""

    def __init__(self, rows: int | None, progress: Progress | None) -> None:
        self._rows, self._progress = rows, progress
        self._done = 0
        self._lock = threading.Lock()
        self.stop = threading.Event()

    def advance(self, rows: int) -> None:
        if self.stop.is_set():
            raise _Stopped
        if self._progress is not None:
            with self._lock:
                self._done += rows
                self._progress(self._done, self._rows)


def _read_lane(
    units: Sequence[Unit], builder: SummaryBuilder, shared: _Shared
) -> tuple[Summary, Intake]:
    intake = Intake()
    for unit in units:
        for chunk in unit.chunks(intake):
            builder.add(chunk)
            shared.advance(len(chunk))
    return builder.summary(), intake


def _in_threads(
    work: Sequence[Sequence[Unit]],
    make_builder: Callable[[], SummaryBuilder],
    shared: _Shared,
    threads: int,
) -> list[tuple[Summary, Intake]]:
    with ThreadPoolExecutor(threads, thread_name_prefix="calaudit") as pool:
        futures = [pool.submit(_read_lane, lane, make_builder(), shared) for lane in work]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        except BaseException:  # an interrupt: let the threads end at their next chunk
            shared.stop.set()
            raise
        failed = [f for f in futures if f in done and f.exception() is not None]
        if failed:
            shared.stop.set()
            for future in futures:
                future.cancel()
    for future in futures:  # the first failure in file order, not the first in time
        if not future.cancelled():
            error = future.exception()
            if error is not None and not isinstance(error, _Stopped):
                raise error
    return [future.result() for future in futures]
