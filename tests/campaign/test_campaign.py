"""Damaged and hostile inputs of every kind: read as what they are, or refused in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

WORKERS = 2
INPUTS = 20_000
LONGEST = 120.0
"""Seconds that no input takes, on however busy a machine."""

HUNG = 1000
"""Stands for the exit code of a process that had to be killed."""

Result = tuple[int, str, str, str]


def results(first: int, last: int) -> list[Result]:
    """Return what came of the inputs of every second number, in processes that may end."""
    found: list[Result] = []
    while first < last:
        told, some, code = _one_process(first, last)
        found += some
        first = found[-1][0] + WORKERS if some else first
        if first < last:
            what = "hang" if code == HUNG else "abort"
            found.append((first, "", what, f"{code}: {told}"))
            first += WORKERS
    return found


def _one_process(first: int, last: int) -> tuple[str, list[Result], int]:
    """Return the errors, the results and the exit code of a process that ends at the first abort.

    Raises:
        RuntimeError: it could not even begin.
    """
    command = [sys.executable, "-m", "tests.campaign.worker", *map(str, (first, last, WORKERS))]
    some: list[Result] = []
    ready = hung = False
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdout is not None
        while True:
            timer = threading.Timer(LONGEST, process.kill)
            timer.start()
            line = process.stdout.readline()
            hung = not timer.is_alive()
            timer.cancel()
            if not line:
                break
            if line == "ready\n":
                ready = True
            else:
                some.append(tuple(json.loads(line)))
        code = process.wait()
        errors.seek(0)
        told = errors.read().decode(errors="replace")[-500:]
    if not ready:
        raise RuntimeError(told)
    return told, some, HUNG if hung else code


def campaign(first: int, count: int) -> tuple[Counter[str], list[Result]]:
    """Return how many inputs came to what, and those with which something is wrong."""
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(lambda i: results(first + i, first + count), range(WORKERS))
        found = sorted(result for part in parts for result in part)
    assert [number for number, *_ in found] == list(range(first, first + count))
    kinds = Counter(kind for _, _, kind, _ in found)
    bad = [r for r in found if r[3] or r[2] in ("abort", "hang", "traceback")]
    return kinds, bad


def test_some_inputs() -> None:
    """The first of the campaign."""
    kinds, bad = campaign(0, 150)
    assert bad == []
    assert min(kinds["same"], kinds["other"], kinds["refused"]) > 5


@pytest.mark.slow
def test_the_campaign(capsys) -> None:
    """No traceback, no abort, no hang, no row left out, no other figures behind a checksum."""
    kinds, bad = campaign(0, INPUTS)
    with capsys.disabled():
        print(f"\n{INPUTS:,} inputs: {dict(kinds)}; {len(bad)} with a fault")  # noqa: T201
    assert not bad, "\n".join(map(str, bad))
    assert set(kinds) == {"same", "other", "refused"}
