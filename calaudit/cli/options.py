"""The options that commands share: what each is called, what it takes, where help shows it."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from calaudit.cli.groups import Group, Keywords, Shared
from calaudit.errors import SettingsError

__all__ = [
    "OUTPUT",
    "CalibratedIntervals",
    "CalibratorFile",
    "CheckRoles",
    "Data",
    "Delivered",
    "Figures",
    "Full",
    "Intervals",
    "Json",
    "Output",
    "Picture",
    "Plot",
    "Quiet",
    "Roles",
    "RowRoles",
    "ScoreRoles",
    "Vega",
    "group",
    "names",
    "output",
]

ROLES = "Data roles (inferred when not given)"
FIGURES = "Figures"
OUTPUT = "Output"


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated list; quotes hold a part with a comma together.

    >>> names('cat,"dog, small"')
    ('cat', 'dog, small')

    Raises:
        SettingsError: the end of a line stands in it.
    """
    if text is None:
        return None
    if re.search(r"[\r\n]", text):
        raise SettingsError(
            f"{text!r} holds the end of a line, which no list of names on the command line can; "
            "rename the column, or name it from Python"
        )
    return tuple(part.strip() for part in next(csv.reader([text], skipinitialspace=True), []))


def column_names(text: str | None) -> str | tuple[str, ...] | None:
    """Return one column or prefix as it is, and a comma-separated list as a tuple.

    >>> column_names("p_"), column_names("p_cat,p_dog")
    ('p_', ('p_cat', 'p_dog'))
    """
    return names(text) if text is not None and "," in text else text


def _option(*flags: str, panel: str, help: str, **more: Any) -> Any:  # noqa: A002 - typer's word
    return typer.Option(*flags, rich_help_panel=panel, help=help, **more)


def _role(flag: str, text: str, metavar: str = "COLUMN", **more: Any) -> Any:
    more = {"show_default": False} | more
    return _option(flag, panel=ROLES, help=text, metavar=metavar, **more)


def _figure(flag: str, text: str, metavar: str, **more: Any) -> Any:
    return _option(flag, panel=FIGURES, help=text, metavar=metavar, **more)


def _name(flag: str, text: str, metavar: str = "COLUMN") -> Shared:
    return Shared(Annotated[str | None, _role(flag, text, metavar)])


def _names(flag: str, text: str) -> Shared:
    return Shared(Annotated[str | None, _role(flag, text, "COLUMNS")], value=column_names)


SHARED = {
    "label": _name("--label", "The true class or outcome; or a prefix, one 0/1 column a class."),
    "score": _name("--score", "Binary: probability of the positive class."),
    "probs": _names("--probs", "Class probabilities: prefix, a,b,c or a list column."),
    "logits": _names("--logits", "Class logits, in the same ways; or a binary logit."),
    "confidence": _name("--confidence", "Stated confidence of the prediction."),
    "correct": _name("--correct", "Whether the prediction was right."),
    "prediction": _name("--prediction", "The predicted class."),
    "weight": _name("--weight", "Weight of the row; none for no weights."),
    "id": _name("--id", "Name of the row, shown by --worst."),
    "by": Shared(
        Annotated[
            list[str] | None,
            _role("--by", "The same figures for each of its values; may be repeated."),
        ],
        value=lambda columns: tuple(columns or ()),
    ),
    "positive": _name(
        "--positive", "One score: the label that counts as 1, against all others.", "LABEL"
    ),
    "classes": Shared(
        Annotated[
            str | None,
            _role(
                "--classes",
                "Class names in the order of the columns; or LABEL=PREDICTION.",
                "A,B,C",
            ),
        ],
        value=names,
    ),
    "out_of": Shared(
        Annotated[
            float, _role("--out-of", "Largest possible score: 10, 100.", "N", show_default="1")
        ],
        default=1.0,
    ),
    "task": Shared(
        Annotated[
            Literal["binary", "multiclass", "top-label"] | None,
            _role("--task", "binary, multiclass or top-label.", "TASK"),
        ]
    ),
    "weight_kind": Shared(
        Annotated[
            Literal["importance", "frequency"],
            _role(
                "--weight-kind",
                "importance, or frequency (a row counts for so many rows).",
                "KIND",
                show_default=True,
            ),
        ],
        default="importance",
    ),
    "bins": Shared(
        Annotated[
            str | None,
            _figure("--bins", "N of equal width, or equal-mass:N.", "BINS", show_default="15"),
        ]
    ),
    "convention": Shared(
        Annotated[
            Literal[
                "right", "left", "guo", "sklearn", "netcal", "torchmetrics", "mapie", "calzone"
            ],
            _figure(
                "--convention",
                "Bin edges: right, left, or as in guo, sklearn, netcal, torchmetrics, mapie, "
                "calzone.",
                "NAME",
            ),
        ],
        default="right",
    ),
    "level": Shared(
        Annotated[float, _figure("--level", "Confidence level of the intervals.", "P")],
        default=0.95,
    ),
    "seed": Shared(Annotated[int, _figure("--seed", "Seed of everything random.", "N")], default=0),
    "clip": Shared(
        Annotated[
            float,
            _figure("--clip", "Smallest probability in the log loss.", "P", show_default="2^-52"),
        ],
        default=2**-52,
    ),
    "on_invalid": Shared(
        Annotated[
            Literal["refuse", "drop"],
            _figure("--on-invalid", "refuse, or drop and count.", "WHAT"),
        ],
        default="refuse",
    ),
    "threads": Shared(
        Annotated[
            int | None,
            _figure(
                "--threads", "Threads at most.", "N", show_default="as many as cores, 4 at most"
            ),
        ]
    ),
    "calibrator": Shared(
        Annotated[
            str | None,
            _figure(
                "--calibrator",
                "Calibrate every score first, with what calaudit fit wrote.",
                "FILE",
                show_default=False,
            ),
        ]
    ),
}
"""Every shared option under its name in the API."""


