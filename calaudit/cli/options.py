"""The options that commands share: what each is called, what it takes, where help shows it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

__all__ = [
    "Bins",
    "By",
    "Calibrator",
    "Classes",
    "Clip",
    "Confidence",
    "Convention",
    "Correct",
    "Data",
    "Id",
    "Json",
    "Label",
    "Level",
    "Logits",
    "OnInvalid",
    "OutOf",
    "Output",
    "Positive",
    "Prediction",
    "Probs",
    "Quiet",
    "Score",
    "Seed",
    "Task",
    "Threads",
    "Weight",
    "WeightKind",
    "Worst",
    "column_names",
    "names",
]  # fmt: skip

ROLES = "Data roles (inferred when not given)"
FIGURES = "Figures"
OUTPUT = "Output"


def _option(*flags: str, panel: str, help: str, **more: Any) -> Any:  # noqa: A002 - typer's word
    return typer.Option(*flags, rich_help_panel=panel, help=help, **more)


def _role(flag: str, text: str, metavar: str = "COLUMN") -> Any:
    return _option(flag, panel=ROLES, help=text, metavar=metavar, show_default=False)


Data = Annotated[
    list[str],
    typer.Argument(
        help="Files, directories or globs, read as one data set; - is standard input.",
        metavar="DATA",
        show_default=False,
    ),
]

Label = Annotated[str | None, _role("--label", "The true class or outcome.")]
Score = Annotated[str | None, _role("--score", "Binary: probability of the positive class.")]
Probs = Annotated[
    str | None, _role("--probs", "Class probabilities: prefix, a,b,c or a list column.", "COLUMNS")
]
Logits = Annotated[
    str | None, _role("--logits", "Class logits, in the same ways; or a binary logit.", "COLUMNS")
]
Confidence = Annotated[str | None, _role("--confidence", "Stated confidence of the prediction.")]
Correct = Annotated[str | None, _role("--correct", "Whether the prediction was right.")]
Prediction = Annotated[str | None, _role("--prediction", "The predicted class.")]
Weight = Annotated[str | None, _role("--weight", "Weight of the row; none for no weights.")]
Id = Annotated[str | None, _role("--id", "Name of the row, shown by --worst.")]
By = Annotated[
    list[str] | None, _role("--by", "The same figures for each of its values; may be repeated.")
]
Positive = Annotated[
    str | None, _role("--positive", "Binary: the label that counts as 1.", "LABEL")
]
Classes = Annotated[
    str | None, _role("--classes", "Class names in the order of the columns.", "A,B,C")
]
OutOf = Annotated[
    float,
    _option(
        "--out-of",
        panel=ROLES,
        help="Largest possible score: 10, 100.",
        metavar="N",
        show_default="1",
    ),
]
Task = Annotated[
    Literal["binary", "multiclass", "top-label"] | None,
    _role("--task", "binary, multiclass or top-label.", "TASK"),
]
WeightKind = Annotated[
    Literal["importance", "frequency"],
    _option(
        "--weight-kind",
        panel=ROLES,
        help="importance, or frequency (a row counts for so many rows).",
        metavar="KIND",
    ),
]

Bins = Annotated[
    str | None,
    _option(
        "--bins",
        panel=FIGURES,
        help="N of equal width, or equal-mass:N.",
        metavar="BINS",
        show_default="15",
    ),
]
Convention = Annotated[
    Literal["right", "left", "guo", "sklearn", "netcal", "torchmetrics", "mapie", "calzone"],
    _option(
        "--convention",
        panel=FIGURES,
        help="Bin edges: right, left, or as in guo, sklearn, netcal, torchmetrics, mapie, calzone.",
        metavar="NAME",
    ),
]
Level = Annotated[
    float, _option("--level", panel=FIGURES, help="Confidence level of the intervals.", metavar="P")
]
Seed = Annotated[
    int, _option("--seed", panel=FIGURES, help="Seed of everything random.", metavar="N")
]
Clip = Annotated[
    float,
    _option(
        "--clip",
        panel=FIGURES,
        help="Smallest probability in the log loss.",
        metavar="P",
        show_default="2^-52",
    ),
]
OnInvalid = Annotated[
    Literal["refuse", "drop"],
    _option("--on-invalid", panel=FIGURES, help="refuse, or drop and count.", metavar="WHAT"),
]
Threads = Annotated[
    int | None,
    _option(
        "--threads", panel=FIGURES, help="Threads at most.", metavar="N", show_default="all cores"
    ),
]
Calibrator = Annotated[
    str | None,
    _option(
        "--calibrator",
        panel=FIGURES,
        help="Calibrate every score first, with what calaudit fit wrote.",
        metavar="FILE",
        show_default=False,
    ),
]

Worst = Annotated[
    int, _option("--worst", panel=OUTPUT, help="List the K most confidently wrong.", metavar="K")
]
Json = Annotated[bool, _option("--json", panel=OUTPUT, help="Print the report as JSON.")]
Output = Annotated[
    list[Path] | None,
    _option(
        "-o",
        "--output",
        panel=OUTPUT,
        help="Write the report; .json or .txt; may be repeated.",
        metavar="FILE",
        show_default=False,
    ),
]
Quiet = Annotated[
    bool, _option("-q", "--quiet", panel=OUTPUT, help="No progress and no messages on stderr.")
]


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the parts of a comma-separated list; quotes hold a part with a comma together.

    >>> names('cat,"dog, small"')
    ('cat', 'dog, small')
    """
    if text is None:
        return None
    return tuple(part.strip() for part in next(csv.reader([text], skipinitialspace=True), []))


def column_names(text: str | None) -> str | tuple[str, ...] | None:
    """Return one column or prefix as it is, and a comma-separated list as a tuple.

    >>> column_names("p_"), column_names("p_cat,p_dog")
    ('p_', ('p_cat', 'p_dog'))
    """
    return names(text) if text is not None and "," in text else text
