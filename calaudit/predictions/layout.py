"""What a file's columns mean, settled before the first row is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from calaudit.predictions.chunk import Scale, Task

__all__ = ["Layout", "ScoreForm"]

ScoreForm = Literal["column", "columns", "list"]
"""One scalar column, one column a class, or one list column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The resolved reading of a data set.

    Attributes:
        form: how scores are stored; ``columns`` and ``list`` with two classes are
            binary, and the second class is the positive one.
        classes: class names in the order of the score columns; () for top-label.
        numbered: True when integer labels are positions (0 … K-1) although the classes
            have other names.
        label: the label column; for top-label None when ``correct`` is given.
        positive, negative: binary label texts where `--positive` was given; ``negative``
            is None when the first rows did not show it.
        out_of: what stored scores are divided by.
        dtype: type of the stored score: "float16", "float32" or "float64".
    """

    task: Task
    scale: Scale
    form: ScoreForm
    scores: tuple[str, ...]
    classes: tuple[str, ...]
    dtype: str
    numbered: bool = False
    label: str | None = None
    correct: str | None = None
    prediction: str | None = None
    weight: str | None = None
    id: str | None = None
    by: tuple[str, ...] = ()
    positive: str | None = None
    negative: str | None = None
    out_of: float = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once each."""
        named = (self.label, self.correct, self.prediction, self.weight, self.id, *self.by)
        return tuple(dict.fromkeys((*self.scores, *(name for name in named if name is not None))))
