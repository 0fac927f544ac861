"""Frozen dataclasses as JSON: what their values may be, their JSON Schema, and the way back.

A class says once what it holds, by its type hints (`calaudit.records.limits`) and its docstring.
"""

from __future__ import annotations

from calaudit.records.decode import decoded
from calaudit.records.json_schema import schema_of
from calaudit.records.parse import parsed

__all__ = ["decoded", "parsed", "schema_of"]
