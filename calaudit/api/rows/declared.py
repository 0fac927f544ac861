"""What the user said about the data, so that a reader of the report can say it again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from calaudit.errors import CalauditError
from calaudit.options.declaration import options_of
from calaudit.options.rows import ROLES
from calaudit.predictions import Roles
from calaudit.predictions.addresses import public
from calaudit.predictions.candidates import declared_candidate
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.predictions import Predictions


def path_of(given: Any) -> str | None:
    """Return the path of something that can also be given as an object, or None."""
    return os.fspath(given) if isinstance(given, str | os.PathLike) else None


def paths_of(data: Any) -> list[str] | None:
    """Return the paths of data, as they were given; None for data that is in memory."""
    if isinstance(data, str | os.PathLike):
        return [public(os.fspath(data))]
    if isinstance(data, Sequence) and all(isinstance(part, str | os.PathLike) for part in data):
        return [public(os.fspath(part)) for part in data]
    return None


def declared_of(
    predictions: Predictions, data: Any, roles: Roles, task: str | None
) -> dict[str, Any]:
    """Return what is needed beside inputs and roles to open the same data in the same way.

    That is, as JSON values: roles that were declared (slice columns and the id stand among the
    resolved roles, never being inferred), paths where they are folders or patterns, and the
    ``prefix`` of class columns that were inferred.
    """
    paths = paths_of(data)
    if paths is None:
        return {} if roles.out_of == 1.0 else {"out_of": roles.out_of}
    said = {
        f.name: getattr(roles, f.name) for f in fields(roles) if f.name not in ("id", "by", "asked")
    }
    usual = {f.name: f.default for f in fields(roles)}
    found = {name: _plain(value) for name, value in said.items() if value != usual[name]}
    found |= {"task": task} if task is not None else {}
    if paths != [each.path for each in predictions.inputs]:
        found["data"] = paths
    prefix = None if {"probs", "logits"} & found.keys() else _prefix(predictions)
    return found | ({"prefix": prefix} if prefix else {})


def said_roles(kind: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the roles that the user declared, as JSON values.

    Args:
        kind: the `TypedDict` that declares the options.
        options: all of them.
    """
    declared = options_of(kind)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if declared[name].panel == ROLES and value != declared[name].default
    }


def _plain(value: Any) -> Any:
    return [str(part) for part in value] if isinstance(value, tuple) else value


def catalogue_of(predictions: Predictions) -> Catalogue:
    """Return the columns of the first file that has rows."""
    sources = predictions.sources
    first = next((s for s in sources if s.input.rows != 0), sources[0])
    return Catalogue(first.columns, first.peek, first.input.path)


def _prefix(predictions: Predictions) -> str | None:
    """Return the prefix that stands for the class columns and names the classes, if one does."""
    layout = predictions.layout
    if layout.form != "columns":
        return None
    catalogue = catalogue_of(predictions)
    common: str = os.path.commonprefix(layout.scores)  # noqa: RUF071 - of names, not of paths
    logit = layout.scale == "logit"
    for prefix in (common, common[: 1 + max(map(common.rfind, "_. -"))]):
        try:
            roles = Roles(logits=prefix) if logit else Roles(probs=prefix)
            found = declared_candidate(roles, catalogue)
        except CalauditError:
            continue
        named = (layout.scores, layout.classes)
        if found and (found.columns, found.suffixes) in (named, tuple(x[::-1] for x in named)):
            return prefix
    return None
