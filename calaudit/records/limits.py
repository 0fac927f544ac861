"""Types of values with their limits, in the words of JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from calaudit.options.choices import SCALES, TASKS


class Written(Enum):
    """When a field stands in a file; without a mark it always does."""

    LATER = "files of earlier releases of this schema version do not have it"
    UNLESS_NONE = "it is left out where it is None"


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """Limits of a value in the words of JSON Schema; stands in the ``Annotated`` of a hint."""

    words: dict[str, Any]


def one_of(*values: str) -> Limits:
    """Return what limits a text to a few."""
    return Limits({"enum": list(values)})


def known_keys(*names: str) -> Limits:
    """Return what limits a dict to some or all of these names."""
    return Limits({"propertyNames": {"enum": list(names)}})


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    """Return the type hint of each field of a dataclass, with its annotations."""
    return get_type_hints(kind, include_extras=True)


def limits_of(hint: Any) -> tuple[Any, dict[str, Any], set[Written]]:
    """Return a hint without its annotations, its limits, and when it is written."""
    if get_origin(hint) is not Annotated:
        return hint, {}, set()
    inner, *notes = get_args(hint)
    words = (note.words for note in notes if isinstance(note, Limits))
    limits = {word: limit for each in words for word, limit in each.items()}
    return inner, limits, {note for note in notes if isinstance(note, Written)}


NAME = Limits({"pattern": "^[a-z][a-z0-9_]*$"})
Amount = Annotated[float, Limits({"minimum": 0})]
Count = Annotated[int, Limits({"minimum": 0})]
Inside = Annotated[float, Limits({"exclusiveMinimum": 0, "exclusiveMaximum": 1})]
Name = Annotated[str, NAME]
Positive = Annotated[float, Limits({"exclusiveMinimum": 0})]
Rows = Annotated[int, Limits({"minimum": 1})]
Scale = Annotated[str, one_of(*SCALES)]
Task = Annotated[str, one_of(*TASKS)]
Share = Annotated[float, Limits({"minimum": 0, "maximum": 1})]
