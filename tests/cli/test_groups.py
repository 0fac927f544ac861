"""Options that commands share: expanded in place, and given to the API under its names."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import pytest
import typer

from calaudit.api.applying import apply as apply_api
from calaudit.api.evaluation import evaluate as evaluate_api
from calaudit.api.fitting import fit as fit_api
from calaudit.cli import options
from calaudit.cli.apply import apply
from calaudit.cli.evaluate import evaluate
from calaudit.cli.fit import fit
from calaudit.cli.groups import Group, Keywords, Shared, expanded

Loud = Annotated[Keywords, Group({"volume": Shared(int, 3), "words": Shared(str, "a,b", list)})]


def speak(name: str, loud: Loud, mood: Annotated[str, typer.Option()] = "calm") -> Any:
    """Say something."""
    return name, loud, mood


def test_a_group_stands_where_it_is_named() -> None:
    """Its options take its place, with their own types and defaults; the rest stays."""
    signature = inspect.signature(expanded(speak))
    assert list(signature.parameters) == ["name", "volume", "words", "mood"]
    assert signature.parameters["volume"].default == 3
    assert signature.parameters["volume"].annotation is int
    assert signature.parameters["name"].default is inspect.Parameter.empty
    assert expanded(speak).__doc__ == "Say something."
    assert expanded(speak).__name__ == "speak"


def test_the_command_gets_the_group_as_keywords() -> None:
    """What was given arrives under the names of the API, as the type that the API takes."""
    seen: list[Any] = []

    def command(loud: Loud, mood: str = "calm") -> None:
        seen.append((loud, mood))

    expanded(command)(volume=5, words="xy", mood="glad")
    assert seen == [({"volume": 5, "words": ["x", "y"]}, "glad")]


def test_an_option_belongs_to_one_group() -> None:
    """A name that two groups, or a group and the command, have is a fault found at once."""

    def command(loud: Loud, volume: int = 1) -> None:
        """Take the same name twice."""

    with pytest.raises(ValueError, match="duplicate parameter name: 'volume'"):
        expanded(command)


@pytest.mark.parametrize(
    ("command", "api"), [(evaluate, evaluate_api), (fit, fit_api), (apply, apply_api)]
)
def test_shared_options_are_arguments_of_the_api(command: Any, api: Any) -> None:
    """Every shared option of a command is an argument of its function, with the same default."""
    arguments = inspect.signature(api).parameters
    shared = inspect.signature(expanded(command)).parameters.keys() & options.SHARED.keys()
    assert len(shared) >= 6
    for name in shared:
        option = options.SHARED[name]
        if command is apply and name in ("calibrator", "on_invalid"):  # its own, not shared
            continue
        assert option.value(option.default) == arguments[name].default, name
