"""Which columns are forecasts, and what they state."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option
from calaudit.options.rows import ROLES

_role = partial(Option, panel=ROLES, metavar="COLUMN")
_new = partial(Option, panel="Recalibration")
_several = partial(_role, metavar="A,B,…")


class Columns(TypedDict, total=False):
    """Intervals, quantiles, a mean with its spread, members of an ensemble, or sets of classes."""

    lower: Annotated[Sequence[str] | None, _several("Lower ends of intervals, one a level.")]
    upper: Annotated[Sequence[str] | None, _several("Upper ends, in the same order.")]
    stated: Annotated[
        Any,
        Option(
            "Share of truths that each interval is to hold: 0.9, or 0.8,0.95; or quantile levels.",
            "Share of truths that each interval is to hold, or levels of ``quantiles``, in the "
            'order of the columns: 0.9, (0.8, 0.95) or "90%".',
            panel=ROLES,
            metavar="P,…",
        ),
    ]
    mean: Annotated[str | None, _role("Mean of a normal law, with --std.")]
    std: Annotated[str | None, _role("Its standard deviation; a variance if named so.")]
    quantiles: Annotated[
        Sequence[str] | None, _several("Quantiles: columns, or what their names begin with.")
    ]
    members: Annotated[Sequence[str] | None, _several("Members of an ensemble, in the same ways.")]
    sets: Annotated[Sequence[str] | None, _several("Column of sets, or one a level; or of flags.")]
    model: Annotated[str | None, _role("Of several models in the file: this one.", metavar="NAME")]


class Forecast(Columns, total=False):
    """What else a file of forecasts holds."""

    label: Annotated[str | None, _role("What came true: a number; of sets, the class.")]
    classes: Annotated[Sequence[str] | None, _several("Names of flags in order; or LABEL=CLASS.")]
    calibration_rows: Annotated[
        int | None, _role("Rows that made conformal ends or sets.", metavar="N")
    ]
    against: Annotated[
        Any,
        Option(
            "Other forecasts of the same rows, in the same order: a file, or with --model the name "
            "of another model in this one; may be repeated.",
            panel="Compared with",
            metavar="DATA",
            repeated=True,
            default=(),
        ),
    ]
    by: Annotated[
        str | Sequence[str],
        _role("The coverage of each of its values; may be repeated.", default=(), repeated=True),
    ]


class Recalibrated(TypedDict, total=False):
    """A calibrator of forecasts, which ``apply`` and ``export`` take."""

    recalibrate: Annotated[
        Any,
        _new(
            "Fit a calibrator on these rows and write it to FILE; calaudit apply takes it.",
            "Fit a calibrator on these rows: True, or a path to write it to; the report has it as "
            "``recalibration``, and ``apply`` takes either.",
            metavar="FILE",
        ),
    ]
    guarantee: Annotated[
        float | str | None,
        _new(
            "Hold what is stated with this confidence, as 0.95; else on average over files.",
            "With which the calibrator of these rows holds what is stated; None: on average.",
            metavar="P",
        ),
    ]
