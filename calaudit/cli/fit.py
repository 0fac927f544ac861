"""``calaudit fit``: fit a calibrator to files of predictions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from calaudit.cli import options
from calaudit.cli.help import example

__all__ = ["EXAMPLE", "fit"]

EXAMPLE = example(
    "calaudit fit validation.parquet -o cal.json",
    "calaudit fit preds.csv --label y --score p --holdout 0.5 -o cal.json",
    "calaudit fit preds.parquet --split split=validation --method temperature -o cal.json",
)

FIT = "Fit"


def _fit_option(flag: str, text: str, metavar: str, **more: Any) -> Any:
    return typer.Option(flag, rich_help_panel=FIT, help=text, metavar=metavar, **more)


Method = Annotated[
    str,
    _fit_option(
        "--method",
        "auto, identity, temperature; binary: platt, beta, centered-isotonic, isotonic, "
        "histogram; multiclass: vector, matrix.",
        "METHOD",
    ),
]
Split = Annotated[
    str | None,
    _fit_option(
        "--split", "Fit on these rows, judge on the others.", "COLUMN=VALUE", show_default=False
    ),
]
Holdout = Annotated[
    str | None,
    _fit_option(
        "--holdout", "Share of the rows to judge on, by a hash.", "SHARE", show_default=False
    ),
]
Group = Annotated[
    str | None,
    _fit_option(
        "--group", "Rows with one value never stand on both sides.", "COLUMN", show_default=False
    ),
]
Mix = Annotated[
    bool,
    typer.Option(
        "--mix/--no-mix",
        rich_help_panel=FIT,
        help="Isotonic, histogram: pull rates of exactly 0 and 1 inwards by half a row.",
    ),
]
Floor = Annotated[
    float | None,
    _fit_option("--floor", "Smallest probability before the logarithm.", "P", show_default="1e-12"),
]


def fit(
    data: options.Data,
    roles: options.RowRoles,
    method: Method = "auto",
    split: Split = None,
    holdout: Holdout = None,
    group: Group = None,
    floor: Floor = None,
    mix: Mix = True,
    *,
    intervals: options.Intervals,
    delivered: options.Delivered,
) -> None:
    """Fit a calibrator, and show what it is worth on rows it was not fitted on."""
    from calaudit.cli.delivery import Delivery

    delivery = Delivery.checked("fit", data, **delivered)
    from calaudit.api.fitting import fit as fit_calibrator
    from calaudit.report.fit import FitReport

    def work(progress: Any) -> FitReport:
        progress.stage("Fitting")
        calibrator = fit_calibrator(
            data,
            **roles,
            **intervals,
            method=method,
            split=split,
            holdout=holdout,
            group=group,
            floor=floor,
            mix=mix,
            progress=progress,
        )
        return FitReport(calibrator=calibrator)

    delivery.run(work)
