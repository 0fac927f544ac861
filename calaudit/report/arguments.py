"""Arguments of the command line, spelled so that they are read as what they were."""

from __future__ import annotations

import csv
import io
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from calaudit.options.declaration import Option
from calaudit.report.evaluation_report import InputFile, RoleResult

IN_MEMORY = ("arrays", "frame")
"""Formats of inputs that no command can name."""

COLUMNS = ("label", "score", "probs", "logits", "confidence", "correct", "prediction", "weight")

HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Categories of control characters, marks that reverse the text, and ends of lines."""

MOST_COLUMNS = 12
"""Inferred class columns that are listed; more are left to be inferred again."""


class NoCommand(Exception):
    """Something that stands in no command, or that the report does not tell."""


def is_level(text: str) -> bool:
    """Return whether ``--confidence`` takes the text for that of the limits, and for no column.

    >>> is_level("95%"), is_level("none"), is_level("stated")
    (True, True, False)
    """
    try:
        float(text.strip().removesuffix("%"))
    except ValueError:
        return text.strip().lower() == "none"
    return True


def command_line(
    command: str,
    inputs: Iterable[InputFile],
    declared: dict[str, Any],
    words: Sequence[str],
) -> str:
    """Return the whole command, quoted for a shell.

    Raises:
        NoCommand: the data was in memory, or came through a pipe.
    """
    if any(each.format in IN_MEMORY for each in inputs):
        raise NoCommand
    data = [_text(path) for path in declared.get("data", [i.path for i in inputs])]
    if not data or any(path.startswith(("/dev/", "/proc/")) for path in data):
        raise NoCommand
    named = [*data, *words]
    if any(path.startswith("-") and path != "-" for path in data):
        named = [*words, "--", *data]
    return shlex.join(["calaudit", command, *named])


def option_words(option: Option, value: Any) -> list[str]:
    """Return an option with its value, or as often as it has values.

    >>> option_words(Option(name="cost_fp"), 5.0), option_words(Option(name="current"), -1.5)
    (['--cost-fp', '5'], ['--current=-1.5'])

    Raises:
        NoCommand: the value is none that the command line can say.
    """
    flag, _, off = option.spellings[-1].partition("/")
    if isinstance(value, bool):
        return [flag] if value else [off] if off else []
    if isinstance(value, list):
        if not value:
            raise NoCommand
        return [word for each in value for word in option_words(option, each)]
    if value is None:
        raise NoCommand
    text = _text(value) if isinstance(value, str) else number(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]


def number(value: float) -> str:
    """Return a number so that it is read as the same float; whole ones without a point."""
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def listed(names: Sequence[str]) -> str:
    """Return names as one comma-separated argument.

    >>> listed(["cat", "dog, small"])
    'cat,"dog, small"'
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(names)
    text = _text(out.getvalue())
    # As the command line takes it apart.
    if [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])] != [*names]:
        raise NoCommand
    return text


def role_values(
    roles: Sequence[RoleResult], declared: dict[str, Any], classes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return which column is which: as declared, or as they were inferred.

    Args:
        roles: as they were used.
        declared: what the user declared, by role.
        classes: names of the classes, to go with class columns that were inferred.
    """
    values: dict[str, Any] = {
        name: listed(value) if isinstance(value, list) else value
        for name, value in declared.items()
        if name
        in (
            "positive",
            "classes",
            "out_of",
            "task",
            "labels",
            "allow_unmatched",
            "where",
            "unanswered",
            "no_header",
            "regions",
            "samples",
            "judge",
        )
    }
    used = {role.role: role for role in roles}
    for name in COLUMNS:
        role = used.get(name)
        if name in declared:
            values[name] = _columns(name, declared[name], roles)
        elif role is not None and role.inferred and len(role.columns) > 1 and "prefix" in declared:
            values[name] = declared["prefix"]
        elif role is not None and role.inferred and len(role.columns) <= MOST_COLUMNS:
            values[name] = _columns(name, list(role.columns), roles)
            if len(role.columns) > 1 and classes:
                values.setdefault("classes", listed(classes))
    return values | {name: list(used[name].columns) for name in ("id", "by") if name in used}


def _columns(name: str, value: str | list[str], roles: Sequence[RoleResult]) -> str:
    """Return the value of a role: one column, or as class scores also several, or a prefix."""
    if name not in ("probs", "logits"):
        return value if isinstance(value, str) else value[0]
    if isinstance(value, str):
        if "," not in value:
            return value
        # A comma parts columns, but for a column that is named so.
        named = any(role.columns == (value,) for role in roles)
        value = [value] if named else [part.strip() for part in value.split(",")]
    return listed(value)


def _text(value: str) -> str:
    """Return a text that stands on one line and is what it looks like."""
    if any(unicodedata.category(letter) in HIDDEN for letter in value):
        raise NoCommand
    return value
