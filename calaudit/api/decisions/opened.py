"""The opened data of a decision, with what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from calaudit import __version__
from calaudit.api.decisions.tables import DecisionTables, Viewer, viewer_of
from calaudit.api.decisions.threshold_settings import ThresholdSettings
from calaudit.api.decisions.units import Unit, unit_of
from calaudit.api.reports.assemble import inputs_of, intake_of, roles_of
from calaudit.api.reports.grouping import groups_of_cells
from calaudit.api.rows.percentages import as_percentage
from calaudit.api.rows.reading import Builder, Progress, S, lanes_of, read_summary
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.base import Calibrator
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.report.evaluation_report import Groups
from calaudit.report.threshold_report import DecisionReport
from calaudit.tables.groups import CELLS


def groups_of_tables(
    predictions: Predictions, tables: DecisionTables, weight_kind: str
) -> Groups | None:
    """Return how many groups there are and what they do; None where rows are independent."""
    groups = tables.groups()
    if groups is None:
        return None
    cells = weighted_cells(tables.table(), weight_kind)
    return groups_of_cells(predictions, cells, groups.clusters(cells, CELLS))


@dataclass(slots=True, eq=False)
class Request:
    """The opened data with what is asked of it.

    Attributes:
        viewer: of its chunks. unit: of its scores. intake: of the last pass over them.
        tables: of all rows, where another pass has made them.
    """

    predictions: Predictions
    settings: ThresholdSettings
    calibrator: Calibrator | None
    progress: Progress | None
    viewer: Viewer
    unit: Unit
    intake: Intake
    tables: DecisionTables | None = None

    @classmethod
    def of(
        cls,
        predictions: Predictions,
        settings: ThresholdSettings,
        calibrator: Calibrator | None,
        progress: Progress | None,
    ) -> Request:
        """Return the request, before any row is read."""
        viewer = viewer_of(predictions.task, predictions.scale, calibrator)
        unit = unit_of(predictions, calibrated=calibrator is not None)
        return cls(predictions, settings, calibrator, progress, viewer, unit, Intake())

    def with_confidence(self, confidence: float | None) -> Request:
        """Return the request with another confidence of its limits, or with none."""
        limits = replace(self.settings.limits, confidence=confidence)
        return replace(self, settings=replace(self.settings, limits=limits))

    def read(self, make: Callable[[], Builder[S]]) -> S:
        """Return what a builder learns in one pass over the rows."""
        summary, self.intake = read_summary(
            self.predictions,
            make,
            threads=self.settings.threads,
            rounded=lanes_of(self.predictions),
            progress=self.progress,
        )
        return summary

    def read_tables(self, make: Callable[[], DecisionTables]) -> DecisionTables:
        """Return the tables, read now where no other pass has made them."""
        return self.read(make) if self.tables is None else self.tables

    def report(self, volume: float | None = None, **more: Any) -> DecisionReport:
        """Return the report with what is the same for all kinds of it."""
        settings, predictions = self.settings, self.predictions
        known: dict[str, Any] = {
            name: cost for name, cost in settings.costs.items() if cost is not None
        }
        known |= settings.limits.given
        known |= {"confidence": settings.limits.confidence} if settings.limits.given else {}
        share = settings.most_share
        optional = {
            "max_review": settings.most if share is None else as_percentage(share),
            "per_day": settings.per_day,
            "current": settings.current,
            "maximize": settings.maximize,
        }
        known |= {name: value for name, value in optional.items() if value is not None}
        known |= {"method": settings.method, "level": settings.level, "seed": settings.seed}
        known |= {} if predictions.group is None else {"group": predictions.group}
        known |= {"weight_kind": settings.weight_kind, "on_invalid": predictions.on_invalid}
        if self.calibrator is not None:
            known["calibrator"] = {
                "method": self.calibrator.method,
                "parameters": self.calibrator.parameters(),
            }
        known |= more.pop("settings", {})
        return DecisionReport(
            calaudit=__version__,
            inputs=inputs_of(predictions, self.intake),
            roles=roles_of(predictions),
            settings=known,
            task=predictions.task,
            scale=predictions.scale,
            classes=predictions.class_names,
            intake=intake_of(self.intake),
            unit=self.unit.name,
            volume=volume or settings.per_day or float(self.intake.rows_used),
            volume_of="a day" if settings.per_day else "the file",
            **more,
        )
