"""The report as JSON, and back.

Full precision, a fixed order, one item a line (so that two reports can be compared with
diff), and never NaN or Infinity.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

from calaudit.errors import InputError
from calaudit.metrics.estimate import Estimate
from calaudit.report.decode import decoded
from calaudit.report.model import SCHEMA, Report

__all__ = ["render_json", "report_from_json", "to_dict"]

ALWAYS = ("value", "low", "high", "level", "method")
"""Fields of an estimate that are written even when they are missing (null)."""

ORDER = (
    "schema", "calaudit", "inputs", "roles", "settings", "task", "scale", "classes", "intake",
    "verdict", "metrics", "bins", "curve", "confidently_wrong", "worst", "slices", "notes", "table",
)  # fmt: skip
"""Top-level keys, in the order in which they are written."""


def to_dict(report: Report) -> dict[str, Any]:
    """Return ``report`` as plain dicts, lists, strings and numbers, in a fixed order."""
    return {key: _plain(getattr(report, key)) for key in ORDER}


def render_json(report: Report) -> str:
    """Return ``report`` as ASCII-only JSON text that ends with a newline.

    Raises:
        ValueError: a figure is NaN or infinite (a fault of whoever made the report).
    """
    document = to_dict(report)
    try:
        body = ",\n".join(f"  {_dumped(key)}: {_block(document[key], key)}" for key in document)
    except ValueError:
        where = _not_finite(document, "report")
        raise ValueError(f"not a finite number: {where}" if where else "not JSON") from None
    return "{\n" + body + "\n}\n"


def report_from_json(source: str | bytes | dict[str, Any]) -> Report:
    """Return the report that `render_json` wrote.

    Args:
        source: the JSON text, or what `json.loads` made of it. Unknown keys are ignored.

    Raises:
        InputError: it is no report, or one of another schema version.
    """
    if not isinstance(source, dict):
        try:
            source = json.loads(source)
        except ValueError as error:
            raise InputError(f"not a calaudit report: it is not JSON ({error})") from None
    found = source.get("schema") if isinstance(source, dict) else None
    if not isinstance(found, str) or not found.startswith("calaudit.report/"):
        raise InputError(f'not a calaudit report: its "schema" is not "{SCHEMA}"')
    if found != SCHEMA:
        raise InputError(
            f'the report has schema "{found}", and this calaudit reads "{SCHEMA}"; make the '
            "report again with this version, or read it with the version that made it"
        )
    report: Report = decoded(Report, source, "report")
    return report


def _plain(value: Any) -> Any:
    if isinstance(value, Estimate):
        return _estimate(value)
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # Long columns of the table: look at them one by one only when it is necessary.
        kinds = set(map(type, value))
        return list(value) if kinds <= {int, float, str} else [_plain(item) for item in value]
    return _scalar(value)


def _estimate(estimate: Estimate) -> dict[str, Any]:
    pairs = {f.name: _scalar(getattr(estimate, f.name)) for f in fields(estimate)}
    optional = {k: v for k, v in pairs.items() if k not in ALWAYS and v is not None}
    return {key: pairs[key] for key in ALWAYS} | optional


def _scalar(value: Any) -> Any:
    """Return ``value`` with the scalar and array types of numpy turned into Python's own."""
    return value.tolist() if hasattr(value, "tolist") else value


def _block(value: Any, key: str) -> str:
    """Return ``value`` as JSON with its items one a line; the table stays on one line."""
    if not value or key == "table" or not isinstance(value, dict | list):
        return _dumped(value)
    if isinstance(value, dict):
        lines = [f"    {_dumped(name)}: {_dumped(item)}" for name, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n  }"
    return "[\n" + ",\n".join(f"    {_dumped(item)}" for item in value) + "\n  ]"


def _dumped(value: Any) -> str:
    return json.dumps(value, allow_nan=False)


def _not_finite(value: Any, where: str) -> str | None:
    """Return the path of the first NaN or infinity in ``value``, or None."""
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{where} is {value}"
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    found = (_not_finite(item, f"{where}.{key}") for key, item in items)
    return next((path for path in found if path), None)
