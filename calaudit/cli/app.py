"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from calaudit.cli.apply import EXAMPLE as APPLY_EXAMPLE
from calaudit.cli.apply import apply
from calaudit.cli.audit import EXAMPLE as AUDIT_EXAMPLE
from calaudit.cli.audit import audit
from calaudit.cli.check import EXAMPLE as CHECK_EXAMPLE
from calaudit.cli.check import check
from calaudit.cli.evaluate import EXAMPLE as EVALUATE_EXAMPLE
from calaudit.cli.evaluate import evaluate
from calaudit.cli.explain import EXAMPLE as EXPLAIN_EXAMPLE
from calaudit.cli.explain import explain
from calaudit.cli.export import EXAMPLE as EXPORT_EXAMPLE
from calaudit.cli.export import export
from calaudit.cli.fit import EXAMPLE as FIT_EXAMPLE
from calaudit.cli.fit import fit
from calaudit.cli.groups import expanded
from calaudit.cli.help import HelpCommand, HelpGroup, example
from calaudit.cli.report import EXAMPLE as REPORT_EXAMPLE
from calaudit.cli.report import report
from calaudit.cli.schema import EXAMPLE as SCHEMA_EXAMPLE
from calaudit.cli.schema import schema
from calaudit.cli.threshold import EXAMPLE as THRESHOLD_EXAMPLE
from calaudit.cli.threshold import threshold

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
    (audit, AUDIT_EXAMPLE),
    (evaluate, EVALUATE_EXAMPLE),
    (fit, FIT_EXAMPLE),
    (apply, APPLY_EXAMPLE),
    (export, EXPORT_EXAMPLE),
    (threshold, THRESHOLD_EXAMPLE),
    (check, CHECK_EXAMPLE),
    (report, REPORT_EXAMPLE),
    (schema, SCHEMA_EXAMPLE),
)
for command, examples in COMMANDS:
    app.command(cls=HelpCommand, epilog=examples, context_settings=SETTINGS)(expanded(command))
# "calaudit explain --seed": an option is one more name.
NAMES = {**SETTINGS, "ignore_unknown_options": True}
app.command(cls=HelpCommand, epilog=EXPLAIN_EXAMPLE, context_settings=NAMES)(explain)


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
