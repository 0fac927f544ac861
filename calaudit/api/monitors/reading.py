"""From files to batches: tables in order of time, and how many rows wait for their label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from calaudit.api.reports.assemble import inputs_of, roles_of
from calaudit.api.rows.open_rows import opened_data
from calaudit.api.rows.reading import Gathering, lanes_of, read_summary
from calaudit.errors import InputError, MergeError, SettingsError
from calaudit.findings.finding import Finding
from calaudit.metrics.evidence import BINNING
from calaudit.options.commands import EvaluateOptions, MonitorOptions
from calaudit.options.declaration import defaults
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.cuts import PERIODS
from calaudit.predictions.files import expand
from calaudit.predictions.intake import Intake
from calaudit.predictions.names import natural_key
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.slices import MISSING
from calaudit.predictions.spans import Moments, cut_by, spans_of
from calaudit.predictions.subset import subset
from calaudit.report.evaluation_report import InputFile, RoleResult
from calaudit.tables.binning import Binning
from calaudit.tables.groups import GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary, SummaryBuilder

BATCHES = "batch"
"""What --group takes for rows that depend on all others of their batch."""


PIPES = ("-", "/dev/", "/proc/")
"""What names begin with that can be read only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A batch as it was read.

    Attributes:
        name: of it. table: of its rows with a label; None where there are none.
        waiting: rows without one. open: whether it is not full.
        groups: its rows by group, where rows belong together.
    """

    name: str
    table: ScoreTable | None
    waiting: int
    open: bool = False
    groups: GroupTable | None = None

    @property
    def rows(self) -> int:
        """Rows with a label."""
        return 0 if self.table is None else self.table.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All that was read.

    Attributes:
        batches: in order. model: what must be the same in all of them, by name.
        keys: from which cases are reviewed, and acted on, by a saved threshold.
        inputs, roles, notes: as in reports. declared: how the user named it.
    """

    batches: tuple[Found, ...]
    model: dict[str, Any]
    keys: tuple[int | None, ...]
    inputs: tuple[InputFile, ...]
    roles: tuple[RoleResult, ...]
    notes: tuple[Finding, ...]
    declared: dict[str, Any]


def period_in(every: str | int) -> str | int:
    """Return a period by name, or a number of rows.

    Raises:
        SettingsError: it is neither.
    """
    if every in PERIODS:
        return every
    text = str(every)
    if text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) < 10:
        return int(text)
    raise SettingsError(
        f"--every is one of {', '.join(PERIODS)}, or a number of rows, not {text!r:.40}"
    )


def found_in(data: Any, options: MonitorOptions, saved: Any) -> Given:
    """Return the batches of data: periods of a date, or one a file.

    Args:
        data: files or frames.
        options: of the command.
        saved: a report of `threshold` that the batches are held against, or None.

    Raises:
        InputError: a file cannot be read, or is of other classes or columns than another.
    """
    if options["time"] is not None:
        return _read(data, options, saved, "")
    parts = [_read(part, options, saved, name) for name, part in _files(data)]
    for part in parts[1:]:
        check_same(parts[0].model, part.model, part.inputs[0].path, parts[0].inputs[0].path)
    return replace(
        parts[-1],
        batches=tuple(batch for part in parts for batch in part.batches),
        inputs=tuple(each for part in parts for each in part.inputs),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def check_same(one: dict[str, Any], other: dict[str, Any], here: str, there: str) -> None:
    """Refuse batches that are not of one model.

    Raises:
        InputError: they differ; the message says in what.
    """
    for name, value in one.items():
        if other.get(name) != value:
            raise InputError(
                f"{here}: {name} {_shown(other.get(name))} here, and {_shown(value)} in {there}: "
                "these are not batches of one model. Begin another state, or give what belongs "
                "together"
            )


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value))[:60]


def _files(data: Any) -> list[tuple[str, Any]]:
    """Return the files, one a batch, by name; frames and pipes have none yet."""
    parts = data if isinstance(data, list | tuple) else [data]
    if any(not isinstance(part, str | Path) or str(part).startswith(PIPES) for part in parts):
        return [("", part) for part in parts]
    shown = [file.shown for file in expand(parts)]
    if shown == sorted(shown):  # by a pattern: week-10 comes after week-9
        shown.sort(key=natural_key)
    return [(Path(each).name, each) for each in shown]


