"""Which rows belong to a part of a data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.chunk import Chunk, SliceCodes
from calaudit.predictions.cuts import condition_named
from calaudit.predictions.slices import MISSING

_NO_SCORES = np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Which rows belong to a part of a data set.

    Attributes:
        by: the columns that decide it.
        holds: returns (n,) whether each row of a chunk belongs. It is asked with chunks that
            have row numbers and, as slices, the columns ``by``, but no scores: also rows that
            will be refused are in one part or the other. Other processes are sent it.
    """

    by: tuple[str, ...]
    holds: Callable[[Chunk], NDArray[np.bool_]]

    def rows(
        self, slices: tuple[SliceCodes, ...], rows: int, *, source: int, first_row: int
    ) -> NDArray[np.bool_]:
        """Return (n,) which rows of a block belong.

        Args:
            slices: values of the columns ``by``.
            rows: how many the block has.
            source: index of its file.
            first_row: number of its first row.
        """
        chunk = Chunk(
            scores=_NO_SCORES,
            labels=np.zeros(rows, np.uint8),
            first_row=first_row,
            source=source,
            slices=slices,
        )
        return self.holds(chunk)


def choice_of(column: str, value: str) -> Choice:
    """Return the choice of the rows with a value in a column.

    Those of which a condition cannot tell are among them, so that they are refused.
    """
    return Choice((column,), partial(_equal, value, condition_named(column) is not None))


def _equal(value: str, compared: bool, chunk: Chunk) -> NDArray[np.bool_]:
    slices = chunk.slices[0]
    return slices.equal(value) | slices.equal(MISSING) if compared else slices.equal(value)


def both(one: Choice | None, other: Choice | None) -> Choice | None:
    """Return the choice of the rows that two choices hold; None holds all."""
    if one is None or other is None:
        return one or other
    by = tuple(dict.fromkeys((*one.by, *other.by)))
    return Choice(by, partial(_of_both, by, (one, other)))


def _of_both(by: tuple[str, ...], of: tuple[Choice, ...], chunk: Chunk) -> NDArray[np.bool_]:
    given = dict(zip(by, chunk.slices, strict=True))
    found = [
        each.holds(replace(chunk, slices=tuple(given[name] for name in each.by))) for each in of
    ]
    chosen: NDArray[np.bool_] = np.logical_and.reduce(found)
    return chosen
