"""What the rows are: columns with their roles, or arrays, and how they are read."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.choices import READINGS, SCALES
from calaudit.options.declaration import Option

ROLES = "Data roles (inferred when not given)"
FIGURES = "Figures"

_role = partial(Option, panel=ROLES, metavar="COLUMN")
_reading = partial(Option, panel=FIGURES)


class Arrays(TypedDict, total=False):
    """What goes with ``y_prob``: arrays in place of columns."""

    y_true: Annotated[Any, Option(doc="(n,) labels, as an alternative to the first argument.")]
    sample_weight: Annotated[Any, Option(doc="(n,) weights, with arrays.")]
    scale: Annotated[
        str,
        Option(
            doc='"probability" or "logit", with arrays.',
            default="probability",
            choices=SCALES,
        ),
    ]


class Label(TypedDict, total=False):
    """The truth."""

    label: Annotated[
        str | None, _role("The true class or outcome; or a prefix, one 0/1 column a class.")
    ]


class Scores(TypedDict, total=False):
    """Scores of classes."""

    score: Annotated[str | None, _role("Binary: probability of the positive class.")]
    probs: Annotated[
        str | Sequence[str] | None,
        _role("Class probabilities: prefix, a,b,c or a list column.", metavar="COLUMNS"),
    ]
    logits: Annotated[
        str | Sequence[str] | None,
        _role("Class logits, in the same ways; or a binary logit.", metavar="COLUMNS"),
    ]


class Stated(TypedDict, total=False):
    """The score of a prediction that is right or wrong."""

    confidence: Annotated[str | None, _role("Stated confidence of the prediction.")]


class Outcomes(TypedDict, total=False):
    """What else a row has."""

    correct: Annotated[str | None, _role("Whether the prediction was right.")]
    prediction: Annotated[str | None, _role("The predicted class.")]
    samples: Annotated[
        str | None,
        _role(
            "The question that several rows answer: how many agree is the confidence.",
            "Column of the question that several rows answer; a question is then a row, and the "
            "share of its answers that agree the column ``agreement``.",
        ),
    ]
    unanswered: Annotated[
        str,
        _role(
            "Predictions that are missing: left out, or wrong.",
            'Whether predictions that are missing are left "out", or "wrong".',
            default="out",
            choices=("out", "wrong"),
            metavar="WHAT",
        ),
    ]
    weight: Annotated[
        str | None,
        _role(
            "Weight of the row; none for no weights.",
            'Weight of the row; "none" leaves out a column that is named like a weight.',
        ),
    ]


class Id(TypedDict, total=False):
    """The name of a row."""

    id: Annotated[str | None, _role("Name of the row: for --worst and --labels.")]


class LabelFile(TypedDict, total=False):
    """Labels that stand elsewhere."""

    labels: Annotated[
        Any,
        _role(
            "Labels in a second file, joined by --id or in its order.",
            "Data with the label of each row by ``id``, or in the order of the rows where neither "
            "has one, where it is not in ``data``.",
            metavar="FILE",
        ),
    ]


class Labels(LabelFile, total=False):
    """Labels that stand elsewhere, and may have no partner."""

    allow_unmatched: Annotated[
        bool,
        _role("Use rows with a label or partner although others have none.", default=False),
    ]


class Judge(TypedDict, total=False):
    """A score that somebody else gives the rows."""

    judge: Annotated[
        str | None,
        _role(
            "A judge's score or verdict; --label is a person's, of some rows.",
            "Column of a judge's score or verdict of each row, of which ``label`` is a person's, "
            "of some of the rows.",
        ),
    ]


class Slices(TypedDict, total=False):
    """Parts of the rows."""

    by: Annotated[
        str | Sequence[str] | Mapping[str, Any],
        _role(
            "The same figures for each of its values, for date:month (hour, day, week, quarter, "
            "year) or amount:5 (bins of about as many rows); may be repeated.",
            'Slice columns, "date:month" (hour, day, week, quarter, year) for periods and '
            '"amount:5" for bins of about as many rows; with arrays, a mapping from name to (n,) '
            "values.",
            default=(),
            repeated=True,
        ),
    ]
    edges: Annotated[
        Mapping[str, Sequence[float]] | None,
        Option(
            doc='Where bins begin, as {"amount:3": (10, 50)}; as many rows each when not given.'
        ),
    ]


class Group(TypedDict, total=False):
    """Rows that belong together."""

    group: Annotated[
        Any,
        _role(
            "Rows with one value belong together: intervals and tests are those of groups.",
            "Column (with arrays: (n,) values) whose rows belong together, as of one patient or "
            "question: intervals and tests are those of groups.",
        ),
    ]


class Positive(TypedDict, total=False):
    """The class that a single score is of."""

    positive: Annotated[
        str | None,
        _role("One score: the label that counts as 1, against all others.", metavar="LABEL"),
    ]


class NoHeader(TypedDict, total=False):
    """How text begins."""

    no_header: Annotated[
        bool,
        _role("Text begins with a row: its columns are called 1, 2, ….", default=False),
    ]


class Classes(NoHeader, total=False):
    """How scores are written."""

    classes: Annotated[
        Sequence[str] | None,
        _role("Class names in the order of the columns; or LABEL=PREDICTION.", metavar="A,B,C"),
    ]
    out_of: Annotated[
        float,
        _role("Largest possible score: 10, 100.", default=1.0, metavar="N", shown="1"),
    ]


class Kind(TypedDict, total=False):
    """What kind of rows they are."""

    task: Annotated[
        str | None,
        _role(
            "binary, multiclass, top-label or multilabel.",
            choices=READINGS,
            metavar="TASK",
        ),
    ]
    regions: Annotated[
        str | None,
        _role(
            "Maps of pixels: rows are the regions of this map of ids; or IDS,TRUE_IDS.",
            "Maps of pixels: the map of ids whose regions are rows, hits where most of their "
            'pixels have the class; with "ids,true_ids" where an overlap is at least half.',
            metavar="IDS",
        ),
    ]
    weight_kind: Annotated[
        str,
        _role(
            "importance, or frequency (a row counts for so many rows).",
            default="importance",
            choices=("importance", "frequency"),
            metavar="KIND",
        ),
    ]


class Where(TypedDict, total=False):
    """Which rows are read."""

    where: Annotated[
        str | None,
        _role(
            "Only these rows: COLUMN=VALUE, or a condition such as 'date<2025-09-01'.",
            metavar="CONDITION",
        ),
    ]


class Invalid(TypedDict, total=False):
    """What becomes of rows that cannot be used."""

    on_invalid: Annotated[
        str,
        _reading(
            "refuse, or drop and count.",
            '"refuse" invalid rows, or "drop" and count them.',
            default="refuse",
            choices=("refuse", "drop"),
            metavar="WHAT",
        ),
    ]


class Passes(Invalid, total=False):
    """How rows are read."""

    threads: Annotated[
        int | None,
        _reading(
            "Threads at most.",
            "Most threads; the figures do not depend on it.",
            metavar="N",
            shown="as many as cores, 4 at most",
        ),
    ]
    workers: Annotated[
        int | None,
        _reading(
            "Processes at most, of large files.",
            "Most processes that read large files; the figures do not depend on it. None: as many "
            "as cores, or threads, where each has enough to read.",
            metavar="N",
            shown="as many as cores, or threads",
        ),
    ]
    cluster: Annotated[
        Any,
        _reading(
            "Scheduler of a Dask cluster that reads, as tcp://host:8786.",
            "A Dask cluster whose workers read files and objects in the place of this machine: the "
            "address of its scheduler, or a `distributed.Client`. The figures do not depend on it.",
            metavar="ADDRESS",
        ),
    ]


class Reading(Where, Passes, total=False):
    """Which rows are read, and how."""


class Follow(TypedDict, total=False):
    """How to follow the work."""

    progress: Annotated[
        Callable[[int, int | None], None] | None,
        Option(
            doc="Called with rows done and rows in all, or None; where it has a method ``stage``, "
            "that is called with what is being done."
        ),
    ]


class RowOptions(
    Arrays, Label, Scores, Stated, Outcomes, Positive, Classes, Kind, Reading, total=False
):
    """What every use case takes to open labelled rows."""
