"""``calaudit ood``: whether confidence falls where the model knows nothing."""

from __future__ import annotations

from typing import Annotated

from calaudit.cli.groups import Keywords
from calaudit.cli.help import example
from calaudit.cli.options import Data, Delivered
from calaudit.options.commands import OodOptions

EXAMPLE = example(
    "calaudit ood test.parquet svhn=street_numbers.parquet noise.parquet --act-from 0.9",
    "calaudit ood inside.npz outside.npz --score scores --higher inside",
    "calaudit ood all.parquet --set source --inside cifar10 --logits logit_",
)


def ood(data: Data, given: Annotated[Keywords, OodOptions], delivered: Delivered) -> None:
    """Tell whether scores fall on rows out of distribution.

    The first file has rows of the model's own kind, each other one rows that are not; NAME=FILE
    names it. No labels are needed.
    """
    from calaudit.cli.delivery import Delivery
    from calaudit.predictions.addresses import named_path

    files = [named_path(part)[1] for part in data]
    delivery = Delivery.checked("ood", [*data, *files, given["calibrator"]], **delivered)
    from calaudit.api.detecting import ood as detect

    delivery.run(lambda progress: detect(data, **given, progress=progress))
