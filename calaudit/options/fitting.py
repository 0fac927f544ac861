"""What a calibrator is fitted with, and on which rows."""

from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option
from calaudit.options.figures import Intervals
from calaudit.options.rows import Follow, Kind, Reading

GROUP = "Column (with arrays: (n,) values) whose rows are never on both sides."

_fit = partial(Option, panel="Fit")
_division = partial(Option, panel="Division (half of the rows, by a hash, when nothing is given)")


class Method(TypedDict, total=False):
    """How to calibrate."""

    method: Annotated[
        str,
        _fit(
            "auto, identity, temperature, intercept; binary: platt, beta, spline, venn-abers, "
            "centered-isotonic, isotonic, histogram; multiclass: vector, matrix.",
            'Of calibration: "auto" (the simplest within one paired standard error of the best), '
            '"identity", "temperature", "intercept"; binary and top-label also "platt", "beta", '
            '"spline", "centered-isotonic", "isotonic", "histogram", "venn-abers"; multiclass also '
            '"vector", "matrix".',
            default="auto",
            metavar="METHOD",
        ),
    ]


class HeldOut(TypedDict, total=False):
    """Rows of the same data to judge a fit on."""

    split: Annotated[
        str | None,
        _fit(
            "Fit on these rows, as 'date<2025-09-01' (or <=, >, >=); judge on the others.",
            metavar="COLUMN=VALUE",
        ),
    ]
    holdout: Annotated[
        float | str | None, _fit("Share of the rows to judge on, by a hash.", metavar="SHARE")
    ]
    group: Annotated[
        Any, _fit("Rows with one value never stand on both sides.", GROUP, metavar="COLUMN")
    ]


class Division(TypedDict, total=False):
    """What divides the rows of an audit."""

    split: Annotated[
        Any,
        _division(
            "Fit on these rows, as 'date<2025-09-01' (or <=, >, >=); judge on the others.",
            '"COLUMN=VALUE", or a condition as "date<2025-09-01" (or <=, >, >=): fit on these '
            "rows, judge on the others. With arrays (n,) booleans, True for the rows to fit on.",
            metavar="COLUMN=VALUE",
        ),
    ]
    calibration: Annotated[
        Any,
        _division(
            "Fit on this file, judge on all of DATA; may be repeated.",
            "Data to fit on, with columns like those of ``data``, all of which is then judged. "
            "With arrays (y_true, y_prob), or with weights (y_true, y_prob, sample_weight).",
            metavar="FILE",
            repeated=True,
        ),
    ]
    holdout: Annotated[
        float | str | None,
        _division("Share of the rows to judge on, by a hash.", metavar="SHARE"),
    ]
    group: Annotated[
        Any,
        _division(
            "Rows with one value never stand on both sides, and intervals and limits are those of "
            "groups. By an id, each row stays on its side when others come and go.",
            GROUP,
            metavar="COLUMN",
        ),
    ]


class Floor(TypedDict, total=False):
    """What keeps the log loss of a fit finite."""

    floor: Annotated[
        float | None,
        _fit("Smallest probability before the logarithm.", metavar="P", shown="1e-12"),
    ]
    mix: Annotated[
        bool,
        _fit(
            "Isotonic, histogram: pull rates of exactly 0 and 1 inwards by half a row.",
            default=True,
            flag="--mix/--no-mix",
        ),
    ]


class FittingOptions(Method, Floor, Kind, Intervals, Reading, Follow, total=False):
    """What a fit depends on, beside its rows."""
