"""Whole processes, timed in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["ProcessFailed", "Run", "in_turn", "output_of", "run_once"]

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
_TAIL = 800


class ProcessFailed(Exception):
    """A command of the benchmark ended with an error; its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took.

    Attributes:
        seconds: from start to end, by the clock.
        cpu: seconds of all processors, in the program and in the kernel.
        peak: most resident memory, in bytes.
    """

    seconds: float
    cpu: float
    peak: int


def run_once(command: Sequence[str]) -> Run:
    """Run a command to its end and return what it took; its output goes nowhere.

    Raises:
        ProcessFailed: if it exits with anything but 0.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise ProcessFailed(_failure(command, process.returncode, errors.read().decode()))
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT)


def in_turn(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, list[Run]]:
    """Run commands A, B, …, A, B, …, so that whatever disturbs them disturbs all alike.

    One round that does not count comes first, unless there is to be a single one.
    """
    if runs > 1:
        for command in commands.values():
            run_once(command)
    measured: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            measured[name].append(run_once(command))
    return measured


def output_of(command: Sequence[str]) -> str:
    """Run a command and return what it prints."""
    finished = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if finished.returncode != 0:
        raise ProcessFailed(_failure(command, finished.returncode, finished.stderr))
    return finished.stdout


def _failure(command: Sequence[str], code: int, errors: str) -> str:
    return f"{' '.join(command)} ended with exit code {code}\n{errors[-_TAIL:]}".rstrip()
