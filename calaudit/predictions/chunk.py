"""Canonical rows: what every format becomes, and the only thing later rooms see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class SliceCodes:
    """The values of one ``--by`` column over the rows of a chunk, dictionary-coded.

    Attributes:
        codes: (n,) int32, an index into ``values`` for each row.
        values: the distinct values as text, local to this chunk.
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    def equal(self, value: str | None) -> NDArray[np.bool_]:
        """Return (n,) where the column has a value."""
        mine = np.array([each == value for each in self.values], np.bool_)
        rows: NDArray[np.bool_] = mine[self.codes]
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A block of valid rows.

    Row numbers, ids and predicted classes are decoded only when asked for, and only
    for the rows asked for: a report shows a handful of them.

    Attributes:
        scores: binary and top-label (n,), multiclass (n, K); float32 or float64,
            C-contiguous. Probabilities lie in [0, 1] and, for multiclass, sum to 1
            within the documented tolerance; multiclass logits are free of NaN and of
            +inf, and no row is -inf throughout; binary logits are finite.
        labels: (n,) uint8 in {0, 1} for binary (1 = the positive class) and for
            top-label (1 = the prediction was right); (n,) int64 in [0, K) for multiclass.
        weights: (n,) float64, 0 or 1e-50 to 1e50; None when every row counts once.
        first_row: number of the block's first row in its file, counted from 1, header
            not counted.
        kept: (n,) int64 offsets from ``first_row`` of the rows that remain after
            invalid ones were dropped; None when the rows are consecutive.
        source: index of the file in ``Predictions.inputs``.
        slices: one `SliceCodes` for each ``--by`` column, in order.
        group: those of the column whose rows belong together; None where there is none.
        id_column: Arrow array of the whole block's ids, or None; read it with `ids`.
        predicted_column: Arrow array of the whole block's predicted classes, or None;
            read it with `predicted`.
    """

    scores: NDArray[Any]
    labels: NDArray[Any]
    weights: NDArray[np.float64] | None = None
    first_row: int = 1
    kept: NDArray[np.int64] | None = None
    source: int = 0
    slices: tuple[SliceCodes, ...] = ()
    group: SliceCodes | None = None
    id_column: Any = None
    predicted_column: Any = None

    def __len__(self) -> int:
        return len(self.labels)

    def row_numbers(self, at: NDArray[np.integer[Any]] | None = None) -> NDArray[np.int64]:
        """Return the file's row numbers, from 1, of the rows ``at`` (default: all)."""
        return self._offsets(at) + self.first_row

    def ids(self, at: NDArray[np.integer[Any]] | None = None) -> list[Any] | None:
        """Return the ids of the rows ``at`` (default: all), or None without an id column."""
        return self._decode(self.id_column, at)

    def id_codes(self) -> NDArray[np.uint64]:
        """Return (n,) a hash of each id; see `calaudit.predictions.id_codes`."""
        from calaudit.predictions.id_codes import id_codes

        return id_codes(self.id_column.take(self._offsets(None)))

    def predicted(self, at: NDArray[np.integer[Any]] | None = None) -> list[Any] | None:
        """Return the predicted classes of the rows ``at``, or None where none were given."""
        return self._decode(self.predicted_column, at)

    def _offsets(self, at: NDArray[np.integer[Any]] | None) -> NDArray[np.int64]:
        if self.kept is None:
            return np.arange(len(self), dtype=np.int64) if at is None else at.astype(np.int64)
        return self.kept if at is None else self.kept[at]

    def _decode(self, column: Any, at: NDArray[np.integer[Any]] | None) -> list[Any] | None:
        if column is None:
            return None
        found: list[Any] = column.take(self._offsets(at)).to_pylist()
        return found
