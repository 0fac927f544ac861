"""The JSON Schema of a saved calibrator, as it is shipped in the package."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["schema_text"]


def schema_text() -> str:
    """Return the JSON Schema (2020-12) of the calibrator that this version writes."""
    return (files("calaudit.calibrators") / "calibrator.schema.json").read_text(encoding="utf-8")
