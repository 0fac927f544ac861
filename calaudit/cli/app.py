"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from calaudit.cli import (
    apply,
    audit,
    check,
    compare,
    estimate,
    evaluate,
    explain,
    export,
    fit,
    forecast,
    monitor,
    ood,
    report,
    schema,
    summarize,
    threshold,
)
from calaudit.cli.groups import expanded
from calaudit.cli.help import HelpCommand, HelpGroup, example

__all__ = ["app"]

SETTINGS = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="calaudit",
    cls=HelpGroup,
    context_settings=SETTINGS,
    epilog=example("calaudit evaluate predictions.parquet"),
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)
COMMANDS = (
    (audit, audit.audit),
    (evaluate, evaluate.evaluate),
    (fit, fit.fit),
    (apply, apply.apply),
    (export, export.export),
    (threshold, threshold.threshold),
    (check, check.check),
    (compare, compare.compare),
    (summarize, summarize.summarize),
    (estimate, estimate.estimate),
    (forecast, forecast.forecast),
    (ood, ood.ood),
    (monitor, monitor.monitor),
    (report, report.report),
    (schema, schema.schema),
    (explain, explain.explain),
)
for module, command in COMMANDS:
    # "calaudit explain --seed": an option is one more name.
    taken = {**SETTINGS, "ignore_unknown_options": module is explain}
    app.command(cls=HelpCommand, epilog=module.EXAMPLE, context_settings=taken)(expanded(command))


def _print_version(wanted: bool) -> None:
    if wanted:
        from calaudit import __version__
        from calaudit.cli.streams import print_result

        print_result(f"calaudit {__version__}\n")
        raise typer.Exit


@app.callback()
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
