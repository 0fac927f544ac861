"""NumPy files: every array of an ``.npz`` is a column; pickled objects are never loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.arrays import array_column
from calaudit.predictions.frames import TableSource, table_of
from calaudit.predictions.source import Input

__all__ = ["open_npz"]


def open_npz(path: str, shown: str, size: int) -> TableSource:
    """Return the arrays of an ``.npz`` as a table; those of another length are left out.

    Raises:
        InputError: a single ``.npy`` array, pickled objects, or a zip that is no ``.npz``.
    """
    try:
        # An open file, because numpy forgets to close the one it opens when a zip is damaged.
        with Path(path).open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                raise InputError(
                    f"{shown}: is a single array without labels. Save scores and labels "
                    "together, as in numpy.savez(file, probs=…, label=…)."
                )
            with loaded:
                arrays = {name: loaded[name] for name in loaded.files}
    except ValueError as error:
        if "pickle" in str(error).lower():
            raise InputError(
                f"{shown}: holds pickled objects, which are never loaded because they can run "
                "code. Save plain numeric or text arrays."
            ) from error
        raise InputError(f"{shown}: cannot be read ({error}).") from error
    except (OSError, EOFError, KeyError) as error:
        raise InputError(f"{shown}: cannot be read as an .npz ({error}).") from error
    except Exception as error:  # zipfile and zlib raise errors of their own on damaged files
        if isinstance(error, InputError):
            raise
        raise InputError(f"{shown}: is damaged, or a zip that is no .npz ({error}).") from error
    return _as_table(arrays, shown, size)


def _as_table(arrays: dict[str, Any], shown: str, size: int) -> TableSource:
    shaped = {name: array for name, array in arrays.items() if array.ndim in (1, 2)}
    rows = max((len(array) for array in shaped.values()), default=0)
    columns = {
        name: array_column(array, name) for name, array in shaped.items() if len(array) == rows
    }
    if not columns:
        raise InputError(f"{shown}: holds no arrays with one entry a row.")
    try:
        table = table_of(columns, shown)
    except SettingsError as error:
        raise InputError(str(error)) from error
    return TableSource(table, Input(shown, "numpy", size, table.num_rows))
