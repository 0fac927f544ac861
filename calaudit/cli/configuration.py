"""Settings of commands, and gates, from calaudit.toml or pyproject.toml.

``[defaults]`` holds settings for every command that has them, and a section named like a command
those of that command, which win. ``[check]`` holds what all gates share, and ``[gate.NAME]`` what
is of one of them, which wins; without such sections ``[check]`` is the gate. So tox divides
``[env_run_base]`` and ``[env.NAME]``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, is_typeddict

from calaudit.api.checks.rule_settings import RULES
from calaudit.bounded import read_bounded
from calaudit.cli.app import COMMANDS
from calaudit.cli.help import FILES
from calaudit.cli.options import ReportOptions
from calaudit.errors import SettingsError
from calaudit.gate.rules import nearest
from calaudit.options import commands
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import Option, options_of
from calaudit.predictions.addresses import is_remote
from calaudit.predictions.spelling import joined

LONGEST = 10_000
"""Characters of a line; a key of many parts takes the square of their number in time."""

SETTINGS = {
    name: option
    for name, option in options_of(CheckOptions).items()
    if option.help and name not in RULES
}
"""Settings other than rules."""

DATA = Option(name="data", type=str | Sequence[str] | None, metavar="FILE")
"""What only a configuration has as a setting: on the command line it is the argument."""

KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}

GATE = {"data": DATA, **SETTINGS}
"""What a gate can say, besides its rules."""

EVERY = {
    name: option
    for kind in (*vars(commands).values(), ReportOptions)
    if is_typeddict(kind)
    for name, option in options_of(kind).items()
    if option.help
}
"""What [defaults] can say: the options of all commands."""

WRITTEN_AS_NUMBERS = ("bins", "positive", "stated")
"""Texts that people write without quotes."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of gates: they stand in names of files and in comments of HTML."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says.

    Attributes:
        file: its path. shared: what stands under [check]. gates: and under [gate.NAME], by name.
        sections: what stands under [defaults], and under the names of other commands.
    """

    file: Path = Path()
    shared: Mapping[str, Any] = field(default_factory=dict)
    gates: Mapping[str, Any] = field(default_factory=dict)
    sections: Mapping[str, Any] = field(default_factory=dict)

    def settings(self, command: str, options: Mapping[str, Option]) -> dict[str, Any]:
        """Return what is said for a command, as its options take it from the command line.

        Args:
            command: its name.
            options: its options, by name.

        Raises:
            SettingsError: a key is unknown, or a value is of another type.
        """
        found: dict[str, Any] = {}
        every = {**EVERY, **options}
        for section, known in (("defaults", every), (command, {"data": DATA, **options})):
            said = _keywords(self.sections.get(section, {}), f"{self.file}: [{section}]", known)
            found |= {
                name: _beside(self.file, value) if known[name].named_file else value
                for name, value in said.items()
                if name == "data" or name in options
            }
        several = {name for name, option in options.items() if option.repeated} | {"data"}
        for name, value in found.items():
            if isinstance(value, list) != (name in several):
                found[name] = [value] if name in several else joined(value)
        return found

    def chosen(self, name: str | None) -> tuple[str, ...]:
        """Return the names of the gates to run: all, or this one; "" for the one without a name.

        Raises:
            SettingsError: there is no gate of this name.
        """
        if name is None:
            return tuple(self.gates) or ("",)
        if name in self.gates:
            return (name,)
        known = (
            f"; there are: {', '.join([*self.gates][:8])}" if self.gates else " in calaudit.toml"
        )
        hint = nearest(name, self.gates) or f"{known}; a gate stands under [gate.NAME]"
        raise SettingsError(f"there is no gate {name!r}{hint}")

    def keywords(self, name: str = "") -> dict[str, Any]:
        """Return what is said for a gate, as keywords of ``check``; paths are relative to the file.

        Raises:
            SettingsError: a key is unknown, or a value is of another type.
        """
        where = f"{self.file}: [gate.{name}]" if name else f"{self.file}"
        own = self.gates[name] if name else {}
        if not isinstance(own, dict):
            raise SettingsError(f"{where} is not a table")
        values = dict(self.shared) | _keywords(own, where, GATE)
        for key in values.keys() & GATE.keys():
            if GATE[key].named_file:
                values[key] = _beside(self.file, values[key])
        return values


def configuration(path: str | os.PathLike[str] | None) -> Configuration:
    """Return what a configuration file says.

    ``pyproject.toml`` has it under ``[tool.calaudit]``.

    Args:
        path: the file; None to look in the working directory, "none" for no file.

    Raises:
        SettingsError: the file cannot be read, or has an unknown section.
    """
    if path is not None and os.fspath(path) == "none":
        found = None
    elif path is not None:
        found = _read(Path(path), must=True)
    else:
        read = (_read(file, must=False) for file in map(Path, FILES) if file.is_file())
        found = next((each for each in read if each is not None), None)
    return found or Configuration()


def _read(file: Path, *, must: bool) -> Configuration | None:
    try:
        text = read_bounded(file).decode()
        if not must and "calaudit" not in text and file.name == "pyproject.toml":
            return None
        if max(map(len, text.splitlines()), default=0) > LONGEST:
            raise ValueError(f"a line has more than {LONGEST:,} characters")
        document: Any = tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError(f"there is no configuration file {file}") from None
    except RecursionError:
        raise SettingsError(f"{file}: is nested too deeply to be a configuration") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: cannot be read as TOML ({error})") from None
    keys = ["tool", "calaudit"] if file.name == "pyproject.toml" else []
    for key in keys:
        document = document.get(key, {})
        if not isinstance(document, dict):
            raise SettingsError(f"{file}: [{'.'.join(keys)}] is not a table")
    lead = ".".join([*keys, ""])
    unknown = sorted(set(document) - {"defaults", "gate", *COMMANDS})
    if unknown:
        raise SettingsError(
            f"{file}: there is no section {unknown[0]!r}"
            f"{nearest(unknown[0], ['defaults', 'gate', *COMMANDS])}; settings stand under "
            f"[{lead}defaults] or the name of a command, as [{lead}check], or for each of several "
            f"gates under [{lead}gate.NAME]"
        )
    if not document and not must:
        return None
    for name, section in document.items():
        if not isinstance(section, dict):
            like = " of gates: write [gate.NAME]" if name == "gate" else ""
            raise SettingsError(f"{file}: [{lead}{name}] is not a table{like}")
    if not document:
        raise SettingsError(f"{file}: [{lead}defaults], [{lead}check] and all others are missing")
    shared, gates = document.pop("check", {}), document.pop("gate", {})
    _check_names(gates, f"{file}: [{lead}gate]")
    return Configuration(file, _keywords(shared, f"{file}", GATE), gates, document)


def _check_names(gates: Any, where: str) -> None:
    taken: dict[str, str] = {}
    for name in gates:
        if not NAME.fullmatch(name):
            raise SettingsError(
                f"{where}: {name!r} is no name of a gate: it takes letters, digits, and - . _ "
                "after the first one"
            )
        if taken.setdefault(name.lower(), name) != name:
            raise SettingsError(f"{where}: {name} and {taken[name.lower()]} differ in case only")


def _keywords(
    section: Mapping[str, Any], where: str, known: Mapping[str, Option]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    rules = RULES if known is GATE else ()
    for key, value in section.items():
        name = key.replace("-", "_")
        if name not in known and name not in rules:
            raise SettingsError(
                f"{where}: there is no setting {key!r}{nearest(name, (*known, *rules))}"
            )
        if name in values:
            raise SettingsError(f"{where}: {key} is given twice")
        values[name] = _typed(known[name], value, where) if name in known else value
    return values


def _beside(file: Path, path: Any) -> Any:
    """Return a path, or several, as seen from where the file is; addresses and "-" as they are."""
    if isinstance(path, list):
        return [_beside(file, each) for each in path]
    local = path != "-" and not is_remote(path)
    return os.fspath(file.parent / path) if local else path


def _typed(option: Option, value: Any, where: str) -> Any:
    """Return a value that is what its setting is."""
    each = value if isinstance(value, list) else [value]
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in each)
    if option.name in WRITTEN_AS_NUMBERS and numbers:
        return joined(map(str, each))
    texts = option.one in (str, Path)
    several = texts and (option.listed or option.repeated)
    if several and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    of_kind = isinstance(value, str if texts else option.one)
    number = numbers and each is not value
    right = number if option.one is float else of_kind
    if not right or (option.one is int and not number):
        kind = KINDS[str if texts else option.one] + (" or a list of texts" if several else "")
        raise SettingsError(f"{where}: {option.name} is {kind}, not {value!r}")
    if option.choices and value not in option.choices:
        raise SettingsError(
            f"{where}: {option.name} is one of {', '.join(option.choices)}, not {value!r}"
        )
    return value
