"""Calibrators in the languages of serving stacks, each executed before it is handed over."""

from __future__ import annotations

from calaudit.calibrators.export.checked import Exported, export_calibrator
from calaudit.calibrators.export.target import Options
from calaudit.calibrators.export.targets import TARGETS

__all__ = ["TARGETS", "Exported", "Options", "export_calibrator"]
