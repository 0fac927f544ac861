"""The command as it is installed, on real files: exit codes, streams, devices and signals."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

import calaudit
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.cli.conftest import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, pipes and devices")
Run = Callable[..., subprocess.CompletedProcess[Any]]

INSTALLED = shutil.which("calaudit", path=str(Path(sys.executable).parent))
SAMPLE = ROOT / "sample_data" / "digits_probs.csv"

SLOWLY = """
import sys, time
from calaudit.tables.summary import SummaryBuilder
from calaudit.cli import main
add = SummaryBuilder.add
def slowly(self, chunk):
    sys.stderr.write("chunk\\n") if {loud} else None
    sys.stderr.flush()
    time.sleep(0.05)
    add(self, chunk)
SummaryBuilder.add = slowly
sys.exit(main())
"""
"""The program, except that a chunk takes 50 ms longer."""

BROKEN = """
import sys
from calaudit.tables.summary import SummaryBuilder
from calaudit.cli import main
def add(self, chunk):
    raise {error}
SummaryBuilder.add = add
sys.exit(main())
"""
"""The program with a fault in its counting threads."""


def environment(**more: str) -> dict[str, str]:
    """Return an environment without what would colour or widen the output."""
    gone = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "CALAUDIT_TRACEBACK", "PYTHONIOENCODING"}
    kept = {k: v for k, v in os.environ.items() if k not in gone}
    # Warnings are errors: a command that warns people of numpy's troubles has a fault.
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "80"} | more


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the command in an empty directory."""
    here = tmp_path / "here"
    here.mkdir()

    def run_command(*arguments: Any, code: str | None = None, **more: Any) -> Any:
        start = [sys.executable, "-m", "calaudit"] if code is None else [sys.executable, "-c", code]
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options |= {"cwd": here, "env": environment(**more.pop("env", {})), "timeout": 60}
        if not isinstance(more.get("input"), bytes):
            options["encoding"] = "utf-8"
        return subprocess.run([*start, *map(str, arguments)], check=False, **(options | more))

    return run_command


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same 300 predictions as CSV and as Parquet, and a file with a fault."""
    folder = tmp_path_factory.mktemp("files")
    rng = np.random.default_rng(1)
    p = rng.random(300)
    table = pa.table({"score": p, "label": (rng.random(300) < p).astype(int)})
    pq.write_table(table, folder / "p.parquet", row_group_size=50)
    table.to_pandas().to_csv(folder / "p.csv", index=False)
    (folder / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\nnan,1\n" + "0.25,0\n" * 17)
    return folder


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of many chunks."""
    path = tmp_path_factory.mktemp("long") / "long.parquet"
    n = 3_000_000
    table = pa.table({"score": np.tile([0.25, 0.75], n // 2), "label": np.tile([0, 1], n // 2)})
    pq.write_table(table, path, row_group_size=200_000)
    return path


def test_done(run: Run, files: Path) -> None:
    """Exit 0: the report on stdout, nothing on stderr, nothing left behind."""
    done = run("evaluate", files / "p.csv", stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 rows" in done.stdout


@pytest.mark.skipif(INSTALLED is None, reason="calaudit is not installed as a command here")
def test_installed_command_is_the_module(files: Path, tmp_path: Path) -> None:
    """``calaudit`` and ``python -m calaudit`` are one program."""
    commands = [[str(INSTALLED)], [sys.executable, "-m", "calaudit"]]
    outs = [
        subprocess.run(
            [*command, "evaluate", str(files / "p.csv"), "--json"],
            cwd=tmp_path, env=environment(), capture_output=True, check=True,
        ).stdout
        for command in commands
    ]  # fmt: skip
    assert outs[0] == outs[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "95"], "level"),
        (["--score", "score", "--logits", "score"], "exclude"),
        (["--bins", "many"], "bins"),
        (["--nonsense"], "No such option"),
        (["-o", "report.docx"], ".json"),
    ],
)
def test_usage(run: Run, files: Path, arguments: list[str], said: str) -> None:
    """Exit 2: an option is wrong; stdout stays empty."""
    done = run("evaluate", files / "p.csv", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_refused(run: Run, files: Path) -> None:
    """Exit 3: the rows at fault are named with their values, and no output is made."""
    done = run("evaluate", files / "bad.csv", "-o", "r.json", "-o", "r.txt")
    assert (done.returncode, done.stdout) == (3, "")
    assert "row 2, score: 1.5" in done.stderr
    assert "row 3, score: nan" in done.stderr
    dropped = run("evaluate", files / "bad.csv", "--on-invalid", "drop", "--json")
    assert dropped.returncode == 0
    intake = json.loads(dropped.stdout)["intake"]
    assert intake == {
        "rows_read": 20, "rows_used": 18, "refused": {"missing-score": 1, "score-out-of-range": 1},
    }  # fmt: skip


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("error", ["ZeroDivisionError('oops')", "MemoryError", "RuntimeError"])
def test_faults(run: Run, files: Path, error: str, threads: int) -> None:
    """Exit 70: a fault in whatever thread is one, is said in a sentence, and leaves no file."""
    done = run(
        "evaluate", files / "p.parquet", "--threads", threads, "-o", "r.json",
        code=BROKEN.format(error=error),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (70, "")
    assert "Traceback" not in done.stderr
    assert ("out of memory" if error == "MemoryError" else "fault of calaudit") in done.stderr


@contextlib.contextmanager
def started(arguments: list[Any], cwd: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Give a running process that is gone afterwards."""
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": cwd}
    with subprocess.Popen(
        list(map(str, arguments)), **(options | {"env": environment()} | more)
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@posix
@pytest.mark.parametrize("threads", [1, 4])
def test_interrupted_while_reading(tmp_path: Path, long_file: Path, threads: int) -> None:
    """Exit 130: Ctrl-C in the middle of a long file ends it soon, without any output."""
    code = SLOWLY.format(loud=True)
    command = [sys.executable, "-c", code, "evaluate", long_file, "-o", "r.json"]
    with started([*command, "--threads", threads], tmp_path) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"chunk\n"
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert err.replace(b"chunk\n", b"") == b"calaudit: interrupted\n"
    assert time.monotonic() - begun < 10
    assert list(tmp_path.iterdir()) == []


@posix
def test_interrupted_while_waiting_for_input(tmp_path: Path) -> None:
    """Exit 130: Ctrl-C while standard input is silent; the spooled rows are gone."""
    spool = tmp_path / "spool"
    spool.mkdir()
    with started(
        [sys.executable, "-m", "calaudit", "evaluate", "-"], tmp_path, stdin=subprocess.PIPE,
        env=environment(TMPDIR=str(spool)),
    ) as process:  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(b"score,label\n0.5,1\n")
        process.stdin.flush()
        for _ in range(200):  # until it has begun to read
            if list(spool.iterdir()) or process.poll() is not None:
                break
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"calaudit: interrupted\n")
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("form", ["csv", "csv.gz", "parquet"])
def test_standard_input(run: Run, files: Path, form: str, tmp_path: Path) -> None:
    """``-`` reads CSV, packed or not, and Parquet, and leaves nothing in the temporary folder."""
    data = (files / ("p.parquet" if form == "parquet" else "p.csv")).read_bytes()
    spool = tmp_path / "spool"
    spool.mkdir()
    done = run(
        "evaluate", "-", "--json", input=gzip.compress(data) if form == "csv.gz" else data,
        env={"TMPDIR": str(spool)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    report = report_from_json(done.stdout, calaudit.Report)
    assert [(i.path, i.rows) for i in report.inputs] == [("-", 300)]
    wanted = calaudit.evaluate(files / "p.csv")
    assert report.metrics == wanted.metrics
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"\n", b"PAR1", b"\x1f\x8b", b"score,label\n"])
def test_empty_standard_input(run: Run, data: bytes) -> None:
    """Nothing on standard input, or the beginning of something, is refused."""
    done = run("evaluate", "-", input=data)
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"calaudit: error: ")


def test_closed_standard_input(run: Run) -> None:
    """A closed standard input is refused, not met with a traceback."""
    code = "import os, sys; os.close(0); sys.stdin = None; from calaudit.cli import main; "
    done = run("evaluate", "-", code=code + "sys.exit(main())")
    assert done.returncode == 3
    assert "fault" not in done.stderr


@posix
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_head(files: Path, tmp_path: Path, option: list[str]) -> None:
    """A reader that takes one line and leaves is no error."""
    command = [sys.executable, "-m", "calaudit", "evaluate", SAMPLE, *option]
    with started(command, tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(20)
    assert (process.returncode, err) == (0, b"")


def test_outputs(run: Run, files: Path, tmp_path: Path) -> None:
    """Several outputs are written at once, and stdout has the report as well."""
    done = run("evaluate", files / "p.csv", "-o", "a.json", "-o", "b.txt", "--output", "c.json")
    assert done.returncode == 0
    here = tmp_path / "here"
    assert sorted(path.name for path in here.iterdir()) == ["a.json", "b.txt", "c.json"]
    assert (here / "a.json").read_bytes() == (here / "c.json").read_bytes()
    report = report_from_json((here / "a.json").read_text(), calaudit.Report)
    assert report.verdict.sentence.split(":")[0] in (here / "b.txt").read_text(encoding="utf-8")
    assert report.verdict.sentence.split(":")[0] in done.stdout
    assert done.stderr.count("wrote") == 3
    quiet = run("evaluate", files / "p.csv", "-o", "a.json", "--quiet")
    assert (quiet.returncode, quiet.stderr, quiet.stdout) == (0, "", done.stdout)


def test_input_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    """An output over an input is refused before it is read, and the input is as it was."""
    path = tmp_path / "here" / "data.txt"
    path.write_text("score,label\n0.5,1\n0.25,0\n")
    before = path.read_bytes()
    done = run("evaluate", "data.txt", "-o", "./data.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "never overwritten" in done.stderr
    assert path.read_bytes() == before


@posix
def test_unwritable_directory(run: Run, files: Path) -> None:
    """A directory that takes no files is exit 2, at once."""
    where = next((p for p in ("/proc", "/sys", "/dev/null") if Path(p).exists()), "/")
    done = run("evaluate", files / "p.csv", "-o", f"{where}/report.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot write" in done.stderr


def _small_files_only() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


@posix
def test_full_disk(run: Run, files: Path, tmp_path: Path) -> None:
    """Exit 2 when the report does not fit; neither a part of it nor another output is left."""
    done = run(
        "evaluate", files / "p.csv", "-o", "a.json", "-o", "b.txt",
        preexec_fn=_small_files_only, env={"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert list((tmp_path / "here").iterdir()) == []


@posix
def test_full_disk_behind_standard_input(run: Run, tmp_path: Path) -> None:
    """When standard input cannot be kept for want of room, that is said, and nothing is left."""
    spool = tmp_path / "spool"
    spool.mkdir()
    done = run(
        "evaluate", "-", input=b"score,label\n" + b"0.5,1\n0.25,0\n" * 100_000,
        preexec_fn=_small_files_only,
        env={"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(spool)},
    )  # fmt: skip
    assert done.returncode in (2, 3), done.stderr
    assert done.stdout == b""
    assert list(spool.iterdir()) == []


@posix
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_full_device(run: Run, files: Path, option: list[str]) -> None:
    """A stdout that takes nothing is not exit 0."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = run("evaluate", files / "p.csv", *option, stdout=full)
    assert done.returncode == 2
    assert "cannot write to standard output" in done.stderr


@pytest.mark.parametrize("name", ["digits_probs.csv", "doctor_visits.csv"])
@pytest.mark.parametrize("width", [60, 80, 140])
def test_widths(run: Run, name: str, width: int) -> None:
    """The report is never wider than the terminal, and a pipe gets no terminal codes."""
    by = ["--by", "health", "--worst", "3"] if name.startswith("doctor") else []
    done = run("evaluate", ROOT / "sample_data" / name, *by, env={"COLUMNS": str(width)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= width
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "env",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_ascii(run: Run, env: dict[str, str]) -> None:
    """A terminal that knows only ASCII gets the whole report in ASCII."""
    done = run("evaluate", SAMPLE, "--by", "split", env=env)
    assert (done.returncode, done.stderr, done.stdout.isascii()) == (0, "", True)
    assert "Reliability" in done.stdout
    assert "?" not in done.stdout


def test_json(run: Run) -> None:
    """``--json`` prints a report that parses strictly, follows the schema and reads back."""
    done = run("evaluate", SAMPLE, "--json", "--by", "split", "--worst", "5")
    document = json.loads(done.stdout, parse_constant=pytest.fail)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    assert report_from_json(done.stdout).to_json() == done.stdout
    assert run("evaluate", SAMPLE, "--json", "--by", "split", "--worst", "5").stdout == done.stdout


def test_schema_and_version(run: Run) -> None:
    """The schema is printed as it is shipped, and the version is the package's."""
    assert run("schema").stdout == schema_text()
    assert run("--version").stdout == f"calaudit {calaudit.__version__}\n"


def on_terminal(command: list[Any], cwd: Path, **env: str) -> tuple[int, str]:
    """Run a command on a terminal of its own and return its code and all that it drew."""
    import pty

    main, other = pty.openpty()
    drawn = bytearray()

    def read() -> None:
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while data := os.read(main, 65536):
                drawn.extend(data)

    reader = threading.Thread(target=read)
    process = subprocess.Popen(
        list(map(str, command)), cwd=cwd, stdin=other, stdout=other, stderr=other,
        env=environment(**{"TERM": "xterm-256color"} | env),
    )  # fmt: skip
    os.close(other)
    reader.start()
    code = process.wait(60)
    reader.join(10)
    os.close(main)
    return code, drawn.decode()


@posix
@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours(tmp_path: Path, env: dict[str, str], coloured: bool) -> None:
    """A terminal gets colours, unless NO_COLOR or a dumb terminal asks for none."""
    command = [sys.executable, "-m", "calaudit", "evaluate", SAMPLE]
    code, drawn = on_terminal(command, tmp_path, **env)
    assert code == 0
    assert bool(re.search(r"\x1b\[[\d;]*3\d", drawn)) == coloured
    if not coloured:
        assert not re.search(r"\x1b\[[\d;]*[34]\d", drawn)


@posix
@pytest.mark.parametrize("quiet", [False, True])
def test_progress_on_a_terminal(tmp_path: Path, long_file: Path, quiet: bool) -> None:
    """Long work shows rows and a rate on a terminal, and leaves no trace; --quiet shows none."""
    command = [sys.executable, "-c", SLOWLY.format(loud=False), "evaluate", long_file]
    code, drawn = on_terminal([*command, *(["-q"] if quiet else [])], tmp_path)
    assert code == 0
    assert bool(re.search(r"Reading .* rows +\S+/s", drawn)) != quiet
    assert "Reading" not in drawn[drawn.index("Classic figures") :]


def test_no_progress_in_a_pipe(run: Run, long_file: Path) -> None:
    """In a pipe the same work is silent."""
    done = run("evaluate", long_file, code=SLOWLY.format(loud=False))
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_fifo(tmp_path: Path, files: Path, run: Run) -> None:
    """A named pipe, which can be read only once, is read as standard input is."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)

    def write() -> None:
        with contextlib.suppress(OSError), pipe.open("wb", buffering=0) as f:
            f.write((files / "p.csv").read_bytes())

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        done = run("evaluate", pipe, timeout=8)
    except subprocess.TimeoutExpired:
        pytest.fail("it hangs")
    finally:
        with contextlib.suppress(OSError):  # let the writer go if nobody came to read
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        writer.join(5)
    assert (done.returncode, "300 rows" in done.stdout) == (0, True)


@posix
@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0"])
def test_pipes_by_name(run: Run, files: Path, name: str) -> None:
    """A pipe that has a name, as of a shell's <(command), is read from its beginning."""
    if not Path(name).exists():
        pytest.skip(f"no {name} here")
    done = run("evaluate", name, input=(files / "p.csv").read_bytes())
    assert (done.returncode, b"300 rows" in done.stdout) == (0, True)


@posix
def test_unreadable_file(run: Run, tmp_path: Path) -> None:
    """A file without permission is refused as such."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "p.csv"
    path.write_text("score,label\n0.5,1\n")
    path.chmod(0)
    done = run("evaluate", path)
    assert (done.returncode, "permission denied" in done.stderr) == (3, True)


@posix
@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("change", ["grows", "shrinks", "replaced"])
def test_file_that_changes_while_it_is_read(tmp_path: Path, form: str, change: str) -> None:
    """A file that grows, shrinks or is replaced meanwhile gives no figure."""
    path = tmp_path / f"p.{form}"
    n = 400_000
    table = pa.table({"score": np.tile([0.25, 0.75], n // 2), "label": np.tile([0, 1], n // 2)})
    if form == "csv":
        table.to_pandas().to_csv(path, index=False)
    else:
        pq.write_table(table, path, row_group_size=50_000)
    command = [sys.executable, "-c", SLOWLY.format(loud=True), "evaluate", path, "--threads", 1]
    with started(command, tmp_path) as process:
        assert process.stderr is not None
        process.stderr.readline()
        if change == "grows":
            with path.open("ab") as f:
                f.write(b"0.5,1\n")
        elif change == "shrinks":
            os.truncate(path, path.stat().st_size // 2)
        else:
            other = tmp_path / "other"
            other.write_bytes(path.read_bytes())
            other.replace(path)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (3, b""), err
    assert b"Traceback" not in err


@pytest.mark.slow
def test_memory_of_standard_input(run: Run) -> None:
    """Three million rows from standard input are read as a stream."""
    out = io.StringIO("score,label\n" + "0.25,0\n0.75,1\n" * 1_500_000)
    done = run("evaluate", "-", "--json", input=out.getvalue())
    assert json.loads(done.stdout)["metrics"]["n"]["value"] == 3_000_000
