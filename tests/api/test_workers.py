"""Processes that read some of the rows: the same figures, whatever becomes of them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.api.rows import reading, workers
from calaudit.errors import InputError

N = 6000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six files: of two kinds of score, with weights, slices, and rows that belong together."""
    rng = np.random.default_rng(3)
    here = tmp_path_factory.mktemp("parts")
    score = rng.beta(0.6, 1.5, N)
    label = (rng.random(N) < score**1.2).astype(np.int8)
    probs = rng.dirichlet([1, 1, 2], N)
    truth = np.array(["a", "b", "c"])[(probs.cumsum(axis=1) < rng.random((N, 1))).sum(axis=1)]
    table = pa.table(
        {
            "score": score, "label": label, "weight": rng.exponential(1, N).round(3),
            "user": rng.integers(0, 500, N), "region": rng.choice(["n", "s"], N),
            **{f"p_{name}": probs[:, i] for i, name in enumerate("abc")}, "truth": truth,
        }
    )  # fmt: skip
    for i in range(6):
        pq.write_table(table.slice(i * 1000, 1000), here / f"part-{i}.parquet")
    return here


BINARY: dict[str, Any] = {"score": "score", "label": "label", "weight": "none"}


def figures(report: Any) -> Any:
    """Return all of a report that its rows decide."""
    return replace(report, inputs=(), roles=(), settings={})


@pytest.mark.parametrize(
    "options",
    [
        BINARY | {"by": "region"},
        BINARY | {"weight": "weight"},
        BINARY | {"group": "user"},
        {"probs": "p_", "label": "truth", "by": "region"},
    ],
    ids=["plain", "weighted", "grouped", "multiclass"],
)
def test_the_same_report(folder: Path, options: dict[str, Any]) -> None:
    """To the last bit: of one process and of two."""
    one, two = (
        calaudit.evaluate(folder, workers=workers, threads=1, **options) for workers in (1, 2)
    )
    assert figures(one) == figures(two)
    assert one.intake.rows_read == N


def test_other_commands(folder: Path) -> None:
    """What fits and decides reads by the same way."""
    one, two = (
        calaudit.threshold(folder, cost_fp=5, cost_fn=1, workers=n, **BINARY) for n in (1, 2)
    )
    assert figures(one) == figures(two)
    fits = [calaudit.fit(folder, method="isotonic", workers=n, **BINARY) for n in (1, 2)]
    assert fits[0].parameters() == fits[1].parameters()


@pytest.mark.parametrize(
    ("method", "division"),
    [("temperature", {"split": "region=n"}), ("vector", {"group": "user"})],
)
def test_fits_of_several_passes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, method: str, division: dict[str, Any]
) -> None:
    """Every pass is shared with the other processes, and none of them fails unseen."""
    answers: list[Any] = []

    def read_elsewhere(*given: Any) -> Any:
        answers.append(workers.read_elsewhere(*given))
        return answers[-1]

    monkeypatch.setattr(reading, "read_elsewhere", read_elsewhere)
    one, two = (
        calaudit.fit(folder, method=method, probs="p_", label="truth", workers=n, **division)
        for n in (1, 2)
    )
    assert one.parameters() == two.parameters()
    assert one.certificate == two.certificate
    assert len(answers) > 1
    assert all(answer is not None for answer in answers)


def test_a_bad_row_is_named_wherever_it_is_read(folder: Path, tmp_path: Path) -> None:
    """The error of another process is the error of this one."""
    for part in sorted(folder.iterdir())[:3]:
        pq.write_table(pq.read_table(part, columns=["score", "label"]), tmp_path / part.name)
    bad = pa.table({"score": [0.5, 1.5], "label": pa.array([0, 1], pa.int8())})
    pq.write_table(bad, tmp_path / "part-1.parquet")
    said = []
    for n in (1, 2):
        with pytest.raises(InputError, match=r"part-1\.parquet") as caught:
            calaudit.evaluate(tmp_path, workers=n, **BINARY)
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell")
@pytest.mark.parametrize("end", ["kill -9 $$", "cat >/dev/null"])
def test_a_process_that_dies_is_made_up_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Its rows are read here."""
    expected = calaudit.evaluate(folder, workers=1, **BINARY)
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\n{end}\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    assert figures(calaudit.evaluate(folder, workers=3, **BINARY)) == figures(expected)


KILLED = """\
import os, sys
from calaudit.predictions.predictions import Unit
chunks = Unit.chunks
def dies(self, intake):
    for i, chunk in enumerate(chunks(self, intake)):
        yield chunk
        os.kill(os.getpid(), 9)
Unit.chunks = dies
from calaudit.api.rows.workers import serve
serve()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_killed_in_the_middle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had counted is counted once."""
    start = subprocess.Popen

    def killed(command: list[str], **options: Any) -> Any:
        return start([command[0], "-c", KILLED], **options)

    expected = calaudit.evaluate(folder, workers=1, **BINARY)
    monkeypatch.setattr(subprocess, "Popen", killed)
    assert figures(calaudit.evaluate(folder, workers=2, **BINARY)) == figures(expected)


ENDLESS = """\
import subprocess, sys, time
from calaudit import cli
from calaudit.api.rows import reading, workers
from calaudit.predictions.predictions import Unit
chunks, start = Unit.chunks, subprocess.Popen
def endless(self, intake):
    for chunk in chunks(self, intake):
        while True:
            time.sleep(0.05)
            yield chunk
Unit.chunks = endless
workers.subprocess.Popen = lambda command, **options: start(["sleep", "60"], **options)
cli.program()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_leaves_no_process(folder: Path) -> None:
    """Whoever presses Ctrl-C finds nothing of it running."""
    command = [sys.executable, "-c", ENDLESS, "evaluate", str(folder), "--score", "score"]
    command += ["--label", "label", "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        found: list[Path] = []
        while not found and time.monotonic() < deadline:
            time.sleep(0.05)
            tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
            children = [Path("/proc", child) for t in tasks for child in t.read_text().split()]
            found = [child for child in children if b"sleep" in (child / "cmdline").read_bytes()]
        assert found
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(30) == 130
        finally:
            process.kill()
    deadline = time.monotonic() + 10
    while any(child.exists() for child in found):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_data_in_memory_stays_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be copied to be sent."""
    monkeypatch.setattr(workers, "read_elsewhere", lambda *_: pytest.fail("was sent"))
    calaudit.evaluate([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3])


@pytest.mark.parametrize("number", [0, -1])
def test_numbers_of_workers(folder: Path, number: int) -> None:
    """At least one has to read."""
    with pytest.raises(calaudit.errors.SettingsError, match="workers must be 1 or more"):
        calaudit.evaluate(folder, workers=number, **BINARY)
