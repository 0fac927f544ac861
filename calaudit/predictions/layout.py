"""What a file's columns mean, settled before the first row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from calaudit.options.choices import Scale, Task
from calaudit.predictions.cuts import Bins, Cut
from calaudit.predictions.joining import Join
from calaudit.predictions.predicted_class import Claim
from calaudit.predictions.vocabulary import AS_IT_IS, Vocabulary

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
            is None when the first rows did not show it, or where it is all the others.
        flags: columns of 0 and 1, one a class, that are the label; () where it is one column.
        vocabulary: how labels and predictions, or labels and names of classes, are compared.
        join: where the label is, if it is in a second file.
        cuts: slices, by name, that are no columns but cut of one.
        claim: what was inferred from the predictions and must hold for all rows.
        out_of: what stored scores are divided by.
        silent: texts in the place of an answer that say that there is none, in lower case.
        silence_is_wrong: whether rows without an answer count as wrong, and are not left out.
        judged: whether the score is a judge's, so that rows without a label count as well.
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
    flags: tuple[str, ...] = ()
    vocabulary: Vocabulary = AS_IT_IS
    claim: Claim | None = None
    join: Join | None = None
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    silence_is_wrong: bool = False
    judged: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once each."""
        claimed = None if self.claim is None else self.claim.prediction
        named = (self.label, self.correct, self.prediction, claimed, self.weight, self.id)
        joined, key = (None, None) if self.join is None else (self.join.column.name, self.join.id)
        more = (
            *self.flags,
            *(name for name in (*named, key) if name not in (None, joined)),
            *map(self.stored, self.by),
        )
        return tuple(dict.fromkeys((*self.scores, *more)))

    def stored(self, name: str) -> str:
        """Return the column that a slice is made of: mostly itself."""
        return self.cuts[name].column if name in self.cuts else name

    @property
    def edges(self) -> dict[str, list[float]]:
        """Where the bins of slices begin, by name."""
        return {name: [*cut.edges] for name, cut in self.cuts.items() if isinstance(cut, Bins)}
