"""What version 0.1.0 saved is read, and its schemas allow no less than today's forbid.

The files of `v0.1.0` were written by that version on small simulated data; the schemas beside them
are its own, written by hand, in one line each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from calaudit.errors import InputError
from calaudit.report.kinds import KINDS, document_of
from calaudit.report.report_schemas import schema_of_kind
from calaudit.report.saved import saved_report

FOLDER = Path(__file__).parent / "v0.1.0"
FILES = sorted(path.stem for path in FOLDER.glob("*.json") if ".schema" not in path.name)
ODD: tuple[Any, ...] = (None, "Odd!", [], {}, -1, 0.5, 2, True, [0.5])
"""Values that a mutation puts in the place of others."""

INNER = {"calaudit.audit/1": ("before", "after", "decision")}
"""Kind → reports that it holds, which are changed in files of their own."""


def kind_of(name: str) -> str:
    """Return the kind of a file by its name."""
    return name.partition("-")[0]


@cache
def values(name: str) -> Any:
    """Return a file as JSON values, without the smoothed curve, which is read as none.

    It contradicted the bins beside it; another curve has its place.
    """

    def without(read: dict[str, Any]) -> dict[str, Any]:
        return {key: [] if key == "curve" else value for key, value in read.items()}

    return json.loads((FOLDER / f"{name}.json").read_bytes(), object_hook=without)


@cache
def validators(kind: str) -> tuple[Any, Any]:
    """Return validators of the schema of 0.1.0 and of that of now."""
    old = json.loads((FOLDER / f"{kind}.schema.json").read_bytes())
    new = schema_of_kind(kind)
    jsonschema.Draft202012Validator.check_schema(new)
    return jsonschema.Draft202012Validator(old), jsonschema.Draft202012Validator(new)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read(name: str) -> None:
    """A file of 0.1.0 is read, holds what it held, is valid, and can be shown."""
    report = saved_report((FOLDER / f"{name}.json").read_bytes())
    document_of(report)
    assert held(values(name), json.loads(report.to_json())) == []
    for validator in validators(kind_of(name)):
        validator.validate(values(name))


def held(before: Any, after: Any, where: str = "") -> list[str]:
    """Return where a value of before is another now; new keys are no difference."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [x for k, v in before.items() for x in held(v, after.get(k, "?"), f"{where}.{k}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [x for i, (a, b) in pairs for x in held(a, b, f"{where}[{i}]")]
    return [] if before == after else [f"{where}: {before!r:.40} is {after!r:.40}"]


def shortened(value: Any, name: str = "") -> Any:
    """Return the value with an item of each list: changes of all would show the same."""
    if isinstance(value, list):
        return [shortened(item) for item in value[:1]]
    if not isinstance(value, dict) or name == "table":
        return {} if name == "table" else value
    few = list(value.items())[: 2 if name == "metrics" else None]
    return {key: shortened(item, key) for key, item in few}


def places(value: Any, whole: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, str]]:
    """Yield every value in a document: what holds it, under which key, and its path.

    ``whole`` are the keys of values that are not looked into.
    """
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key, f".{key}"
        if isinstance(value[key], dict | list) and key not in whole:
            inner = places(value[key])
            yield from ((holder, name, f".{key}{path}") for holder, name, path in inner)


def mutants(document: Any, odds: Sequence[Any] = ODD) -> Iterator[str]:
    """Change a value, leave it out, or add another, one at a time; yield what was changed."""
    whole = INNER.get(document["schema"], ())
    for holder, key, path in list(places(document, whole)):
        was = holder[key]
        for odd in odds:
            holder[key] = odd
            yield f"{path} = {odd!r}"
        holder[key] = was
        if isinstance(holder, dict):
            holder["odd"] = 1
            yield f"{path} and another"
            del holder["odd"]
            order = list(holder.items())
            del holder[key]
            yield f"no {path}"
            holder.clear()
            holder.update(order)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_schemas_are_as_strict_as_those_of_0_1_0(name: str) -> None:
    """Whatever the hand-written schema refuses, the generated one refuses."""
    old, new = validators(kind_of(name))
    document = shortened(values(name))
    assert old.is_valid(document)
    assert new.is_valid(document)
    refused, accepted = 0, []
    for what in mutants(document):
        if not old.is_valid(document):
            refused += 1
            accepted += [what] if new.is_valid(document) else []
    assert refused > 100
    assert accepted == []


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values()])
def test_a_schema_describes(kind: str) -> None:
    """Every class is described, and most of the fields; nothing speaks of Python."""
    schema = schema_of_kind(kind)
    defined = schema["$defs"].values()
    classes = [schema, *(each for one in defined for each in one.get("anyOf", [one]))]
    assert [each for each in classes if not each["description"]] == []
    fields = [each for one in classes for each in one["properties"].values()]
    told = [each for each in fields if {"description", "enum", "const"} & each.keys()]
    assert len(told) + sum("$ref" in str(each) for each in fields) >= 0.8 * len(fields)
    assert "None" not in json.dumps(schema)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_or_read(name: str) -> None:
    """A value of another type is refused with its place, and nothing else goes wrong."""
    document = shortened(values(name))
    refused = 0
    for what in mutants(document, ODD[:4]):
        try:
            assert saved_report(json.dumps(document).encode()).schema
        except InputError as error:
            refused += 1
            assert len(str(error)) < 300, what  # noqa: PT017 - most are refused, not all
    assert refused > 50
