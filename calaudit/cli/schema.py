"""``calaudit schema``: the JSON Schemas of what calaudit writes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from calaudit.cli.help import example

EXAMPLE = example(
    "calaudit schema > calaudit-report.schema.json",
    "calaudit schema check > calaudit-check.schema.json",
)

What = Annotated[
    Literal[
        "report",
        "thresholds",
        "check",
        "audit",
        "compare",
        "estimate",
        "forecast",
        "ood",
        "ensemble",
        "monitor",
        "calibrator",
    ],
    typer.Argument(
        help="report (the default), which evaluate --json prints; thresholds, check, audit, "
        "compare, estimate, forecast, ood, ensemble and monitor, of the commands that are named "
        "so; or calibrator, which fit -o writes.",
        metavar="WHAT",
    ),
]


def schema(what: What = "report") -> None:
    """Print the JSON Schema of a report, or of the calibrator."""
    from calaudit.cli.streams import print_result
    from calaudit.report.report_schemas import schema_text

    print_result(schema_text(what))
