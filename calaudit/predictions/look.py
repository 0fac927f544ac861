"""What the first rows of a column show: the evidence that an inference rests on."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from calaudit.predictions.arrays import doubles, text_column, view
from calaudit.predictions.columns import MISSING_TOKENS, column_kind, is_list, parse_numbers, plain
from calaudit.predictions.spelling import NEGATIVE, POSITIVE, encoded, is_fraction

_DUST = 1e-3
_FEW = 0.1


class Look:
    """The first rows of one column.

    Attributes:
        column: the rows as an Arrow array.
    """

    def __init__(self, column: Any) -> None:
        self.column = plain(column)

    @cached_property
    def values(self) -> NDArray[Any]:
        """(n,) numbers, NaN where there is none; (n, K) of lists, (0, 0) where they differ."""
        kind = self.column.type
        if not is_list(kind) or column_kind(kind.value_type) not in ("number", "text"):
            if column_kind(self.column.type) == "bool":
                return np.array(
                    [np.nan if v is None else v for v in self.column.to_pylist()], float
                )
            return doubles(parse_numbers(self.column).values)
        rows = self.column.drop_null()
        flat = doubles(parse_numbers(rows.flatten()).values)
        if not pa.types.is_fixed_size_list(rows.type) and len(rows):
            lengths = view(rows.value_lengths())
            if (lengths != lengths[0]).any():
                return np.zeros((0, 0))
        return flat.reshape(len(rows), -1) if len(rows) else np.zeros((0, 0))

    @cached_property
    def coded(self) -> tuple[NDArray[np.int64], list[str]]:
        """(n,) indices, -1 where missing, and the distinct texts that they index."""
        if column_kind(self.column.type) in ("list", "nested", "other"):
            return np.full(len(self.column), -1), []
        indices, texts = encoded(self.column)
        known = [None if t is None or t.casefold() in MISSING_TOKENS else t for t in texts]
        kinds = sorted({text for text in known if text is not None})
        place = {text: code for code, text in enumerate(kinds)}
        lookup = np.array([-1 if t is None else place[t] for t in [*known, None]], np.int64)
        return lookup[indices], kinds

    def without(self, kinds: Collection[str]) -> Look:
        """Return the same rows with some of the kinds missing."""
        if not kinds:
            return self
        codes, texts = self.coded
        known = [None if text in kinds else text for text in texts]
        return Look(text_column([None if code < 0 else known[code] for code in codes.tolist()]))

    @property
    def kinds(self) -> list[str]:
        """The distinct values as labels are compared, missing ones left out."""
        return self.coded[1]

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values that are numbers."""
        numbers: NDArray[np.float64] = self.values[np.isfinite(self.values)]
        return numbers

    @property
    def unit(self) -> bool:
        """Whether all are numbers in [0, 1]."""
        numbers = self.numbers
        return bool(len(numbers) and numbers.min() >= -_DUST and numbers.max() <= 1 + _DUST)

    @property
    def inner(self) -> bool:
        """Whether they could be probabilities that differ: in [0, 1], and not only 0 and 1."""
        numbers = self.numbers
        if not self.unit or numbers.min() == numbers.max():
            return False
        return bool(((numbers > 0) & (numbers < 1)).any())

    @property
    def falling(self) -> bool:
        """Whether they could be logarithms of probabilities: none above 0, some below."""
        numbers = self.numbers
        return bool(len(numbers) and numbers.max() <= 1e-6 and numbers.min() < 0)

    @property
    def classes(self) -> bool:
        """Whether they could be classes rather than measurements; a tie may be written 0.5."""
        fractions = np.count_nonzero(self.numbers % 0.5)
        return bool(fractions <= _FEW * max(len(self.numbers), 1))

    @property
    def two(self) -> bool:
        """Whether there are two kinds at most; a tie written 0.5 is no kind."""
        return self.classes and len([t for t in self.kinds if not is_fraction(t)]) <= 2

    @property
    def binary(self) -> bool:
        """Whether they are written as outcomes are: 0 and 1, true and false, yes and no."""
        whole = {text.casefold() for text in self.kinds if not is_fraction(text)}
        return self.two and bool(whole) and whole <= POSITIVE | NEGATIVE

    @property
    def names_rows(self) -> bool:
        """Whether each row has a text or a whole number of its own."""
        whole = self.classes and not self.inner
        return whole and 2 < len(self.kinds) == len(self.column) - self.column.null_count


def sums_to_one(values: NDArray[Any], share: float = 1 - _FEW) -> bool:
    """Return whether a share of the rows of (n, K) numbers are distributions."""
    if values.ndim != 2 or not values.size:
        return False
    with np.errstate(invalid="ignore"):
        inside = (values >= -_DUST).all(axis=1) & (values <= 1 + _DUST).all(axis=1)
        near = inside & (np.abs(values.sum(axis=1) - 1) <= 0.02)
    seen = np.isfinite(values).all(axis=1)
    return bool(seen.any() and np.count_nonzero(near) >= share * np.count_nonzero(seen))
