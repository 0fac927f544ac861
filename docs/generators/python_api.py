"""Reference of the Python API, made of signatures and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import calaudit
from docs.generators.markdown import code, joined, plain, table

__all__ = ["pages"]

SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Yields|Examples?):\n", re.M)

HEADS = {
    "Args": ("argument", "type", "default", "what it is"),
    "Attributes": ("attribute", "type", "what it is"),
}
"""Sections that are lists of what has a type, and the heads of their tables."""


def pages() -> dict[str, str]:
    """Return a page for each function and class that is public, and one that lists them."""
    public = {name: getattr(calaudit, name) for name in calaudit.__all__ if name[0] != "_"}
    functions = {name: each for name, each in public.items() if not inspect.isclass(each)}
    errors = {n: e for n, e in public.items() if inspect.isclass(e) and issubclass(e, Exception)}
    classes = {n: e for n, e in public.items() if n not in functions and n not in errors}
    made = {
        f"reference/python/{name}.md": _function(name, each) for name, each in functions.items()
    }
    made |= {f"reference/python/{name}.md": _class(name, each) for name, each in classes.items()}
    said = (f"## {name}\n\n{_body(inspect.getdoc(each) or '')}" for name, each in errors.items())
    made["reference/python/errors.md"] = joined("# Errors", *said)
    index = joined(
        "# Python",
        "`import calaudit` is cheap; each name is loaded when it is first used.",
        _listed("Functions", functions),
        _listed("Classes", classes),
        _listed("Errors", errors, page="errors"),
    )
    return {"reference/python/index.md": index, **made}


def _listed(title: str, group: Mapping[str, Any], page: str = "") -> str:
    rows = [
        (f"[`calaudit.{name}`]({page or name}.md)", _short(each)) for name, each in group.items()
    ]
    return f"## {title}\n\n{table((title.lower(), 'what it is'), rows)}"


def _short(each: Any) -> str:
    return plain((inspect.getdoc(each) or "").partition("\n\n")[0])


def _function(name: str, each: Any) -> str:
    return joined(f"# calaudit.{name}", _signature(f"calaudit.{name}", each), _documented(each))


def _class(name: str, each: Any) -> str:
    methods = [
        f"## {name}.{key}\n\n" + joined(_signature(f"{name}.{key}", member), _documented(member))
        for key, member in _members(each)
    ]
    made = not hasattr(each, "schema") and "__init__" in vars(each)
    start = _signature(f"calaudit.{name}", each) if made else ""
    return joined(f"# calaudit.{name}", start, _documented(each), *methods)


def _members(each: Any) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that have documentation."""
    for key, member in inspect.getmembers(each):
        if key[0] == "_" or not (inspect.isroutine(member) or isinstance(member, property)):
            continue
        if inspect.getdoc(member):
            yield key, member


def _signature(name: str, each: Any) -> str:
    """Return how something is called, with the defaults; types stand with the arguments."""
    if isinstance(each, property):
        return ""
    parts: list[str] = []
    star = False
    for parameter in inspect.signature(each).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts, star = [*parts, "*"], True
        star = star or parameter.kind is parameter.VAR_POSITIONAL
        bare = parameter.replace(annotation=parameter.empty, default=parameter.empty)
        usual = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        parts.append(f"{bare}{usual}")
    shown = ", ".join(parts)
    if len(shown) > 80 and "*" in parts:
        shown = ", ".join([*parts[: parts.index("*") + 1], "…"])
    return f"```text\n{name}({shown})\n```"


def _documented(each: Any) -> str:
    doc = inspect.getdoc(each) or ""
    if isinstance(each, property):
        return _body(doc)
    if not inspect.isclass(each):
        parameters = inspect.signature(each).parameters
        return _body(doc, {name: _type(p.annotation) for name, p in parameters.items()}, parameters)
    hints = [vars(kind).get("__annotations__", {}) for kind in reversed(each.__mro__)]
    return _body(doc, {name: _type(hint) for group in hints for name, hint in group.items()})


def _type(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    shown = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", shown)


def _body(
    doc: str,
    types: Mapping[str, str] | None = None,
    parameters: Mapping[str, inspect.Parameter] | None = None,
) -> str:
    """Return a docstring of Google's style: its text, then its sections as tables."""
    first, *rest = SECTION.split(doc)
    parts = list(_paragraphs(first))
    for name, text in zip(rest[::2], rest[1::2], strict=True):
        text, after = _indented(text)
        rows = [_item(key, said, types or {}, parameters) for key, said in _items(text)]
        if name == "Raises":
            parts.append(f"**{name}**\n\n{table(('error', 'when'), [(r[0], r[-1]) for r in rows])}")
        elif name in HEADS:
            parts.append(f"**{name}**\n\n{table(HEADS[name][: len(rows[0])], rows)}")
        else:
            parts.append(f"**{name}** {' '.join(_paragraphs(text))}")
        parts += _paragraphs(after)
    return joined(*parts).rstrip("\n")


def _indented(text: str) -> tuple[str, str]:
    """Return the lines of a section without their indentation, and what follows it."""
    found = re.search(r"^(?=\S)", text, re.M)
    end = found.start() if found else len(text)
    return inspect.cleandoc("    \n" + text[:end]).lstrip("\n"), text[end:]


def _items(text: str) -> Iterator[tuple[str, str]]:
    for each in re.split(r"\n(?=\S)", text.strip()):
        name, _, said = each.partition(":")
        yield name.strip(), said.strip()


def _item(
    name: str,
    said: str,
    types: Mapping[str, str],
    parameters: Mapping[str, inspect.Parameter] | None,
) -> tuple[str, ...]:
    names = [each.strip("`* ") for each in name.split(",")]
    kind = code(types[names[0]]) if types.get(names[0]) else ""
    first = ", ".join(map(code, names))
    if parameters is None:
        return first, kind, plain(said)
    found = parameters.get(names[0])
    usual = "" if found is None or found.default is found.empty else code(repr(found.default))
    return first, kind, usual, plain(said)


def _paragraphs(text: str) -> Iterator[str]:
    for each in text.strip().split("\n\n"):
        if each.lstrip().startswith(">>>"):
            yield f"```python\n{inspect.cleandoc(each)}\n```"
        elif each.strip():
            yield plain(each)
