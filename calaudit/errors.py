"""Every exception that calaudit raises on purpose.

A class exists only where a caller would act differently. A message says what is
wrong, where (file, column, row), what was found, and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "CalauditError",
    "IncompleteError",
    "InputError",
    "MergeError",
    "NotEnoughData",
    "SettingsError",
]


class CalauditError(Exception):
    """Base class of all errors that calaudit raises on purpose."""


class InputError(CalauditError):
    """The data cannot be used as it is: unreadable, ambiguous or invalid."""


class SettingsError(CalauditError):
    """An option or argument is wrong, or contradicts another one."""


class NotEnoughData(InputError):
    """The data is valid, but too small for what was asked."""


class MergeError(CalauditError):
    """Two tables cannot be merged because they were made with different settings."""


class IncompleteError(InputError):
    """A part of the input was expected and has not been seen, or changed while it was read."""
