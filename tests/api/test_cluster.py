"""A Dask cluster on this machine gives the same reports, and loses no rows when a worker dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.errors import InputError, SettingsError
from tests.remote.servers import Proxy, page_server

pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = pytest.mark.filterwarnings("default")

ROWS, FILES = 24_000, 12


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        assert scheduler.stderr is not None
        self.address = next(
            m[0] for line in scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line))
        )
        threading.Thread(target=scheduler.stderr.read, daemon=True).start()

    def add_worker(self) -> subprocess.Popen[str]:
        """Start a worker with one thread."""
        worker = self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name",
            f"w{len(self.processes)}", "--local-directory", str(self._folder),
        )  # fmt: skip
        threading.Thread(target=worker.stderr.read, daemon=True).start()  # type: ignore[union-attr]
        return worker

    def close(self) -> None:
        """End all of them."""
        for process in self.processes:
            process.kill()
            process.communicate()

    def _start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "ignore", "-m", "distributed.cli.dask_" + words[0]]
        process = subprocess.Popen(
            [*command, *words[1:]], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self.processes.append(process)
        return process


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a cluster of two workers."""
    made = Cluster(tmp_path_factory.mktemp("dask"))
    made.add_worker()
    made.add_worker()
    yield made
    made.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a folder of several files."""
    rng = np.random.default_rng(4)
    scores = rng.dirichlet([1.0, 1.2, 0.8], ROWS)
    kinds = (scores.cumsum(axis=1) < rng.random((ROWS, 1))).sum(axis=1)
    table = {
        "score": scores[:, 0],
        "label": (kinds == 0).astype(int),
        "weight": rng.random(ROWS),
        "kind": np.array(["a", "b", "c"])[np.minimum(kinds, 2)],
        "region": rng.choice(["north", "south"], ROWS),
        **{f"p_{k}": scores[:, i] for i, k in enumerate("abc")},
    }
    folder = tmp_path_factory.mktemp("data")
    for i in range(FILES):
        part = pa.table(table).slice(i * ROWS // FILES, ROWS // FILES)
        pq.write_table(part, folder / f"{i:02}.parquet")
    return str(folder)


BINARY: dict[str, Any] = {"score": "score", "label": "label"}
CASES: dict[str, dict[str, Any]] = {
    "weighted": BINARY | {"weight": "weight"},
    "classes": {"probs": "p_", "label": "kind"},
    "sliced": BINARY | {"by": "region"},
    "chosen": BINARY | {"where": "region=north", "group": "region"},
}


def told(report: Any) -> str:
    """Return a report without what says when it was made."""
    found = json.loads(report.to_json())
    return json.dumps({k: v for k, v in found.items() if k not in ("created", "provenance")})


@pytest.mark.parametrize("case", CASES)
def test_reports_are_the_same(cluster: Cluster, data: str, case: str) -> None:
    """Byte for byte."""
    options = CASES[case]
    here = calaudit.evaluate(data, **options)
    assert told(calaudit.evaluate(data, cluster=cluster.address, **options)) == told(here)


def test_a_fit_reads_as_often_as_it_likes(cluster: Cluster, data: str) -> None:
    """Its parameters are those of a fit here."""
    weighted = CASES["weighted"]
    for method, options in (("beta", weighted), ("temperature", CASES["classes"])):
        here = calaudit.fit(data, method=method, **options)
        there = calaudit.fit(data, method=method, cluster=cluster.address, **options)
        assert repr(there.parameters) == repr(here.parameters)


def test_other_commands_and_a_client_that_is_there(cluster: Cluster, data: str) -> None:
    """The client stays open."""
    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        for call in (
            lambda **how: calaudit.threshold(data, cost_fp=1, cost_fn=3, **BINARY, **how),
            lambda **how: calaudit.audit(data, **BINARY, **how),
        ):
            assert told(call(cluster=client)) == told(call())
        assert client.status == "running"
        assert not client.futures


@pytest.fixture
def slow(data: str) -> Iterator[tuple[list[str], Proxy]]:
    """Return addresses of the same files, and what delays each request."""
    with page_server(Path(data), parts=True) as port:
        proxy = Proxy(port)
        proxy.plan = lambda _request: time.sleep(0.02)
        names = sorted(path.name for path in Path(data).iterdir())
        yield [f"http://127.0.0.1:{proxy.port}/{name}" for name in names], proxy
        proxy.close()


@pytest.mark.slow
def test_a_worker_that_is_killed_is_made_up_for(
    cluster: Cluster, data: str, slow: tuple[list[str], Proxy]
) -> None:
    """In the middle, with what it had learnt; the other one reads its rows."""
    here = calaudit.evaluate(data, **BINARY)
    extra = cluster.add_worker()
    addresses, proxy = slow
    done: list[int] = []

    def progress(rows: int, _total: int | None) -> None:
        if not done:
            proxy.plan = lambda _request: time.sleep(0.06)
            os.kill(extra.pid, signal.SIGKILL)
        done.append(rows)

    from distributed import Client

    with Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=20)
        there = calaudit.evaluate(addresses, cluster=client, progress=progress, **BINARY)
        assert len(client.nthreads()) == 2
    assert extra.wait() == -signal.SIGKILL
    found, expected = json.loads(told(there)), json.loads(told(here))
    assert found["metrics"] == expected["metrics"]
    assert found["bins"] == expected["bins"]
    assert done[-1] >= ROWS


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_behind(cluster: Cluster, slow: tuple[list[str], Proxy]) -> None:
    """The program ends at once, and so does what the workers do for it."""
    from distributed import Client

    addresses, proxy = slow
    proxy.plan = lambda _request: time.sleep(0.005)
    command = [sys.executable, "-m", "calaudit", "evaluate", *addresses]
    command += ["--cluster", cluster.address, "--score", "score", "--label", "label"]
    with (
        Client(cluster.address, set_as_default=False) as client,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program,
    ):
        until = time.monotonic() + 30
        while not any(client.processing().values()) and time.monotonic() < until:
            time.sleep(0.05)
        proxy.plan = lambda _request: time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, said = program.communicate(timeout=30)
        assert program.returncode == 130, said
        assert time.monotonic() - begun < 3
        while any(client.processing().values()) and time.monotonic() < begun + 6:
            time.sleep(0.05)
        assert not any(client.processing().values())


def test_what_a_worker_refuses_is_refused_here(cluster: Cluster, data: str, tmp_path: Path) -> None:
    """With its own words, and the same exit code."""
    (tmp_path / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\n")
    words = []
    for how in (BINARY, BINARY | {"cluster": cluster.address}):
        with pytest.raises(InputError) as error:
            calaudit.evaluate(tmp_path / "bad.csv", **how)
        words.append(str(error.value))
    assert words[0] == words[1]


def test_another_version_is_refused(
    cluster: Cluster, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its tables mean may be another thing."""
    from calaudit.api.rows import cluster as module

    monkeypatch.setattr(module, "__version__", "9.9")
    with pytest.raises(SettingsError, match=r"install calaudit 9\.9, as here"):
        calaudit.evaluate(data, cluster=cluster.address, **BINARY)


