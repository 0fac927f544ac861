"""Numbers that people also write as percentages."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from numbers import Real

from calaudit.errors import SettingsError


def number_of(given: object, option: str) -> tuple[float, bool]:
    """Return a number, and whether it was a percentage (as a share, then).

    >>> number_of("0.7%", "--max-error"), number_of(200, "--max-review")
    ((0.007, True), (200.0, False))

    Raises:
        SettingsError: it is neither a number nor a percentage.
    """
    if isinstance(given, Real):
        return float(given), False
    found = re.fullmatch(r"\s*([^%]+?)\s*(%?)\s*", given) if isinstance(given, str) else None
    try:
        value = Decimal(found.group(1) if found else "")
    except InvalidOperation:
        raise SettingsError(f"{option} is a number or a percentage, not {given!r}") from None
    percent = bool(found and found.group(2))
    return float(value / 100 if percent else value), percent


def share_of(given: float | str, option: str, what: str = "a share above 0 and below 1") -> float:
    """Return a share, given as such or as a percentage.

    >>> share_of("90%", "--min-recall"), share_of(0.9, "--min-recall")
    (0.9, 0.9)

    Args:
        given: the argument.
        option: what it is called.
        what: what it is, for a message.

    Raises:
        SettingsError: it is neither, or not between 0 and 1.
    """
    value, percent = number_of(given, option)
    if not 0.0 < value < 1.0:
        hint = "" if percent else percentage_hint(value)
        raise SettingsError(f"{option} is {what}, not {given}{hint}")
    return value


def percentage_hint(value: float) -> str:
    """Return how a bare number would be written if a percentage was meant; else nothing."""
    if not 1.0 < value < 100.0:
        return ""
    return f"; {value:g} % is written {value:g}%, or {as_share(value)}"


def as_share(percentage: float) -> str:
    """Return a percentage as the share that it is, in plain digits."""
    return format((Decimal(repr(float(percentage))) / 100).normalize(), "f")


def as_percentage(share: float) -> str:
    """Return a share as the percentage that is read as the same share again.

    >>> as_percentage(0.05), as_percentage(0.007)
    ('5 %', '0.7 %')
    """
    return f"{format((Decimal(repr(share)) * 100).normalize(), 'f')} %"
