"""The JSON Schemas of the reports, as they are shipped in the package."""

from __future__ import annotations

import json
from importlib.resources import files

__all__ = ["FILES", "schema_text"]

FILES = {
    "report": "schema.json",
    "thresholds": "decision.schema.json",
    "check": "check.schema.json",
    "audit": "audit.schema.json",
}
"""Kind of report, as in the name of its schema (calaudit.KIND/1) → file beside this module."""

HOLDS = {"audit": ("report", "thresholds")}
"""Kind of report → the kinds that it holds, whose schemas it refers to by their "$id"."""


def schema_text(kind: str = "report") -> str:
    """Return the JSON Schema (2020-12) of a kind of report that this version writes.

    Schemas that it refers to stand in its "$defs" (section 9.3 of the standard), so that one text
    is all it takes.

    Args:
        kind: "report", of ``calaudit evaluate``; "thresholds", of ``calaudit threshold``; "check",
            of ``calaudit check``; or "audit", of ``calaudit audit``.
    """
    text = (files("calaudit.report") / FILES[kind]).read_text(encoding="utf-8")
    if kind not in HOLDS:
        return text
    document = json.loads(text)
    document["$defs"] |= {held: json.loads(schema_text(held)) for held in HOLDS[kind]}
    return json.dumps(document, indent=2) + "\n"
