"""Connections that break, servers that refuse, objects that change: all rows, or a refusal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calaudit import fit
from calaudit.cli import main
from calaudit.errors import IncompleteError, InputError
from calaudit.predictions import Intake, open_predictions
from tests.predictions.conftest import collect
from tests.remote.conftest import Bucket
from tests.remote.servers import HOST, Plan, Proxy, answer, page_server, s3_error
from tests.remote.test_same_report import csv, parquet, rows_of


def opened(plan: Plan, proxy: Proxy, address: str) -> Any:
    """Open an object, and break what comes then."""
    predictions = open_predictions(address)
    proxy.plan = plan
    return predictions


def cut(times: int, *, after: int = 9000) -> Plan:
    """Cut so many answers that hold data, each after some bytes."""
    left = [times]

    def plan(request: str) -> int | None:
        if not request.startswith("GET /") or "bytes=" not in request or left[0] <= 0:
            return None
        left[0] -= 1
        return after

    return plan


def always(told: bytes) -> Plan:
    """Give the same answer to whatever is asked."""
    return lambda _request: told


def refused(call: Callable[[], object], address: str) -> str:
    """Return the message of a refusal, which is short, in a line, and names the object."""
    with pytest.raises(InputError) as error:
        call()
    text = str(error.value)
    assert address in text
    assert len(text) < 320
    assert not re.search(r"Traceback|boto|pyarrow|urllib|Request ID", text)
    return text


@pytest.mark.parametrize("write", [parquet, csv])
def test_a_connection_that_drops_is_made_again(
    bucket: Bucket, table: Any, tmp_path: Path, write: Callable[[Any], bytes]
) -> None:
    """In the middle of a read; the rows are the same."""
    path = tmp_path / "p"
    path.write_bytes(write(table))
    address = bucket.put("p", path.read_bytes())
    asked = len(bucket.proxy.requests)
    found = collect(opened(cut(2), bucket.proxy, address))
    assert len(bucket.proxy.requests) > asked
    assert found.scores.tobytes() == collect(open_predictions(str(path))).scores.tobytes()


def test_a_connection_that_keeps_dropping_ends_it(bucket: Bucket, table: Any) -> None:
    """With the name of the object, and no figure."""
    address = bucket.put("p", parquet(table))
    predictions = opened(cut(1000), bucket.proxy, address)
    text = refused(lambda: collect(predictions), address)
    assert "cannot be reached" in text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (s3_error("403 Forbidden", "AccessDenied"), "may not be read.*AWS_PROFILE"),
        (s3_error("404 Not Found", "NoSuchKey"), "there is no such object"),
        (s3_error("500 Internal Server Error", "InternalError"), "Try again later"),
        (s3_error("503 Slow Down", "SlowDown"), "Try again later"),
    ],
    ids=["denied", "absent", "fault", "slow"],
)
def test_what_a_store_answers_is_said_in_a_line(
    bucket: Bucket, table: Any, told: bytes, words: str
) -> None:
    """In the middle, and where it is asked for quickly also when it is opened."""
    address = bucket.put("p.parquet", parquet(table))
    predictions = opened(always(told), bucket.proxy, address)
    text = refused(lambda: collect(predictions), address)
    if b" 404 " in told:
        assert "disappeared while it was read" in text
    else:
        assert re.search(words, text)
    if b" 40" in told:
        assert re.search(words, refused(lambda: open_predictions(address), address))


def test_a_busy_store_is_asked_again(bucket: Bucket, table: Any, tmp_path: Path) -> None:
    """A few refusals for the moment change nothing."""
    address = bucket.put("p.csv", csv(table))
    (tmp_path / "p.csv").write_bytes(csv(table))
    left = [s3_error("503 Slow Down", "SlowDown")] * 2
    bucket.proxy.plan = lambda _request: left.pop() if left else None
    assert rows_of(address) == rows_of(str(tmp_path / "p.csv"))
    assert not left


def test_nothing_listens(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, a line, and what to look at."""
    from calaudit.predictions.object_stores import store_of

    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{HOST}:9")
    store_of.cache_clear()
    for address in ("s3://bucket/p.csv", f"http://{HOST}:9/p.csv"):
        assert main(["evaluate", address]) == 3
        told = capsys.readouterr().err
        assert address in told
        assert "Check the network" in told
        assert len(told.splitlines()) < 4


