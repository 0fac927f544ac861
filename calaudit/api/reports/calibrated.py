"""Evaluation through a calibrator: every row is calibrated as it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from calaudit.api.rows.declared import path_of
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.calibrated_rows import calibrated_chunk, calibrated_scale
from calaudit.findings.finding import finding
from calaudit.predictions.chunk import Chunk
from calaudit.report.evaluation_report import Report
from calaudit.tables.summary import Summary, SummaryBuilder


class CalibratedBuilder(SummaryBuilder):
    """A `SummaryBuilder` that sees calibrated scores; its scale is `calibrated_scale`.

    Args:
        calibrator: what every chunk goes through.
        task: kind of the rows.
        more: further arguments of `SummaryBuilder`.
    """

    def __init__(self, calibrator: Calibrator, task: Any, **more: Any) -> None:
        super().__init__(task, calibrated_scale(calibrator), **more)
        self._calibrator = calibrator

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk, calibrated."""
        super().add(calibrated_chunk(chunk, self._calibrator))


def with_calibrator(report: Report, summary: Summary, calibrator: Calibrator, given: Any) -> Report:
    """Return the report with the calibrator in its settings and its notes.

    Args:
        report: of the calibrated scores.
        summary: likewise.
        calibrator: what they went through.
        given: the calibrator as the user gave it: an object, or the path of a file.
    """
    file = path_of(given)
    named = f"{file} ({calibrator.method})" if file else f"a {calibrator.method} calibrator"
    notes = (finding("calibrated", calibrator=named), *report.notes)
    events = np.zeros(0) if summary.classes is None else summary.classes.y.sum(axis=1)
    unseen = calibrator.unseen_finding(events, "occur here")
    if unseen is not None:
        notes = (unseen, *notes)
    about = {
        "file": file,
        "method": calibrator.method,
        "scale": calibrator.scale,
        "parameters": calibrator.parameters(),
    }
    return replace(report, settings=report.settings | {"calibrator": about}, notes=notes)
