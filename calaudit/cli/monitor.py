"""``calaudit monitor``: whether scores are still what they say."""

from __future__ import annotations

from typing import Annotated

import typer

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Delivered
from calaudit.options.commands import MonitorOptions

EXAMPLE = example(
    "calaudit monitor preds.parquet --time date --every week",
    "calaudit monitor week-36.parquet --state monitor.cal -o monitor.html",
    "calaudit monitor scored.csv --labels outcomes.csv --id id --time date --state monitor.cal",
    "calaudit monitor preds.parquet --time date --every month --threshold thresholds.json",
    "calaudit monitor --state monitor.cal",
)

OptionalFiles = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files, directories or globs: with --time one data set, else a batch each. Without "
        "any: what --state holds.",
        metavar="DATA",
        show_default=False,
    ),
]


def monitor(
    given: Annotated[Keywords, MonitorOptions],
    delivered: Delivered,
    data: OptionalFiles = None,
) -> None:
    """Watch predictions over time, with an alarm when they are off.

    The alarm holds however often it is looked.

    0 no alarm (or too little to tell, which is said), 1 alarm, 2 usage, 3 input refused, 4 too
    little to tell under --strict.
    """
    from calaudit.api.monitoring import monitor as monitor_data
    from calaudit.cli.delivery import Delivery
    from calaudit.cli.failures import USAGE
    from calaudit.cli.progress import Progress
    from calaudit.cli.run_check import FAILED, UNSETTLED
    from calaudit.cli.streams import print_message
    from calaudit.errors import DrawingError

    inputs = [*(data or []), *(given[name] for name in ("labels", "reference", "threshold"))]
    delivery = Delivery.checked("monitor", [*inputs, given["state"]], **delivered)
    with Progress(quiet=delivered["quiet"]) as progress:
        report = monitor_data(data or None, **given, progress=progress)
    code = 0 if report else FAILED if report.failed else UNSETTLED
    try:
        delivery.run(lambda _: report)
    except DrawingError as error:  # an alarm is one, whether it can be drawn or not
        print_message("error", str(error))
        code = code or USAGE
    if code:
        raise typer.Exit(code)
