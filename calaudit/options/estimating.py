"""What rows without labels are held against, and what is asked of them."""

from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option

_of = partial(Option, panel="Estimate")


class Estimating(TypedDict, total=False):
    """Where the map from scores to outcomes is from, and what is estimated by it."""

    reference: Annotated[
        Any,
        _of(
            "Labelled rows, or a saved report or calibrator: where the map is from; repeatable.",
            "Labelled rows, a `Report` of such, a `Calibrator`, or the path of one: where the map "
            "is from.",
            metavar="FILE",
            repeated=True,
        ),
    ]
    method: Annotated[
        str,
        _of(
            "How the map is fitted: platt, beta, temperature or intercept.",
            default="platt",
            choices=("platt", "beta", "temperature", "intercept"),
            metavar="METHOD",
        ),
    ]
    thresholds: Annotated[
        Any,
        _of(
            "A saved report of calaudit threshold: what its cutoffs cost on these rows.",
            "A `DecisionReport`, or the path of one saved as JSON: what its cutoffs do and cost.",
            metavar="FILE",
        ),
    ]
    labelled: Annotated[
        str | None,
        _of(
            "Column of DATA with the labels of some rows, drawn at random.",
            "Column with the labels of some of the rows, which were drawn at random.",
            metavar="COLUMN",
        ),
    ]
    matters: Annotated[
        float,
        _of(
            "A change that matters: how many labels would tell it.",
            "Change of the accuracy, or of the share of positives, that matters: how many labels "
            "would tell it.",
            default=0.05,
            metavar="P",
        ),
    ]
    sample: Annotated[
        int | None,
        _of(
            "Choose N rows to label, with weights: -o labels.csv.",
            "Rows to choose for labelling, with weights: ``report.save('labels.csv')``.",
            metavar="N",
        ),
    ]
