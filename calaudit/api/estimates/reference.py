"""The map from scores to outcomes, from labelled rows or a saved calibrator."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.applying import opened_calibrator
from calaudit.api.reports.assemble import inputs_of
from calaudit.api.rows.compatible import SCORES, check_fits, roles_like
from calaudit.api.rows.open_rows import opened_data, score_roles
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.api.rows.weights import weighted_cells
from calaudit.bounded import read_bounded
from calaudit.calibrators.base import BinaryMap, Calibrator
from calaudit.calibrators.curve_errors import (
    CURVED,
    curve_covariance,
    curve_features,
    saved_covariance,
)
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.methods import BINARY_FITS
from calaudit.calibrators.saved_calibrator import holds_schema
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding, once
from calaudit.metrics.drift import CLIP, MISFIT, misfit
from calaudit.metrics.label_free import Expected, right_if
from calaudit.metrics.logistic import expit
from calaudit.options.choices import Scale, Task
from calaudit.options.commands import EstimateOptions
from calaudit.options.declaration import filled, options_of
from calaudit.options.rows import RowOptions
from calaudit.predictions import Roles
from calaudit.predictions.predictions import Predictions
from calaudit.report.content.certificate_text import method_name
from calaudit.report.estimate_report import Reference
from calaudit.report.evaluation_report import InputFile, Report
from calaudit.report.saved import saved_report
from calaudit.report.threshold_report import DecisionReport
from calaudit.tables.binning import equal_width
from calaudit.tables.cells import Cells
from calaudit.tables.store import table_from_values
from calaudit.tables.summary import SummaryBuilder

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of the map.

    Attributes:
        map, covariance: with the covariance of its parameters.
        task, scale, classes: of the scores that it takes.
        floor: probabilities are clipped to [floor, 1 − floor] before the logit.
        roles: by which such scores are read.
        cells, sample: labelled rows; None of a calibrator.
        label, weight: the columns of their labels and weights, or None.
        told: what the report says of it. notes: on the labelled rows.
    """

    map: BinaryMap
    covariance: Floats
    task: Task
    scale: Scale
    classes: tuple[str, ...]
    floor: float
    roles: Roles
    told: Reference
    cells: Cells | None = None
    sample: Sample | None = None
    label: str | None = None
    weight: str | None = None
    notes: tuple[Finding, ...] = ()

    @property
    def binary(self) -> bool:
        """Whether labels are classes; else 1 means that the prediction is right."""
        return self.task == "binary"

    def right(self, p: Floats) -> Floats:
        """Return (2, m) whether predictions are right, by label."""
        return right_if(p, binary=self.binary)

    def expects(self, cells: Cells) -> Expected:
        """Return rows of such scores with what the map expects of them."""
        points = self.points(cells)
        z, n = self.map.logits(points.p, points.z), cells.counts.sum(axis=0).astype(np.float64)
        return Expected(n, points.p, z, curve_features(self.map, points.z), self.covariance)

    def points(self, cells: Cells) -> Sample:
        """Return the points of a table of such scores."""
        return sample_of(cells, floor=self.floor, scale=table_scale(self.task, self.scale))

    def check_cutoffs(self, report: DecisionReport) -> None:
        """Refuse cutoffs of other scores."""
        mine, theirs = ((each.task, each.scale, each.classes) for each in (self, report))
        if mine != theirs:
            raise InputError(
                f"the cutoffs are of {report.task} {report.scale} scores of "
                f"{', '.join(report.classes) or 'predictions'}; the reference has {self.task} "
                f"{self.scale} scores of {', '.join(self.classes) or 'predictions'}"
            )

    def check(self, predictions: Predictions) -> None:
        """Refuse rows of another kind."""
        check_fits(Calibrator(self.map, self.task, self.scale, self.classes), predictions)


def table_scale(task: Task, scale: Scale) -> Scale:
    """Return what the logits of a table are: those of the file, or of probabilities."""
    return scale if task != "multiclass" else "probability"


def known_from(given: Any, options: EstimateOptions) -> Known:
    """Return what a reference tells of the map.

    Raises:
        SettingsError: there is none, or a calibrator does not tell how uncertain it is.
        InputError: the labelled rows cannot be used. NotEnoughData: they allow no such fit.
    """
    if given is None or (isinstance(given, list | tuple) and not given):
        raise SettingsError(
            "rows without labels tell nothing by themselves: give labelled rows, or a calibrator "
            "fitted on such rows, with --reference"
        )
    single = given[0] if isinstance(given, list | tuple) and len(given) == 1 else given
    path = os.fspath(single) if isinstance(single, str | os.PathLike) else None
    if isinstance(single, Calibrator) or (path and holds_schema(path, "calibrator")):
        return _of_calibrator(opened_calibrator(single), options)
    if path and holds_schema(path, "report"):
        single = saved_report(read_bounded(path))
    if isinstance(single, Report):
        return _of_report(single, options)
    return _of_rows(single, options)


