"""calaudit: audit the calibration of a file of predictions.

>>> import calaudit
>>> calaudit.evaluate([0, 1, 1, 0], [0.1, 0.8, 0.7, 0.3]).metrics["brier"].value  # doctest: +SKIP
0.0575
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calaudit.api.applying import apply as apply
    from calaudit.api.auditing import audit as audit
    from calaudit.api.checking import check as check
    from calaudit.api.comparing import compare as compare
    from calaudit.api.detecting import ood as ood
    from calaudit.api.ensembling import ensemble as ensemble
    from calaudit.api.estimating import estimate as estimate
    from calaudit.api.estimator import ScoreCalibrator as ScoreCalibrator
    from calaudit.api.evaluation import evaluate as evaluate
    from calaudit.api.exporting import export as export
    from calaudit.api.fitting import fit as fit
    from calaudit.api.forecasting import forecast as forecast
    from calaudit.api.monitoring import monitor as monitor
    from calaudit.api.shards.shard import Shard as Shard
    from calaudit.api.summarizing import summarize as summarize
    from calaudit.api.thresholding import threshold as threshold
    from calaudit.calibrators.base import Calibrator as Calibrator
    from calaudit.calibrators.saved_calibrator import load_calibrator as load_calibrator
    from calaudit.errors import CalauditError as CalauditError
    from calaudit.errors import IncompleteError as IncompleteError
    from calaudit.errors import InputError as InputError
    from calaudit.errors import MergeError as MergeError
    from calaudit.errors import NotEnoughData as NotEnoughData
    from calaudit.errors import SettingsError as SettingsError
    from calaudit.report.audit_report import AuditReport as AuditReport
    from calaudit.report.check_report import CheckReport as CheckReport
    from calaudit.report.compare_report import CompareReport as CompareReport
    from calaudit.report.ensemble_report import EnsembleReport as EnsembleReport
    from calaudit.report.estimate_report import EstimateReport as EstimateReport
    from calaudit.report.evaluation_report import Report as Report
    from calaudit.report.fit_report import FitReport as FitReport
    from calaudit.report.forecast_report import ForecastReport as ForecastReport
    from calaudit.report.monitor_report import MonitorReport as MonitorReport
    from calaudit.report.ood_report import OodReport as OodReport
    from calaudit.report.threshold_report import DecisionReport as DecisionReport

__version__ = "0.1.0"

_HOMES = {
    "AuditReport": "calaudit.report.audit_report",
    "CalauditError": "calaudit.errors",
    "Calibrator": "calaudit.calibrators.base",
    "CheckReport": "calaudit.report.check_report",
    "CompareReport": "calaudit.report.compare_report",
    "DecisionReport": "calaudit.report.threshold_report",
    "EnsembleReport": "calaudit.report.ensemble_report",
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
    "ensemble": "calaudit.api.ensembling",
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

__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import calaudit`` stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'calaudit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
