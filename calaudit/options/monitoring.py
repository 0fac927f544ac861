"""What is watched, in which batches, and when it is an alarm."""

from functools import partial
from typing import Annotated, Any, TypedDict

from calaudit.options.declaration import Option

_watch = partial(Option, panel="Batches and alarm")


class Watch(TypedDict, total=False):
    """What is watched, and what is carried from run to run."""

    time: Annotated[
        str | None,
        _watch(
            "The date of a row; without it every file is a batch.",
            metavar="COLUMN",
        ),
    ]
    every: Annotated[
        str | int,
        _watch(
            "A batch with --time: hour, day, week, month, quarter, year, or so many rows.",
            default="week",
            metavar="PERIOD",
        ),
    ]
    closed: Annotated[
        str | None,
        _watch(
            "The last batch (or a date in it) that gets no more labels: it and those before it "
            "are counted with the labels that they have.",
            metavar="BATCH",
        ),
    ]
    state: Annotated[
        Any,
        _watch(
            "Carried from run to run: read where it is there, and written with the new batches.",
            "Path of a file that is carried from run to run: read where it is there, and written "
            "with the new batches.",
            metavar="FILE",
        ),
    ]
    release: Annotated[
        str | None,
        _watch("Version of the model; the state of another is refused.", metavar="NAME"),
    ]
    tolerance: Annotated[
        float,
        _watch(
            "How far outcomes may be from a score, at every score, before it matters.",
            default=0.02,
            metavar="SHARE",
        ),
    ]
    alpha: Annotated[
        float,
        _watch(
            "Probability of ever a false alarm, however often it is looked.",
            default=0.05,
            metavar="P",
        ),
    ]
    matters: Annotated[
        float | None,
        _watch(
            "Smallest shift of the mean outcome that matters: how long until it is found.",
            metavar="SHARE",
            shown="two and a half tolerances",
        ),
    ]
    reference: Annotated[
        Any,
        _watch(
            "A report that evaluate wrote: what moved since, scores or what they stand for.",
            "A report of `evaluate`, or its path: what moved since, scores or what they stand for.",
            metavar="FILE",
        ),
    ]
    threshold: Annotated[
        Any,
        _watch(
            "A report that threshold wrote: whether what it promised still holds.",
            "A report of `threshold`, or its path: whether what it promised still holds.",
            metavar="FILE",
        ),
    ]
    strict: Annotated[
        bool,
        _watch("Exit with 4 while nothing can be said.", default=False),
    ]
