"""Groups of options that commands share, and commands that are made of them.

A parameter of a command that is annotated with a `Group` stands for all options of the group,
at its place; the command gets what the user gave for them as keywords for the API.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Group", "Keywords", "Shared", "expanded"]

Keywords = dict[str, Any]
"""What the user gave for the options of a group, under the names of the API."""


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Shared:
    """An option of several commands.

    Attributes:
        annotation: its type and how it is called, as typer takes them.
        default: what it is when not given.
        value: turns what typer gives into what the API takes.
    """

    annotation: Any
    default: Any = None
    value: Callable[[Any], Any] = _as_it_is


@dataclass(frozen=True, slots=True)
class Group:
    """Options by their name in the API, in the order of the help."""

    options: Mapping[str, Shared]

    def parameters(self) -> list[inspect.Parameter]:
        """Return the options as parameters of a function."""
        kind = inspect.Parameter.KEYWORD_ONLY
        return [
            inspect.Parameter(name, kind, default=option.default, annotation=option.annotation)
            for name, option in self.options.items()
        ]

    def taken_from(self, given: dict[str, Any]) -> Keywords:
        """Return what was given for the options of this group, and remove it from ``given``."""
        return {name: option.value(given.pop(name)) for name, option in self.options.items()}


def expanded(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the options of its groups in place of each group."""
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Group] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        marks = getattr(parameter.annotation, "__metadata__", ())
        group = next((mark for mark in marks if isinstance(mark, Group)), None)
        if group is None:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
        else:
            groups[parameter.name] = group
            parameters.extend(group.parameters())

    @functools.wraps(command)
    def run(**given: Any) -> None:
        keywords = {name: group.taken_from(given) for name, group in groups.items()}
        command(**given, **keywords)

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
