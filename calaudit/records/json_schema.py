"""JSON Schemas of dataclasses: types and limits from the hints, descriptions from docstrings."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from calaudit.records.limits import Written, hints_of, limits_of

Schema = dict[str, Any]

NAMES = {float: "number", int: "integer", str: "string", bool: "boolean", NoneType: "null"}


def schema_of(kind: Any, name: str) -> Schema:
    """Return the JSON Schema (2020-12) of a dataclass; those that it holds are in "$defs".

    Args:
        kind: the class.
        name: of the format with its version, such as "calaudit.check/1".
    """
    definitions: dict[str, Schema] = {}
    top = object_of(kind, definitions)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{re.sub('[./]', ':', name)}",
        "title": name,
    }
    return {**head, **top, "$defs": dict(sorted(definitions.items()))}


def _properties(kind: Any, definitions: dict[str, Schema]) -> dict[str, Schema]:
    hints, told = hints_of(kind), _descriptions(kind)
    properties = {}
    for field in fields(kind):
        found = _of(hints[field.name], definitions)
        if Written.UNLESS_NONE in limits_of(hints[field.name])[2]:
            found = _without_null(found)
        if field.name == "schema":
            found = {"const": field.default}
        properties[field.name] = {**_described(told.get(field.name)), **found}
    return properties


def object_of(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a dataclass; those that it holds are added to ``definitions``."""
    hints = hints_of(kind)
    properties = _properties(kind, definitions)
    if "schema" in properties:  # it is written first
        properties = {"schema": properties.pop("schema"), **properties}
    return {
        **_described((inspect.getdoc(kind) or "").partition("\n\n")[0]),
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if not limits_of(hints[name])[2]],
        "additionalProperties": False,
    }


def _of(hint: Any, definitions: dict[str, Schema]) -> Schema:
    hint, limits, _ = limits_of(hint)
    return {**_plain(hint, definitions), **limits}


def _plain(kind: Any, definitions: dict[str, Schema]) -> Schema:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return {}
    if origin in (Union, UnionType):
        return _either([_of(each, definitions) for each in arguments])
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is dict:
        values = _of(arguments[1], definitions)
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    if is_dataclass(kind):
        name = kind.__name__  # type: ignore[union-attr]
        if name not in definitions:
            definitions[name] = {}  # while it is made: it may hold itself
            definitions[name] = object_of(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if kind in NAMES:
        return {"type": NAMES[kind]}
    return {"type": "array"}  # of numpy; its limits say of what


def _either(options: list[Schema]) -> Schema:
    """Return what is one of several; "or null" is said in the type, where there is one."""
    null = {"type": "null"}
    rest = [option for option in options if option != null]
    if len(rest) == 1 < len(options) and isinstance(rest[0].get("type"), str):
        more = {"enum": [*rest[0]["enum"], None]} if "enum" in rest[0] else {}
        return {**rest[0], "type": [rest[0]["type"], "null"], **more}
    return {"anyOf": options} if len(options) > 1 else options[0]


def _without_null(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return _either([option for option in schema["anyOf"] if option != {"type": "null"}])
    kind = schema["type"]
    return {**schema, "type": kind[0] if isinstance(kind, list) else kind}


def _descriptions(kind: Any) -> dict[str, str]:
    """Return what the docstring says of each field: "name: text" or "name, other: text"."""
    names = "|".join(field.name for field in fields(kind))
    start = rf"(?:^|(?<=[.;)\"] ))\s*((?:{names})(?:, (?:{names}))*): "
    parts = re.split(start, inspect.getdoc(kind) or "", flags=re.MULTILINE)
    texts = zip(parts[1::2], parts[2::2], strict=True)
    return {name: text for both, text in texts for name in both.split(", ")}


def _described(text: str | None) -> Schema:
    """Return the description that a text of a docstring makes, in the words of JSON."""
    if not text:
        return {}
    plain = re.sub(r"\bNone\b", "null", " ".join(text.replace("`", "").split()))
    plain = plain.replace("()", "[]")
    first = plain.split()[0]
    plain = plain[0].upper() + plain[1:] if first.isalpha() else plain
    return {"description": plain.rstrip(".;") + "."}
