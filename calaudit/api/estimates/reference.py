"""The map from scores to outcomes, from labelled rows or a saved calibrator."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.applying import opened_calibrator
from calaudit.api.reports.assemble import inputs_of
from calaudit.api.rows.compatible import check_fits, roles_like
from calaudit.api.rows.open_rows import opened_data, score_roles
from calaudit.api.rows.reading import Progress, lanes_of, read_summary
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.base import BinaryMap, Calibrator
from calaudit.calibrators.curve_errors import (
    CURVED,
    curve_covariance,
    curve_features,
    saved_covariance,
)
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.methods import BINARY_FITS
from calaudit.calibrators.saved_calibrator import holds_calibrator
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
from calaudit.report.estimate_report import Reference
from calaudit.report.threshold_report import DecisionReport
from calaudit.tables.binning import equal_width
from calaudit.tables.cells import Cells
from calaudit.tables.summary import SummaryBuilder

__all__ = ["Known", "known_from", "read_cells", "table_scale"]

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
    saved = isinstance(single, str | os.PathLike) and holds_calibrator(os.fspath(single))
    if saved or isinstance(single, Calibrator):
        return _of_calibrator(opened_calibrator(single), options)
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
    rows: Any = filled(RowOptions, given | {"workers": options["workers"]})
    with opened_data(data, None, rows) as labelled:
        if labelled.group is not None:
            raise InputError(
                f"{labelled.inputs[0].path}: its rows belong together by {labelled.group}, and no "
                "interval of rows without labels is known to hold then; give independent rows"
            )
        cells = read_cells(labelled, options["threads"], options["progress"])[0]
        method = options["method"]
        task, scale = labelled.task, table_scale(labelled.task, labelled.scale)
        sample = sample_of(cells, floor=CLIP, scale=scale)
        fitted = BINARY_FITS[method](sample)
        right = float((right_if(cells.p, binary=task == "binary") * sample.w).sum())
        p = expit(fitted.logits(sample.p, sample.z))
        off = misfit(p, sample.w[0], sample.w[1], len(fitted.parameters()), sample.w2.sum(axis=0))
        weight = labelled.layout.weight
        notes = once(labelled.notes)
        if off < MISFIT:
            notes.insert(0, finding("curve-misfits", method=method, p=off))
        assert labelled.intake is not None
        told = Reference(
            inputs=inputs_of(labelled, labelled.intake), rows=int(cells.counts.sum()),
            method=method, parameters=fitted.parameters(),
            accuracy=min(right / sample.total, 1.0),
        )  # fmt: skip
        return Known(
            fitted, curve_covariance(fitted, sample), task, labelled.scale, labelled.class_names,
            CLIP, roles_like(labelled), told, cells, sample, labelled.layout.label, weight,
            tuple(notes),
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
