"""``calaudit report``: render a saved report, later and elsewhere, the same as at once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from calaudit.cli.help import example
from calaudit.cli.options import Delivered

if TYPE_CHECKING:
    from calaudit.report.rendered import Rendered

EXAMPLE = example(
    "calaudit report report.json -o report.html",
    "calaudit report audit.json --plot",
    "calaudit report thresholds.json -o cost.svg -o cost.png --picture cost",
    "ssh server cat report.json | calaudit report -",
)

File = Annotated[
    str,
    typer.Argument(
        help="A report that a command wrote with -o FILE.json or printed with --json, or a "
        "calibrator; - is standard input.",
        metavar="FILE",
        show_default=False,
    ),
]


def report(file: File, *, delivered: Delivered) -> None:
    """Show a saved report, or write it in another format."""
    from calaudit.cli.delivery import Delivery
    from calaudit.errors import CalauditError, InputError
    from calaudit.report.kinds import kind_of

    found = _saved(file)
    delivery = Delivery.checked(kind_of(found).command, [file], **delivered)
    try:
        delivery.run(lambda _: found)
    except CalauditError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(
            f"{_name(file)}: its figures do not fit together ({what}). If it is as calaudit wrote "
            "it, this is a fault of calaudit"
        ) from error


def _saved(file: str) -> Rendered:
    """Return the report in a file, or from standard input.

    Raises:
        InputError: it cannot be read, or is no report.
    """
    from calaudit.bounded import LARGEST, read_bounded
    from calaudit.errors import InputError
    from calaudit.report.saved import saved_report

    try:
        data = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else read_bounded(file)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}") from None
    try:
        return saved_report(data)
    except InputError as error:
        raise InputError(f"{_name(file)}: {error}") from None


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
