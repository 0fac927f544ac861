"""The JSON Schema of a saved calibrator."""

from __future__ import annotations

from typing import Any

from calaudit.calibrators.saved_calibrator import BINARY, MULTICLASS, SCHEMA, CalibratorFile
from calaudit.records.json_schema import object_of, schema_of


def calibrator_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the calibrator that this version writes."""
    found = schema_of(CalibratorFile, SCHEMA)
    found["allOf"] = []
    for method in {**MULTICLASS, **BINARY}:
        kinds = [maps[method] for maps in (MULTICLASS, BINARY) if method in maps]
        several, *others = (object_of(kind, found["$defs"]) for kind in kinds)
        parameters = others[0] if others else several
        if parameters["properties"] != several["properties"]:
            parameters = {"anyOf": [several, parameters]}
        then: dict[str, Any] = {"parameters": {"$ref": f"#/$defs/{method}"}}
        if method not in BINARY:
            then["task"] = {"const": "multiclass"}
        found["$defs"][method] = parameters
        found["allOf"].append(
            {"if": {"properties": {"method": {"const": method}}}, "then": {"properties": then}}
        )
    return found
