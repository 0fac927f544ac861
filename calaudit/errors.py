"""Every exception that calaudit raises on purpose.

A class exists only where a caller would act differently. A message says what is
wrong, where (file, column, row), what was found, and what to do about it. It is written with
the options of the command line, which a caller from Python reads as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from calaudit.visible import told


class CalauditError(Exception):
    """Base class of all errors that calaudit raises on purpose.

    Args:
        lines: the message, a line each; names, paths and cells in it are made visible, and short.

    Attributes:
        on_command_line: True while the program runs, whose users type options.
        spoken: what says a line as Python does; `calaudit.options`, which knows them, gives it.
    """

    on_command_line: ClassVar[bool] = False
    spoken: ClassVar[Callable[[str], str]] = staticmethod(str)

    def __init__(self, *lines: str) -> None:
        super().__init__(*map(told, lines))

    def __str__(self) -> str:
        said = self.args if CalauditError.on_command_line else map(CalauditError.spoken, self.args)
        return "\n".join(said)


class InputError(CalauditError, ValueError):
    """The data cannot be used as it is: unreadable, ambiguous or invalid.

    Attributes:
        readings: where the columns allow several: what could be declared, each by role.
    """

    readings: Sequence[Mapping[str, str]] = ()


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
