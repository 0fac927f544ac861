"""From JSON values to frozen dataclasses, checked against their type hints."""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from calaudit.errors import InputError
from calaudit.records.limits import hints_of, limits_of

NUMBER, WHOLE, TEXT = "a finite number", "a whole number", "a string"

LIMITS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "minimum": (operator.ge, "at least {}"),
    "maximum": (operator.le, "at most {}"),
    "exclusiveMinimum": (operator.gt, "above {}"),
    "exclusiveMaximum": (operator.lt, "below {}"),
    "minItems": (lambda value, n: len(value) >= n, "an array of {} or more"),
    "maxItems": (lambda value, n: len(value) <= n, "an array of {} or fewer"),
    "pattern": (lambda value, pattern: re.search(pattern, value), "of the form {}"),
}
"""Limit of a value → whether it is kept, and what the value should be."""


def decoded(kind: Any, value: Any, where: str, *, strict: bool = False) -> Any:
    """Return ``value`` as an instance of ``kind``.

    Args:
        kind: a dataclass, an array of numpy, tuple[X, ...], dict[str, X], X | Y, X | None, int,
            float, str, bool or Any; with limits or without.
        value: what the JSON parser returned for it.
        where: path of the value, for messages; "" for what holds all.
        strict: whether unknown keys, and numbers and lists outside of their limits, are refused.
            One of a few texts a value must be in any case.

    Raises:
        InputError: a key is missing or a value is another; the message says where.
    """
    kind, limits, _ = limits_of(kind)
    found = _plain(kind, value, where, strict)
    if found is not None:
        _check(found, limits, where, strict)
    return found


def _plain(kind: Any, value: Any, where: str, strict: bool) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _object(kind, value, where, strict)
    if origin in (Union, UnionType):
        return _either(arguments, value, where, strict)
    if origin is tuple:
        _expect(isinstance(value, list | tuple), "an array", value, where)
        return tuple(
            decoded(arguments[0], item, f"{where}[{i}]", strict=strict)
            for i, item in enumerate(value)
        )
    if origin is dict:
        _expect(isinstance(value, dict), "an object", value, where)
        return {
            key: decoded(arguments[1], item, _path(where, key), strict=strict)
            for key, item in value.items()
        }
    if origin is not None:
        return _array(value, where)
    return _scalar(kind, value, where)


def _object(kind: Any, value: Any, where: str, strict: bool) -> Any:
    _expect(isinstance(value, dict), "an object", value, where)
    hints = hints_of(kind)
    arguments = {}
    for field in fields(kind):
        if field.name in value:
            hint, path = hints[field.name], _path(where, field.name)
            arguments[field.name] = decoded(hint, value[field.name], path, strict=strict)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise InputError(f"{_path(where, field.name)} is missing")
    known = {field.name for field in fields(kind)}
    unknown = strict and min(value.keys() - known, default="")
    if unknown:
        raise InputError(f"{where or 'it'} has the unknown key {unknown!r:.60}")
    return kind(**arguments)


def _either(kinds: tuple[Any, ...], value: Any, where: str, strict: bool) -> Any:
    """Return the value as the first kind that is a list if it is one, and else is none."""
    if value is None and NoneType in kinds:
        return None
    options = [kind for kind in kinds if kind is not NoneType]
    is_list = isinstance(value, list)
    lists = [each for each in options if (get_origin(limits_of(each)[0]) is tuple) == is_list]
    return decoded((lists or options)[0], value, where, strict=strict)


def _array(value: Any, where: str) -> Any:
    """Return a list, or a list of equally long lists, of numbers as a float64 array."""
    import numpy as np

    _expect(isinstance(value, list), "an array", value, where)
    rows = value if value and isinstance(value[0], list) else None
    if rows is None:
        return np.array([_scalar(float, x, where) for x in value], np.float64)
    even = all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows)
    _expect(even, "rows of equal length", value, where)
    return np.array([[_scalar(float, x, where) for x in row] for row in rows], np.float64)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # Compared, not converted: JSON has whole numbers that no float can hold.
        _expect(number and abs(value) <= sys.float_info.max, NUMBER, value, where)
        return float(value)
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    _expect(right, {int: WHOLE, str: TEXT}.get(kind, "a boolean"), value, where)
    return value


def _check(value: Any, limits: dict[str, Any], where: str, strict: bool) -> None:
    if "enum" in limits:
        _expect(value in limits["enum"], " or ".join(map(repr, limits["enum"])), value, where)
    for name in limits.keys() & LIMITS.keys() if strict else ():
        kept, words = LIMITS[name]
        _expect(bool(kept(value, limits[name])), words.format(limits[name]), value, where)
    if strict and "uniqueItems" in limits:
        twice = next((item for i, item in enumerate(value) if item in value[:i]), None)
        _expect(twice is None, f"without {twice!r:.60} a second time", value, where)
    for item in _items(value) if strict and "items" in limits else ():
        deep = limits["items"]["type"] == "array"
        _expect(isinstance(item, list) == deep, "rows" if deep else NUMBER, item, where)
        _check(item, limits["items"], where, strict)
    for key in value if strict and "propertyNames" in limits else ():
        _check(key, limits["propertyNames"], f"a key of {where}", strict)


def _items(value: Any) -> list[Any]:
    found: list[Any] = value if isinstance(value, list) else value.tolist()
    return found


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _expect(right: bool, what: str, value: Any, where: str) -> None:
    if not right:
        shown = repr(value)[:40]
        raise InputError(f"{where} should be {what}, and is {shown}")
