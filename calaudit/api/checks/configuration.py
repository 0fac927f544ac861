"""Settings of ``check`` from calaudit.toml or pyproject.toml."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from calaudit.api.checks.rule_settings import RULES
from calaudit.bounded import read_bounded
from calaudit.errors import SettingsError
from calaudit.gate.rules import nearest
from calaudit.options.commands import CheckOptions
from calaudit.options.declaration import Option, options_of

__all__ = ["FILES", "SETTINGS", "configuration"]

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

KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}

WRITTEN_AS_NUMBERS = ("bins", "positive")
"""Texts that people write without quotes."""

PATHS = ("baseline", "against", "calibrator")


def configuration(path: str | os.PathLike[str] | None) -> dict[str, Any]:
    """Return the keywords that a configuration file gives for ``check``.

    ``calaudit.toml`` has them under ``[check]``, ``pyproject.toml`` under
    ``[tool.calaudit.check]``. Paths are relative to the file.

    Args:
        path: the file; None to look in the working directory.

    Raises:
        SettingsError: the file cannot be read, has an unknown key or a value of another type.
    """
    if path is not None:
        file = Path(path)
        return _keywords(_section(file, must=True), file)
    for file in map(Path, FILES):
        if file.is_file():
            found = _section(file, must=False)
            if found is not None:
                return _keywords(found, file)
    return {}


def _section(file: Path, *, must: bool) -> Any:
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
    name = ".".join([*keys, "check"])
    unknown = sorted(set(document) - {"check"})
    if unknown:
        raise SettingsError(
            f"{file}: there is no section {unknown[0]!r}{nearest(unknown[0], ['check'])}; settings "
            f"of the gate stand under [{name}]"
        )
    section = document.get("check")
    if not isinstance(section, dict) and (must or section is not None):
        raise SettingsError(f"{file}: [{name}] is missing, or is not a table")
    return section


def _keywords(section: dict[str, Any], file: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in section.items():
        name = key.replace("-", "_")
        if name not in SETTINGS and name not in RULES:
            raise SettingsError(
                f"{file}: there is no setting {key!r}{nearest(name, (*SETTINGS, *RULES))}"
            )
        if name in values:
            raise SettingsError(f"{file}: {key} is given twice")
        values[name] = _typed(SETTINGS[name], value, file) if name in SETTINGS else value
    for name in PATHS:
        if name in values:
            values[name] = os.fspath(file.parent / values[name])
    return values


def _typed(option: Option, value: Any, file: Path) -> Any:
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
        raise SettingsError(f"{file}: {option.name} is {kind}, not {value!r}")
    return value
