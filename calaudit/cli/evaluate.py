"""``calaudit evaluate``: audit files of predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calaudit.cli.entries import Entry, OptionalData, data_of, merged, named_in
from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Delivered
from calaudit.options.commands import EvaluateOptions

EXAMPLE = example(
    "calaudit evaluate predictions.parquet",
    "calaudit evaluate test.csv --label y --score p --by region -o report.json",
    "calaudit evaluate 'run/*.parquet' --logits logit_ --worst 10",
    "calaudit evaluate --name fraud -o calaudit-fraud.json",
    "calaudit evaluate predictions.parquet --plot -o report.html -o reliability.png",
)


def evaluate(
    context: typer.Context,
    given: Annotated[Keywords, EvaluateOptions],
    entry: Entry,
    delivered: Delivered,
    data: OptionalData = None,
) -> None:
    """Audit predictions: a verdict, and the figures behind it."""
    from calaudit.cli.delivery import Delivery

    found, named = _configured(**entry), named_in(context)
    data = data_of(data, found.pop("data", None), named)
    given = merged({k: v for k, v in found.items() if k in given}, given, named)
    inputs = [*data, given["calibrator"], given["labels"]]
    delivery = Delivery.checked("evaluate", inputs, **delivered)
    from calaudit.api.evaluation import evaluate as audit

    delivery.run(lambda progress: audit(data, **given, progress=progress))


def _configured(name: str | None, config: Path | None) -> Keywords:
    """Return the settings of a gate, where one was asked for."""
    if name is None and config is None:
        return {}
    from calaudit.cli.configuration import configuration
    from calaudit.errors import SettingsError

    found = configuration(config)
    names = found.chosen(name)
    if len(names) > 1:
        raise SettingsError(
            f"{found.file} has several gates: add --name {names[0]}, or another of them"
        )
    return found.keywords(names[0])
