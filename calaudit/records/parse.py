"""JSON that somebody saved, as values: said once, and no deeper than anything that is saved."""

from __future__ import annotations

import json
from typing import Any

from calaudit.errors import InputError

__all__ = ["parsed"]

DEEPEST = 50
"""Lists and objects in one another; nothing that is saved has half of them."""


def parsed(text: str | bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        InputError: it is no JSON, is nested too deeply, or says a thing twice, of which the last
            would count.
    """
    try:
        values = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except RecursionError:
        raise InputError("it is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"it is not JSON ({error})") from None
    level = [values]
    for _ in range(DEEPEST):
        level = [v for held in map(_held, level) for v in held if isinstance(v, dict | list)]
    if level:
        raise InputError("it is nested too deeply")
    return values


def _held(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"the key {key!r} stands twice in one object")
        values[key] = value
    return values
