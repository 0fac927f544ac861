"""Every exception that calaudit raises on purpose.

A class exists only where a caller would act differently. A message says what is
wrong, where (file, column, row), what was found, and what to do about it. It is written with
the options of the command line, which a caller from Python reads as arguments.
"""

from __future__ import annotations

import re
import shlex

from calaudit.visible import told

__all__ = [
    "CalauditError",
    "DrawingError",
    "IncompleteError",
    "InputError",
    "MergeError",
    "NotEnoughData",
    "SettingsError",
]


_OPTION = re.compile(
    r"""--([a-z][a-z-]*[a-z])(?:[ =]('[^']*'(?:"'"'[^']*')*|[^\s;)'"]*[^\s;)'",.:?]))?"""
)
_RENAMED = {"as": "scale", "to": "target"}
_NAMES = frozenset(
    ["label", "score", "probs", "logits", "confidence", "correct", "prediction", "weight", "id",
     "by", "group", "positive", "as", "to"]
)  # fmt: skip
"""Options whose value may be any word."""
_WORDS = frozenset(["drop", "keep", "refuse", "none", "frequency", "importance", "top-label"])
_PROSE = frozenset(
    ["and", "or", "is", "are", "as", "the", "to", "for", "of", "in", "out", "on", "names", "name",
     "gives", "given", "columns", "column", "exclude", "must", "changes", "twice", "where", "what",
     "takes", "whole", "needs", "with"]
)  # fmt: skip


class CalauditError(Exception):
    """Base class of all errors that calaudit raises on purpose.

    Args:
        lines: the message, a line each; names, paths and cells in it are made visible, and short.

    Attributes:
        on_command_line: True while the program runs, whose users type options.
    """

    on_command_line = False

    def __init__(self, *lines: str) -> None:
        super().__init__(*map(told, lines))

    def __str__(self) -> str:
        if CalauditError.on_command_line:
            return "\n".join(self.args)
        return "\n".join(
            line if line.lstrip().startswith("calaudit ") else _OPTION.sub(_as_argument, line)
            for line in self.args
        )


def _as_argument(found: re.Match[str]) -> str:
    """Return an option as the argument of the same meaning: ``--score p`` is ``score="p"``."""
    option, value = found[1], found[2]
    name = _RENAMED.get(option, option.replace("-", "_"))
    if value is None:
        return name
    if value in _PROSE or (value.isalpha() and option not in _NAMES and value not in _WORDS):
        return f"{name} {value}" if value.islower() else f"{name}={value}"
    if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", value) and option not in _NAMES:
        return f"{name}={value}"
    text = "".join(shlex.split(value))
    return f"{name}={text.split(',') if option == 'classes' else text!r}".replace("'", '"')


class InputError(CalauditError, ValueError):
    """The data cannot be used as it is: unreadable, ambiguous or invalid."""


class SettingsError(CalauditError, ValueError):
    """An option or argument is wrong, or contradicts another one."""


class DrawingError(SettingsError):
    """The pictures of a report cannot be made here; the rest of it can."""


class NotEnoughData(InputError):
    """The data is valid, but too small for what was asked.

    Args:
        why: what is missing, and of what.
        advice: what to do about it, as a sentence of its own without its full stop.
        stated: whether ``why`` says that nothing can be fitted.
    """

    def __init__(self, why: str, advice: str = "", *, stated: bool = False) -> None:
        super().__init__(f"{why}. {advice}" if advice else why)
        self._why, self._advice, self.stated = InputError(why), InputError(advice), stated

    @property
    def why(self) -> str:
        """What is missing, without the advice."""
        return str(self._why)

    @property
    def advice(self) -> str:
        """What to do about it; "" for nothing."""
        return str(self._advice)


class MergeError(CalauditError):
    """Two tables cannot be merged because they were made with different settings."""


class IncompleteError(InputError):
    """A part of the input was expected and has not been seen, or changed while it was read."""
