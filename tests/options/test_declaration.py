"""Declarations: what is made of them is what they say."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import calaudit
from calaudit.api.checks.rule_settings import RULES
from calaudit.errors import SettingsError
from calaudit.options import commands
from calaudit.options.checking import Rules
from calaudit.options.choices import CONVENTIONS
from calaudit.options.declaration import Option, names, options_of
from calaudit.options.exporting import ExportOptions

COMMANDS = {
    "apply": commands.ApplyOptions,
    "audit": commands.AuditOptions,
    "check": commands.CheckOptions,
    "compare": commands.CompareOptions,
    "ensemble": commands.EnsembleOptions,
    "estimate": commands.EstimateOptions,
    "evaluate": commands.EvaluateOptions,
    "export": ExportOptions,
    "fit": commands.FitOptions,
    "forecast": commands.ForecastOptions,
    "summarize": commands.SummarizeOptions,
    "ood": commands.OodOptions,
    "monitor": commands.MonitorOptions,
    "threshold": commands.ThresholdOptions,
}


@pytest.mark.parametrize(
    ("type_", "one", "listed"),
    [
        (str | None, str, False),
        (str | int | None, str, False),
        (float | str | None, str, False),
        (float | Mapping[str, Any] | None, float, False),
        (int | None, int, False),
        (bool, bool, False),
        (Any, str, False),
        (Sequence[Path], Path, False),
        (Sequence[str] | None, str, True),
        (str | Sequence[str] | None, str, True),
        (Sequence[str], str, True),
    ],
)
def test_what_one_value_is(type_: Any, one: type, listed: bool) -> None:
    """The type in Python says what one value is on the command line, and what is a list."""
    option = Option("Help.", type=type_)
    assert (option.one, option.listed) == (one, listed)


def test_values_of_the_command_line() -> None:
    """A list is taken apart, one name or prefix is not, and nothing given is the default."""
    prefix = Option("Help.", type=str | Sequence[str] | None)
    assert [prefix.value(text) for text in ("p_", "a,b", None)] == ["p_", ("a", "b"), None]
    assert Option("Help.", type=Sequence[str] | None).value("a") == ("a",)
    repeated = Option("Help.", type=str | Sequence[str], default=(), repeated=True)
    assert [repeated.value(given) for given in (None, [], ["a,b"])] == [(), (), ("a,b",)]


def test_names() -> None:
    """Quotes hold a part with a comma together; no list of names goes over a line."""
    assert names('a, "b, c" ,d') == ("a", "b, c", "d")
    with pytest.raises(SettingsError, match="holds the end of a line"):
        names("a,\nb")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_declares_the_arguments_of_its_function(command: str) -> None:
    """Names and defaults of keyword arguments are those that are declared, and each has words."""
    function: Callable[..., Any] = getattr(calaudit, command)
    shown = inspect.signature(function).parameters.values()
    keywords = {p.name: p.default for p in shown if p.kind is p.KEYWORD_ONLY}
    keywords.pop("output", None)  # of export, which writes no report
    declared = options_of(COMMANDS[command])
    assert keywords == {name: option.default for name, option in declared.items()}
    assert not [p.name for p in shown if isinstance(p.annotation, str)]
    documentation = inspect.getdoc(function) or ""
    assert [name for name in declared if f"\n    {name}: " not in documentation] == []


def test_a_name_that_is_no_argument() -> None:
    """It is refused, and type checkers know (or their comments here were too many)."""
    with pytest.raises(TypeError, match=r"evaluate\(\) got an unexpected keyword argument 'labl'"):
        calaudit.evaluate([0, 1], [0.1, 0.9], labl="y")  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="there is no rule or argument 'max_ecc'"):
        calaudit.check([0, 1], [0.1, 0.9], max_ecc=0.1)  # type: ignore[call-arg]


@pytest.mark.parametrize("command", ["audit", "check", "evaluate", "fit", "threshold"])
@pytest.mark.parametrize("name", ["weight_kind", "on_invalid", "task", "scale"])
def test_a_value_that_is_no_choice(command: str, name: str) -> None:
    """Every command refuses it before any row is read, with all that it could be."""
    with pytest.raises(SettingsError, match=f"^{name} must be one of .*, not 'odd'$"):
        getattr(calaudit, command)([0, 1] * 20, [0.1, 0.9] * 20, **{name: "odd"})


def test_choices_are_what_there_is() -> None:
    """Conventions and rules that are declared are those that the rooms below know."""
    declared = options_of(commands.EvaluateOptions)
    assert set(declared["convention"].choices) == set(CONVENTIONS)
    assert set(options_of(Rules)) == set(RULES)
