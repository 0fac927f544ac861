"""One pass over the rows: units are read by several threads or processes into one summary."""

from __future__ import annotations

import copy
import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from itertools import islice
from typing import Generic, Protocol, Self, TypeVar, cast

from calaudit.api.rows.cluster import reading_cluster
from calaudit.api.rows.workers import most_workers, read_elsewhere
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions, Unit

Progress = Callable[[int, int | None], None]

MOST_THREADS = 4
PATIENCE = 1.0
"""Seconds to wait for a thread that was told to end; it may itself wait for a server."""

HANDFUL = 16
"""Chunks that are handed over at a time, so that threads seldom wait for each other."""


CLASS_LANES, WEIGHT_LANES = 4, 2
"""Accumulators where sums are rounded; a table with weights is large, so there are fewer."""


class Merging(Protocol):
    """What is learnt of rows."""

    def merge(self, other: Self, /) -> Self:
        """Return what both have learnt."""


S = TypeVar("S", bound=Merging)
Of = TypeVar("Of", covariant=True)
Part = tuple[S, Intake]


class Builder(Protocol, Generic[Of]):
    """What learns of rows, chunk by chunk."""

    def add(self, chunk: Chunk, /) -> None:
        """Learn of the rows of a chunk."""

    def summary(self) -> Of:
        """Return what was learnt of all chunks added so far."""


class Gathering:
    """A builder that is itself what it has learnt."""

    __slots__ = ()

    def summary(self) -> Self:
        """Return what was learnt of all chunks added so far."""
        return self


def lanes_of(predictions: Predictions) -> int:
    """Return the ``rounded`` of `read_summary` for what is summed up over these rows."""
    if predictions.task == "multiclass":
        return CLASS_LANES
    return WEIGHT_LANES * any(role.role == "weight" for role in predictions.roles)


class _Stopped(Exception):
    """Another thread failed or the user interrupted: this one need not go on."""


