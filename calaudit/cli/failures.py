"""Errors as exit codes, and as what is said of them."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence

from calaudit.cli.streams import close_stdout, print_message
from calaudit.errors import CalauditError, SettingsError

USAGE, INPUT, FAULT = 2, 3, 70

EXIT_CODES = {
    0: "done, or passed: a gate, a monitor without an alarm",
    1: "a gate failed, or a monitor raised an alarm",
    USAGE: "an option or a setting is wrong, or an output cannot be written",
    INPUT: "the input is refused; the message says where and what to do",
    4: "a gate or a monitor is inconclusive, under --strict",
    FAULT: "a fault of calaudit's own, or no memory",
    130: "interrupted",
}
"""What the program ends with, and what it means."""

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a disk without room answers."""

SCARCE = "map segment|start new thread|without exception set|without setting an exception"
"""What the loader, threads, and C code that could not even raise say where memory is short."""


def failure_of(error: Exception) -> tuple[int, tuple[str, ...]]:
    """Return the exit code of an error, and what is said of it."""
    if isinstance(error, CalauditError):
        code = USAGE if isinstance(error, SettingsError) else INPUT
        return code, tuple(str(error).split("\n"))
    if hasattr(error, "format_message"):  # what typer raises for a wrong command line
        return USAGE, (str(error.format_message()),)
    if isinstance(error, OSError) and error.errno in FULL:
        close_stdout()
        return USAGE, (f"cannot write to standard output: {error.strerror}",)
    hint = "CALAUDIT_TRACEBACK=1 shows where it happened."
    if os.environ.get("CALAUDIT_TRACEBACK") == "1":
        import traceback

        traceback.print_exception(error)
        hint = "The traceback is above."
    if isinstance(error, MemoryError) or re.search(SCARCE, str(error)):
        return FAULT, (f"out of memory or of threads; nothing was written. {hint}",)
    return FAULT, (repr(error), f"This is a fault of calaudit, not of your data. {hint}")


def print_failure(lines: Sequence[str], name: str = "") -> None:
    """Print on stderr why nothing was judged, or done."""
    first, *more = lines
    print_message("error", f"{name}: {first}" if name else first, *more)
