"""Which column plays which part: as declared, and as resolved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Column roles as the user declared them; None means "infer or do without".

    ``probs`` and ``logits`` take a column prefix (``"p_"``), several column names, or
    one list column; a single scalar column given as ``logits`` is a binary logit. ``weight``
    is "none" to leave out a column that is named like a weight. ``out_of`` is the largest
    possible score where that is not 1, as on scales of 0 to 10 or 100. ``asked`` are columns
    among ``by`` that another option names, with the option. ``unanswered`` is "wrong" where
    predictions that are missing count as wrong, and "out" where they are left out. ``samples``
    is the column of the question that several rows answer, and ``chosen`` says which of these
    rows are gathered, each by a column, or a condition, and its value. ``judge`` is a judge's
    score or verdict, where labels are those of people, of some of the rows. ``no_header`` says that
    delimited text begins with a row, so that columns are called 1, 2, …. ``regions`` names the map
    of ids whose regions are rows.
    """

    label: str | None = None
    score: str | None = None
    probs: str | tuple[str, ...] | None = None
    logits: str | tuple[str, ...] | None = None
    confidence: str | None = None
    correct: str | None = None
    prediction: str | None = None
    weight: str | None = None
    id: str | None = None
    by: tuple[str, ...] = ()
    positive: str | None = None
    classes: tuple[str, ...] | None = None
    out_of: float = 1.0
    asked: tuple[tuple[str, str], ...] = ()
    unanswered: str = "out"
    no_header: bool = False
    regions: str | None = None
    samples: str | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    judge: str | None = None

    @property
    def any_scores(self) -> bool:
        """Whether scores of any kind are declared."""
        return bool(self.score or self.probs or self.logits or self.confidence or self.judge)


@dataclass(frozen=True, slots=True)
class ResolvedRole:
    """One role as it will be used.

    Attributes:
        role: name of the role, as in `Roles` (``"label"``, ``"score"``, …).
        columns: the columns that play it, or ``("<argument>",)`` for arrays.
        inferred: False when the user declared it.
        option: the command-line option that changes it (``"--label"``).
        detail: what was concluded, in a few words ("labels are 0/1", "10 classes").
    """

    role: str
    columns: tuple[str, ...]
    inferred: bool
    option: str
    detail: str = ""
