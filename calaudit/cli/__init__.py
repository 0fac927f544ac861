"""The command line: parse, one call of the API, render, exit code.

Exit codes: 0 done, 1 gate failed, 2 usage, 3 input refused, 4 inconclusive under --strict,
70 a fault of calaudit's own or no memory, 130 interrupted. No other meaning, ever, but for Python's
own start, which ends with 1 where standard input is a directory. Two decisions that the list leaves
open: an output that cannot be written (no such folder, disk full) is 2, because
another choice of output mends it; a reader that closes the pipe (``| head``) changes nothing,
the code is that of the command.

Nothing heavier than typer is imported before a command runs, and rich only to draw.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "program"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the words after the program's name; those of the process when None.
    """
    # Nothing here gains from a BLAS that splits small products among threads, which then wait
    # for a core that is busy reading.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from calaudit.cli.process import run

        return run(arguments)
    except KeyboardInterrupt:  # while starting
        return 130


def program() -> NoReturn:
    """Be the process: run the command line and end with its exit code.

    The interpreter is not taken down object by object, which takes longer than the audit of a
    small file, and the collector of cycles runs seldom, because start-up makes many objects
    that stay. Whatever must be closed or deleted has been, when `main` returns.
    """
    gc.set_threshold(50_000, 20, 100)
    _end_as_fault()
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _end_as_fault() -> None:
    """Make 70 of the exit code of a library that ends the process, as BLAS does without memory.

    What it asks for is 1, which would say that a gate failed. `program` itself goes round what
    is done at the end of a process.
    """
    with contextlib.suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes

        library = ctypes.CDLL(None)
        library.__cxa_atexit(library._exit, ctypes.c_void_p(70), None)