def group(*chosen: str) -> Group:
    """Return a group of shared options, in this order, to annotate a parameter with."""
    return Group({name: SHARED[name] for name in chosen})


_ROWS = ("label", "score", "probs", "logits", "confidence", "correct", "prediction", "weight")
_KINDS = ("positive", "classes", "out_of", "task", "weight_kind")

Roles = Annotated[Keywords, group(*_ROWS, "id", "by", *_KINDS)]
"""Roles of a report: rows may have names, and be divided."""

CheckRoles = Annotated[Keywords, group(*_ROWS, "by", *_KINDS)]
"""Roles of what is judged: the id is for matching rows."""

RowRoles = Annotated[Keywords, group(*_ROWS, *_KINDS)]
"""Roles of rows with labels."""

ScoreRoles = Annotated[
    Keywords, group("score", "probs", "logits", "confidence", "classes", "out_of")
]
"""Roles of scores without labels."""

Figures = Annotated[
    Keywords,
    group(
        "bins", "convention", "level", "seed", "clip", "on_invalid", "threads", "calibrator"
    ),
]  # fmt: skip
"""How a report is computed."""

Intervals = Annotated[Keywords, group("level", "seed", "on_invalid", "threads")]
"""How anything with intervals is computed."""

CalibratedIntervals = Annotated[
    Keywords, group("level", "seed", "on_invalid", "threads", "calibrator")
]
"""The same, of scores that may be calibrated first."""

Data = Annotated[
    list[str],
    typer.Argument(
        help="Files, directories or globs, read as one data set; - is standard input.",
        metavar="DATA",
        show_default=False,
    ),
]
CalibratorFile = Annotated[
    str,
    typer.Argument(
        help="The calibrator that calaudit fit wrote.", metavar="CALIBRATOR", show_default=False
    ),
]


def output(text: str) -> Any:
    """Return the option that names files to write, with this help; it may be repeated."""
    return _option(
        "-o", "--output", panel=OUTPUT, help=text, metavar="FILE", show_default=False
    )  # fmt: skip


Json = Annotated[bool, _option("--json", panel=OUTPUT, help="Print the report as JSON.")]
Output = Annotated[
    list[Path] | None,
    output(
        "Write the report (.html, .json, .md, .txt) or a picture of it (.svg, .png, .pdf); may be "
        "repeated."
    ),
]
Full = Annotated[
    bool, _option("--full", panel=OUTPUT, help="Print all of the report, not just a screen of it.")
]
Plot = Annotated[
    bool, _option("--plot", panel=OUTPUT, help="Draw the picture in the terminal, too.")
]
Picture = Annotated[
    str | None,
    _option(
        "--picture",
        panel=OUTPUT,
        help="Which picture -o and --vega give, as reliability, histogram or cost; -o FILE.html "
        "is then that picture.",
        metavar="NAME",
        show_default="the main one",
    ),
]
Vega = Annotated[
    bool, _option("--vega", panel=OUTPUT, help="Print the picture as a Vega-Lite specification.")
]
Quiet = Annotated[
    bool, _option("-q", "--quiet", panel=OUTPUT, help="No progress and no messages on stderr.")
]

Delivered = Annotated[
    Keywords,
    Group(
        {
            "full": Shared(Full, default=False),
            "plot": Shared(Plot, default=False),
            "json": Shared(Json, default=False),
            "vega": Shared(Vega, default=False),
            "output": Shared(Output, value=lambda paths: tuple(paths or ())),
            "picture": Shared(Picture),
            "quiet": Shared(Quiet, default=False),
        }
    ),
]
"""Where a report goes, and in which form."""
