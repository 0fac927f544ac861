"""Some of the rows of a data set, read as if they were a data set of their own."""

from __future__ import annotations

import threading
from dataclasses import replace

from calaudit.predictions.findings import Findings
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.roles import ResolvedRole
from calaudit.predictions.row_choice import Choice, both


def subset(
    predictions: Predictions,
    *,
    by: tuple[str, ...],
    choice: Choice | None = None,
    group: str | None = None,
) -> Predictions:
    """Return a view of an opened data set: of its rows those chosen, of its slice columns ``by``.

    Both are read from the same files, and closing either closes them. What is noticed while
    reading, and the notes of it, belong to the view.

    Args:
        predictions: the opened data set, with all columns that the view needs.
        by: slice columns of the view, among those of the whole.
        choice: which rows of those that the whole holds; None for all of them.
        group: column whose rows belong together, among the slice columns of the whole; None for
            that of the whole, which its layout may imply.
    """
    resolution = predictions.resolution
    layout = replace(resolution.layout, by=by)
    return replace(
        predictions,
        resolution=replace(resolution, layout=layout),
        roles=tuple(role for r in predictions.roles for role in _narrowed(r, by)),
        notes=list(resolution.notes),
        findings=Findings(),
        choice=both(predictions.choice, choice),
        group=group or predictions.group,
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
