"""``calaudit fit``: fit a calibrator to files of predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import FitOptions

if TYPE_CHECKING:
    from calaudit.report.fit_report import FitReport

EXAMPLE = example(
    "calaudit fit validation.parquet -o cal.json",
    "calaudit fit preds.csv --label y --score p --holdout 0.5 -o cal.json",
    "calaudit fit preds.parquet --split split=validation --method temperature -o cal.json",
)


def fit(data: Data, given: Annotated[Keywords, FitOptions], delivered: Delivered) -> None:
    """Fit a calibrator, and show its worth on rows not fitted on."""
    from calaudit.cli.delivery import Delivery

    delivery = Delivery.checked("fit", [*data, given["labels"]], **delivered)

    def work(progress: Any) -> FitReport:
        from calaudit.api.fitting import fit as fit_calibrator
        from calaudit.report.fit_report import FitReport

        progress.stage("Fitting")
        return FitReport(calibrator=fit_calibrator(data, **given, progress=progress))

    delivery.run(work)
