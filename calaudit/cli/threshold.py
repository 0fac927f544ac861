"""``calaudit threshold``: recommend cutoffs from the costs of errors."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import ThresholdOptions

EXAMPLE = example(
    "calaudit threshold preds.parquet --cost-fp 1 --cost-fn 20 --cost-review 0.5",
    "calaudit threshold fraud.csv --cost-fp 5 --cost-fn 200 --max-review 200 --per-day 10000",
    "calaudit threshold preds.csv --min-precision 0.95",
    "calaudit threshold top.csv --max-error 0.02 --guarantee 0.95 --plot",
)


def threshold(
    data: Data, given: Annotated[Keywords, ThresholdOptions], delivered: Delivered
) -> None:
    """Recommend cutoffs: where to act, where to ask, at what cost."""
    from calaudit.cli.delivery import Delivery

    inputs = [*data, given["calibrator"], given["cost_matrix"], given["prevalence"]]
    delivery = Delivery.checked("threshold", [*inputs, given["labels"]], **delivered)
    options = with_confidences(given)
    from calaudit.api.thresholding import threshold as recommend

    delivery.run(lambda progress: recommend(data, **options, progress=progress))


def with_confidences(given: Keywords) -> Keywords:
    """Return the options with the column of the confidence and the confidence of the limits.

    Both are called so by those who use them: a number is no column.
    """
    from calaudit.errors import SettingsError
    from calaudit.report.arguments import is_level

    stated, guarantee = given["confidence"] or [], given["guarantee"]
    columns = [text for text in stated if not is_level(text)]
    levels = [text for text in stated if is_level(text)]
    if isinstance(guarantee, str):  # a text was given; the default is a number
        levels.append(guarantee)
    for found, what in ((columns, "--confidence names the column"), (levels, "--guarantee is")):
        if len(found) > 1:
            raise SettingsError(f"{what} once, not {' and '.join(found)}")
    return given | {
        "confidence": columns[0] if columns else None,
        "guarantee": levels[0] if levels else guarantee,
    }
