"""The program as a process: exit codes, streams, interruptions and start-up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calaudit.cli.app import COMMANDS, TASKS
from tests.cli.conftest import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, pipes and devices")


@pytest.mark.parametrize(
    ("stand_in", "code", "message"),
    [
        ("settings", 2, "calaudit: error: --level must lie between 0 and 1, and is 95\n"),
        ("few", 3, "calaudit: error: no rows\n"),
        ("interrupt", 130, "calaudit: interrupted\n"),
    ],
)
def test_exit_codes(program, stand_in: str, code: int, message: str) -> None:
    """Every failure has its code and its sentence, and stdout stays empty."""
    done = program("evaluate", "x.csv", stand_in=stand_in)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", message)


def test_input_errors_show_what_the_data_says(program) -> None:
    """A refused input is exit 3; its contents are neither markup nor terminal codes."""
    done = program("evaluate", "x.csv", stand_in="input")
    assert done.returncode == 3
    assert r"column [bold]p[/bold]: \x1b[31m1.2\x1b[0m is no probability" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate"], "Missing argument"),
        (["evaluate", "x", "--nonsense"], "No such option"),
        (["evaluate", "x", "--seed", "x"], "--seed"),
        (["evaluate", "x", "--task", "regression"], "--task"),
        (["evaluate", "x", "--convention", "mine"], "--convention"),
        (["evalaute", "x"], "evaluate"),
    ],
)
def test_usage_errors(program, arguments: list[str], message: str) -> None:
    """A wrong command line is exit 2, with a sentence and where the help is."""
    done = program(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("calaudit: error: ")
    assert message in done.stderr
    assert "--help" in done.stderr


def test_no_command_is_usage(program) -> None:
    """Without a command the help is shown, and the code says that nothing was done."""
    done = program()
    assert done.returncode == 2
    assert "evaluate" in done.stderr


def test_faults_are_no_gate_failures(program) -> None:
    """An exception that nobody expected is exit 70, one sentence, and how to see more."""
    done = program("evaluate", "x.csv", stand_in="fault")
    assert done.returncode == 70
    assert r"ZeroDivisionError('division\nby zero')" in done.stderr
    assert "fault of calaudit" in done.stderr
    assert "CALAUDIT_TRACEBACK=1" in done.stderr
    assert "Traceback" not in done.stderr


def test_tracebacks_on_request(program) -> None:
    """CALAUDIT_TRACEBACK=1 shows where a fault happened; the code stays."""
    done = program("evaluate", "x", stand_in="fault", env={"CALAUDIT_TRACEBACK": "1"})
    assert done.returncode == 70
    assert "Traceback" in done.stderr


def test_out_of_memory(program) -> None:
    """Running out of memory is said in words."""
    done = program("evaluate", "x.csv", stand_in="memory")
    assert (done.returncode, "out of memory" in done.stderr) == (70, True)


@posix
def test_control_c(tmp_path: Path) -> None:
    """Ctrl-C ends the program with 130, one line, and no file left."""
    command = [sys.executable, "-m", "tests.cli.program", "evaluate", "x", "-o", "r.json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STAND_IN": "wait"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "calaudit: interrupted\n")
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("arguments", [["evaluate", "x"], ["evaluate", "x", "--json"], ["schema"]])
def test_closed_pipe(program, arguments: list[str]) -> None:
    """A reader that leaves early is no error: no message, and the code of the command."""
    read, write = os.pipe()
    os.close(read)
    done = program(*arguments, stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_full_device() -> None:
    """When stdout cannot take the result, that is said and is not exit 0."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "calaudit", "schema"], stdout=full, stderr=subprocess.PIPE,
            text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert re.fullmatch(r"calaudit: error: cannot write to standard output: .+\n", done.stderr)


@pytest.mark.parametrize("stand_in", ["", "sliced"])
def test_ascii_streams(program, stand_in: str) -> None:
    """A stream that knows only ASCII gets the report."""
    done = program("evaluate", "x", stand_in=stand_in, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stdout.isascii(), done.stderr) == (0, True, "")


def test_pipes_get_no_colours_and_no_progress(program) -> None:
    """In a pipe there are no terminal codes on either stream."""
    done = program("evaluate", "x", stand_in="progress")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("width", ["0", "00", ""])
def test_no_columns(program, width: str) -> None:
    """A terminal of no columns, as some job runners set it, is one of the usual width."""
    usual = program("evaluate", "x", env={"COLUMNS": "80"})
    done = program("evaluate", "x", env={"COLUMNS": width})
    assert (done.returncode, done.stdout) == (0, usual.stdout)


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["evaluate", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help and version come without numpy, scipy, pandas, pyarrow or rich."""
    heavy = {"numpy", "scipy", "pandas", "pyarrow", "rich"}
    code = (
        "import sys; from calaudit.cli import main; code = main(sys.argv[1:]); "
        f"sys.exit(str({heavy!r} & set(sys.modules)) if {heavy!r} & set(sys.modules) else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "calaudit" in done.stdout


@pytest.mark.parametrize("command", [[], ["evaluate"], ["schema"]])
def test_every_help_ends_with_an_example(program, command: list[str]) -> None:
    """The last line of every help is a command to copy."""
    done = program(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.rstrip().splitlines()[-1].startswith("  calaudit ")


def test_help_is_grouped(program) -> None:
    """The help of evaluate has a section for roles, one for figures and one for output."""
    text = program("evaluate", "--help").stdout
    sections = ["Data roles", "Figures:", "Output:", "Examples:"]
    assert [text.index(s) for s in sections] == sorted(text.index(s) for s in sections)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.slow
def test_start_up_time() -> None:
    """``calaudit --help`` takes at most twice as long as importing typer and rich."""

    def seconds(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, check=True)
        return time.perf_counter() - start

    pairs = [
        (seconds("-m", "calaudit", "--help"), seconds("-c", "import typer, rich")) for _ in range(7)
    ]
    ours, theirs = (sorted(times)[3] for times in zip(*pairs, strict=True))
    assert ours <= 2 * theirs


def test_help_has_every_command_once() -> None:
    """Commands stand in the help by task, each with a sentence that is whole."""
    done = subprocess.run(
        [sys.executable, "-m", "calaudit", "--help"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "COLUMNS": "80"}, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    for command in COMMANDS:
        (line,) = (line for line in lines if line.startswith(f"  {command} "))
        assert line.endswith(".")
        assert not line.endswith("...")
    for task in TASKS:
        assert f"{task}:" in lines


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", {"COMP_WORDS": "calaudit evaluate --weight-k", "COMP_CWORD": "2"}),
        ("zsh", {"_TYPER_COMPLETE_ARGS": "calaudit evaluate --weight-k"}),
        (
            "fish",
            {
                "_TYPER_COMPLETE_ARGS": "calaudit evaluate --weight-k",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            },
        ),
    ],
)
def test_shells_complete(shell: str, words: dict[str, str]) -> None:
    """What a shell asks is answered with options of the command, and ends well."""
    environment = {**os.environ, **words, "_CALAUDIT_COMPLETE": f"complete_{shell}"}
    done = subprocess.run(
        [sys.executable, "-c", "from calaudit.cli import program; program()"], cwd=ROOT,
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "--weight-kind" in done.stdout