def _of_calibrator(calibrator: Calibrator, options: EstimateOptions) -> Known:
    covariance = saved_covariance(calibrator)
    if covariance is None or not isinstance(calibrator.map, BinaryMap):
        raise SettingsError(
            f"the calibrator ({calibrator.method}) does not tell how uncertain it is, as "
            f"{', '.join(CURVED)} fitted on independent rows do: give the labelled rows themselves "
            "with --reference"
        )
    certificate = calibrator.certificate
    told = Reference(
        inputs=(), rows=certificate.rows, method=calibrator.method,
        parameters=calibrator.parameters(), accuracy=None,
    )  # fmt: skip
    task: Any = calibrator.task
    scale: Any = calibrator.scale
    return Known(
        calibrator.map, covariance, task, scale, calibrator.classes, calibrator.floor,
        score_roles(options), told,
    )  # fmt: skip


def _of_rows(data: Any, options: EstimateOptions) -> Known:
    given: Any = {k: v for k, v in options.items() if k in options_of(RowOptions)}
    with opened_data(data, None, filled(RowOptions, given)) as labelled:  # type: ignore[arg-type]
        if labelled.group is not None:
            raise InputError(
                f"{labelled.inputs[0].path}: its rows belong together by {labelled.group}, and no "
                "interval of rows without labels is known to hold then; give independent rows"
            )
        cells = read_cells(labelled, options["threads"], options["progress"])[0]
        assert labelled.intake is not None
        layout = labelled.layout
        kind = (labelled.task, labelled.scale, labelled.class_names)
        inputs, roles = inputs_of(labelled, labelled.intake), roles_like(labelled)
        columns, notes = (layout.label, layout.weight), once(labelled.notes)
        return _fitted(cells, kind, roles, inputs, columns, options["method"], notes)


def _of_report(report: Report, options: EstimateOptions) -> Known:
    """Return what the score table of a saved evaluation tells."""
    if not report.table or report.groups is not None or "calibrator" in report.settings:
        raise InputError(
            "the saved report is of groups, of calibrated scores or without its score table: give "
            "the labelled rows themselves with --reference"
        )
    found = {role.role: role.columns for role in report.roles}
    role = next(name for name in SCORES if name in found)
    columns, classes = found[role], report.classes
    roles = score_roles(options)
    if not any(getattr(roles, name) for name in SCORES):
        named: Any = {role: columns if len(columns) > 1 else columns[0]}
        roles = replace(roles, **named, classes=classes if len(columns) > 1 else None)
    cells = weighted_cells(table_from_values(report.table), "importance")
    label, weight = (found.get(name, (None,))[0] for name in ("label", "weight"))
    kind: Any = (report.task, report.scale, classes)
    return _fitted(cells, kind, roles, report.inputs, (label, weight), options["method"], [])


def _fitted(
    cells: Cells,
    kind: tuple[Task, Scale, tuple[str, ...]],
    roles: Roles,
    inputs: tuple[InputFile, ...],
    columns: tuple[str | None, str | None],
    method: str,
    notes: list[Finding],
) -> Known:
    """Return the map that is fitted to labelled rows of a kind, in cells.

    Args:
        cells: labelled rows.
        kind: their task, scale and classes.
        roles: by which such scores are read.
        inputs: files of the rows.
        columns: of their labels and weights.
        method: of calibration.
        notes: on the rows.
    """
    task, scale, classes = kind
    sample = sample_of(cells, floor=CLIP, scale=table_scale(task, scale))
    fitted = BINARY_FITS[method](sample)
    right = float((right_if(cells.p, binary=task == "binary") * sample.w).sum())
    p = expit(fitted.logits(sample.p, sample.z))
    off = misfit(p, sample.w[0], sample.w[1], len(fitted.parameters()), sample.w2.sum(axis=0))
    if off < MISFIT:
        notes = [finding("curve-misfits", method=method_name(method), p=off), *notes]
    told = Reference(
        inputs=inputs, rows=int(cells.counts.sum()), method=method,
        parameters=fitted.parameters(), accuracy=min(right / sample.total, 1.0),
    )  # fmt: skip
    return Known(
        fitted, curve_covariance(fitted, sample), task, scale, classes, CLIP, roles, told,
        cells, sample, *columns, tuple(notes),
    )  # fmt: skip


def read_cells(
    predictions: Predictions, threads: int | None, progress: Progress | None
) -> tuple[Cells, dict[tuple[int, str], Cells]]:
    """Return the cells of all rows and of each slice, by column and value."""

    def make() -> SummaryBuilder:
        return SummaryBuilder(
            predictions.task,
            predictions.scale,
            n_classes=predictions.n_classes,
            binning=equal_width(15, "right", predictions.dtype),
        )

    summary, _ = read_summary(
        predictions, make, threads=threads, rounded=lanes_of(predictions), progress=progress
    )
    slices = {key: table.cells() for key, table in summary.slices.items()}
    return weighted_cells(summary.table, "importance"), slices
