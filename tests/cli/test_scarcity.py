"""Without memory the exit code is 70: 1 is that of a failed gate, and of nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from calaudit.cli.failures import failure_of
from calaudit.errors import InputError
from calaudit.predictions.damage import refusing_damage
from tests.cli.conftest import ROOT

LIMITED = """\
import resource, sys
from calaudit.cli import program
resource.setrlimit(resource.RLIMIT_AS, ({room} << 20, {room} << 20))
program()
"""
GIVES_UP = """\
import ctypes
from calaudit import cli
cli.main = lambda: ctypes.CDLL(None).exit(1)
cli.program()
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is none")


def run(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python code with arguments."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env={"PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip


@linux
@pytest.mark.parametrize("room", [100, 200, 300, 450])
def test_a_gate_without_memory_has_not_failed(tmp_path: Path, room: int) -> None:
    """Whoever finds first that there is none: Python, Arrow, or BLAS, which ends the process.

    A thread of C++ that finds none aborts it: no Python runs between that and the signal.
    """
    rows = tmp_path / "p.csv"
    rows.write_text("score,label\n" + "0.2,0\n0.9,1\n0.4,0\n0.7,1\n" * 20)
    done = run(LIMITED.format(room=room), "check", rows, "--max-brier", "0.9")
    assert done.stdout == ""
    aborted = done.returncode == -signal.SIGABRT and "bad_alloc" in done.stderr
    assert aborted or (done.returncode == 70 and "emory" in done.stderr)
    assert "damaged" not in done.stderr


@pytest.mark.parametrize("text", ["error return without exception set", "can't start new thread"])
def test_c_code_that_could_not_raise(text: str) -> None:
    """It is want of memory, and no fault of ours."""
    assert failure_of(SystemError(text))[1][0].startswith("out of memory or of threads")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX libraries")
def test_a_library_that_ends_the_process(tmp_path: Path) -> None:
    """C's exit(1) is a fault."""
    assert run(GIVES_UP).returncode == 70


@pytest.mark.parametrize(
    "error", [OSError(12, "Cannot allocate memory"), pa.ArrowMemoryError("malloc of size 9 failed")]
)
def test_want_of_memory_is_no_damage(error: Exception) -> None:
    """Neither as it comes, nor where a format has taken it for damage."""
    with pytest.raises(MemoryError), refusing_damage("p.csv"):
        raise error
    with pytest.raises(MemoryError), refusing_damage("p.csv"):
        raise InputError("It is damaged.") from error


def test_a_size_that_no_machine_has_is_damage() -> None:
    """A garbled length in a file asks for more than there is anywhere."""
    for many in (1 << 41, 10**18):
        asked = pa.ArrowMemoryError(f"malloc of size {many} failed")
        with pytest.raises(InputError, match="It is damaged"), refusing_damage("p.arrow"):
            raise asked
