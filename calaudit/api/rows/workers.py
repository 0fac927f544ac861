"""Processes of their own that read some of the units: counting holds the interpreter's lock.

A worker is this interpreter again. It is sent the opened predictions and an empty builder, reads
its units from the files itself, and sends back how far it is, and at last what it learnt.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from calaudit.predictions.predictions import Predictions

WORTH = 12_000_000
"""Pairs of numbers for each worker: with fewer, its start takes longer than it saves."""

BYTES = 16
"""Bytes that a pair takes in files that do not say how many rows they have."""

OFTEN = 1 << 20
"""Rows after which a worker says how far it is."""


def most_workers(predictions: Predictions, threads: int | None) -> int:
    """Return how many processes should read these predictions, this one among them.

    Args:
        predictions: the opened data set, with the number that was asked for.
        threads: asked for; as many processes at most where no other number was.
    """
    inputs = predictions.inputs
    if not sys.executable or any(each.bytes is None for each in inputs):
        return 1  # data in memory is not sent to and fro
    units, asked = len(predictions.units()), predictions.workers
    if asked is not None:
        return min(asked, units)
    numbers = sum(each.bytes or 0 for each in inputs) // BYTES
    if predictions.rows is not None:
        numbers = predictions.rows * max(len(predictions.columns), predictions.n_classes) // 2
    return int(min(threads or os.cpu_count() or 1, max(1, numbers // WORTH), units))


def read_elsewhere(
    job: Any, advance: Callable[[int], None], started: Callable[[Callable[[], None]], None]
) -> Any:
    """Return what another process answers to a job; None where it could not do it.

    Args:
        job: what `serve` takes; pickled.
        advance: called with rows done since the last call. What it raises ends the other process.
        started: called with what ends the other process.

    Raises:
        Exception: what the other process raised.
    """
    try:
        sent = pickle.dumps(job)
    except (pickle.PicklingError, TypeError, AttributeError):  # a source that cannot be sent
        return None
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    worker = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import serve; serve()"], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    started(worker.kill)
    try:
        with worker, _ended(worker):
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(sent)
            worker.stdin.close()
            while isinstance(answer := pickle.load(worker.stdout), int):
                advance(answer)
    except (OSError, EOFError, pickle.UnpicklingError):  # killed, or without memory
        return None
    if isinstance(answer, MemoryError):  # there may be enough for one
        return None
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def _ended(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process, whatever happens, before it is waited for."""
    try:
        yield
    finally:
        worker.kill()


def serve() -> None:
    """Answer one job on standard input: what every worker runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it will end it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        work, *arguments = pickle.load(sys.stdin.buffer)
        answer = work(*arguments, _Teller(answers).advance)
    except Exception as error:
        answer = error
    pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


class _Teller:
    """Says how many rows are done, now and then."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers, self._rows = answers, 0

    def advance(self, rows: int) -> None:
        self._rows += rows
        if self._rows >= OFTEN:
            pickle.dump(self._rows, self._answers)
            self._answers.flush()
            self._rows = 0
