"""The JSON Schema of a saved calibrator."""

from __future__ import annotations

from typing import Any

from calaudit.calibrators.saved_calibrator import BINARY, MULTICLASS, SCHEMA, CalibratorFile
from calaudit.records.json_schema import object_of, schema_of

__all__ = ["calibrator_schema"]


def calibrator_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the calibrator that this version writes."""
    found = schema_of(CalibratorFile, SCHEMA)
    found["allOf"] = []
    for method, kind in {**MULTICLASS, **BINARY}.items():
        parameters = object_of(kind, found["$defs"])
        then: dict[str, Any] = {"parameters": {"$ref": f"#/$defs/{method}"}}
        if method not in BINARY:
            then["task"] = {"const": "multiclass"}
        found["$defs"][method] = parameters
        found["allOf"].append(
            {"if": {"properties": {"method": {"const": method}}}, "then": {"properties": then}}
        )
    return found
