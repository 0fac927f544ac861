"""``calaudit compare``: which of several models is better."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import CompareOptions

EXAMPLE = example(
    "calaudit compare old.parquet new.parquet --id row_id",
    "calaudit compare small=a.csv large=b.csv --id row_id -o compare.html",
    "calaudit compare forecasts.csv --label rain --scores EMOS,ENS,EPC",
    "calaudit compare answers.csv --model model --id question",
    "calaudit compare clean.parquet attacked.parquet --id image --perturbed",
    "calaudit compare january.json february.json",
)


def compare(data: Data, given: Annotated[Keywords, CompareOptions], delivered: Delivered) -> None:
    """Compare models: which is better, and whether rows can tell.

    Each file is a model, or a report that evaluate wrote; NAME=FILE names it. Or one file holds
    several models: in columns (--scores, --probs) or in rows (--model).
    """
    from calaudit.cli.delivery import Delivery
    from calaudit.predictions.addresses import named_path

    files = [named_path(part)[1] for part in data]
    delivery = Delivery.checked("compare", [*data, *files], **delivered)
    from calaudit.api.comparing import compare as compare_data

    delivery.run(lambda progress: compare_data(data, **given, progress=progress))
