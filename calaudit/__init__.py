"""calaudit: audit the calibration of a file of predictions.

>>> import calaudit
>>> calaudit.evaluate([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3]).metrics["brier"].value  # doctest: +SKIP
0.0575
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calaudit.api.applying import apply
    from calaudit.api.auditing import audit
    from calaudit.api.checking import check
    from calaudit.api.comparing import compare
    from calaudit.api.detecting import ood
    from calaudit.api.estimating import estimate
    from calaudit.api.estimator import ScoreCalibrator
    from calaudit.api.evaluation import evaluate
    from calaudit.api.exporting import export
    from calaudit.api.fitting import fit
    from calaudit.api.forecasting import forecast
    from calaudit.api.monitoring import monitor
    from calaudit.api.shards.shard import Shard
    from calaudit.api.summarizing import summarize
    from calaudit.api.thresholding import threshold
    from calaudit.calibrators.base import Calibrator
    from calaudit.calibrators.saved_calibrator import load_calibrator
    from calaudit.errors import (
        CalauditError,
        IncompleteError,
        InputError,
        MergeError,
        NotEnoughData,
        SettingsError,
    )
    from calaudit.report.audit_report import AuditReport
    from calaudit.report.check_report import CheckReport
    from calaudit.report.compare_report import CompareReport
    from calaudit.report.estimate_report import EstimateReport
    from calaudit.report.evaluation_report import Report
    from calaudit.report.fit_report import FitReport
    from calaudit.report.forecast_report import ForecastReport
    from calaudit.report.monitor_report import MonitorReport
    from calaudit.report.ood_report import OodReport
    from calaudit.report.threshold_report import DecisionReport

__version__ = "0.1.0"

__all__ = [
    "AuditReport",
    "CalauditError",
    "Calibrator",
    "CheckReport",
    "CompareReport",
    "DecisionReport",
    "EstimateReport",
    "FitReport",
    "ForecastReport",
    "IncompleteError",
    "InputError",
    "MergeError",
    "MonitorReport",
    "NotEnoughData",
    "OodReport",
    "Report",
    "ScoreCalibrator",
    "SettingsError",
    "Shard",
    "__version__",
    "apply",
    "audit",
    "check",
    "compare",
    "estimate",
    "evaluate",
    "export",
    "fit",
    "forecast",
    "load_calibrator",
    "monitor",
    "ood",
    "summarize",
    "threshold",
]

_HOMES = {
    "AuditReport": "calaudit.report.audit_report",
    "CalauditError": "calaudit.errors",
    "Calibrator": "calaudit.calibrators.base",
    "CheckReport": "calaudit.report.check_report",
    "CompareReport": "calaudit.report.compare_report",
    "DecisionReport": "calaudit.report.threshold_report",
    "EstimateReport": "calaudit.report.estimate_report",
    "FitReport": "calaudit.report.fit_report",
    "ForecastReport": "calaudit.report.forecast_report",
    "IncompleteError": "calaudit.errors",
    "InputError": "calaudit.errors",
    "MergeError": "calaudit.errors",
    "MonitorReport": "calaudit.report.monitor_report",
    "NotEnoughData": "calaudit.errors",
    "OodReport": "calaudit.report.ood_report",
    "Report": "calaudit.report.evaluation_report",
    "ScoreCalibrator": "calaudit.api.estimator",
    "SettingsError": "calaudit.errors",
    "Shard": "calaudit.api.shards.shard",
    "apply": "calaudit.api.applying",
    "audit": "calaudit.api.auditing",
    "check": "calaudit.api.checking",
    "compare": "calaudit.api.comparing",
    "estimate": "calaudit.api.estimating",
    "evaluate": "calaudit.api.evaluation",
    "export": "calaudit.api.exporting",
    "fit": "calaudit.api.fitting",
    "forecast": "calaudit.api.forecasting",
    "load_calibrator": "calaudit.calibrators.saved_calibrator",
    "summarize": "calaudit.api.summarizing",
    "ood": "calaudit.api.detecting",
    "monitor": "calaudit.api.monitoring",
    "threshold": "calaudit.api.thresholding",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import calaudit`` stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'calaudit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
