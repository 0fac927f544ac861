"""Pipes and devices as data: read once to their end, or refused in a sentence."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calaudit.errors import InputError
from calaudit.predictions import spooling

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes and devices")

TEXT = b"score,label\n" + b"0.5,1\n0.25,0\n" * 50


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Copies are kept in a folder of the test, and none is left there."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    """Return a named pipe."""
    name = tmp_path / "pipe"
    os.mkfifo(name)
    return str(name)


def writing(pipe: str, *blocks: bytes, pause: float = 0.0) -> None:
    """Write to a pipe from a thread, with a pause before each block."""

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), Path(pipe).open("wb", buffering=0) as file:
            for block in blocks:
                time.sleep(pause)
                file.write(block)

    threading.Thread(target=write, daemon=True).start()


def test_a_pipe_is_read_to_its_end(read, pipe) -> None:
    """However long its program takes between what it writes."""
    writing(pipe, TEXT[:100], TEXT[100:], pause=0.2)
    rows = read(pipe)
    assert len(rows.scores) == 100
    rows.predictions.close()


def test_a_program_that_has_nothing_to_say_yet(read, pipe, monkeypatch) -> None:
    """A pipe that is open for writing is waited for."""
    monkeypatch.setattr(spooling, "PATIENCE", 0.2)
    writing(pipe, TEXT, pause=0.8)
    time.sleep(0.1)
    rows = read(pipe)
    assert len(rows.scores) == 100
    rows.predictions.close()


def test_a_pipe_that_nothing_writes_to(read, pipe, monkeypatch) -> None:
    """It would be waited for without end."""
    monkeypatch.setattr(spooling, "PATIENCE", 0.1)
    with pytest.raises(InputError, match=r"no program has written in 0.1 seconds"):
        read(pipe)


def test_an_empty_pipe(read, pipe) -> None:
    """A program that writes nothing has given an empty file."""
    writing(pipe)
    with pytest.raises(InputError, match="empty"):
        read(pipe)


@pytest.mark.parametrize("bound", ["largest", "free"])
def test_a_pipe_without_end(read, pipe, monkeypatch, bound) -> None:
    """What is kept is bounded: by a number, and by the space that is free."""
    if bound == "largest":
        monkeypatch.setattr(spooling, "LARGEST", 3 << 20)
    else:
        usage = type("Usage", (), {"free": 3 << 20})
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    writing(pipe, *[TEXT * 5000] * 4)
    with pytest.raises(InputError, match=r"has not ended after .* bytes"):
        read(pipe)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_devices_are_refused(read, device) -> None:
    """Some have no end, and others no rows."""
    with pytest.raises(InputError, match="is a device"):
        read(device)


def test_a_device_as_standard_input(read, monkeypatch) -> None:
    """The same where the shell opened it."""
    with Path("/dev/zero").open(encoding="utf-8") as zero:
        monkeypatch.setattr(sys, "stdin", zero)
        with pytest.raises(InputError, match="-: is a device"):
            read("-")
