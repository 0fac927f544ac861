"""One text file that is written: checked before the long work, complete or not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from calaudit.cli.outputs import checked_outputs, write_contents
from calaudit.errors import SettingsError

__all__ = ["checked_file", "write_file"]


def checked_file(path: Path, data: Sequence[str], suffix: str = ".json") -> Path:
    """Return the real path of an output that can be written.

    Args:
        path: the file to write, as the user named it.
        data: the inputs, as the user named them; none of them is overwritten.
        suffix: the one that it must have.

    Raises:
        SettingsError: another suffix, no such folder, or the file is an input.
    """
    if path.suffix.lower() != suffix:
        raise SettingsError(f"{path} must end in {suffix}, which is the format of a calibrator")
    return checked_outputs([path], data)[0]


def write_file(path: Path, text: str, *, quiet: bool = False) -> None:
    """Write a text to a file, or leave what was there.

    Raises:
        SettingsError: it cannot be written (the disk is full, for instance).
    """
    write_contents([(path, text)], quiet=quiet)
