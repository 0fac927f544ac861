"""JSON that somebody saved, as values: said once, and no deeper than anything that is saved."""

from __future__ import annotations

import json
from typing import Any

from calaudit.errors import InputError

DEEPEST = 50
"""Lists and objects in one another; nothing that is saved has half of them."""


class GivenTwice(ValueError):
    """A key is given twice in one object: the last of two values would count. Says the key."""


def parsed(text: str | bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        InputError: it is no JSON, is nested too deeply, or says a thing twice, of which the last
            would count.
    """
    try:
        values = json.loads(text, parse_constant=_no_constant, object_pairs_hook=distinct)
    except RecursionError:
        raise InputError("it is nested too deeply") from None
    except GivenTwice as error:
        raise InputError(
            f"it is not JSON (the key {str(error)!r} stands twice in one object)"
        ) from None
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


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, for a decoder's ``object_pairs_hook``.

    Raises:
        GivenTwice: two of its keys are the same.
    """
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        raise GivenTwice(next(key for key in keys if keys.count(key) > 1))
    return values
