"""The commands, gathered: all of them, or those that are run."""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from typing import Annotated

import typer

from calaudit.cli.groups import expanded
from calaudit.cli.help import HelpCommand, HelpGroup, example

SETTINGS = {"help_option_names": ["-h", "--help"]}

TASKS = {
    "Look at a model": ("evaluate", "audit", "compare", "ensemble", "forecast", "ood"),
    "Correct its scores": ("fit", "apply", "export"),
    "Act on them": ("threshold",),
    "Watch over it": ("check", "monitor", "estimate"),
    "Large data": ("summarize",),
    "Reports and settings": ("init", "report", "explain", "schema"),
}
"""The commands by what people come for, in the order of the help."""

COMMANDS = tuple(chain.from_iterable(TASKS.values()))
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
        no_args_is_help=True,
    )
    app.callback()(calaudit)
    for name in commands or COMMANDS:
        module = import_module(f"calaudit.cli.{name}")
        # "calaudit explain --seed": an option is one more name.
        taken = {**SETTINGS, "ignore_unknown_options": name == "explain"}
        task = next(task for task, names in TASKS.items() if name in names)
        make = app.command(
            cls=HelpCommand, epilog=module.EXAMPLE, context_settings=taken, rich_help_panel=task
        )
        # What init finds must not be what an earlier init wrote.
        make(expanded(getattr(module, name), configured=name != "init"))
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
            "-V", "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """When the model says 0.9, is it right nine times in ten?

    calaudit audits the calibration of files of predictions.
    """
