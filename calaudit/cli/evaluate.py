"""``calaudit evaluate``: audit files of predictions."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import EvaluateOptions

__all__ = ["EXAMPLE", "evaluate"]

EXAMPLE = example(
    "calaudit evaluate predictions.parquet",
    "calaudit evaluate test.csv --label y --score p --by region -o report.json",
    "calaudit evaluate 'run/*.parquet' --logits logit_ --worst 10",
    "calaudit evaluate predictions.parquet --plot -o report.html -o reliability.png",
)


def evaluate(data: Data, given: Annotated[Keywords, EvaluateOptions], delivered: Delivered) -> None:
    """Audit predictions: a verdict, and the figures behind it."""
    from calaudit.cli.delivery import Delivery

    delivery = Delivery.checked("evaluate", [*data, given["calibrator"]], **delivered)
    from calaudit.api.evaluation import evaluate as audit

    delivery.run(lambda progress: audit(data, **given, progress=progress))
