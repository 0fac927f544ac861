"""Commands made of declared options.

A parameter that is annotated with a `TypedDict` of declared options stands for all of them, at its
place; the command gets what the user gave for them as keywords for the API. One that is annotated
with a declaration is that option.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, is_typeddict

import typer

from calaudit.options.declaration import Option, options_of

Keywords = dict[str, Any]
"""What the user gave for the options of a group, under the names of the API."""


CONFIG = Option(
    "Rules and settings; options win. none for no file.",
    name="config",
    type=Path | None,
    panel="Configuration",
    metavar="FILE",
    shown="calaudit.toml or pyproject.toml here",
)
"""Of every command that has declared options; `help` reads it."""


def expanded(command: Callable[..., None], *, configured: bool = True) -> Callable[..., None]:
    """Return the command with options in the place of whatever declares them.

    Args:
        command: what is to be run.
        configured: whether a configuration may set its options, which then stand, by name, in
            the attribute ``options`` of what is returned.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Mapping[str, Option]] = {}
    own: dict[str, Option] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        name, default = parameter.name, parameter.default
        mark = next(iter(getattr(parameter.annotation, "__metadata__", ())), None)
        if is_typeddict(mark):
            groups[name] = {key: each for key, each in options_of(mark).items() if each.help}
            parameters += [_parameter(each) for each in groups[name].values()]
        elif isinstance(mark, Option):
            own[name] = replace(
                mark, name=name, type=parameter.annotation.__origin__, default=default
            )
            parameters.append(_parameter(own[name]))
        else:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    settable = {**own, **{name: each for group in groups.values() for name, each in group.items()}}
    if groups and configured and "config" not in settable:
        parameters.append(_parameter(CONFIG))

    @functools.wraps(command)
    def run(**given: Any) -> None:
        if "config" not in settable:
            given.pop("config", None)
        keywords: Keywords = {name: _taken(group, given) for name, group in groups.items()}
        command(**given | _taken(own, given) | keywords)

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.options = settable if groups and configured else {}  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _taken(options: Mapping[str, Option], given: dict[str, Any]) -> Keywords:
    """Return what was given for options, and remove it from ``given``."""
    return {name: option.value(given.pop(name)) for name, option in options.items()}


@functools.cache  # most options belong to several commands
def _parameter(option: Option) -> inspect.Parameter:
    """Return an option as a parameter that typer makes an option of."""
    one = option.one
    kind: Any = Literal[option.choices] if option.choices else one
    needed = option.default is inspect.Parameter.empty
    default = option.default if isinstance(option.default, one) else None
    # As the default and not in an annotation, which takes several times as long to make.
    spelling = typer.Option(
        ... if needed else default,
        *option.spellings,
        rich_help_panel=option.panel,
        help=option.help,
        metavar=option.metavar,
        show_default=option.shown,
    )
    kind = list[kind] if option.repeated else kind
    return inspect.Parameter(
        option.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=spelling,
        annotation=kind if needed or default is not None else kind | None,
    )
