"""A Dask cluster whose workers read the units: they are sent names of files, and give back tables.

The client sees no rows: lanes are counted where they are read, and what they learnt is merged in a
tree of tasks, of which one result comes back.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calaudit import __version__
from calaudit.errors import IncompleteError, SettingsError
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.findings import Findings
from calaudit.predictions.predictions import Predictions

FAN_IN = 8
"""Results that one task merges; more than there are lanes of rounded sums, whose order counts."""

SHARE = 4
"""Lanes for each thread of the cluster, so that none waits long for the last."""

PATIENCE = 20
"""Seconds until a scheduler answers, and has a worker."""

SAME = f"install calaudit {__version__}, as here, where the workers run"

Advance = Callable[[int], None]


@contextmanager
def reading_cluster(predictions: Predictions) -> Iterator[_Cluster | None]:
    """Give the cluster that is to read these predictions; None where they are read here.

    Raises:
        SettingsError: there is none, or its workers cannot see the data.
    """
    wanted = predictions.cluster
    if wanted is None or any(each.bytes is None for each in predictions.inputs):
        yield None  # data in memory is here
        return
    if any(file.temporary for file in predictions.files):
        raise SettingsError(
            "--cluster: workers cannot read a pipe. Write it to a file that all of them see, or to "
            "a store"
        )
    try:
        from distributed import Client
    except ImportError:
        raise SettingsError("--cluster needs Dask: pip install 'calaudit[dask]'") from None
    if not isinstance(wanted, str):
        yield _Cluster(wanted)
        return
    try:
        client = Client(wanted, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"--cluster: no scheduler answers at {wanted} ({str(error)[:80]}). Start one with dask "
            "scheduler, and name the address that it prints"
        ) from None
    with client:
        yield _Cluster(client)


class _Cluster:
    """A client of Dask that reads lanes."""

    def __init__(self, client: Any) -> None:
        from distributed import TimeoutError as NoWorker

        self._client = client
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except (NoWorker, TimeoutError):
            raise SettingsError(
                "--cluster: the scheduler has no workers. Start some: dask worker ADDRESS"
            ) from None

    @property
    def lanes(self) -> int:
        """Lanes that keep all threads busy."""
        return int(SHARE * sum(self._client.nthreads().values()))

    def read(
        self, predictions: Predictions, builder: Any, work: Any, lanes: int, advance: Advance
    ) -> tuple[Any, Any, Findings]:
        """Return what all lanes learnt, merged, and what was noticed; ``work`` reads lanes."""
        from distributed import KilledWorker, as_completed
        from distributed.comm import CommClosedError

        try:
            job = pickle.dumps((work, predictions, builder))
        except (pickle.PicklingError, TypeError, AttributeError):
            raise SettingsError(
                "--cluster: what is asked for needs single rows here. Leave it out"
            ) from None
        client, units = self._client, predictions.units()
        futures: list[Any] = []
        try:
            # Not scattered: what one worker holds and nothing makes again would be lost with it.
            sent = client.submit(bytes, job, pure=False)
            parts = [
                client.submit(_lane, sent, __version__, i, lanes, pure=False) for i in range(lanes)
            ]
            futures += [sent, *parts]
            rows = [sum(unit.rows or 0 for unit in units[i::lanes]) for i in range(lanes)]
            rows_of = dict(zip((part.key for part in parts), rows, strict=True))
            with client.as_current():
                seen = as_completed(parts)
            while len(parts) > 1:
                groups = [parts[i : i + FAN_IN] for i in range(0, len(parts), FAN_IN)]
                parts = [client.submit(_merged, *group, pure=False) for group in groups]
                futures += parts
            for part in seen:
                if part.status == "finished":
                    advance(rows_of[part.key])
                else:
                    part.result()  # raises what the worker did
            found: tuple[Any, Any, Findings] = parts[0].result()
        except KilledWorker:
            raise IncompleteError(
                "--cluster: several workers died over one part of the data. Look at what they say: "
                "they may have too little memory"
            ) from None
        except ImportError as error:
            raise SettingsError(f"--cluster: {SAME} ({str(error)[:80]})") from None
        except (CommClosedError, CancelledError, OSError) as error:
            raise IncompleteError(
                f"--cluster: the scheduler is gone ({str(error)[:80]}). Run again"
            ) from None
        finally:
            client.cancel(futures)  # of those that are done it frees what is left
        return found


class _Unwanted(Exception):
    """Nobody waits for this lane any more."""


def _lane(job: bytes, version: str, number: int, lanes: int) -> tuple[Any, Any, Findings]:
    """Return what one lane learnt: the task of a worker."""
    if version != __version__:
        raise SettingsError(f"--cluster: {SAME}".replace(__version__, version))
    from distributed import get_worker
    from distributed.worker import thread_state

    tasks, key = get_worker().state.tasks, thread_state.key

    def advance(_rows: int) -> None:
        if getattr(tasks.get(key), "state", "cancelled") == "cancelled":
            raise _Unwanted

    work, predictions, builder = pickle.loads(job)
    path = predictions.files[0].path
    if not is_remote(path) and not Path(path).exists():
        raise SettingsError(f"--cluster: a worker does not see {path}: give a path that all see")
    ((summary, intake),), findings = work(predictions, builder, [number], lanes, advance)
    return summary, intake, findings


def _merged(
    first: tuple[Any, Any, Findings], *others: tuple[Any, Any, Findings]
) -> tuple[Any, Any, Findings]:
    """Return what some lanes learnt, in their order."""
    summary, intake, findings = first
    for other in others:
        summary, intake = summary.merge(other[0]), intake.merge(other[1])
        findings.merge(other[2])
    return summary, intake, findings