def read_summary(
    predictions: Predictions,
    make_builder: Callable[[], Builder[S]],
    *,
    threads: int | None,
    rounded: int,
    progress: Progress | None,
) -> Part[S]:
    """Read all units and return the summary and the intake of the whole.

    Args:
        predictions: the opened data set.
        make_builder: returns an empty builder.
        threads: threads at most; None for one a processor, four at most.
        rounded: 0 when all sums are of integers, which are the same in any order; else the
            number of lanes, so that rounded sums do not depend on the number of threads.
        progress: called with rows done and rows in all (None if unknown), from one thread at
            a time.
    """
    if (learned := predictions.learned(make_builder)) is not None:
        return cast("Part[S]", learned)
    units = predictions.units()
    predictions.findings = Findings()  # an earlier pass has noticed the same
    shared = _Shared(predictions.rows, progress)
    with reading_cluster(predictions) as cluster:
        if cluster is not None:
            lanes = max(1, min(rounded or cluster.lanes, len(units)))
            summary, intake, findings = cluster.read(
                predictions, make_builder(), read_lanes, lanes, shared.advance
            )
            predictions.report(findings)
            predictions.finish(intake)
            return summary, intake
    most = threads or min(MOST_THREADS, os.cpu_count() or 1)
    workers = most_workers(predictions, threads)
    # In one process counting is done by many short numpy calls, which do not run side by side;
    # decoding by long ones, which do. So each counting lane gets a thread that reads ahead for it.
    lanes = rounded or max(1, workers if workers > 1 else most // 2)
    lanes = max(1, min(lanes, len(units)))
    workers = min(workers, lanes)
    slots = workers if workers > 1 else min(most, lanes)
    ahead = most > 1 and not rounded and workers == 1

    def read(slot: int) -> list[Part[S]]:
        # Lane i reads units i, i + lanes, …: which rows it sees does not depend on timing.
        numbers = range(slot, lanes, slots)
        if slot and workers > 1:
            job = (read_lanes, predictions, make_builder(), numbers, lanes)
            answer = read_elsewhere(job, shared.advance, shared.started)
            if answer is not None:
                parts, findings = answer
                predictions.report(findings)
                return cast("list[Part[S]]", parts)
        return [_read_lane(units[i::lanes], make_builder(), shared.advance, ahead) for i in numbers]

    found = [read(0)] if slots == 1 else _in_threads(read, shared, slots)
    (summary, intake), *more = (found[i % slots][i // slots] for i in range(lanes))
    for other, other_intake in more:
        summary, intake = summary.merge(other), intake.merge(other_intake)
    predictions.finish(intake)
    return summary, intake


def read_lanes(
    predictions: Predictions,
    builder: Builder[S],
    numbers: Sequence[int],
    lanes: int,
    advance: Callable[[int], None],
) -> tuple[list[Part[S]], Findings]:
    """Return what some of the lanes learnt, and what was noticed: the job of a worker.

    Args:
        predictions: the opened data set.
        builder: an empty one.
        numbers: which lanes.
        lanes: how many there are.
        advance: called with rows done.
    """
    units = predictions.units()
    predictions.findings = Findings()  # what others notice is theirs
    empty = [copy.deepcopy(builder) for _ in numbers]
    parts = [
        _read_lane(units[i::lanes], each, advance, ahead=False)
        for i, each in zip(numbers, empty, strict=True)
    ]
    return parts, predictions.findings


class _Shared:
    """What the threads share: progress, and the wish to stop."""

    def __init__(self, rows: int | None, progress: Progress | None) -> None:
        self._rows, self._progress = rows, progress
        self._done = 0
        self._lock = threading.Lock()
        self.stop = threading.Event()
        self._ends: list[Callable[[], None]] = []

    def started(self, end: Callable[[], None]) -> None:
        """Remember what ends another process, which may have to end already."""
        self._ends.append(end)
        if self.stop.is_set():
            end()

    def end(self) -> None:
        """Let threads end at their next chunk, and other processes now."""
        self.stop.set()
        for end in self._ends:
            end()

    def advance(self, rows: int) -> None:
        if self.stop.is_set():
            raise _Stopped
        if self._progress is not None:
            with self._lock:
                self._done += rows
                self._progress(self._done, self._rows)


def _read_lane(
    units: Sequence[Unit], builder: Builder[S], advance: Callable[[int], None], ahead: bool
) -> Part[S]:
    intake, left = Intake(), 0
    chunks = (chunk for unit in units for chunk in unit.chunks(intake))
    with closing(_read_ahead(chunks) if ahead else chunks) as stream:
        for chunk in stream:
            builder.add(chunk)
            # Not the rows that the intake counts: these may have been read far ahead.
            passed = intake.rows_left
            advance(len(chunk) + passed - left)
            left = passed
    return builder.summary(), intake


def _read_ahead(chunks: Iterator[Chunk]) -> Generator[Chunk]:
    """Yield the same chunks, read by another thread at most a few handfuls ahead.

    The other thread ends when the chunks do, when reading fails (the error is raised here), or
    when this generator is closed.
    """
    handfuls: queue.Queue[list[Chunk] | BaseException | None] = queue.Queue(2)
    stop = threading.Event()

    def put(item: list[Chunk] | BaseException | None) -> None:
        while not stop.is_set():
            with suppress(queue.Full):
                handfuls.put(item, timeout=0.1)
                break

    def read() -> None:
        try:
            while not stop.is_set() and (handful := list(islice(chunks, HANDFUL))):
                put(handful)
            put(None)
        except BaseException as error:  # handed to the thread that counts
            put(error)

    thread = threading.Thread(target=read, name="calaudit-read", daemon=True)
    thread.start()
    try:
        while (item := handfuls.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield from item
    finally:
        stop.set()
        thread.join(PATIENCE)


def _in_threads(
    read: Callable[[int], list[Part[S]]], shared: _Shared, slots: int
) -> list[list[Part[S]]]:
    pool = ThreadPoolExecutor(slots, thread_name_prefix="calaudit")
    futures = [pool.submit(read, slot) for slot in range(slots)]
    try:
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
    except BaseException:  # an interrupt
        shared.end()
        pool.shutdown(wait=False, cancel_futures=True)  # some may wait for a server
        raise
    failed = [f for f in futures if f in done and f.exception() is not None]
    if failed:
        shared.end()
    pool.shutdown(cancel_futures=bool(failed))
    for future in futures:  # the first failure in file order, not the first in time
        if not future.cancelled():
            error = future.exception()
            if error is not None and not isinstance(error, _Stopped):
                raise error
    return [future.result() for future in futures]
