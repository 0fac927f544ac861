"""Score columns → a canonical array, and the only validation that scores get.

Each block is first looked at in a few passes while it lies in the cache (smallest,
largest, row sums); only a block that fails is searched for the rows at fault.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import doubles, filled, flag_column, view
from calaudit.predictions.columns import cell_text, parse_numbers, plain
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.layout import Layout
from calaudit.predictions.reasons import NOISE, SUM_TOLERANCE
from calaudit.predictions.spelling import encoded

Array = NDArray[Any]


class ScoreReader:
    """Reads the scores of one block after another, for one unit."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._layout = layout
        self._findings = findings
        self._noise = NOISE[layout.dtype]
        self._tolerance = SUM_TOLERANCE[layout.dtype]
        self._dtype = np.dtype(np.float64 if layout.dtype == "float64" else np.float32)
        self._width = max(2, len(layout.classes))
        self._uniform: bool | None = None
        self._at: list[int] = []

    def read(self, block: Any, faults: Faults) -> Array:
        """Return the block's scores: (n,), or (n, K) for multiclass; faults are added."""
        if self._layout.form == "column":
            return self._column(block, faults)
        if self._layout.form == "columns":
            matrix, unparsed = self._columns(block)
        else:
            matrix, unparsed = self._lists(block, faults)
        if self._layout.out_of != 1.0:
            matrix = (matrix.astype(np.float64) / self._layout.out_of).astype(self._dtype)
        matrix = self._distribution(block, matrix, unparsed, faults)
        return matrix if self._layout.task == "multiclass" else self._second(matrix)

    def _column(self, block: Any, faults: Faults) -> Array:
        name = self._layout.scores[0]
        numbers = parse_numbers(block.column(name))
        self._findings.see_notation(name, numbers.notation)
        values = numbers.values.astype(self._dtype, copy=False)
        if self._layout.out_of != 1.0:
            values = (doubles(values) / self._layout.out_of).astype(self._dtype)
        if not len(values):
            return values
        low, high = values.min(), values.max()
        if self._layout.scale == "logit":
            self._findings.see_logits(values)
            if np.isfinite(low) and np.isfinite(high) and numbers.unparsed is None:
                return values
        elif low >= 0.0 and high <= 1.0 and numbers.unparsed is None:
            return values
        return self._faulty_column(block, name, values, numbers.unparsed, faults)

    def _faulty_column(
        self, block: Any, name: str, values: Array, unparsed: Any, faults: Faults
    ) -> Array:
        cells = plain(block.column(name))

        def describe(row: int) -> tuple[str, str]:
            return name, cell_text(cells, row)

        text = np.zeros(len(values), np.bool_) if unparsed is None else unparsed
        if text.any():
            kinds = encoded(cells.filter(flag_column(text)))
            counts = np.bincount(kinds[0], minlength=len(kinds[1])).tolist()
            self._findings.see_texts({str(k): n for k, n in zip(kinds[1], counts, strict=True)})
        faults.add("score-not-a-number", text, describe)
        faults.add("missing-score", np.isnan(values) & ~text, describe)
        faults.add("score-infinite", np.isinf(values), describe)
        if self._layout.scale == "logit":
            return values
        finite = np.isfinite(values)
        outside = finite & _beyond(values, self._tolerance)
        self._findings.see_outside(values[outside])
        self._findings.see_dust(values[finite & ~outside & _beyond(values, self._noise)])
        faults.add("score-out-of-range", outside, describe)
        clipped: Array = np.clip(values, 0.0, 1.0)
        return clipped

    def _columns(self, block: Any) -> tuple[Array, NDArray[np.bool_] | None]:
        if self._uniform is None:
            # One look at the schema serves all blocks: with 1,000 columns it is not cheap.
            kinds = [block.schema.field(name).type for name in self._layout.scores]
            self._uniform = kinds[0] in (pa.float32(), pa.float64()) and len(set(kinds)) == 1
            self._at = [block.schema.get_field_index(name) for name in self._layout.scores]
        bare = block.select(self._at)
        if self._uniform:
            # Arrow's transposition is as fast as a strided copy a column, in one call.
            matrix = bare.to_tensor(null_to_nan=True, row_major=True).to_numpy()
            return matrix.astype(self._dtype, copy=False), None
        columns = bare.columns
        matrix = np.empty((block.num_rows, len(columns)), self._dtype)
        unparsed: NDArray[np.bool_] | None = None
        for k, column in enumerate(columns):
            numbers = parse_numbers(column)
            self._findings.see_notation(self._layout.scores[k], numbers.notation)
            matrix[:, k] = numbers.values
            if numbers.unparsed is not None:
                if unparsed is None:
                    unparsed = np.zeros(matrix.shape, np.bool_)
                unparsed[:, k] = numbers.unparsed
        return matrix, unparsed

    def _lists(self, block: Any, faults: Faults) -> tuple[Array, NDArray[np.bool_] | None]:
        name = self._layout.scores[0]
        column = plain(block.column(name))
        width, rows = self._width, len(column)
        if pa.types.is_fixed_size_list(column.type):
            lengths = np.full(rows, column.type.list_size)
        else:
            lengths = _lengths(column)
        null = view(column.is_null()) if column.null_count else np.zeros(rows, np.bool_)
        good = ~null & (lengths == width)
        whole = bool(good.all())
        faults.add(
            "row-length",
            ~null & ~good,
            lambda row: (name, f"{lengths[row]} values instead of {width}"),
        )
        chosen = column if whole else column.filter(flag_column(good))
        numbers = parse_numbers(chosen.flatten())
        self._findings.see_notation(name, numbers.notation)
        values = numbers.values.reshape(-1, width).astype(self._dtype, copy=False)
        unparsed = None if numbers.unparsed is None else numbers.unparsed.reshape(-1, width)
        if whole:
            return values, unparsed
        matrix = np.full((rows, width), 1.0 / width, self._dtype)
        matrix[null] = np.nan
        matrix[good] = values
        if unparsed is None:
            return matrix, None
        text = np.zeros(matrix.shape, np.bool_)
        text[good] = unparsed
        return matrix, text

    def _distribution(self, block: Any, matrix: Array, unparsed: Any, faults: Faults) -> Array:
        if not len(matrix):
            return matrix
        low = matrix.min()
        if self._layout.scale == "logit":
            return self._logits(block, matrix, unparsed, low, faults)
        # A product with ones sums rows several times faster than sum(axis=1) for small K.
        sums = matrix @ np.ones(matrix.shape[1], matrix.dtype)
        top = sums.max()
        summed = top <= 1 + self._tolerance and sums.min() >= 1 - self._tolerance
        if low >= 0.0 and summed and (top <= 1.0 or matrix.max() <= 1.0):
            return matrix
        return self._faulty_rows(block, matrix, unparsed, faults)

    def _faulty_rows(self, block: Any, matrix: Array, unparsed: Any, faults: Faults) -> Array:
        text, missing, infinite = self._unusable(matrix, unparsed)
        with np.errstate(invalid="ignore"):
            outside = np.isfinite(matrix) & _beyond(matrix, self._tolerance)
            dusty = _in_row(_beyond(matrix, self._noise))
            sums = matrix.sum(axis=1, dtype=np.float64)
            off: NDArray[np.bool_] = np.logical_not(np.abs(sums - 1.0) <= self._tolerance)
        bad = _in_row(text | missing | infinite | outside)
        off &= ~bad
        dusty &= ~(bad | off)
        self._findings.see_dust(matrix[dusty])
        self._findings.see_outside(matrix[outside])
        self._findings.see_sums(sums[off])
        self._blame(block, text, missing, infinite, faults)
        faults.add("score-out-of-range", _in_row(outside), self._describe(block, outside))
        faults.add("row-sum", off, lambda row: (self._whole(), f"sum {float(sums[row]):.6g}"))
        clipped: Array = np.clip(matrix, 0.0, np.where(dusty, np.inf, 1.0)[:, None])
        clipped[dusty] /= clipped[dusty].sum(axis=1, dtype=np.float64, keepdims=True)
        return clipped

    def _logits(self, block: Any, matrix: Array, unparsed: Any, low: Any, faults: Faults) -> Array:
        high = matrix.max()
        self._findings.see_logits(matrix)
        if np.isfinite(low) and np.isfinite(high) and unparsed is None:
            return matrix
        text, missing, infinite = self._unusable(matrix, unparsed)
        infinite = matrix == np.inf
        if self._layout.task == "multiclass":
            infinite |= (matrix == -np.inf).all(axis=1, keepdims=True)
        else:
            infinite |= matrix == -np.inf
        self._blame(block, text, missing, infinite, faults)
        return matrix

    def _unusable(self, matrix: Array, unparsed: Any) -> tuple[Array, Array, Array]:
        text = np.zeros(matrix.shape, np.bool_) if unparsed is None else unparsed
        return text, np.isnan(matrix) & ~text, np.isinf(matrix)

    def _blame(self, block: Any, text: Array, missing: Array, infinite: Array, to: Faults) -> None:
        to.add("score-not-a-number", _in_row(text), self._describe(block, text))
        to.add("missing-score", _in_row(missing), self._describe(block, missing))
        to.add("score-infinite", _in_row(infinite), self._describe(block, infinite))

    def _describe(self, block: Any, cells: Array) -> Any:
        names, form = self._layout.scores, self._layout.form

        def describe(row: int) -> tuple[str, str]:
            k = int(np.flatnonzero(cells[row])[0])
            if form == "columns":
                return names[k], cell_text(plain(block.column(names[k])), row)
            whole = plain(block.column(names[0]))[row]
            return f"{names[0]}[{k}]", cell_text(whole.values, k) if whole.is_valid else "(empty)"

        return describe

    def _whole(self) -> str:
        names = self._layout.scores
        return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"

    def _second(self, matrix: Array) -> Array:
        if self._layout.scale == "probability":
            return np.ascontiguousarray(matrix[:, 1])
        with np.errstate(invalid="ignore", over="ignore"):
            difference: Array = matrix[:, 1] - matrix[:, 0]
        beyond = np.isinf(difference) & np.isfinite(matrix).all(axis=1)
        difference[beyond] = np.copysign(np.finfo(difference.dtype).max, difference[beyond])
        return difference


def _lengths(column: Any) -> Array:
    """Return (n,) lengths of the lists, 0 for null."""
    lengths = column.value_lengths()
    lengths = filled(lengths, 0)
    found: Array = view(lengths)
    return found


def _beyond(values: Array, margin: float) -> NDArray[np.bool_]:
    """Return where values lie further outside [0, 1] than a margin; never where they are NaN."""
    outside: NDArray[np.bool_] = (values < -margin) | (values > 1 + margin)
    return outside


def _in_row(cells: Array) -> NDArray[np.bool_]:
    """Return (n,) bool: True where any cell of the row is True."""
    rows: NDArray[np.bool_] = np.any(cells, axis=1)
    return rows
