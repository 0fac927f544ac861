"""Errors of libraries that mean "this file is damaged", turned into a sentence."""

from __future__ import annotations

import errno
import lzma
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from calaudit.errors import InputError
from calaudit.predictions.source import first_line

DAMAGE = (pa.ArrowException, OSError, EOFError, UnicodeError, lzma.LZMAError)
"""What reading a truncated, garbled or vanished file raises."""

_SCARCE = (errno.ENOMEM, errno.EAGAIN)

_ABSURD = 1 << 40
"""Bytes that no column needs at once: a size in the file is garbled."""


@contextmanager
def refusing_damage(shown: str) -> Iterator[None]:
    """Raise InputError for what Arrow and the operating system raise on damaged data.

    The formats catch what they expect and say more; this is the net under them. Other
    errors are calaudit's own faults and pass.

    Raises:
        MemoryError: it is not the data: there is no room, or no thread, to read it.
    """
    try:
        yield
    except InputError as error:
        if _is_scarcity(error.__cause__):
            raise MemoryError(str(error.__cause__)) from error
        raise
    except pa.ArrowNotImplementedError as error:
        raise InputError(
            f"{shown}: a column is of a type that cannot be used so ({first_line(error)}). Write "
            "it as numbers or as text."
        ) from error
    except DAMAGE as error:
        if _is_scarcity(error):
            raise MemoryError(str(error)) from error
        raise InputError(
            f"{shown}: cannot be read ({first_line(error) or type(error).__name__}). "
            "It is damaged, or not what its format says: copy or write it again."
        ) from error


def _is_scarcity(error: BaseException | None) -> bool:
    asked = re.search(r"of size (\d+) failed", str(error))
    if asked is not None and int(asked[1]) > _ABSURD:
        return False
    scarce = isinstance(error, OSError) and error.errno in _SCARCE
    return scarce or isinstance(error, MemoryError) or "launch worker thread" in str(error)
