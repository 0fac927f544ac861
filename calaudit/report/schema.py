"""The JSON Schema of the report, as it is shipped in the package."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["schema_text"]


def schema_text() -> str:
    """Return the JSON Schema (2020-12) of the report that this version writes."""
    return (files("calaudit.report") / "schema.json").read_text(encoding="utf-8")
