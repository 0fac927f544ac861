"""A report as JSON, and back.

Full precision, a fixed order, one item a line (so that two reports can be compared with
diff), and never NaN or Infinity.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, overload

from calaudit.errors import InputError
from calaudit.records import decoded, parsed
from calaudit.records.limits import Written, hints_of, limits_of
from calaudit.report.kinds import KINDS
from calaudit.report.rendered import Rendered

Kind = TypeVar("Kind", bound=Rendered)

LONG = 400
"""Characters from which an item is written over several lines: its own items one a line."""


def to_dict(report: Rendered) -> dict[str, Any]:
    """Return ``report`` as plain dicts, lists, strings and numbers.

    The order is that of the fields of the class, with the name of the schema before them.
    """
    return {"schema": report.schema, **_plain(report)}


def render_json(report: Rendered) -> str:
    """Return ``report`` as ASCII-only JSON text that ends with a newline.

    Raises:
        ValueError: a figure is NaN or infinite (a fault of whoever made the report).
    """
    document = to_dict(report)
    try:
        body = ",\n".join(f"  {_dumped(key)}: {_top(document[key], key)}" for key in document)
    except ValueError:
        where = _not_finite(document, "report")
        raise ValueError(f"not a finite number: {where}" if where else "not JSON") from None
    return "{\n" + body + "\n}\n"


@overload
def report_from_json(source: str | bytes | dict[str, Any]) -> Rendered: ...
@overload
def report_from_json(source: str | bytes | dict[str, Any], kind: type[Kind]) -> Kind: ...
def report_from_json(source: Any, kind: Any = None) -> Any:
    """Return the report that `render_json` wrote.

    Args:
        source: the JSON text, or what `json.loads` made of it. Unknown keys are ignored.
        kind: the class of report that is wanted; any by default.

    Raises:
        InputError: it is no report, one of another kind, or one of another schema version.
    """
    if not isinstance(source, dict):
        try:
            source = parsed(source)
        except InputError as error:
            raise InputError(f"not a calaudit report: {error}") from None
    found = source.get("schema") if isinstance(source, dict) else None
    types = {name: each.type for name, each in KINDS.items() if each.command != "fit"}
    wanted = {name: each for name, each in types.items() if kind in (None, each)}
    if not isinstance(found, str) or found not in wanted:
        raise InputError(_refusal(found, list(wanted)))
    try:
        return decoded(wanted[found], source, "report")
    except InputError as error:
        raise InputError(f"not a calaudit report: {error}") from None


def _refusal(found: Any, wanted: list[str]) -> str:
    names = " or ".join(f'"{name}"' for name in wanted)
    families = tuple(name.partition("/")[0] + "/" for name in wanted)
    if isinstance(found, str) and found.startswith(families):
        return (
            f'the report has schema "{found}", and this calaudit reads {names}; make the '
            "report again with this version, or read it with the version that made it"
        )
    if found in list(KINDS):
        return f'another report is needed: the schema of this one is "{found}", not {names}'
    return f'not a calaudit report: its "schema" is not {names}'


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _object(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        # Long columns of the table: look at them one by one only when it is necessary.
        kinds = set(map(type, value))
        return list(value) if kinds <= {int, float, str} else [_plain(item) for item in value]
    return _scalar(value)


def _object(value: Any) -> dict[str, Any]:
    pairs = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    kind: Any = type(value)
    left = _left_out(kind)
    return {k: v for k, v in pairs.items() if v is not None or k not in left} if left else pairs


@cache
def _left_out(kind: Any) -> frozenset[str]:
    """Return the fields that are not written where they are None."""
    hints = hints_of(kind)
    marked = (name for name in hints if Written.UNLESS_NONE in limits_of(hints[name])[2])
    return frozenset(marked)


def _scalar(value: Any) -> Any:
    """Return ``value`` with the scalar and array types of numpy turned into Python's own."""
    return value.tolist() if hasattr(value, "tolist") else value


def _top(value: Any, key: str) -> str:
    """Return the value of a top-level key with its items one a line; the table on one line."""
    return _dumped(value) if key == "table" else _block(value, "  ", least=0)


def _block(value: Any, indent: str, *, least: int = LONG) -> str:
    """Return ``value`` on a line, or, where that has ``least`` characters, one item a line."""
    line = _dumped(value)
    if len(line) < least or not value or not isinstance(value, dict | list):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        items = [f"{_dumped(name)}: {_block(item, inner)}" for name, item in value.items()]
    else:
        items = [_block(item, inner) for item in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{last}"


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
