"""From JSON values to frozen dataclasses, checked against their type hints."""

from __future__ import annotations

import sys
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from calaudit.errors import InputError

__all__ = ["decoded"]


def decoded(kind: Any, value: Any, where: str) -> Any:
    """Return ``value`` as an instance of ``kind``.

    Args:
        kind: a dataclass, tuple[X, ...], dict[str, X], X | None, int, float, str, bool or Any.
        value: what the JSON parser returned for it.
        where: path of the value, for messages.

    Raises:
        InputError: a key is missing or a value has another type; the message says where.
    """
    origin = get_origin(kind)
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _object(kind, value, where)
    if origin is Union or origin is UnionType:
        inner = next(option for option in get_args(kind) if option is not NoneType)
        return None if value is None else decoded(inner, value, where)
    if origin is tuple:
        return _array(get_args(kind)[0], value, where)
    if origin is dict:
        _expect(isinstance(value, dict), "an object", value, where)
        inner = get_args(kind)[1]
        return {key: decoded(inner, item, f"{where}.{key}") for key, item in value.items()}
    return _scalar(kind, value, where)


def _object(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), "an object", value, where)
    hints = get_type_hints(kind)
    arguments = {}
    for field in fields(kind):
        if field.name in value:
            path = f"{where}.{field.name}"
            arguments[field.name] = decoded(hints[field.name], value[field.name], path)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise InputError(f"not a calaudit report: {where}.{field.name} is missing")
    return kind(**arguments)


def _array(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    _expect(isinstance(value, list | tuple), "an array", value, where)
    return tuple(decoded(kind, item, f"{where}[{i}]") for i, item in enumerate(value))


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # Compared, not converted: JSON has whole numbers that no float can hold.
        _expect(number and abs(value) <= sys.float_info.max, "a finite number", value, where)
        return float(value)
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    _expect(right, {int: "a whole number", str: "a string"}.get(kind, "a boolean"), value, where)
    return value


def _expect(right: bool, what: str, value: Any, where: str) -> None:
    if not right:
        shown = repr(value)[:40]
        raise InputError(f"not a calaudit report: {where} should be {what}, and is {shown}")
