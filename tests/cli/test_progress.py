"""The progress bar: late, seldom, only on terminals, and gone at the end."""

from __future__ import annotations

import io
import os

import pytest

from calaudit.cli import progress as module
from calaudit.cli.progress import Progress
from calaudit.cli.progress_bar import progress_line


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, to be changed by the test."""
    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal to draw on."""
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_short_work_shows_nothing(clock: list[float], terminal: Terminal) -> None:
    """Work of less than half a second leaves stderr untouched."""
    with Progress(stream=terminal) as progress:
        clock[0] += 0.4
        progress(10, 10)
    assert terminal.getvalue() == ""


def test_long_work_is_drawn_seldom_and_wiped(clock: list[float], terminal: Terminal) -> None:
    """A thousand calls in two seconds draw at most ten lines a second, and leave none."""
    with Progress(stream=terminal) as progress:
        for i in range(1000):
            clock[0] += 0.002
            progress(i, 2000)
    drawn = terminal.getvalue().split("\r")
    assert 10 <= sum("rows" in line for line in drawn) <= 16
    assert drawn[-2].strip() == drawn[-1] == ""


def test_the_end_of_reading_is_drawn_at_once(clock: list[float], terminal: Terminal) -> None:
    """When all rows are read, a bar that is shown says what is done now."""
    with Progress(stream=terminal) as progress:
        clock[0] += 1
        progress(50, 100)
        progress(100, 100)
    assert "Computing the figures of 100 rows" in terminal.getvalue()


@pytest.mark.parametrize("case", ["quiet", "pipe", "dumb"])
def test_silent(
    clock: list[float], terminal: Terminal, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """Nothing is drawn with --quiet, in a pipe, or on a dumb terminal."""
    if case == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    if case == "pipe":
        monkeypatch.setattr(terminal, "isatty", lambda: False)
    with Progress(quiet=case == "quiet", stream=terminal) as progress:
        clock[0] += 5
        progress(1, 2)
    assert terminal.getvalue() == ""


def test_a_terminal_that_goes_away_is_no_error(
    clock: list[float], terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The audit goes on when stderr is closed under it."""

    def fail(_: str) -> int:
        raise BrokenPipeError

    monkeypatch.setattr(terminal, "write", fail)
    with Progress(stream=terminal) as progress:
        clock[0] += 5
        progress(1, 2)
        assert not progress.enabled


@pytest.mark.parametrize("width", [10, 40, 79, 200])
@pytest.mark.parametrize("done", [0, 1, 5 * 10**7, 10**8])
@pytest.mark.parametrize("total", [None, 10**8])
def test_the_line_fits(width: int, done: int, total: int | None) -> None:
    """The line is never wider than the terminal, whatever is known."""
    assert len(progress_line(done, total, 3.2, width=width)) <= width


def test_without_a_total_there_is_a_rate() -> None:
    """Of a stream the rows and the rate are known, and no share is invented."""
    line = progress_line(4_000_000, None, 2.0, width=79)
    assert line == "Reading  4.00M rows  2.00M/s"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_on_a_real_terminal(program) -> None:
    """On a terminal the bar is drawn and wiped; stdout holds the report alone."""
    leader, follower = os.openpty()
    done = program("evaluate", "x", stand_in="progress", stderr=follower, env={"TERM": "xterm"})
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert done.returncode == 0
    assert "Reading" in shown
    assert shown.split("\r")[-1] == ""
    assert "Reading" not in done.stdout
