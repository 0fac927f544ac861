"""Whether a column called the label is the truth, or what a model predicted.

Pipelines write ``label, score`` of what they predict and how sure they are; beside it, under any
name, stands what is true. The words tell: LABEL_1, POSITIVE or one of three classes is a model's;
0 and 1 are outcomes, however likely all cases are, unless another column is called the truth. And
the score must bear it out: a probability of one class is now and then below 1/K.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from calaudit.predictions.candidates import PLACE, Unclear
from calaudit.predictions.look import Look
from calaudit.predictions.names import ANSWERS, folded, is_named, suggests
from calaudit.predictions.predicted_class import judged
from calaudit.predictions.truth import KINDS, Truth
from calaudit.predictions.vocabulary import Vocabulary, agreement, matched, signed

_SURE = 4.0
"""Standard errors by which two columns agree more often than unrelated ones."""

_FEW_ROWS = 4
_MOST_KINDS = 2000
_FLAGS = frozenset(["true", "false", "t", "f", "yes", "no", "y", "n"])
_SENTIMENTS = frozenset(["positive", "negative", "neutral", "pos", "neg"])


def parted(truth: Truth, score: str) -> tuple[tuple[str, ...], str] | None:
    """Return the truth and the prediction, where the latter is called a label; None elsewhere.

    Raises:
        Unclear: the values allow both, or the truth is missing.
    """
    spent = (score, *truth.taken)
    weak = [_Called(truth, score, name) for name in truth.weak(spent)]
    if len(weak) != 1 or truth.predictions(None, spent) or truth.correct(spent):
        return None
    called = weak[0]
    if not called.possible:
        return None
    named = called.partners(n for n in truth.named(spent) if n != called.name)
    if truth.roles.label or (named and called.yields(named)):
        return called.beside(named, surely=called.yields(named))
    answers = folded(called.name) == "answer"
    if truth.roles.positive or (called.flags and not answers):
        return None
    others = truth.unexplained((*spent, called.name))
    replies = [name for name in others if answers and folded(name) in ANSWERS]
    if replies or called.flags:
        return called.beside(called.partners(replies), surely=True)
    partners = called.partners(others)
    if not partners and called.alone:
        top = {"confidence": score, "prediction": called.name, "label": PLACE}
        raise Unclear(
            f"{called.name!r} and {score!r} look like a prediction and its confidence, which is "
            f"never below 1/{max(len(called.kinds), 2)}: the truth must stand in a further column.",
            [top, *called.otherwise],
        )
    return called.beside(partners)


def without_truth(truth: Truth, score: str) -> list[str]:
    """Return the column called a label that looks like the prediction beside its confidence."""
    weak = [_Called(truth, score, name) for name in truth.weak((score,))]
    return [called.name for called in weak if len(weak) == 1 and called.alone]


@dataclass(frozen=True, slots=True)
class _Called:
    """A column that is called the label, beside a score."""

    truth: Truth
    score: str
    name: str

    @property
    def kinds(self) -> list[str]:
        """Its values."""
        return self._look(self.name).kinds

    @property
    def flags(self) -> bool:
        """Whether it says no more than yes and no: outcomes, as they stand."""
        return _plain(self.kinds) and len(self.kinds) <= 2

    @property
    def possible(self) -> bool:
        """Whether it may be a prediction at all; the truth may have more classes, to be seen."""
        classes = (2, 2 * max(len(self.kinds), 2)) if len(self.kinds) <= _MOST_KINDS else ()
        return any(self._task(self.name, at_least) for at_least in classes)

    @property
    def alone(self) -> bool:
        """Whether without a truth beside it the column looks like a pipeline's prediction."""
        kinds, enough = self.kinds, len(self._look(self.name).coded[0]) >= _FEW_ROWS
        usual = len(kinds) > 2 or {t.casefold() for t in kinds} <= _SENTIMENTS or _numbered(kinds)
        return bool(kinds) and enough and usual and self._task(self.name, 2) == "top-label"

    @property
    def otherwise(self) -> list[dict[str, str]]:
        """What to declare where the score is of one class."""
        label = self.truth.roles.label or self.name
        return [{"score": self.score, "label": label}] * (len(self._look(label).kinds) == 2)

    def yields(self, names: list[str]) -> bool:
        """Return whether the others' names make them the truth: of flags, no event's name does."""
        truths = [n for n in names if is_named(n, "label") and "event" not in suggests(n)]
        return names == truths or not self.flags

    def partners(self, names: Iterable[str]) -> list[str]:
        """Return those of the columns that hold the same classes."""
        columns = self.truth.catalogue
        looks = {n: columns.look(n) for n in names if n in columns and columns[n].kind in KINDS}
        few = [n for n, k in looks.items() if k.classes and 1 < len(k.kinds) <= _MOST_KINDS]
        return [name for name in few if self._same(name) is not None]

    def beside(
        self, partners: list[str], *, surely: bool = False
    ) -> tuple[tuple[str, ...], str] | None:
        """Return the parts, if the values bear out what names (surely) or words tell."""
        told = [name for name in partners if surely or self._worded(name)]
        tasks = {name: self._task(name) for name in told or partners}
        if not any(told or (t == "top-label" and self._alike(n)) for n, t in tasks.items() if t):
            return None
        if len(told) == 1 and (surely or tasks[told[0]] == "top-label"):
            swapped = folded(told[0]) in ANSWERS and not self.truth.roles.label
            return ((self.name,), told[0]) if swapped else ((told[0],), self.name)
        raise Unclear(
            f"{self.name!r} is called a label, but may be what was predicted, and {self.score!r} "
            "how sure the model was.",
            [*({"label": n, "prediction": self.name} for n in told or partners), *self.otherwise],
        )

    def _look(self, name: str) -> Look:
        return self.truth.catalogue.look(name)

    def _same(self, other: str) -> Vocabulary | None:
        return agreement(self._look(other), self._look(self.name), None)

    def _alike(self, other: str) -> bool:
        """Return whether another column's values are written as these are, or mean yes and no."""
        sides = self._look(other).kinds, self.kinds
        return (matched(*sides) or signed(*sides)) is not None

    def _task(self, other: str, at_least: int = 0) -> str | None:
        """Return what the score is of if the other is the truth; None if that turns as well."""
        looks, same = [*map(self._look, (other, self.name))], self._same(other) or Vocabulary()
        keys = {same.key(text, side) for side, look in enumerate(looks) for text in look.kinds}
        classes, of = max(len(keys), at_least), self.truth.roles.out_of
        truth, mine = (judged(self._look(self.score), k, classes, of).task for k in looks)
        return None if other != self.name and truth == mine == "binary" else mine

    def _worded(self, other: str) -> bool:
        """Return whether this column says in a model's words what the other one says."""
        theirs = self._look(other).kinds
        if _numbered(self.kinds):
            return "event" in suggests(other) or not _plain(theirs) or self._related(other)
        capitals = all(t.isupper() for t in self.kinds) and not any(t.isupper() for t in theirs)
        words = not _plain(self.kinds) and not _plain(theirs)
        return words and (capitals or len(self.kinds) > 2)

    def _related(self, other: str) -> bool:
        """Return whether the two agree in more rows than they would by chance."""
        same, looks = self._same(other) or Vocabulary(), map(self._look, (other, self.name))
        truth, mine = (
            np.array([*(same.key(text, side) or "" for text in look.kinds), ""])[look.coded[0]]
            for side, look in enumerate(looks)
        )
        known = (truth != "") & (mine != "")
        truth, mine, rows = truth[known], mine[known], int(known.sum())
        chance = sum((truth == key).mean() * (mine == key).mean() for key in {*truth})
        agreed = int((truth == mine).sum())
        return bool(agreed - rows * chance > _SURE * (rows * chance * (1 - chance)) ** 0.5)


def _plain(kinds: Iterable[str]) -> bool:
    """Return whether all are numbers, or yes and no: unrelated columns have them in common."""
    return all(t.casefold() in _FLAGS or t.lstrip("-").isdigit() for t in kinds)


def _numbered(kinds: Iterable[str]) -> bool:
    """Return whether all are called as pipelines call classes without a name: LABEL_1."""
    return all(text.casefold().startswith("label_") for text in kinds)
