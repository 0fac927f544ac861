"""Small files that somebody saved, read without waiting for what never comes, nor without end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

LARGEST = 1 << 28
"""Bytes of a file that is looked at; what calaudit saves has a hundredth of it."""

_GIVEN = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""Pipes that are open already, such as the ``<(…)`` of a shell."""


def read_bounded(path: str | os.PathLike[str]) -> bytes:
    """Return what is in a file.

    Raises:
        OSError: it cannot be read, is too large, or is a pipe or a device.
    """
    file = Path(path)
    try:
        if "://" in os.fspath(path) and not file.exists():
            raise OSError(errno.EINVAL, "saved files are read from disk; copy it here first")
        if file.exists() and not (file.is_file() or str(file).startswith(_GIVEN)):
            what = "a directory" if file.is_dir() else "a pipe or a device, and no file"
            raise OSError(errno.EINVAL, f"it is {what}")
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except ValueError as error:  # a name with a null in it
        raise OSError(errno.EINVAL, str(error)) from None
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MB")
    return content