def _read(data: Any, options: MonitorOptions, saved: Any, name: str) -> Given:
    time, every = options["time"], period_in(options["every"])
    shared = {k: v for k, v in options.items() if k in EvaluateOptions.__annotations__}
    opening: Any = defaults(EvaluateOptions) | shared
    by = () if time is None else (f"{time}:{every if every in PERIODS else 'day'}",)
    group = None if options["group"] == BATCHES else options["group"]
    asked = tuple((each, "--time") for each in by)
    with opened_data(
        data, None, opening, id=options["id"], by=by, group=group, asked=asked
    ) as predictions:
        predictions.allow_unmatched = predictions.may_wait = True
        last = ""
        if isinstance(every, int) and by:
            moments = Moments(column := predictions.layout.cuts[by[0]].column, "moment")
            counted = _moments(cut_by(predictions, by[0], moments), options)
            if not counted.keys() - {MISSING}:
                raise InputError(f"{predictions.inputs[0].path}: no row has a date in {column!r}.")
            spans, last = spans_of(column, counted, every)
            predictions = cut_by(predictions, by[0], spans)
        if predictions.layout.weight is not None:
            raise InputError(
                f"{predictions.inputs[0].path}: evidence counts rows, and these have weights in "
                f"{predictions.layout.weight!r}. Say --weight none to count each once."
            )
        keys = () if saved is None else saved.keys(predictions)
        summary, intake = _summary(predictions, options, keys)
        found = _batches(summary, intake, name, bool(by), last, predictions)
        roles = {
            role.role: role.columns
            for role in predictions.roles
            if role.role not in ("by", "id", "group", "weight")
        }
        # Rows that wait are told of by batch, and are not invalid.
        left = {"slices-by-period", "labels-waiting"}
        return Given(
            batches=found,
            model={
                "task": predictions.task, "classes": predictions.class_names,
                "scale": predictions.scale, **{f"column of the {k}": v for k, v in roles.items()},
            },
            keys=keys,
            inputs=inputs_of(predictions, intake),
            roles=roles_of(predictions),
            declared=predictions.declared,
            notes=tuple(n for n in predictions.notes if n.code not in left),
        )  # fmt: skip


def _moments(predictions: Predictions, options: MonitorOptions) -> Counter[str]:
    """Return how many rows there are of each moment, with a label or waiting for it."""
    view = subset(predictions, by=predictions.layout.by[:1])
    found, intake = read_summary(view, _Rows, threads=options["threads"], rounded=0, progress=None)
    return found.of + intake.waiting


class _Rows(Gathering):
    """How many rows there are of each slice."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def add(self, chunk: Chunk) -> None:
        codes, values = chunk.slices[0].codes, chunk.slices[0].values
        rows = np.bincount(codes, minlength=len(values)).tolist()
        self.of.update(dict(zip(values, rows, strict=True)))

    def merge(self, other: _Rows) -> _Rows:
        self.of.update(other.of)
        return self


def _summary(
    predictions: Predictions, options: MonitorOptions, keys: Sequence[int | None]
) -> tuple[Summary, Intake]:
    """Return what was read, in tables that are cut where cutoffs and bins begin."""
    begins = sorted({*BINNING.begins.tolist(), *(key for key in keys if key is not None)})
    cut = Binning("right", np.array(begins, np.int64), BINNING.lower, BINNING.upper)
    make = partial(
        SummaryBuilder, predictions.task, predictions.scale, n_classes=predictions.n_classes,
        binning=cut, group=predictions.group,
    )  # fmt: skip
    try:
        return read_summary(
            predictions, make, threads=options["threads"], rounded=lanes_of(predictions),
            progress=options["progress"],
        )  # fmt: skip
    except MergeError:  # tables that stand in the place of rows
        raise InputError(
            f"{predictions.inputs[0].path}: what calaudit summarize wrote is cut for other "
            "figures: give the predictions themselves"
        ) from None


def _batches(
    summary: Summary,
    intake: Intake,
    name: str,
    timed: bool,
    last: str,
    predictions: Predictions,
) -> tuple[Found, ...]:
    """Return the batches of what was read, in order of time."""
    if not timed:
        waiting = intake.refused.get("missing-label")
        count = 0 if waiting is None else waiting.count
        return (Found(name=name, table=summary.table, waiting=count, groups=summary.groups),)
    names = sorted({value for _, value in summary.slices} | intake.waiting.keys())
    if MISSING in names:
        raise InputError(
            f"{predictions.inputs[0].path}: rows without a date are in no batch. Fill the dates "
            "in, or leave these rows out, as by --where 'date>2000-01-01' --on-invalid drop"
        )
    return tuple(
        Found(
            name=each, table=summary.slices.get((0, each)), waiting=intake.waiting[each],
            open=each == last, groups=summary.slice_groups.get((0, each)),
        )
        for each in names
    )  # fmt: skip