def test_no_credentials(bucket: Bucket, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that wants some refuses who has none."""
    address = bucket.put("p.csv", csv(table))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    bucket.proxy.plan = always(s3_error("403 Forbidden", "AccessDenied"))
    assert "AWS_ACCESS_KEY_ID" in refused(lambda: open_predictions(address), address)


def halfway(predictions: Any, then: Callable[[], object]) -> None:
    """Read all units, and do something after the first."""
    total = Intake()
    for i, unit in enumerate(predictions.units()):
        intake = Intake()
        assert sum(map(len, unit.chunks(intake))) > 0
        total = total.merge(intake)
        if i == 0:
            then()
    predictions.finish(total)


@pytest.mark.parametrize("size", ["same", "other"])
def test_an_object_replaced_while_it_is_read(bucket: Bucket, table: Any, size: str) -> None:
    """Even by one as long: its entity tag is another."""
    half = table.slice(0, 3000)
    keys = [f"day/{i}.parquet" for i in range(3)]
    for key in keys:
        bucket.put(key, parquet(half))
    other = half.set_column(1, "score", [1.0 - half["score"].to_numpy()])
    data = parquet(other if size == "same" else table)
    if size == "same":
        assert len(data) == len(parquet(half))
    predictions = open_predictions(f"s3://{bucket.name}/day/")
    with pytest.raises(IncompleteError, match=r"day/2\.parquet: changed while it was read"):
        halfway(predictions, lambda: bucket.put(keys[2], data))


def test_damage_of_an_object_that_changed_is_no_damage(bucket: Bucket, table: Any) -> None:
    """Rows of two objects in one do not decode; what is said is that it changed."""
    address = bucket.put("p.csv", csv(table))
    predictions = open_predictions(address)
    bucket.put("p.csv", b"label,score\n1,2,3\n")
    with pytest.raises(IncompleteError, match="changed while it was read"):
        collect(predictions)


@pytest.mark.parametrize("where", ["folder", "pattern"])
def test_a_listing_that_changes_between_two_passes(bucket: Bucket, table: Any, where: str) -> None:
    """A part that comes or goes is named; no fit is made of what is left."""
    end = "/*.parquet" if where == "pattern" else ""
    for i in range(3):
        bucket.put(f"day/{i}.parquet", parquet(table.slice(2000 * i, 2000)))
    address = f"s3://{bucket.name}/day{end}"
    with pytest.raises(IncompleteError, match=r"day/3\.parquet: came to .* while it was read"):
        halfway(open_predictions(address), lambda: bucket.put("day/3.parquet", parquet(table)))
    bucket.delete("day/3.parquet")
    with pytest.raises(IncompleteError, match=r"day/2\.parquet: disappeared while it was read"):
        halfway(open_predictions(address), lambda: bucket.delete("day/2.parquet"))


def test_a_fit_of_several_passes_ends_when_a_part_goes(
    bucket: Bucket, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its passes, while its rows are read anew."""
    from calaudit.api.rows import repeated_reading

    monkeypatch.setattr(repeated_reading, "MOST_KEPT", 0)
    for i in range(2):
        bucket.put(f"day/{i}.parquet", parquet(table.slice(3000 * i, 3000)))
    reads: list[int] = []

    def progress(done: int, total: int | None) -> None:
        reads.append(done)
        if done == total and reads.count(done) == 1:
            bucket.delete("day/1.parquet")

    with pytest.raises(IncompleteError, match=r"day/1\.parquet"):
        fit(f"s3://{bucket.name}/day", method="platt", progress=progress)


@pytest.mark.parametrize("write", [parquet, csv])
def test_half_an_object_is_refused(
    bucket: Bucket, table: Any, write: Callable[[Any], bytes]
) -> None:
    """As half a file is."""
    data = write(table)
    address = bucket.put("half", data[: len(data) // 2 - 3])
    text = refused(lambda: collect(open_predictions(address)), address)
    assert re.search("cut off|truncated|damaged", text)


@pytest.mark.parametrize("parts", [True, False])
def test_pages_that_break_off(table: Any, tmp_path: Path, parts: bool) -> None:
    """Some bytes come, and then no more; once is mended, ever again is refused."""
    (tmp_path / "p.csv").write_bytes(csv(table))
    with page_server(tmp_path, parts=parts) as port:
        proxy = Proxy(port)
        address = f"http://{HOST}:{proxy.port}/p.csv"
        proxy.plan = cut(3, after=40_000)
        if parts:
            assert rows_of(address) == rows_of(str(tmp_path / "p.csv"))
        proxy.plan = lambda _request: 300
        text = refused(lambda: collect(open_predictions(address)), address)
        assert "broke off" in text
        proxy.close()


def test_pages_of_unknown_length_are_refused(table: Any, tmp_path: Path) -> None:
    """As a part of them would look like all."""
    (tmp_path / "p.csv").write_bytes(csv(table))
    with page_server(tmp_path, parts=False, length=False) as port:
        address = f"http://{HOST}:{port}/p.csv"
        text = refused(lambda: open_predictions(address), address)
    assert "how long it is" in text


def test_a_page_replaced_while_it_is_read(table: Any, tmp_path: Path) -> None:
    """The server is asked for bytes of the page that was opened."""
    path = tmp_path / "p.parquet"
    path.write_bytes(parquet(table))
    with page_server(tmp_path, parts=True) as port:
        predictions = open_predictions(f"http://{HOST}:{port}/p.parquet")
        path.write_bytes(parquet(table.slice(0, 3000)))
        with pytest.raises(IncompleteError, match="changed while it was read"):
            collect(predictions)


def test_secrets_of_an_address_are_not_told(table: Any, tmp_path: Path) -> None:
    """Neither in errors nor in reports."""
    (tmp_path / "p.csv").write_bytes(csv(table))
    with page_server(tmp_path, parts=True) as port:
        address = f"http://{HOST}:{port}/p.csv?X-Amz-Signature=abc123&day=1"
        with open_predictions(address) as predictions:
            told = predictions.inputs[0].path
        assert told == f"http://{HOST}:{port}/p.csv?X-Amz-Signature=…&day=1"
        with pytest.raises(InputError) as error:
            open_predictions(address.replace("p.csv", "q.csv"))
    assert "abc123" not in str(error.value)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT")
@pytest.mark.parametrize("weight", ["none", "weight"])
def test_ctrl_c_ends_a_read_that_waits_for_a_server(
    bucket: Bucket, table: Any, weight: str
) -> None:
    """At once, and not when the server has answered."""
    address = bucket.put("p.parquet", parquet(table))
    seen: list[str] = []

    def stall(request: str) -> bytes | None:
        seen.append(request)
        if len(seen) > 12:  # it is open by then
            time.sleep(20)
        return None

    bucket.proxy.plan = stall
    command = [sys.executable, "-m", "calaudit", "evaluate", address, "--weight", weight]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        until = time.monotonic() + 20
        while len(seen) <= 12 and time.monotonic() < until and program.poll() is None:
            time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, told = program.communicate(timeout=30)
    assert program.returncode == 130, (told, seen)
    assert time.monotonic() - begun < 3


def test_an_answer_is_no_page(tmp_path: Path) -> None:
    """A server that refuses for good is not asked again."""
    proxy = Proxy(9)
    proxy.plan = always(answer("401 Unauthorized"))
    address = f"http://{HOST}:{proxy.port}/p.csv"
    assert "needs no login" in refused(lambda: open_predictions(address), address)
    assert len(proxy.requests) == 1
    proxy.close()
