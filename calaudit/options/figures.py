"""How figures are computed."""

from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.choices import CONVENTIONS
from calaudit.options.declaration import Option
from calaudit.options.rows import FIGURES, Kind, Reading

_figure = partial(Option, panel=FIGURES)
_worst = partial(Option, "List the K most confidently wrong.", panel="Output", metavar="K")


class Binning(TypedDict, total=False):
    """Bins of equal width or mass."""

    bins: Annotated[
        str | int | None,
        _figure("N of equal width, or equal-mass:N.", metavar="BINS", shown="15"),
    ]
    convention: Annotated[
        str,
        _figure(
            "Bin edges: right, left, or as in guo, sklearn, netcal, torchmetrics, mapie, calzone.",
            default="right",
            choices=CONVENTIONS,
            metavar="NAME",
        ),
    ]


class ReliabilityAxis(TypedDict, total=False):
    """What reliability is drawn over."""

    axis: Annotated[
        str | None,
        _figure(
            "Reliability over linear scores or over log-odds.",
            'Reliability over scores, "linear", or "log-odds"; None for log-odds of binary scores '
            "nine tenths of which lie below 0.1.",
            choices=("linear", "log-odds"),
            metavar="AXIS",
            shown="log-odds where most scores are small",
        ),
    ]


class Intervals(TypedDict, total=False):
    """What intervals and tests depend on."""

    level: Annotated[
        float,
        _figure(
            "Confidence level of the intervals.",
            "Confidence level of the intervals, 0.5 to 0.99 (in `fit` 0.999); tests have size "
            "1 − level.",
            default=0.95,
            metavar="P",
        ),
    ]
    seed: Annotated[int, _figure("Seed of everything random.", default=0, metavar="N")]


class Clip(TypedDict, total=False):
    """Where the log loss ends."""

    clip: Annotated[
        float,
        _figure(
            "Smallest probability in the log loss.",
            "Smallest probability in the log loss, and its distance from 1; 0 for no clip.",
            default=2.0**-52,
            metavar="P",
            shown="2^-52",
        ),
    ]


class Calibrated(TypedDict, total=False):
    """What scores go through first."""

    calibrator: Annotated[
        Any,
        _figure(
            "Calibrate every score first, with what calaudit fit wrote.",
            "A `Calibrator`, or the path of one, that every score goes through first.",
            metavar="FILE",
        ),
    ]


class Worst(TypedDict, total=False):
    """Rows that an evaluation lists."""

    worst: Annotated[int, _worst(default=0)]


class FiveWorst(TypedDict, total=False):
    """Rows that an audit lists."""

    worst: Annotated[int, _worst(default=5)]


class FigureOptions(Kind, Binning, Intervals, Clip, Reading, Worst, total=False):
    """What the figures of a report depend on."""
