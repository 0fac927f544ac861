"""One run of the program: from its arguments to its exit code, whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import typer

from calaudit.cli.failures import FAULT, USAGE, failure_of, print_failure
from calaudit.cli.streams import close_stdout, print_message
from calaudit.errors import CalauditError

DONE, INTERRUPTED = 0, 130

UsageError: Any = typer.BadParameter.__mro__[1]
"""The base of all that typer raises for a wrong command line; it has no public name."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` name and return the exit code; never raise."""
    _check_width()
    words = list(sys.argv[1:] if arguments is None else arguments)
    spoken, CalauditError.on_command_line = CalauditError.on_command_line, True
    try:
        with _terminable():
            _invoke(words)
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as end:  # how typer ends what shells ask of it
        return FAULT if end.code else DONE
    except (KeyboardInterrupt, typer.Abort):
        print_message("", "interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        close_stdout()  # whoever read the help has left
    except Exception as error:  # whatever it is, it must not look like a failed gate
        return _failed(error, words)
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
    from calaudit.cli.app import COMMANDS, app_of

    if "_CALAUDIT_COMPLETE" in os.environ:  # a shell asks what may come next
        typer.main.get_command(app_of())(arguments, prog_name="calaudit")
    # Any other word may be a mistyped command, which all of them are held against.
    command = typer.main.get_command(app_of(*(w for w in arguments[:1] if w in COMMANDS)))
    with command.make_context("calaudit", arguments) as context:
        command.invoke(context)
    if sys.stdout is not None:
        sys.stdout.flush()


def _failed(error: Exception, words: list[str]) -> int:
    """Print what went wrong, for a check also where its verdict would stand; return the code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)  # type: ignore[attr-defined]
        return USAGE
    code, lines = failure_of(error)
    print_failure(lines)
    if isinstance(error, UsageError):
        print_message("", f"see {context.command_path if context else 'calaudit'} --help")
    if words[:1] == ["check"]:
        with contextlib.suppress(Exception):  # the code is what it is
            from calaudit.cli.announcing import refuse_all

            refuse_all(code, lines, words[1:])
    return code
