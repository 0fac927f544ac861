"""``calaudit evaluate``: audit files of predictions."""

from __future__ import annotations

from typing import Annotated

import typer

from calaudit.cli import options
from calaudit.cli.help import example

__all__ = ["EXAMPLE", "evaluate"]

EXAMPLE = example(
    "calaudit evaluate predictions.parquet",
    "calaudit evaluate test.csv --label y --score p --by region -o report.json",
    "calaudit evaluate 'run/*.parquet' --logits logit_ --worst 10",
)


Worst = Annotated[
    int,
    typer.Option(
        "--worst",
        rich_help_panel=options.OUTPUT,
        help="List the K most confidently wrong.",
        metavar="K",
    ),
]


def evaluate(
    data: options.Data,
    roles: options.Roles,
    figures: options.Figures,
    worst: Worst = 0,
    json: options.Json = False,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Audit predictions: a verdict, and the figures behind it."""
    from calaudit.cli.outputs import checked_outputs, write_outputs
    from calaudit.cli.progress import Progress
    from calaudit.cli.streams import print_report

    files = checked_outputs(output or [], [*data, figures["calibrator"]])
    from calaudit.api.evaluation import evaluate as audit

    with Progress(quiet=quiet) as progress:
        report = audit(data, **roles, **figures, worst=worst, progress=progress)
    write_outputs(report, files, quiet=quiet)
    print_report(report, as_json=json)
