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
@pytest.mark.parametrize("stage", ["Reading", "Choosing thresholds, pass 12"])
def test_the_line_fits(width: int, done: int, total: int | None, stage: str) -> None:
    """The line is never wider than the terminal, whatever is known."""
    assert len(progress_line(done, total, 3.2, width=width, stage=stage)) <= width


def test_without_a_total_there_is_a_rate() -> None:
    """Of a stream the rows and the rate are known, and no share is invented."""
    line = progress_line(4_000_000, None, 2.0, width=79)
    assert line == "Reading  4.00M rows  2.00M/s"


def test_a_stage_is_the_first_word(clock: list[float], terminal: Terminal) -> None:
    """Each stage begins its rows anew under its own word, and its rate is its own."""
    with Progress(stream=terminal) as progress:
        clock[0] += 10
        progress(5_000, 10_000)
        progress.stage("Fitting")
        clock[0] += 1
        progress(2_000, 10_000)
    lines = [line.strip() for line in terminal.getvalue().split("\r") if line.strip()]
    assert lines[0].startswith("Reading ")
    assert lines[1] == "Fitting"
    assert lines[2].startswith("Fitting ")
    assert "2,000 rows    2,000/s  0:00:04 left" in lines[2]


def test_a_stage_without_rows_is_shown(clock: list[float], terminal: Terminal) -> None:
    """Drawing has no rows: its word stands alone, and nothing of the line before is left."""
    with Progress(stream=terminal) as progress:
        clock[0] += 10
        progress(9_999, 10_000)
        clock[0] += 1
        progress.stage("Drawing")
    lines = terminal.getvalue().split("\r")
    assert lines[-3].strip() == "Drawing"
    assert len(lines[-3]) == len(lines[1])


def test_a_stage_of_short_work_shows_nothing(clock: list[float], terminal: Terminal) -> None:
    """A change of stage within the first half second draws nothing."""
    with Progress(stream=terminal) as progress:
        clock[0] += 0.3
        progress.stage("Drawing")
    assert terminal.getvalue() == ""


def test_passes_are_counted(clock: list[float], terminal: Terminal) -> None:
    """A fit that reads its rows again says which pass it is, from the second on."""
    with Progress(stream=terminal) as progress:
        progress.stage("Fitting")
        for _ in range(3):
            for done in range(0, 1001, 100):
                clock[0] += 0.2
                progress(done, 1000)
        progress.stage("Evaluating")
        clock[0] += 1
        progress(500, 1000)
    lines = [line.strip() for line in terminal.getvalue().split("\r") if line.strip()]
    words = [line.split(" [")[0].split("  ")[0] for line in lines]
    found = list(dict.fromkeys(words))
    assert found == ["Fitting", "Fitting, pass 2", "Fitting, pass 3", "Evaluating"]


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("Reading", "Computing the figures of 100 rows"),
        ("Evaluating", "Computing the figures of 100 rows"),
        ("Fitting", "Fitting "),
        ("Choosing thresholds", "Choosing thresholds "),
    ],
)
def test_the_end_of_a_stage(stage: str, said: str) -> None:
    """After the rows were read for figures, these are computed; other stages stay themselves."""
    assert progress_line(100, 100, 1.0, width=79, stage=stage).startswith(said)


def test_quiet_stages(clock: list[float], terminal: Terminal) -> None:
    """With --quiet no stage is named."""
    with Progress(quiet=True, stream=terminal) as progress:
        clock[0] += 5
        progress.stage("Drawing")
    assert terminal.getvalue() == ""


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


def test_the_first_rows_of_a_pass_have_a_rate(clock: list[float], terminal: Terminal) -> None:
    """A pass begins when the one before it ended, so that its first rows took some time."""
    with Progress(stream=terminal) as progress:
        clock[0] += 10
        progress(1_000, 1_000)
        clock[0] += 2
        progress(100, 1_000)
    line = terminal.getvalue().split("\r")[2]
    assert "100 rows       50/s  0:00:18 left" in line


def test_the_bar_keeps_its_length() -> None:
    """While the figures get longer the bar stays where it is."""
    lines = [
        progress_line(n, 10**8, 3.0, width=79) for n in (99_999, 123_456, 9_999_999, 98_765_432)
    ]
    assert len({line.index(" %") for line in lines}) == 1


@pytest.mark.parametrize(("width", "end"), [(70, "/s  0:00:08 left"), (44, " 20 %  0:00:08 left")])
def test_a_narrow_line_keeps_the_stage(width: int, end: str) -> None:
    """Where there is no room for a bar the stage is still named, and the time that is left."""
    line = progress_line(2 * 10**6, 10**7, 2.0, width=width, stage="Choosing thresholds")
    assert line.startswith("Choosing thresholds ")
    assert line.endswith(end)
    assert len(line) <= width
