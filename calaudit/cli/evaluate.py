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
    "calaudit evaluate predictions.parquet --plot -o report.html -o reliability.png",
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
    *,
    delivered: options.Delivered,
) -> None:
    """Audit predictions: a verdict, and the figures behind it."""
    from calaudit.cli.delivery import Delivery

    delivery = Delivery.checked("evaluate", [*data, figures["calibrator"]], **delivered)
    from calaudit.api.evaluation import evaluate as audit

    delivery.run(lambda progress: audit(data, **roles, **figures, worst=worst, progress=progress))
