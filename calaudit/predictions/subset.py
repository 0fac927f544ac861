"""Some of the rows of a data set, read as if they were a data set of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calaudit.predictions.chunk import Chunk
from calaudit.predictions.findings import Findings
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.slices import read_slices

if TYPE_CHECKING:
    from calaudit.predictions.predictions import Predictions

__all__ = ["Choice", "subset"]

_NO_SCORES = np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Which rows belong to a part of a data set.

    Attributes:
        by: the columns that decide it.
        holds: returns (n,) whether each row of a chunk belongs. It is asked with chunks that
            have row numbers and, as slices, the columns ``by``, but no scores: also rows that
            will be refused are in one part or the other.
    """

    by: tuple[str, ...]
    holds: Callable[[Chunk], NDArray[np.bool_]]

    def rows(self, block: Any, *, source: int, first_row: int) -> NDArray[np.bool_]:
        """Return (n,) which rows of a record batch belong."""
        chunk = Chunk(
            scores=_NO_SCORES,
            labels=np.zeros(block.num_rows, np.uint8),
            first_row=first_row,
            source=source,
            slices=tuple(read_slices(block.column(name)) for name in self.by),
        )
        return self.holds(chunk)


def subset(
    predictions: Predictions, *, by: tuple[str, ...], choice: Choice | None = None
) -> Predictions:
    """Return a view of an opened data set: of its rows those chosen, of its slice columns ``by``.

    Both are read from the same files, and closing either closes them. What is noticed while
    reading, and the notes of it, belong to the view.

    Args:
        predictions: the opened data set, with all columns that the view needs.
        by: slice columns of the view, among those of the whole.
        choice: which rows; None for all.
    """
    resolution = predictions.resolution
    layout = replace(resolution.layout, by=by)
    return replace(
        predictions,
        resolution=replace(resolution, layout=layout),
        roles=tuple(role for r in predictions.roles for role in _narrowed(r, by)),
        notes=list(resolution.notes),
        findings=Findings(),
        choice=choice,
        intake=None,
        _lock=threading.Lock(),
        _units=None,
    )


def _narrowed(role: ResolvedRole, by: tuple[str, ...]) -> list[ResolvedRole]:
    """Return the role with no other slice columns than these; nothing where none is left."""
    if role.role != "by":
        return [role]
    kept = tuple(c for c in role.columns if c in by or c in tuple(f"<{name}>" for name in by))
    return [replace(role, columns=kept)] if kept else []
