"""The cutoffs that an audit is asked to recommend, on calibrated scores."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np

from calaudit.api.decisions.opened import Request
from calaudit.api.decisions.tables import DecisionTables
from calaudit.api.decisions.threshold_settings import ThresholdSettings, asked
from calaudit.api.rows.reading import Progress
from calaudit.api.thresholding import check_decidable, decided, empty_tables
from calaudit.calibrators.base import Calibrator
from calaudit.errors import SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.options.commands import AuditOptions
from calaudit.options.decisions import Cases, Matrix
from calaudit.options.declaration import chosen
from calaudit.predictions.predictions import Predictions
from calaudit.report.threshold_report import DecisionReport


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What is asked for.

    Attributes:
        settings: costs, limits and so on. cost_matrix: of class probabilities, or None.
        per_class: whether each predicted class gets a cutoff.
        given: arguments that were given, as JSON values.
    """

    settings: ThresholdSettings
    cost_matrix: Any
    per_class: bool
    given: dict[str, Any]

    def check(self, judged: Predictions) -> None:
        """Check it against the data, before any row is read.

        Raises:
            SettingsError: they do not go together.
        """
        request = Request.of(judged, self.settings, None, None)
        check_decidable(request, cost_matrix=self.cost_matrix, per_class=self.per_class)
        if self.settings.current is not None and judged.task == "multiclass":
            raise SettingsError(
                "--current is a cutoff on the confidence as it is, and what that becomes by "
                "calibration depends on all the class probabilities: leave it out"
            )

    def request(
        self, judged: Predictions, calibrator: Calibrator | None, progress: Progress | None
    ) -> Request:
        """Return the request, before any row is read.

        Args:
            judged: the rows, opened.
            calibrator: what every score goes through first, or None.
            progress: called with rows done and rows in all.
        """
        settings = self.settings
        if settings.current is not None and calibrator is not None:
            settings = replace(settings, current=_calibrated(settings.current, judged, calibrator))
        return Request.of(judged, settings, calibrator, progress)

    def tables(self, request: Request) -> DecisionTables | None:
        """Return empty tables of a request, to be made in a pass that is made anyway."""
        return empty_tables(request, cost_matrix=self.cost_matrix, per_class=self.per_class)

    def decision(self, request: Request) -> tuple[DecisionReport, tuple[Finding, ...]]:
        """Return what is recommended, and what to know about it."""
        notes = list[Finding]()
        if self.settings.current is not None and request.calibrator is not None:
            now = request.settings.current
            cutoff = self.settings.current
            notes.append(finding("current-calibrated", cutoff=cutoff, calibrated=now))
        report = decided(request, cost_matrix=self.cost_matrix, per_class=self.per_class)
        return report, tuple(notes)


def _calibrated(current: float, judged: Predictions, calibrator: Calibrator) -> float:
    """Return what a calibrator makes of a cutoff on the scores as they are."""
    score = current if judged.scale == "logit" else current / judged.layout.out_of
    return float(calibrator.probabilities(np.array([score]))[0])


def proposal_of(options: AuditOptions) -> Proposal | None:
    """Return what is asked for, checked as far as it is clear without data; None for nothing.

    Raises:
        SettingsError: an argument is out of range.
    """
    method = options["cutoffs"]
    settings = asked(options, method)
    said = settings.costs | settings.limits.given | chosen(Cases, options) | chosen(Matrix, options)
    given = {name: _plain(value) for name, value in said.items() if value is not None}
    given |= {"per_class": True} if options["per_class"] else {}
    if not given:
        if method != "auto":
            raise SettingsError(
                f"--cutoffs {method} says how cutoffs are chosen by costs or limits: give these, "
                "such as --cost-fp 1 --cost-fn 20 or --max-error 0.02, or leave it out"
            )
        return None
    given |= {"guarantee": settings.limits.confidence} if settings.limits.given else {}
    return Proposal(
        settings, options["cost_matrix"], options["per_class"], given | {"cutoffs": method}
    )


def _plain(value: Any) -> Any:
    """Return a path as text, numbers as those of Python, and what is no JSON value as nothing."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    return value if isinstance(value, str) else None
