"""``calaudit ensemble``: what the mean of several members is worth, and their disagreement."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import EnsembleOptions

EXAMPLE = example(
    "calaudit ensemble members.npz --save-mean mean.parquet",
    "calaudit ensemble seed0.parquet seed1.parquet seed2.parquet --id row",
    "calaudit ensemble wide.csv --probs m0_,m1_,m2_",
    "calaudit ensemble passes.csv --model pass --id row",
)


def ensemble(data: Data, given: Annotated[Keywords, EnsembleOptions], delivered: Delivered) -> None:
    """Audit the mean of an ensemble, and what its members disagree on.

    Is the doubt in the data or the model, does disagreement find errors, is the mean calibrated?
    Members are files, columns (--probs, --scores), rows (--model) or an axis of an array, such as
    passes with dropout.
    """
    from calaudit.cli.delivery import Delivery
    from calaudit.predictions.addresses import named_path

    files = [named_path(part)[1] for part in data]
    delivery = Delivery.checked("ensemble", [*data, *files], **delivered)
    from calaudit.api.ensembling import ensemble as ensemble_data

    delivery.run(lambda progress: ensemble_data(data, **given, progress=progress))
