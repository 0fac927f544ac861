"""Whether a column called the label is the truth, or what a model predicted.

Pipelines write ``label, score`` of what they predict and how sure they are; beside it, under any
name, stands what is true. The score tells: a probability of one class is now and then below 1/K.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from calaudit.predictions.candidates import PLACE, Unclear
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.names import folded, suggests
from calaudit.predictions.predicted_class import Judged, judged
from calaudit.predictions.roles import Roles
from calaudit.predictions.truth import KINDS, Truth
from calaudit.predictions.vocabulary import Vocabulary, agreement, matched, signed

__all__ = ["Parted", "parted", "without_truth"]

_SURE = 4.0
"""Standard errors by which two columns agree more often than unrelated ones."""

_FEW_ROWS = 4
_MOST_KINDS = 2000
_FLAGS = frozenset(["true", "false", "t", "f", "yes", "no", "y", "n"])
"""Words that columns have in common without a relation, as they have numbers."""

_ANSWERS = frozenset(["response", "output", "completion", "generation", "reply"])
"""Names of what a model said, whatever stands beside it."""

_SENTIMENTS = frozenset(["positive", "negative", "neutral", "pos", "neg"])


@dataclass(frozen=True, slots=True)
class Parted:
    """Two columns of the same classes: the truth, and what was predicted."""

    label: str
    prediction: str


def parted(catalogue: Catalogue, roles: Roles, truth: Truth, score: str) -> Parted | None:
    """Return the truth and the prediction, where the latter is called a label; None elsewhere.

    Args:
        catalogue: the columns.
        roles: as declared; a declared label is the truth.
        truth: which knows the columns by name.
        score: the column of scores.

    Raises:
        Unclear: the values allow both, or the truth is missing.
    """
    spent = (score, *truth.taken)
    weak = [name for name in truth.weak(spent) if len(catalogue.labels(name)) <= _MOST_KINDS]
    if len(weak) != 1 or truth.predictions(None, spent) or truth.correct(spent):
        return None
    called = _Called(catalogue, score, weak[0], roles.out_of)
    if not called.possible:
        return None
    if roles.label:
        partners, named = called.partners([roles.label]), True
    else:
        partners = called.partners(n for n in truth.named(spent) if n != weak[0])
        named = bool(partners)
        partners = partners or called.partners(truth.unexplained((*spent, weak[0])))
    if partners:
        return called.beside(partners, named)
    if not roles.label and called.alone:
        raise called.refusal()
    return None


def without_truth(truth: Truth, score: str) -> list[str]:
    """Return the column called a label that looks like the prediction beside its confidence."""
    weak = truth.weak((score,))
    called = [_Called(truth.catalogue, score, name, truth.roles.out_of) for name in weak]
    return [each.name for each in called if len(weak) == 1 and each.alone]


@dataclass(frozen=True, slots=True)
class _Called:
    """A column that is called the label, beside a score."""

    catalogue: Catalogue
    score: str
    name: str
    out_of: float

    def partners(self, names: Iterable[str]) -> list[str]:
        """Return those of the columns that hold the same classes."""
        names = [n for n in names if n in self.catalogue and self.catalogue[n].kind in KINDS]
        looks = {name: self.catalogue.look(name) for name in names}
        few = [n for n, k in looks.items() if k.classes and 1 < len(k.kinds) <= _MOST_KINDS]
        return [name for name in few if self._same(name) is not None]

    def beside(self, partners: list[str], named: bool) -> Parted | None:
        """Return the parts of the two, if the values give this one that of the prediction."""
        related = [name for name in partners if named or self._related(name)]
        pairs = [Parted(name, self.name) for name in related or partners]
        tasks = {pair: self._judged(pair).task for pair in pairs if not self._both_turn(pair)}
        if not related:  # a flag beside likely cases, perhaps; what turns at a cutoff is the label
            likely = self._judged(Parted(self.name, self.name)).task == "top-label"
            tasks = {p: t for p, t in tasks.items() if likely and self._alike(p.label)}
        if not any(tasks.values()):
            return None
        if len(related) == 1 and (named or tasks.get(pairs[0]) == "top-label"):
            swapped = folded(pairs[0].label) in _ANSWERS
            return Parted(self.name, pairs[0].label) if swapped else pairs[0]
        options = [{"label": p.label, "prediction": p.prediction} for p in pairs]
        raise Unclear(
            f"{self.name!r} is called a label, but may be what was predicted, and {self.score!r} "
            "how sure the model was.",
            [*options, {"score": self.score, "label": self.name}],
        )

    @property
    def possible(self) -> bool:
        """Whether it may be a prediction at all; the truth may have more classes, to be seen."""
        alone = Parted(self.name, self.name)
        rows = len(self.catalogue.look(self.score).column)
        more = 2 * max(len(self.catalogue.labels(self.name)), 2)
        return rows > 0 and any(self._judged(alone, at_least=k).task for k in (2, more))

    @property
    def alone(self) -> bool:
        """Whether without a truth beside it the column looks like a pipeline's prediction."""
        look = self.catalogue.look(self.name)
        kinds = {text.casefold() for text in look.kinds}
        usual = kinds <= _SENTIMENTS or all(text.startswith("label_") for text in kinds)
        if not kinds or len(look.coded[0]) < _FEW_ROWS or not (usual or len(kinds) > 2):
            return False
        return self._judged(Parted(self.name, self.name), at_least=2).task == "top-label"

    def refusal(self) -> Unclear:
        """Return what to say of it."""
        kinds = self.catalogue.labels(self.name)
        top = {"confidence": self.score, "prediction": self.name, "label": PLACE}
        return Unclear(
            f"{self.name!r} and {self.score!r} look like a prediction and its confidence, which is "
            f"never below 1/{max(len(kinds), 2)}: what is true must stand in a further column.",
            [top, *([{"score": self.score, "label": self.name}] if len(kinds) == 2 else [])],
        )

    def _same(self, other: str) -> Vocabulary | None:
        return agreement(self.catalogue.look(other), self.catalogue.look(self.name), None)

    def _judged(self, pair: Parted, at_least: int = 0) -> Judged:
        looks = [self.catalogue.look(name) for name in (pair.label, pair.prediction)]
        same = self._same(pair.label) or Vocabulary()
        keys = {same.key(text, side) for side, look in enumerate(looks) for text in look.kinds}
        score = self.catalogue.look(self.score)
        return judged(score, looks[1], max(len(keys), at_least), self.out_of)

    def _alike(self, other: str) -> bool:
        """Return whether another column's values are written as these are, or mean yes and no."""
        sides = self.catalogue.labels(other), self.catalogue.labels(self.name)
        return (matched(*sides) or signed(*sides)) is not None

    def _both_turn(self, pair: Parted) -> bool:
        """Return whether the truth turns at a cutoff of the score as well: both may be it."""
        other = self._judged(Parted(pair.prediction, pair.label))
        return self._judged(pair).task == other.task == "binary"

    def _related(self, other: str) -> bool:
        """Return whether another column has to do with this one: by its words, or in its rows."""
        look, mine = self.catalogue.look(other), self.catalogue.look(self.name)
        words = not all(t.casefold() in _FLAGS or t.lstrip("-").isdigit() for t in look.kinds)
        if "event" in suggests(other) or (words and self._alike(other)):
            return True
        same = self._same(other) or Vocabulary()
        keys = [
            np.array([*(same.key(text, side) or "" for text in each.kinds), ""])[each.coded[0]]
            for side, each in enumerate((look, mine))
        ]
        known = (keys[0] != "") & (keys[1] != "")
        rows, agreed = int(known.sum()), int((keys[0] == keys[1])[known].sum())
        shares = [{k: (side[known] == k).mean() for k in {*side[known]}} for side in keys]
        chance = sum(share * shares[1].get(key, 0.0) for key, share in shares[0].items())
        return bool(agreed - rows * chance > _SURE * (rows * chance * (1 - chance)) ** 0.5)
