"""The command line: parse, one call of the API, render, exit code.

Exit codes: 0 done, 1 gate failed, 2 usage, 3 input refused, 4 inconclusive under --strict,
70 a fault of calaudit's own, 130 interrupted. No other meaning, ever. Two decisions that the
list leaves open: an output that cannot be written (no such folder, disk full) is 2, because
another choice of output mends it; a reader that closes the pipe (``| head``) changes nothing,
the code is that of the command.

Nothing heavier than typer is imported before a command runs, and rich only to draw.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the words after the program's name; those of the process when None.
    """
    try:
        from calaudit.cli.process import run

        return run(arguments)
    except KeyboardInterrupt:  # while starting
        return 130
