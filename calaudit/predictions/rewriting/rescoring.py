"""Score cells → new values, with the same validation that every command gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.options.choices import OnInvalid
from calaudit.predictions.assembly import chunk_rows
from calaudit.predictions.faults import Faults
from calaudit.predictions.findings import Findings
from calaudit.predictions.intake import Intake
from calaudit.predictions.layout import Layout
from calaudit.predictions.scores import ScoreReader

Floats = NDArray[np.float64]

ValuesOf = Callable[[NDArray[Any]], Floats]
"""(n,) or (n, K) canonical scores → (n, C) values of the C columns written, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Where the new values go.

    Attributes:
        prefix, suffix: of the names of added columns; both empty to replace the scores.
        names: of added columns that have names of their own, by the column that each replaces.
        ends: what the names of columns for one score end in, where columns are added: several
            for values with their bounds.
    """

    prefix: str = ""
    suffix: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    ends: tuple[str, ...] = ("",)

    @property
    def adds(self) -> bool:
        """Whether columns are added rather than replaced."""
        return bool(self.prefix or self.suffix or self.names)

    def of(self, name: str) -> str:
        """Return the name of the column with the new values of ``name``."""
        return f"{self.prefix}{self.names.get(name, name)}{self.suffix}"

    def written(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return the score that each new column is of, and its name, in their order."""
        return [(name, self.of(name) + end) for name in names for end in self.ends]


@dataclass(slots=True)
class Rescorer:
    """Turns the score cells of one block after another into new values, for one file.

    Attributes:
        layout: how the scores are read.
        values_of: what turns them into new ones.
        probabilities: whether the new values are probabilities rather than logits.
        invalid: "refuse" (the caller refuses the whole), "drop" such rows, or "keep" them with a
            missing value.
        source: number of the file, for messages.
        intake, findings: what was read.
    """

    layout: Layout
    values_of: ValuesOf
    probabilities: bool
    invalid: OnInvalid = "refuse"
    source: int = 0
    intake: Intake = field(default_factory=Intake)
    findings: Findings = field(default_factory=Findings)

    def values(self, block: Any) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Return (n, C) new values, NaN in invalid rows, and (n,) which are valid (None: all)."""
        rows, step = block.num_rows, chunk_rows(self.layout)
        reader = ScoreReader(self.layout, self.findings)
        pieces = [self._piece(reader, block.slice(at, step)) for at in range(0, rows, step)]
        if not pieces:
            pieces = [self._piece(reader, block)]
        values = pieces[0][0] if len(pieces) == 1 else np.concatenate([v for v, _ in pieces])
        if all(valid is None for _, valid in pieces):
            return values, None
        return values, np.concatenate(
            [np.ones(len(v), np.bool_) if valid is None else valid for v, valid in pieces]
        )

    def _piece(self, reader: ScoreReader, block: Any) -> tuple[Floats, NDArray[np.bool_] | None]:
        faults = Faults(block.num_rows)
        scores = reader.read(block, faults)
        first_row = self.intake.rows_read + 1
        self.intake.rows_read += block.num_rows
        if not faults:
            self.intake.rows_used += block.num_rows
            return self.values_of(scores), None
        faults.record(self.intake, self.source, first_row)
        valid = ~faults.any_row()
        values = self.values_of(scores[valid])
        self.intake.rows_used += len(values)
        whole = np.full((block.num_rows, values.shape[1]), np.nan)
        whole[valid] = values
        return whole, valid


def stored(values: Floats, dtype: Any, *, probabilities: bool) -> NDArray[Any]:
    """Return values in the type of a column, rounded so that nothing becomes impossible.

    A probability strictly between 0 and 1 never becomes 0 or 1, whose log loss may be infinite,
    and a finite logit stays finite; each goes to the nearest value of the type inside.
    """
    kind = np.dtype(dtype)
    if kind == np.float64:
        return values
    with np.errstate(over="ignore", under="ignore"):
        result = values.astype(kind)
    if probabilities:
        one, zero = kind.type(1.0), kind.type(0.0)
        result[(result >= one) & (values < 1.0)] = np.nextafter(one, zero)
        result[(result <= zero) & (values > 0.0)] = np.nextafter(zero, one)
    else:
        limit = np.finfo(kind).max
        beyond = np.isinf(result) & np.isfinite(values)
        result[beyond] = np.where(values[beyond] > 0, limit, -limit)
    return result
