"""Rows that the model knows nothing of, and the scores that should tell."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option

_outside = partial(Option, panel="Inside and outside")


class Outside(TypedDict, total=False):
    """Which rows are inside, what a score means, and what is acted on."""

    set: Annotated[
        str | None,
        _outside("One file: the column that says which rows belong together.", metavar="COLUMN"),
    ]
    inside: Annotated[
        str | None,
        _outside(
            "With --set: its value for the model's own kind of rows.",
            metavar="VALUE",
        ),
    ]
    outside: Annotated[
        Sequence[str] | None,
        _outside("With --set: only these of its other values.", metavar="A,B,…"),
    ]
    higher: Annotated[
        str | None,
        _outside(
            "With --score: the side on which it is higher, inside or outside.",
            choices=("inside", "outside"),
            metavar="SIDE",
        ),
    ]
    act_from: Annotated[
        Any,
        _outside(
            "Confidence from which a prediction is acted on; or what calaudit threshold wrote.",
            "Confidence (with ``score`` the score) from which a prediction is acted on; or a "
            "report of `threshold` on confidences, or its path.",
            metavar="P|FILE",
        ),
    ]
