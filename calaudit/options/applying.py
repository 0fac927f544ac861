"""What calibrated copies of files hold."""

from functools import partial
from typing import Annotated, Any, TypedDict, get_args

from calaudit.options.choices import SCALES, OnInvalid
from calaudit.options.declaration import Option

_new = partial(Option, panel="New scores")
_prior = partial(Option, panel="Another base rate (with or without a calibrator)")


class PriorShift(TypedDict, total=False):
    """Base rates, of the rows that scores are for and of those that they were trained on."""

    prior: Annotated[
        Any,
        _prior(
            "Share of positives now: 0.02 or 2%; or a=0.2,b=0.8 for several classes.",
            'Share of positives now, as a number or "2%"; of several classes a mapping from name '
            "to share, or shares in their order.",
            metavar="P",
        ),
    ]
    was: Annotated[
        Any,
        _prior(
            "The same of the rows that scores were trained or calibrated on; or balanced.",
            'The same of the rows that scores were trained or calibrated on, or "balanced".',
            metavar="P",
            shown="that of the calibrator's rows",
        ),
    ]
    class_weight: Annotated[
        Any,
        _prior(
            "Weight of positives in training, as scale_pos_weight (a=2,b=1): undone.",
            "Weight of positives over that of negatives in training, as scale_pos_weight, or a "
            "mapping from class to weight: undone.",
            metavar="W",
        ),
    ]


class NewScores(TypedDict, total=False):
    """What is written, and under which names."""

    suffix: Annotated[
        str,
        _new(
            "Add columns of such names, and keep the old scores.",
            "Of the names of added columns; without it and ``prefix`` the scores are replaced. "
            "Floats keep their type (float16, float32, float64), other numbers and text become "
            "float64. A probability inside (0, 1) is never rounded to 0 or 1.",
            default="",
            metavar="TEXT",
            shown=False,
        ),
    ]
    prefix: Annotated[
        str,
        _new("Likewise, with a text before the name.", default="", metavar="TEXT", shown=False),
    ]
    interval: Annotated[
        bool,
        _new(
            "Add the lower and the upper probability of venn-abers, too.",
            "Whether the lower and the upper probability of a Venn-Abers calibrator are added, in "
            "columns that end in _low and _high.",
            default=False,
        ),
    ]
    scale: Annotated[
        str | None,
        _new(
            "probability or logit.",
            '"probability" or "logit": what the new columns hold; by default what the old ones '
            "do, so that a file of logits stays one.",
            flag="--as",
            choices=SCALES,
            metavar="SCALE",
            shown="what they were",
        ),
    ]
    on_invalid: Annotated[
        str,
        _new(
            "refuse rows without a usable score, drop, or keep without one.",
            'What to do with rows without a usable score: "refuse" the data, "drop" the rows, or '
            '"keep" them with a missing value.',
            default="refuse",
            choices=get_args(OnInvalid),
            metavar="WHAT",
        ),
    ]
