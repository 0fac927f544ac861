"""Commands made of declared options, which reach the API under its names."""

import inspect
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest

from calaudit.cli.groups import Keywords, expanded
from calaudit.options.declaration import Option


class Loud(TypedDict, total=False):
    """How loudly something is said."""

    volume: Annotated[int, Option("How loud.", default=3)]
    words: Annotated[str | Sequence[str] | None, Option("Which words.")]
    echo: Annotated[Any, Option(doc="Only Python has it.")]


MOOD = Option("How it feels.", choices=("calm", "glad"))


def speak(name: str, loud: Annotated[Keywords, Loud], mood: Annotated[str, MOOD] = "calm") -> Any:
    """Say something."""
    return name, loud, mood


def test_options_stand_where_they_are_named() -> None:
    """They take the place of their group, with their own types and defaults; the rest stays."""
    signature = inspect.signature(expanded(speak))
    assert list(signature.parameters) == ["name", "volume", "words", "mood", "config"]
    assert signature.parameters["volume"].default.default == 3
    assert signature.parameters["volume"].annotation is int
    assert signature.parameters["words"].annotation == str | None
    assert signature.parameters["mood"].default.default == "calm"
    assert signature.parameters["name"].default is inspect.Parameter.empty
    assert expanded(speak).__doc__ == "Say something."
    assert expanded(speak).__name__ == "speak"


def test_the_command_gets_the_group_as_keywords() -> None:
    """What was given arrives under the names of the API, as the type that the API takes."""
    seen: list[Any] = []

    def command(loud: Annotated[Keywords, Loud], mood: Annotated[str, MOOD] = "calm") -> None:
        seen.append((loud, mood))

    expanded(command)(volume=5, words="x,y", mood="glad")
    assert seen == [({"volume": 5, "words": ("x", "y")}, "glad")]


def test_an_option_belongs_to_one_group() -> None:
    """A name that two groups, or a group and the command, have is a fault found at once."""

    def command(loud: Annotated[Keywords, Loud], volume: int = 1) -> None:
        """Take the same name twice."""

    with pytest.raises(ValueError, match="duplicate parameter name: 'volume'"):
        expanded(command)
