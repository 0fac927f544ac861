"""The command lines that are timed."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from benchmarks.datasets import Dataset

__all__ = ["THREADS", "calaudit", "contender", "evaluate", "fit", "python", "scan"]

THREADS = 2
"""Everyone gets as many: the bars were set so."""

_CONTENDERS = Path(__file__).parent / "contenders"

Command = tuple[str, ...]


def evaluate(data: Dataset, *options: str) -> Command:
    """Return `calaudit evaluate` of a file."""
    return (*calaudit(), "evaluate", str(data.path), "--threads", str(THREADS), *options)


def fit(data: Dataset, method: str) -> Command:
    """Return `calaudit fit` of a file, with a certificate but without a file of its own."""
    threads = ("--threads", str(THREADS))
    return (*calaudit(), "fit", str(data.path), "--method", method, *threads)


def scan(data: Dataset, columns: Sequence[str]) -> Command:
    """Return what decodes columns of a Parquet file and throws them away."""
    return contender("scan_parquet.py", str(data.path), str(THREADS), ",".join(columns))


def calaudit() -> Command:
    """Return the installed command, or the module where there is none."""
    script = Path(sysconfig.get_path("scripts")) / "calaudit"
    return (str(script),) if script.exists() else (sys.executable, "-m", "calaudit")


def contender(script: str, *arguments: str) -> Command:
    """Return a script of the folder `contenders`."""
    return (sys.executable, str(_CONTENDERS / script), *arguments)


def python(code: str) -> Command:
    """Return an interpreter that runs a line of code."""
    return (sys.executable, "-c", code)
