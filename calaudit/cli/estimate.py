"""``calaudit estimate``: what to expect of rows whose labels are not there yet."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import EstimateOptions

EXAMPLE = example(
    "calaudit estimate new.parquet --reference validation.parquet",
    "calaudit estimate new.parquet --reference cal.json --by date:week",
    "calaudit estimate new.csv --reference old.csv --thresholds cutoffs.json",
    "calaudit estimate new.csv --reference old.csv --sample 300 --id id -o labels.csv",
)


def estimate(data: Data, given: Annotated[Keywords, EstimateOptions], delivered: Delivered) -> None:
    """Estimate accuracy, AUROC and costs of rows without labels.

    They hold if calibration transfers. Whether it does, such rows cannot show: the report says
    how many labels would.
    """
    from calaudit.cli.delivery import Delivery
    from calaudit.errors import SettingsError

    tables = [path for path in delivered["output"] if path.suffix.lower() == ".csv"]
    if tables and given["sample"] is None:
        raise SettingsError(f"{tables[0]} holds the rows to label: say how many with --sample N")
    inputs = [*data, *(given["reference"] or []), given["thresholds"]]
    delivery = Delivery.checked("estimate", inputs, **delivered)
    from calaudit.api.estimating import estimate as estimate_data

    delivery.run(lambda progress: estimate_data(data, **given, progress=progress))
