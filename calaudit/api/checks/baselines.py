"""The report that a check compares with, read from a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from calaudit.bounded import LARGEST, read_bounded
from calaudit.errors import InputError, SettingsError
from calaudit.report.evaluation_report import Report
from calaudit.report.render_json import report_from_json
from calaudit.tables.store import table_from_values

LFS = b"version https://git-lfs"
"""How the file begins that Git LFS leaves where it has not fetched what it stands for."""


def read_baseline(path: Any, kind: Any = Report) -> Any:
    """Return the report of a kind in a file, or on standard input for "-".

    Raises:
        SettingsError: there is no such file.
        InputError: it is no report of this version, or its parts contradict each other.
    """
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(
            "a baseline is a report that evaluate returned, or the path of one, not "
            f"{type(path).__name__}"
        )
    name = name_of(path)
    try:
        text = sys.stdin.buffer.read(LARGEST) if path == "-" else read_bounded(path)
    except FileNotFoundError:
        raise SettingsError(
            f"there is no baseline {os.fspath(path)}. Write one with --update-baseline, or with "
            f"calaudit evaluate … -o {os.fspath(path)}"
        ) from None
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from None
    if not text.strip():
        raise InputError(f"{name} is empty: there is no baseline in it (did git show find one?)")
    if text.startswith(LFS):
        raise InputError(
            f"{name} is a Git LFS pointer: fetch the baseline with git lfs pull (in "
            "GitHub Actions: lfs: true of actions/checkout)"
        )
    try:
        report = report_from_json(text, kind)
        if (
            isinstance(report, Report)
            and table_from_values(report.table).rows != report.intake.rows_used
        ):
            raise InputError("it is damaged: its table has other rows than its figures")
        return report
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def name_of(path: str | os.PathLike[str]) -> str:
    """Return what a file is called in sentences."""
    return "standard input" if path == "-" else os.fspath(path)


def is_missing(baseline: Any) -> bool:
    """Return whether a baseline is a file that is not there."""
    return (
        isinstance(baseline, str | os.PathLike) and baseline != "-" and not Path(baseline).exists()
    )
