"""The rules of ``check``, from keywords, options or a configuration file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calaudit.errors import SettingsError
from calaudit.gate.rules import BETTER_HIGH, BETTER_LOW, Rule, nearest, parse_rule, rule_of_value

__all__ = ["CONFIG_FILES", "HOW_TO_START", "configuration", "rules_of"]

CONFIG_FILES = ("calaudit.toml", "pyproject.toml")
"""Where a configuration is looked for, in this order, in the working directory."""

RELATIVE = ("max_increase", "max_decrease")

HOW_TO_START = """\
there is no rule to check. To start:
  1. write a baseline:  calaudit evaluate predictions.parquet -o calaudit-baseline.json
  2. commit it, and in CI:
     calaudit check predictions.parquet --baseline calaudit-baseline.json --max-increase ece=0.01
Rules can also stand alone (--max-ece 0.05), or in calaudit.toml or pyproject.toml"""


def rules_of(given: Mapping[str, Any], confidence: float, where: str = "") -> tuple[Rule, ...]:
    """Return the rules that names and values describe.

    Args:
        given: "max_NAME" and "min_NAME" to a limit, "max_increase" and "max_decrease" to a
            mapping from names to margins (or to a list of texts NAME=MARGIN). None is no rule. In
            place of a number there may be {"margin": …, "confidence": …}.
        confidence: of rules without one of their own.
        where: what the names stand in, for messages.

    Raises:
        SettingsError: a name is unknown, or a rule makes no sense.
    """
    rules: list[Rule] = []
    lead = f"{where}: " if where else ""
    for name, value in given.items():
        if value is None:
            continue
        kind, _, metric = name.partition("_")
        if name in RELATIVE:
            rules += _relative(name, value, confidence, f"{lead}{name}")
        elif kind in ("max", "min") and metric in BETTER_LOW + BETTER_HIGH:
            rules.append(rule_of_value(kind, metric, value, confidence, f"{lead}{name}"))
        else:
            known = [f"max_{m}" for m in BETTER_LOW] + [f"min_{m}" for m in BETTER_HIGH]
            raise SettingsError(
                f"{lead}there is no rule {name!r}{nearest(name, [*known, *RELATIVE])}"
            )
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        if (rule.kind, rule.metric) in seen:
            raise SettingsError(f"{rule.option}: this rule is given twice")
        seen.add((rule.kind, rule.metric))
    return tuple(rules)


def _relative(kind: str, value: Any, confidence: float, where: str) -> list[Rule]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):
        return [
            rule_of_value(kind, str(metric).replace("-", "_"), limit, confidence, where)
            for metric, limit in value.items()
        ]
    try:
        return [parse_rule(kind, text, confidence) for text in value]
    except TypeError:
        raise SettingsError(f"{where} maps figures to margins, as in ece=0.01") from None


def configuration(
    path: str | os.PathLike[str] | None, known: set[str]
) -> tuple[dict[str, Any], str]:
    """Return the keywords that a configuration file gives for ``check``, and its path.

    ``calaudit.toml`` has them under ``[check]``, ``pyproject.toml`` under
    ``[tool.calaudit.check]``. Paths are relative to the file.

    Args:
        path: the file; None to look in the working directory.
        known: names of keywords other than rules.

    Raises:
        SettingsError: the file cannot be read, or has an unknown key.
    """
    if path is None:
        for name in CONFIG_FILES:
            if Path(name).is_file():
                found = _section(Path(name), must=False)
                if found is not None:
                    return _checked(found, Path(name), known), name
        return {}, ""
    file = Path(path)
    found = _section(file, must=True)
    assert found is not None
    return _checked(found, file, known), str(file)


def _section(file: Path, *, must: bool) -> dict[str, Any] | None:
    try:
        document: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"there is no configuration file {file}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as TOML ({error})") from None
    keys = ["tool", "calaudit"] if file.name == "pyproject.toml" else []
    for key in keys:
        document = document.get(key, {})
        if not isinstance(document, dict):
            raise SettingsError(f"{file}: [{'.'.join(keys)}] is not a table")
    unknown = sorted(set(document) - {"check"})
    if unknown and (keys or file.name == "calaudit.toml" or must):
        raise SettingsError(
            f"{file}: there is no section {unknown[0]!r}{nearest(unknown[0], ['check'])}; settings "
            f"of the gate stand under [{'.'.join([*keys, 'check'])}]"
        )
    section = document.get("check")
    if section is None and not must:
        return None
    if not isinstance(section, dict):
        raise SettingsError(f"{file}: [{'.'.join([*keys, 'check'])}] is missing, or is not a table")
    return section


def _checked(section: dict[str, Any], file: Path, known: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    rules = {f"max_{m}" for m in BETTER_LOW} | {f"min_{m}" for m in BETTER_HIGH} | set(RELATIVE)
    for key, value in section.items():
        name = key.replace("-", "_")
        if name not in known | rules:
            raise SettingsError(
                f"{file}: there is no setting {key!r}{nearest(name, sorted(known | rules))}"
            )
        values[name] = value
    for name in ("baseline", "against", "calibrator"):
        if isinstance(values.get(name), str):
            values[name] = os.fspath(file.parent / values[name])
    return values
