"""The JSON Schemas of the reports, as they are shipped in the package."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["FILES", "schema_text"]

FILES = {
    "report": "schema.json",
    "thresholds": "decision.schema.json",
    "check": "check.schema.json",
}
"""Kind of report, as in the name of its schema (calaudit.KIND/1) → file beside this module."""


def schema_text(kind: str = "report") -> str:
    """Return the JSON Schema (2020-12) of a kind of report that this version writes.

    Args:
        kind: "report", of ``calaudit evaluate``; "thresholds", of ``calaudit threshold``; or
            "check", of ``calaudit check``.
    """
    return (files("calaudit.report") / FILES[kind]).read_text(encoding="utf-8")
