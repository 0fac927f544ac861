"""The commands, gathered: all of them, or those that are run."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from calaudit.cli.groups import expanded
from calaudit.cli.help import HelpCommand, HelpGroup, example

__all__ = ["COMMANDS", "app_of"]

SETTINGS = {"help_option_names": ["-h", "--help"]}

COMMANDS = (
    "audit", "evaluate", "fit", "apply", "export", "threshold", "check", "compare", "summarize",
    "estimate", "forecast", "ood", "monitor", "report", "schema", "explain",
)  # fmt: skip
"""Each is a module of this package and the function in it of the same name."""


def app_of(*commands: str) -> typer.Typer:
    """Return the program with some of its commands, or with all of them.

    To make a command takes a while, and a run needs one.
    """
    app = typer.Typer(
        name="calaudit",
        cls=HelpGroup,
        context_settings=SETTINGS,
        epilog=example("calaudit evaluate predictions.parquet"),
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
    )
    app.callback()(calaudit)
    for name in commands or COMMANDS:
        module = import_module(f"calaudit.cli.{name}")
        # "calaudit explain --seed": an option is one more name.
        taken = {**SETTINGS, "ignore_unknown_options": name == "explain"}
        make = app.command(cls=HelpCommand, epilog=module.EXAMPLE, context_settings=taken)
        make(expanded(getattr(module, name)))
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from calaudit import __version__
        from calaudit.cli.streams import print_result

        print_result(f"calaudit {__version__}\n")
        raise typer.Exit


def calaudit(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """When the model says 0.9, is it right nine times in ten?

    calaudit audits the calibration of files of predictions.
    """
