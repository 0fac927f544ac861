"""Monitor: batches in order of time, and whether scores are still what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import Any, Unpack

import numpy as np

from calaudit import __version__
from calaudit.api.checks.baselines import read_baseline
from calaudit.api.comparisons.changes import change_between, change_notes
from calaudit.api.monitors.progress import after, sorted_out
from calaudit.api.monitors.reading import Found, Given, found_in, period_in
from calaudit.api.monitors.state import State, read_state, write_state
from calaudit.api.monitors.verdict import recheck_of, said_of, shift_of, status_of
from calaudit.api.monitors.watched import Saved, saved_threshold
from calaudit.api.rows.declared import path_of, paths_of
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding, said
from calaudit.options.commands import MonitorOptions
from calaudit.options.declaration import documented, options_of
from calaudit.options.monitoring import Watch
from calaudit.predictions.cuts import period_of
from calaudit.report.check_report import INCONCLUSIVE
from calaudit.report.compare_report import Change
from calaudit.report.evaluation_report import Report
from calaudit.report.monitor_report import MonitorReport, Waiting
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.store import table_from_values

LEVEL = 0.95
"""Of the intervals of batches, each by itself."""


@documented(MonitorOptions)
def monitor(data: Any = None, **options: Unpack[MonitorOptions]) -> MonitorReport:
    """Watch predictions over time: an alarm when scores are off by more than a tolerance.

    Args:
        data: files or frames: with ``time`` rows in order of a date, else a batch each. None:
            what the ``state`` holds.
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; it is false where there is an alarm.

    Raises:
        InputError: the data or the state cannot be used, or do not belong together.
        SettingsError: an argument is wrong.
    """
    _check(data, options)
    saved, state = saved_threshold(options["threshold"]), read_state(options["state"])
    if data is None and not state.batches:
        raise SettingsError(f"{options['state']} holds no batch yet: name the files of predictions")
    given = None if data is None else found_in(data, options, saved)
    state = state.check(_about(options, given, saved), options["state"])
    new, waiting = ([], []) if given is None else _sorted(given, state, options)
    for batch in new:
        judge = None
        if saved is not None and given is not None:
            judge = partial(saved.of, keys=given.keys)
        state = after(
            state, batch, tolerance=options["tolerance"], alpha=options["alpha"], judge=judge
        )
    if options["state"] is not None and (new or not state.written):
        write_state(options["state"], state)
    return _report(data, options, state, given, waiting, new, saved)


def _check(data: Any, options: MonitorOptions) -> None:
    """Refuse what is out of range or does not go together."""
    tolerance, alpha, matters = options["tolerance"], options["alpha"], options["matters"]
    if not 0.0 <= tolerance <= 0.5:
        raise SettingsError(f"--tolerance is a share from 0 to 0.5, not {tolerance}")
    if not 0.0 < alpha <= 0.5:
        raise SettingsError(f"--alpha is a probability above 0 and at most 0.5, not {alpha}")
    if matters is not None and not tolerance < matters < 1.0:
        raise SettingsError(
            f"--matters is a share above the tolerance ({tolerance:g}) and below 1, not {matters}"
        )
    if data is None and options["state"] is None:
        raise SettingsError("nothing to read: name files of predictions, or a --state")
    period_in(options["every"])


def _about(options: MonitorOptions, given: Given | None, saved: Saved | None) -> dict[str, Any]:
    """Return what must be the same in every run, by name."""
    every = f"{options['every']} of {options['time']}" if options["time"] else "one a file"
    asked = {
        "the release": options["release"] or "",
        "the tolerance": float(options["tolerance"]),
        "alpha": float(options["alpha"]),
    }
    if given is None:
        return asked
    return asked | {
        "batches by": every,
        "rows that belong together": options["group"] or "",
        "the threshold": "" if saved is None else saved.digest(),
        **given.model,
    }


def _sorted(
    given: Given, state: State, options: MonitorOptions
) -> tuple[list[Found], list[Waiting]]:
    closed, every = options["closed"], options["every"]
    timed = options["time"] is not None
    if timed and closed is not None and isinstance(period_in(every), str):
        closed = period_of(closed, str(every)) or closed
    path = options["state"] or "the state"
    return sorted_out(given.batches, state, timed=timed, closed=closed, path=path)


def _report(
    data: Any,
    options: MonitorOptions,
    state: State,
    given: Given | None,
    waiting: Sequence[Waiting],
    new: Sequence[Found],
    saved: Saved | None,
) -> MonitorReport:
    dependent = bool(state.about["rows that belong together"])
    change = _change(options["reference"], state, independent=not dependent)
    notes = [*_notes(options, state, given, waiting, new), *change_notes(change)]
    given_options: dict[str, Any] = {**options}
    settings = {
        name: path_of(value) if name in ("state", "reference", "threshold") else value
        for name in (*options_of(Watch), "group")
        if (value := given_options[name]) is not None
    }
    declared = {} if given is None else given.declared
    report = MonitorReport(
        calaudit=__version__, status=INCONCLUSIVE, sentence="",
        inputs=() if given is None else given.inputs,
        roles=() if given is None else given.roles,
        settings=settings | {"level": LEVEL, "data": paths_of(data), "declared": declared},
        task=state.about["task"], classes=tuple(state.about["classes"]),
        units="batches" if dependent else "rows",
        batches=state.batches, waiting=tuple(waiting), new=len(new), change=change,
        capacity=None if saved is None else saved.capacity, notes=tuple(notes),
    )  # fmt: skip
    report = replace(report, status=status_of(report))
    report = replace(report, shift=shift_of(report), recheck=recheck_of(report, state.evidence))
    return replace(report, **said(said_of(report), notes))


def _change(reference: Any, state: State, *, independent: bool) -> Change | None:
    """Return what changed from a saved report to the last ten batches."""
    if reference is None:
        return None
    report = reference if isinstance(reference, Report) else read_baseline(reference)
    parts = {"task": report.task, "classes": report.classes}
    for name, value in parts.items():
        if value != state.about[name]:
            raise InputError(
                f"the reference has the {name} {value}, and the batches {state.about[name]}: give "
                "a report on the same kind of rows"
            )
    table, recent = table_from_values(report.table), state.evidence.recent
    if not independent or report.groups or report.task == "multiclass" or not recent:
        return None
    if table.weights is not None:
        raise InputError("the reference has weights: evaluate it again with --weight none")
    return change_between(table.cells(), reduce(ScoreTable.merge, recent).cells())


def _notes(
    options: MonitorOptions,
    state: State,
    given: Given | None,
    waiting: Sequence[Waiting],
    new: Sequence[Found],
) -> list[Finding]:
    """Return what should be known of the batches."""
    rate = sum(b.observed * b.rows for b in state.batches) / max(
        sum(b.rows for b in state.batches), 1
    )
    tolerance = options["tolerance"]
    found = [] if given is None else [*given.notes]
    late = [batch for batch in waiting if batch.reason == "labels"]
    if late:
        left = sum(batch.rows - batch.labelled for batch in late)
        found.append(finding("batches-waiting", batches=len(late), rows=left, last=late[-1].name))
    left = sum(batch.waiting for batch in new)
    if left:
        found.append(finding("labels-given-up", rows=left))
    if any(batch.reason == "rows" for batch in waiting):
        found.append(finding("batch-not-full", rows=waiting[-1].rows, wanted=int(options["every"])))
    if state.about["rows that belong together"]:
        found.append(finding("batch-means-alone"))
        shared = _shared_groups(new)
        found += [finding("groups-in-batches", groups=shared)] if shared else []
    if state.evidence.clipped:
        found.append(finding("certain-scores", rows=state.evidence.clipped))
    if state.batches and min(rate, 1.0 - rate) < tolerance:
        found.append(finding("tolerance-wide", tolerance=tolerance, share=100 * rate))
    if state.about["task"] == "multiclass":
        found.append(finding("confidence-watched"))
    return found


def _shared_groups(batches: Sequence[Found]) -> int:
    """Return how many groups have rows in several batches, as far as each is told apart."""
    tables = [batch.groups for batch in batches if batch.groups is not None]
    if any(table.bits < 64 for table in tables):
        return 0
    codes = [np.unique(table.codes) for table in tables]
    _, counts = np.unique(np.concatenate([*codes, np.zeros(0, np.uint64)]), return_counts=True)
    return int((counts > 1).sum())
