"""The JSON Schemas of everything that calaudit writes."""

from __future__ import annotations

import json
from typing import Any

from calaudit.findings.finding import codes
from calaudit.report.kinds import KINDS


def schema_of_kind(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what this version writes.

    Args:
        kind: as in the name of the schema (calaudit.KIND/1): "report", "calibrator",
            or that of another of `KINDS`.
    """
    if kind == "calibrator":
        from calaudit.calibrators.calibrator_schema import calibrator_schema

        schema = calibrator_schema()
    else:
        from calaudit.records import schema_of

        found = next(each for each in KINDS.values() if each.name == kind)
        schema = schema_of(found.type, found.schema)
    # Only what is written has these codes alone: a later version may read here with more.
    schema["$defs"]["Finding"]["properties"]["code"]["enum"] = codes()
    return schema


def schema_text(kind: str = "report") -> str:
    """Return the schema of a kind as JSON text."""
    return json.dumps(schema_of_kind(kind), indent=2, ensure_ascii=False) + "\n"
