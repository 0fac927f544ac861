"""Any input → canonical, validated chunks of rows.

Names are imported when first used, so that importing the package stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from calaudit.predictions.intake import EXAMPLES, Example, Intake, Refusal
from calaudit.predictions.reasons import NOISE, REASONS, SUM_TOLERANCE
from calaudit.predictions.roles import ResolvedRole, Roles

if TYPE_CHECKING:
    from calaudit.predictions.chunk import Chunk, SliceCodes
    from calaudit.predictions.opening import from_arrays, open_predictions
    from calaudit.predictions.predictions import Predictions, Unit
    from calaudit.predictions.source import Input

__all__ = [
    "EXAMPLES",
    "NOISE",
    "REASONS",
    "SUM_TOLERANCE",
    "Chunk",
    "Example",
    "Input",
    "Intake",
    "Predictions",
    "Refusal",
    "ResolvedRole",
    "Roles",
    "SliceCodes",
    "Unit",
    "from_arrays",
    "open_predictions",
]

_LATER = {
    "Chunk": "chunk",
    "SliceCodes": "chunk",
    "from_arrays": "opening",
    "open_predictions": "opening",
    "Predictions": "predictions",
    "Unit": "predictions",
    "Input": "source",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
