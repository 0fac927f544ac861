"""``calaudit forecast``: do forecasts hold what they state?"""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import ForecastOptions

EXAMPLE = example(
    "calaudit forecast intervals.csv --stated 0.9",
    "calaudit forecast quantiles.parquet --group store -o forecast.html",
    "calaudit forecast cv.csv --model AutoETS --group unique_id",
    "calaudit forecast calibration.csv --stated 0.9 --recalibrate offset.json",
    "calaudit forecast cv.csv --model AutoETS --against SeasonalNaive --group unique_id",
    "calaudit forecast gp.csv --label price --mean mu --std sigma",
    "calaudit forecast sets.jsonl --stated 0.9 --calibration-rows 1000",
)


def forecast(data: Data, given: Annotated[Keywords, ForecastOptions], delivered: Delivered) -> None:
    """Audit forecasts: intervals, quantiles, and sets of classes.

    Do intervals and sets that say 90 % hold nine of ten truths? If not, by how much are they off?
    """
    from calaudit.cli.delivery import Delivery

    delivery = Delivery.checked("forecast", data, **delivered)
    from calaudit.api.forecasting import forecast as forecast_data

    made = given["recalibrate"]
    delivery.run(
        lambda progress: forecast_data(data, **given, progress=progress),
        remark=lambda _: f"wrote {made}: calaudit apply {made} DATA -o FILE" if made else "",
    )
