"""NumPy files with new scores: every other array is copied."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.errors import InputError
from calaudit.predictions.arrays import array_column
from calaudit.predictions.rewriting.drafts import Draft, refusing_full_disk
from calaudit.predictions.rewriting.new_columns import check_names
from calaudit.predictions.rewriting.rescoring import Naming, Rescorer, stored


def rewrite_arrays(
    path: str,
    shown: str,
    draft: Draft,
    rescorer: Rescorer,
    naming: Naming,
    advance: Callable[[int], None],
) -> None:
    """Write an ``.npz`` or ``.npy`` with new scores, of the types that the old ones have.

    Args:
        path: of the input, and how the user named it.
        shown: how the user named the input.
        draft: where the output goes.
        rescorer: what gives the new scores.
        naming: where they go.
        advance: called with the number of rows.
    """
    loaded = np.load(path, allow_pickle=False)
    alone = isinstance(loaded, np.ndarray)
    arrays = {Path(shown).stem: loaded} if alone else {name: loaded[name] for name in loaded.files}
    scores = rescorer.layout.scores
    check_names(list(arrays), scores, naming, shown)
    if alone and naming.adds:
        raise InputError(f"{shown}: holds one array. Leave --suffix and --prefix out.")
    columns = [array_column(arrays[name], name) for name in scores]
    values, valid = rescorer.values(pa.RecordBatch.from_arrays(columns, list(scores)))
    rows = len(values)
    one = rescorer.layout.form == "list"
    for at, (old, name) in enumerate(naming.written(scores)):
        new = values if one else values[:, at]
        arrays[name] = _like(arrays[old], new, rescorer.probabilities)
    if valid is not None and rescorer.invalid == "drop":
        arrays = {n: a[valid] if a.ndim and len(a) == rows else a for n, a in arrays.items()}
    with refusing_full_disk(draft.shown), draft.temporary.open("wb") as file:
        if alone:
            np.save(file, next(iter(arrays.values())), allow_pickle=False)
        else:
            save: Any = np.savez_compressed if _is_packed(path) else np.savez
            save(file, allow_pickle=False, **arrays)
    advance(rows)


def _like(old: NDArray[Any], values: NDArray[np.float64], probabilities: bool) -> NDArray[Any]:
    """Return values in the shape of an array, and in its type where that is of floats."""
    kind = old.dtype if old.dtype.kind == "f" and old.dtype.itemsize <= 8 else np.dtype(np.float64)
    new = stored(values.reshape(-1), kind.newbyteorder("="), probabilities=probabilities)
    return new.reshape(old.shape)


def _is_packed(path: str) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist())
