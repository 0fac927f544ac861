"""Errors of libraries that mean "this file is damaged", turned into a sentence."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from calaudit.errors import InputError
from calaudit.predictions.source import first_line

__all__ = ["DAMAGE", "refusing_damage"]

DAMAGE = (pa.ArrowException, OSError, EOFError, UnicodeError, lzma.LZMAError)
"""What reading a truncated, garbled or vanished file raises."""


@contextmanager
def refusing_damage(shown: str) -> Iterator[None]:
    """Raise InputError for what Arrow and the operating system raise on damaged data.

    The formats catch what they expect and say more; this is the net under them. Other
    errors are calaudit's own faults and pass.
    """
    try:
        yield
    except pa.ArrowNotImplementedError as error:
        raise InputError(
            f"{shown}: a column is of a type that cannot be used so ({first_line(error)}). Write "
            "it as numbers or as text."
        ) from error
    except DAMAGE as error:
        raise InputError(
            f"{shown}: cannot be read ({first_line(error) or type(error).__name__}). "
            "It is damaged, or not what its format says: copy or write it again."
        ) from error
