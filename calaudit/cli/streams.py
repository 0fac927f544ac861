"""What goes to stdout and stderr: results to the one, everything else to the other."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from calaudit.errors import SettingsError
from calaudit.visible import disarmed, told

if TYPE_CHECKING:
    from calaudit.report.rendered import Rendered


def print_report(
    report: Rendered,
    *,
    as_json: bool = False,
    full: bool = False,
    brief: bool = False,
    plot: bool = False,
) -> None:
    """Print the report on stdout, for people or as JSON; see `render_console`."""
    if as_json:
        # Between quotes, as everything is that is not ours, an escape stands for the same.
        print_result(report.to_json().replace("##", "#\\u0023"))
        return
    from rich.console import Console

    from calaudit.report.console import render_console

    if sys.stdout is not None:
        drawn = _Drawing()
        render_console(report, Console(file=drawn), full=full, brief=brief, plot=plot)
        print_result(disarmed(drawn.getvalue()))


class _Drawing(io.StringIO):
    """What rich draws as for stdout, held back: what it does about a full disk is not ours."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of stdout."""
        return sys.stdout.encoding

    def isatty(self) -> bool:
        """Whether stdout is a terminal."""
        return sys.stdout.isatty()


def print_result(text: str) -> None:
    """Write ``text`` to stdout at once; a reader that has left is no error.

    Raises:
        SettingsError: stdout cannot take it, because a disk is full for instance.
    """
    if sys.stdout is None:  # the shell closed it
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        close_stdout()
        if error.errno in (errno.EPIPE, errno.EINVAL):  # EINVAL is how Windows says it
            return
        raise SettingsError(f"cannot write to standard output: {error.strerror}") from None


def close_stdout() -> None:
    """Point stdout at nothing, so that Python does not complain about it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def print_message(kind: str, *text: str) -> None:
    """Print "calaudit: kind: text" on stderr, a line each; what steers is made visible.

    On a terminal the text is folded between words; elsewhere lines stay whole, for grep.
    """
    if sys.stderr is None:
        return
    lead = f"calaudit: {kind}: " if kind else "calaudit: "
    lines = disarmed(lead + "\n".join(map(told, text))).split("\n")
    if sys.stderr.isatty():
        width = max(min(shutil.get_terminal_size().columns, 100), 40)
        lines = [part for line in lines for part in _folded(line, width)]
        if kind == "error" and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
            lines[0] = lines[0].replace("error:", "\x1b[1;31merror:\x1b[0m", 1)
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()


def _folded(line: str, width: int) -> list[str]:
    indent = re.match(r"\s*", line)
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=(indent.group() if indent else "") + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