def test_a_file_that_workers_do_not_see(
    cluster: Cluster, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of a folder that they do not stand in."""
    monkeypatch.chdir(tmp_path)
    Path("p.csv").write_text("score,label\n0.5,1\n0.25,0\n")
    with pytest.raises(SettingsError, match=r"a worker does not see p\.csv"):
        calaudit.evaluate("p.csv", cluster=cluster.address, **BINARY)


def test_no_cluster_is_a_short_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: str
) -> None:
    """Without a scheduler, without workers, without Dask, and with a pipe."""
    from calaudit.api.rows import cluster as module

    monkeypatch.setattr(module, "PATIENCE", 1)
    with pytest.raises(SettingsError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9 "):
        calaudit.evaluate(data, cluster="tcp://127.0.0.1:9", **BINARY)
    empty = Cluster(tmp_path)
    try:
        with pytest.raises(SettingsError, match=r"has no workers\. Start some: dask worker"):
            calaudit.evaluate(data, cluster=empty.address, **BINARY)
    finally:
        empty.close()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match=r"pip install 'calaudit\[dask\]'"):
        calaudit.evaluate(data, cluster="tcp://127.0.0.1:9", **BINARY)


def test_data_in_memory_is_read_here() -> None:
    """It is not sent to and fro."""
    scores = np.linspace(0.01, 0.99, 200)
    labels = (scores > 0.5).astype(int)
    frame = pa.table({"score": scores, "label": labels})
    assert calaudit.evaluate(frame, cluster="tcp://127.0.0.1:9").rows == 200
