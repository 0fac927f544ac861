"""What a declaration says, and the functions of Python that are made of declarations."""

from __future__ import annotations

import csv
import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from calaudit.errors import SettingsError

F = TypeVar("F", bound=Callable[..., Any])


# Without what nobody calls, which takes a part of start-up to make.
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Option:
    """An option of one or several commands, as metadata of a key of a `TypedDict`.

    Attributes:
        help: for the command line; "" for an argument that only Python has.
        doc: for Python, where that is more or other than the help.
        default: what it is when not given.
        panel: heading in the help. metavar: what stands for its value there.
        shown: its default in words, where the value does not say it; False for no word of it.
        choices: all that it can be.
        repeated: whether the option may be given several times.
        flag: how it is spelled, where not as its name with dashes; several with spaces between.
        name, type: in Python; the key of the `TypedDict` and what it is annotated with.
    """

    help: str = ""
    doc: str = ""
    _: KW_ONLY
    default: Any = None
    panel: str = ""
    metavar: str | None = None
    shown: str | bool = True
    choices: tuple[str, ...] = ()
    repeated: bool = False
    flag: str = ""
    name: str = ""
    type: Any = None

    @property
    def one(self) -> type:
        """What one value is, as it is written: bool, int, float, a path, or str for all else."""
        parts, kinds = self.types, (bool, int, float, Path)
        found = (kind for kind in kinds if kind in parts or Sequence[kind] in parts)  # type: ignore[valid-type]
        return str if str in parts else next(found, str)

    @property
    def listed(self) -> bool:
        """Whether one value can be a list of names."""
        return Sequence[str] in self.types and not self.repeated

    @property
    def named_file(self) -> bool:
        """Whether a value is the name of a file."""
        return self.metavar in ("FILE", "DATA") or self.one is Path

    @property
    def types(self) -> tuple[Any, ...]:
        """The types that a value can be of."""
        union = get_origin(self.type) in (Union, UnionType)
        return get_args(self.type) if union else (self.type,)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names of the option on the command line, the longest last."""
        return tuple(self.flag.split()) or ("--" + self.name.replace("_", "-"),)

    def value(self, given: Any) -> Any:
        """Return the argument of Python that a value of the command line is."""
        if given is None or given == []:
            return self.default
        if self.listed and isinstance(given, str) and (str not in self.types or "," in given):
            return names(given)
        return tuple(given) if isinstance(given, list) else given


@functools.cache
def options_of(kind: Any) -> Mapping[str, Option]:
    """Return the options that a `TypedDict` declares, by name."""
    return {name: _option(name, declared) for name, declared in kind.__annotations__.items()}


@functools.cache  # commands share most of them
def _option(name: str, declared: Any) -> Option:
    option: Option = declared.__metadata__[0]
    return replace(option, name=name, type=declared.__origin__)


def defaults(kind: Any) -> dict[str, Any]:
    """Return what the options of a `TypedDict` are when not given."""
    return {name: option.default for name, option in options_of(kind).items()}


def filled(kind: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, and after that the defaults of all other options of a `TypedDict`."""
    usual = defaults(kind).items()
    return {**given, **{name: value for name, value in usual if name not in given}}


def chosen(kind: Any, given: Mapping[str, object]) -> dict[str, Any]:
    """Return what is given for the options of a `TypedDict`."""
    return {name: given[name] for name in options_of(kind)}


def documented(kind: Any, *, others: bool = False) -> Callable[[F], F]:
    """Return a decorator for a function with ``**options: Unpack[kind]``.

    The function gets every option, and has them in its signature and, in place of the line
    ``**options:``, in its docstring.

    Args:
        kind: a `TypedDict` whose keys are declared; a value that is none of its choices raises
            `SettingsError`.
        others: whether the function itself refuses names that are not.
    """
    declared = options_of(kind)

    def decorated(function: F) -> F:
        @functools.wraps(function)
        def call(*given: Any, **options: Any) -> Any:
            if not others and not options.keys() <= declared.keys() | positional.keys():
                name = next(iter(options.keys() - declared.keys() - positional.keys()))
                raise TypeError(
                    f"{function.__name__}() got an unexpected keyword argument {name!r}"
                )
            _check_choices(declared, options)
            return function(*given, **filled(kind, options))

        signature = inspect.signature(function, eval_str=True)
        positional = dict(signature.parameters)
        positional.popitem()
        parameters = [*positional.values(), *map(_parameter, declared.values())]
        call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        call.__doc__ = _with_options(function.__doc__ or "", declared.values())
        return call  # type: ignore[return-value]

    return decorated


def _check_choices(declared: Mapping[str, Option], given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        choices = declared[name].choices if name in declared else ()
        usual = choices and value is declared[name].default
        if choices and not usual and not (isinstance(value, str) and value in choices):
            raise SettingsError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def _parameter(option: Option) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(option.name, kind, default=option.default, annotation=option.type)


def _words(option: Option) -> str:
    """Return the documentation in Python, where options have other names and None is a value."""
    spoken = re.sub(r"--([a-z-]+)", lambda found: f"``{found[1].replace('-', '_')}``", option.help)
    usual = isinstance(option.shown, str) and option.default is None
    return (option.doc or spoken) + (f" None: {option.shown}." if usual else "")


def _with_options(doc: str, options: Any) -> str:
    """Return a docstring with all options in place of the line that stands for them."""
    import textwrap  # which the command line does without

    lines = [
        textwrap.fill(
            f"{option.name}: {_words(option)}", 100,
            initial_indent=" " * 8, subsequent_indent=" " * 12, break_on_hyphens=False,
        )
        for option in options
    ]  # fmt: skip
    return re.sub(r" *\*\*options:.*", lambda _: "\n".join(lines), doc, count=1)


def names(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated list; quotes hold a part with a comma together.

    >>> names('cat,"dog, small"')
    ('cat', 'dog, small')

    Raises:
        SettingsError: the end of a line stands in it.
    """
    if re.search(r"[\r\n]", text):
        raise SettingsError(
            f"{text!r} holds the end of a line, which no list of names on the command line can; "
            "rename the column, or name it from Python"
        )
    return tuple(part.strip() for part in next(csv.reader([text], skipinitialspace=True), []))
