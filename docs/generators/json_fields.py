"""Reference of the JSON that calaudit writes, made of its schemas."""

from __future__ import annotations

from typing import Any

from calaudit.report.kinds import KINDS
from calaudit.report.report_schemas import schema_of_kind
from docs.generators.markdown import code, joined, plain, table

__all__ = ["pages"]

Schema = dict[str, Any]


def pages() -> dict[str, str]:
    """Return a page for each kind of report, and one that lists them, by their paths."""
    made = {f"reference/json/{kind.name}.md": _page(kind.name) for kind in KINDS.values()}
    rows = [
        (f"[`{kind.schema}`]({kind.name}.md)", f"[`{kind.command}`](../commands/{kind.command}.md)",
         plain(schema_of_kind(kind.name).get("description", "")))
        for kind in KINDS.values()
    ]  # fmt: skip
    index = joined(
        "# JSON",
        "Reports are JSON in full precision, without NaN, with keys that stay, and with a schema: "
        "`calaudit schema KIND` prints it as JSON Schema (2020-12). Findings among them have "
        "[codes](../../findings.md) for jobs to act on.",
        table(("schema", "written by", "what it is"), rows),
    )
    return {"reference/json/index.md": index, **made}


def _page(kind: str) -> str:
    schema = schema_of_kind(kind)
    parts = [
        f"## {name} {{ #{name} }}\n\n{_fields(each)}" for name, each in schema["$defs"].items()
    ]
    return joined(f"# {schema['title']}", _fields(schema), *parts)


def _fields(schema: Schema) -> str:
    if "properties" not in schema:
        return joined(plain(schema.get("description", "")), _type(schema)).rstrip("\n")
    needed = schema.get("required", [])
    rows = [
        (code(name) + ("" if name in needed else " (may be absent)"), _type(each),
         plain(each.get("description", "")))
        for name, each in schema["properties"].items()
    ]  # fmt: skip
    head = ("field", "type", "what it is")
    return joined(plain(schema.get("description", "")), table(head, rows)).rstrip("\n")


def _type(schema: Schema) -> str:
    """Return what a value can be, with links to what is described on the same page."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name})"
    if "const" in schema:
        return code(str(schema["const"]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if "enum" in schema:
        some = [code("null" if each is None else str(each)) for each in schema["enum"]]
        return "one of the [codes](../../findings.md)" if len(some) > 40 else ", ".join(some)
    kinds = schema.get("type", "any value")
    if isinstance(kinds, list):
        return " or ".join(_type({**schema, "type": each}) for each in kinds)
    if kinds == "array" and isinstance(schema.get("items"), dict):
        return f"list of {_type(schema['items'])}"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return plain(str(kinds))
