"""Post-hoc calibration: maps from scores to scores that say what they mean."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calaudit.calibrators.base import Calibrator
    from calaudit.calibrators.certificate import Certificate
    from calaudit.calibrators.saved_calibrator import load_calibrator

__all__ = ["Calibrator", "Certificate", "load_calibrator"]

_HOMES = {"Calibrator": "base", "Certificate": "certificate", "load_calibrator": "saved_calibrator"}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: ``evaluate`` needs none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'calaudit.calibrators' has no attribute {name!r}")
    return getattr(import_module(f"calaudit.calibrators.{_HOMES[name]}"), name)
