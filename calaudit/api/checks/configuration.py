"""Gates and their settings from calaudit.toml or pyproject.toml.

``[check]`` holds what all gates share, and ``[gate.NAME]`` what is of one of them, which wins;
without such sections ``[check]`` is the gate. So tox divides ``[env_run_base]`` and ``[env.NAME]``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calaudit.api.checks.rule_settings import RULES
from calaudit.bounded import read_bounded
from calaudit.errors import SettingsError
from calaudit.gate.rules import nearest
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import Option, options_of
from calaudit.predictions.addresses import is_remote

__all__ = ["FILES", "SETTINGS", "Configuration", "configuration"]

FILES = ("calaudit.toml", "pyproject.toml")
"""Where settings are looked for, in this order, in the working directory."""

LONGEST = 10_000
"""Characters of a line; a key of many parts takes the square of their number in time."""

SETTINGS = {
    name: option
    for name, option in options_of(CheckOptions).items()
    if option.help and name not in RULES
}
"""Settings other than rules."""

DATA = Option(name="data", type=str | Sequence[str] | None)
"""What only a configuration has as a setting: on the command line it is the argument."""

KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}

WRITTEN_AS_NUMBERS = ("bins", "positive")
"""Texts that people write without quotes."""

PATHS = ("data", "baseline", "against", "calibrator", "labels")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Names of gates: they stand in names of files and in comments of HTML."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says.

    Attributes:
        file: its path. shared: what stands under [check]. gates: and under [gate.NAME], by name.
    """

    file: Path = Path()
    shared: Mapping[str, Any] = field(default_factory=dict)
    gates: Mapping[str, Any] = field(default_factory=dict)

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
        values = dict(self.shared) | _keywords(own, where)
        for key in PATHS:
            if key in values:
                values[key] = _beside(self.file, values[key])
        return values


def configuration(path: str | os.PathLike[str] | None) -> Configuration:
    """Return what a configuration file says.

    ``pyproject.toml`` has it under ``[tool.calaudit]``.

    Args:
        path: the file; None to look in the working directory.

    Raises:
        SettingsError: the file cannot be read, or has an unknown section.
    """
    if path is not None:
        found = _read(Path(path), must=True)
    else:
        read = (_read(file, must=False) for file in map(Path, FILES) if file.is_file())
        found = next((each for each in read if each is not None), None)
    return found or Configuration()


def _read(file: Path, *, must: bool) -> Configuration | None:
    try:
        text = read_bounded(file).decode()
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
    unknown = sorted(set(document) - {"check", "gate"})
    if unknown:
        raise SettingsError(
            f"{file}: there is no section {unknown[0]!r}{nearest(unknown[0], ['check', 'gate'])}; "
            f"settings stand under [{lead}check], or for each of several gates under "
            f"[{lead}gate.NAME]"
        )
    if not document and not must:
        return None
    shared, gates = document.get("check"), document.get("gate", {})
    if not isinstance(shared, dict) and (shared is not None or not gates):
        raise SettingsError(f"{file}: [{lead}check] is missing, or is not a table")
    _check_names(gates, f"{file}: [{lead}gate]")
    return Configuration(file, _keywords(shared or {}, f"{file}"), gates)


def _check_names(gates: Any, where: str) -> None:
    if not isinstance(gates, dict):
        raise SettingsError(f"{where} is not a table of gates: write [gate.NAME]")
    taken: dict[str, str] = {}
    for name in gates:
        if not NAME.fullmatch(name):
            raise SettingsError(
                f"{where}: {name!r} is no name of a gate: it takes letters, digits, and - . _ "
                "after the first one"
            )
        if taken.setdefault(name.lower(), name) != name:
            raise SettingsError(f"{where}: {name} and {taken[name.lower()]} differ in case only")


def _keywords(section: Mapping[str, Any], where: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    known = {"data": DATA, **SETTINGS}
    for key, value in section.items():
        name = key.replace("-", "_")
        if name not in known and name not in RULES:
            raise SettingsError(
                f"{where}: there is no setting {key!r}{nearest(name, (*known, *RULES))}"
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
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if option.name in WRITTEN_AS_NUMBERS and number:
        return str(value)
    several = option.one is str and (option.listed or option.repeated)
    if several and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    right = number if option.one is float else isinstance(value, option.one)
    if not right or (option.one is int and not number):
        kind = KINDS[option.one] + (" or a list of texts" if several else "")
        raise SettingsError(f"{where}: {option.name} is {kind}, not {value!r}")
    return value
