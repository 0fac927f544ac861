"""One run of the program: from its arguments to its exit code, whatever happens."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from calaudit.cli.streams import close_stdout, print_message
from calaudit.errors import CalauditError, SettingsError

__all__ = ["DONE", "FAULT", "INPUT", "INTERRUPTED", "USAGE", "run"]

DONE, USAGE, INPUT, FAULT, INTERRUPTED = 0, 2, 3, 70, 130

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a disk without room answers."""

UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of all that typer raises for a wrong command line; it has no public name."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` name and return the exit code; never raise."""
    _check_width()
    spoken, CalauditError.on_command_line = CalauditError.on_command_line, True
    try:
        with _terminable():
            _invoke(list(sys.argv[1:] if arguments is None else arguments))
    except typer.Exit as end:
        return end.exit_code
    except UsageError as error:
        return _usage(error)
    except SettingsError as error:
        print_message("error", *str(error).split("\n"))
        return USAGE
    except CalauditError as error:
        print_message("error", *str(error).split("\n"))
        return INPUT
    except (KeyboardInterrupt, typer.Abort):
        print_message("", "interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        close_stdout()  # whoever read the help has left
    except OSError as error:
        if error.errno not in FULL:
            return _fault(error)
        close_stdout()
        print_message("error", f"cannot write to standard output: {error.strerror}")
        return USAGE
    except Exception as error:  # whatever it is, it must not look like a failed gate
        return _fault(error)
    finally:
        CalauditError.on_command_line = spoken
    return DONE


def _check_width() -> None:
    """Forget a width of 0, as some job runners set it: on no columns nothing would be printed."""
    if not os.environ.get("COLUMNS", "1").strip("0 "):
        del os.environ["COLUMNS"]


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, so that no file is left half written."""
    usual = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not usual or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _invoke(arguments: list[str]) -> None:
    from calaudit.cli.app import app

    command = typer.main.get_command(app)
    with command.make_context("calaudit", arguments) as context:
        command.invoke(context)
    if sys.stdout is not None:
        sys.stdout.flush()


def _usage(error: Any) -> int:
    """Print a wrong command line as a sentence, and where the help is."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return USAGE
    print_message("error", error.format_message())
    path = context.command_path if context is not None else "calaudit"
    print_message("", f"see {path} --help")
    return USAGE


def _fault(error: Exception) -> int:
    if os.environ.get("CALAUDIT_TRACEBACK") == "1":
        import traceback

        traceback.print_exception(error)
        hint = "The traceback is above."
    else:
        hint = "CALAUDIT_TRACEBACK=1 shows where it happened."
    if isinstance(error, MemoryError) or re.search("map segment|start new thread", str(error)):
        print_message("error", f"out of memory or of threads; nothing was written. {hint}")
        return FAULT
    print_message("error", repr(error), f"This is a fault of calaudit, not of your data. {hint}")
    return FAULT
