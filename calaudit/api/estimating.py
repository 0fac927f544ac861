"""Estimate: from rows without labels and a labelled reference to what labels would give."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Unpack

import numpy as np

from calaudit import __version__
from calaudit.api.decisions.saved_cutoffs import saved_cutoffs
from calaudit.api.estimates.expected import (
    decided_metrics,
    expected_metrics,
    labels_needed,
    other_metrics,
    powered,
)
from calaudit.api.estimates.reference import Known, known_from, read_cells
from calaudit.api.estimates.sampling import sampled, strata_of
from calaudit.api.estimates.told import notes_of, sentence_of
from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.reports.evaluation_settings import checked_intervals
from calaudit.api.rows.declared import path_of, paths_of, said_roles
from calaudit.api.rows.open_rows import shared_out, slice_names
from calaudit.errors import SettingsError
from calaudit.metrics.drift import same_map, scores_moved
from calaudit.options.commands import EstimateOptions
from calaudit.options.declaration import documented
from calaudit.predictions.frames import kept
from calaudit.predictions.opening import open_predictions
from calaudit.predictions.unlabelled import open_scores
from calaudit.report.compare_report import Moves
from calaudit.report.estimate_report import EstimateReport, ExpectedSlice
from calaudit.tables.cells import Cells

SLICE_ROWS = 30
"""Rows from which a slice has figures."""


@documented(EstimateOptions)
def estimate(data: Any, **options: Unpack[EstimateOptions]) -> EstimateReport:
    """Return what labels of rows without labels would give, if calibration transfers.

    Scores of the rows go through a calibrator that was fitted on labelled ones. Whether what a
    score stands for is the same in both, nothing in rows without labels can show: the report says
    how many labels would.

    Args:
        data: a path, a directory, a glob or several of them, or a frame, without labels.
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.metrics`` has the figures with their intervals.

    Raises:
        InputError: the data cannot be used as it is. NotEnoughData: the labelled rows allow no map.
        SettingsError: an argument is wrong, or there is no reference.
    """
    checked_intervals(level=options["level"], seed=options["seed"], threads=options["threads"])
    if not 0.0 < options["matters"] <= 0.5:
        raise SettingsError(f"--matters is a share above 0, up to 0.5, not {options['matters']}")
    decided = saved_cutoffs(options["thresholds"])
    known = known_from(options["reference"], options)
    level, seed = options["level"], options["seed"]
    paths, data = paths_of(data), kept(data)  # which is read several times
    by = slice_names(options["by"])
    roles = replace(known.roles, by=by, id=options["id"])
    predictions = open_scores(
        data if paths is None else paths, roles=roles, task=known.task, scale=known.scale,
        classes=known.classes, on_invalid=options["on_invalid"],  # type: ignore[arg-type]
    )  # fmt: skip
    with predictions:
        shared_out(predictions, options)
        known.check(predictions)
        cells, by_slice = read_cells(predictions, options["threads"], options["progress"])
        rows, points = known.expects(cells), known.points(cells)
        rng = np.random.default_rng([seed, 71])
        metrics = expected_metrics(rows, binary=known.binary, level=level, rng=rng)
        if decided is not None:
            known.check_cutoffs(decided)
            metrics |= decided_metrics(rows, points, decided, binary=known.binary, level=level)
        otherwise = other_metrics(known, cells, level=level)
        counted = known.cells if known.weight is None else None  # tests are of rows of weight 1
        labelled = _labelled(data, known, options)
        map_p = None
        if labelled is not None:
            otherwise |= powered(known, labelled, cells, level=level)
            map_p = None if counted is None else same_map(counted, labelled)[0]
        slices = [
            _slice(by[column], value, part, known, options)
            for (column, value), part in sorted(by_slice.items())
        ]
        sample = None
        if options["sample"] is not None:
            strata = strata_of(cells, rows, options["sample"])
            more: Any = {"threads": options["threads"], "progress": options["progress"]}
            sample = sampled(predictions, known, strata, seed=seed, **more)
        moves = None if counted is None else scores_moved(counted, cells)
        assert predictions.intake is not None
        report = EstimateReport(
            calaudit=__version__,
            inputs=inputs_of(predictions, predictions.intake),
            roles=roles_of(predictions),
            settings=_settings(options, paths),
            task=known.task,
            scale=known.scale,
            classes=known.classes,
            intake=intake_of(predictions.intake),
            sentence="",
            lead="",
            reference=known.told,
            metrics=metrics,
            otherwise=otherwise,
            slices=tuple(slices),
            moves=None if moves is None else Moves(**asdict(moves)),
            map_p=map_p,
            needed=labels_needed(rows, options["matters"], binary=known.binary),
            sample=sample,
        )
        lead, rest = sentence_of(report)
        there = {c.name for s in predictions.sources for c in s.columns}
        asked = known.weight, None if options["labelled"] else known.label
        unread = [name for name in asked if name is not None and name in there]
        notes = notes_of(report, predictions, known, unread=unread)
        return replace(report, lead=lead, sentence=f"{lead} {rest}".strip(), notes=tuple(notes))


def _slice(
    column: str, value: str, cells: Cells, known: Known, options: EstimateOptions
) -> ExpectedSlice:
    rows, count = known.expects(cells), int(cells.counts.sum())
    rng = np.random.default_rng([options["seed"], 72])
    few = count < SLICE_ROWS
    metrics = (
        {} if few else expected_metrics(rows, binary=known.binary, level=options["level"], rng=rng)
    )
    return ExpectedSlice(column=column, value=value, rows=count, metrics=metrics)


def _labelled(data: Any, known: Known, options: EstimateOptions) -> Cells | None:
    """Return the cells of the rows that have a label, or None where none is asked for."""
    column = options["labelled"]
    if column is None:
        return None
    roles = replace(known.roles, positive=options["positive"], weight="none")
    top = known.task == "top-label"
    roles = replace(roles, correct=column) if top else replace(roles, label=column)
    on_invalid: Any = options["on_invalid"]
    with open_predictions(data, roles=roles, task=known.task, on_invalid=on_invalid) as labelled:
        shared_out(labelled, options)
        labelled.allow_unmatched = True
        known.check(labelled)
        return read_cells(labelled, options["threads"], None)[0]


def _settings(options: EstimateOptions, paths: list[str] | None) -> dict[str, Any]:
    said = said_roles(EstimateOptions, options)
    apart: dict[str, Any] = {name: said.pop(name) for name in ("by", "id") if name in said}
    more: dict[str, Any] = {name: options[name] for name in ("thresholds", "labelled", "sample")}
    more["thresholds"] = more["thresholds"] and path_of(more["thresholds"])
    apart |= {name: value for name, value in more.items() if value}
    apart["reference"] = paths_of(options["reference"])
    same: dict[str, Any] = {**options}
    apart |= {name: same[name] for name in ("method", "matters", "level", "seed", "on_invalid")}
    return apart | {"declared": said | ({} if paths is None else {"data": paths})}
