"""What options and figures can be called where there is a fixed choice."""

from typing import Final, Literal, get_args

Task = Literal["binary", "multiclass", "top-label"]
"""What a row is: a positive-class score, a class distribution, or one stated confidence."""

Scale = Literal["probability", "logit"]

OnInvalid = Literal["refuse", "drop", "keep"]

Convention = Literal[
    "right", "left", "guo", "sklearn", "netcal", "torchmetrics", "mapie", "calzone"
]

TASKS: Final[tuple[str, ...]] = get_args(Task)
READINGS: Final[tuple[str, ...]] = (*TASKS, "multilabel")
"""What the rows of a file may be asked to be: those of several labels become binary ones."""

INDICES: Final[tuple[str, ...]] = ("f1", "youden", "balanced-accuracy")
"""What a cutoff may make the largest."""

SCALES: Final[tuple[str, ...]] = get_args(Scale)
CONVENTIONS: Final[tuple[str, ...]] = get_args(Convention)
