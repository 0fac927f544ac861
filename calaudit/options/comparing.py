"""The models that are compared, and how their rows are matched."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, TypedDict

from calaudit.options.declaration import Option

_side = partial(Option, panel="Models")


class Models(TypedDict, total=False):
    """Where the models are, and which of their rows belong together."""

    id: Annotated[
        str | None,
        _side("Column that names rows: those of all models are matched by it.", metavar="COLUMN"),
    ]
    same_order: Annotated[
        bool,
        _side("Rows of all files are the same, in the same order.", default=False),
    ]
    scores: Annotated[
        Sequence[str] | None,
        _side("One file: the score of each model; or as --probs A_,B_.", metavar="A,B,…"),
    ]
    model: Annotated[
        str | None,
        _side("One file: the column that says which model a row is of.", metavar="COLUMN"),
    ]
    models: Annotated[
        Sequence[str] | None,
        _side("With --model: only these of its values.", metavar="A,B,…"),
    ]


class Sides(Models, total=False):
    """The models of a comparison."""

    perturbed: Annotated[
        bool,
        _side(
            "The others are the first on the same rows, attacked or corrupted: what breaks.",
            default=False,
        ),
    ]
    severity: Annotated[
        str | None,
        _side("As --perturbed; the column that says how hard a row was hit.", metavar="COLUMN"),
    ]
    baseline: Annotated[
        str | None,
        _side(
            "The model that the others are compared with.",
            "Name of the model that the others are compared with.",
            metavar="NAME",
            shown="the first",
        ),
    ]
