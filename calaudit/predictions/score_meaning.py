"""What a single score is of, and which columns beside it say what happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from calaudit.errors import SettingsError
from calaudit.options.choices import Task
from calaudit.predictions.candidates import PLACE, Candidate, Unclear, spelled
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.label_or_prediction import parted, without_truth
from calaudit.predictions.names import denies, same_subject, telling
from calaudit.predictions.predicted_class import Claim, judged
from calaudit.predictions.reasons import ABSTENTIONS
from calaudit.predictions.roles import Roles
from calaudit.predictions.spelling import NEGATIVE, silent_text
from calaudit.predictions.truth import Truth
from calaudit.predictions.vocabulary import Vocabulary, agreement, matched, proposals, signed


@dataclass(slots=True)
class Beside:
    """The scores and what stands beside them.

    Attributes:
        candidate: the reading of the scores.
        task: "top-label", or "labelled" for binary and multiclass.
        label: the label column, or one column a class; () where ``correct`` says it all.
        correct, prediction: columns, or None.
        vocabulary: how label and prediction are compared.
        silent: texts that stand for no answer, in lower case.
        above: the label of the class that the score is of, where names or predictions tell.
        cutoff: where the predictions turn, if that is what they do.
        claim: what all rows must bear out.
    """

    candidate: Candidate
    task: str = "labelled"
    label: tuple[str, ...] = ()
    correct: str | None = None
    prediction: str | None = None
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    silent: frozenset[str] = frozenset()
    above: str | None = None
    cutoff: float | None = None
    claim: Claim | None = None


def decided(
    catalogue: Catalogue, roles: Roles, task: Task | None, truth: Truth, candidate: Candidate
) -> Beside:
    """Return what the scores are of.

    Raises:
        Unclear: several columns could play a part, or names and values do not settle it.
        SettingsError: options that contradict each other.
    """
    decider = _Decider(catalogue, roles, truth, Beside(candidate))
    single = candidate.form == "column" and candidate.scale == "probability"
    asked = task == "top-label" or roles.correct is not None
    if candidate.role == "confidence" and not candidate.inferred:
        asked = True
    if asked and not single:
        raise SettingsError(
            f"a top-label audit needs one confidence column, but {candidate.option} gives "
            "class scores. Leave --correct and --task top-label out, or name a --confidence."
        )
    if asked:
        return decider.top_label()
    if not single or not candidate.inferred or task is not None:
        return decider.labelled()
    return decider.inferred()


def without_labels(
    truth: Truth, candidate: Candidate, classes: tuple[str, ...], *, labelled: bool
) -> Candidate:
    """Return a single inferred score with the role that its name and the predictions show.

    Args:
        truth: which knows the columns.
        candidate: the score.
        classes: that the score should be of, (negative, positive); () for a confidence.
        labelled: whether a column called the label is one, and no prediction.

    Raises:
        Unclear: it is of the negative class, or nothing tells what it is of.
    """
    name, catalogue = candidate.columns[0], truth.catalogue
    told, above = telling(name, classes)
    named = truth.predictions(None, candidate.columns)
    for prediction in named or ([] if labelled else without_truth(truth, name)):
        look = catalogue.look(prediction)
        same = matched(classes, look.kinds) or signed(classes, look.kinds) or Vocabulary()
        stand = {text: same.key(text, 0) for text in classes}
        keys = {same.key(text, 1) for text in look.kinds}
        if keys == {*stand.values()} - {stand.get(classes[0])} if classes else not keys:
            continue  # where every row is of the positive class its confidence is its score
        both = keys | {*stand.values()} if keys & {*stand.values()} else keys
        seen = judged(catalogue.look(name), look, max(len(both), 2))
        if seen.task is None and told is None and candidate.role != "confidence":
            raise Unclear(f"nothing tells whether {name!r} is of the class in {prediction!r}.")
        if seen.task is not None:
            role = "confidence" if seen.task == "top-label" else "score"
            candidate = replace(candidate, role=role)
        turned = same.key(seen.above or "", 1)
        above = next((text for text, key in stand.items() if key == turned), above)
    if classes and (above == classes[0] or (above is None and denies(name))):
        raise Unclear(f"{name!r} is of {classes[0]!r}, but the positive class is {classes[1]!r}.")
    return candidate


@dataclass(slots=True)
class _Decider:
    catalogue: Catalogue
    roles: Roles
    truth: Truth
    beside: Beside

    @property
    def name(self) -> str:
        return self.beside.candidate.columns[0]

    @property
    def spent(self) -> tuple[str, ...]:
        return (*self.beside.candidate.columns, *self.truth.taken, *self.beside.label)

    def labelled(self) -> Beside:
        """Return the scores as those of the label's classes."""
        beside = self.beside
        if not beside.label:
            beside.label, _ = self.truth.label(beside.candidate, needed=True)
        if beside.above is None and beside.candidate.form == "column" and len(beside.label) == 1:
            kinds = self.catalogue.labels(beside.label[0])
            beside.above = telling(self.name, kinds, beside.label[0])[1]
        return beside

    def inferred(self) -> Beside:
        """Return a single score as what stands beside it shows it to be."""
        beside = self.beside
        correct = self.truth.correct(self.spent)
        certain = beside.candidate.role != "confidence" and not correct
        called = parted(self.truth, self.name)
        beside.label, model = called or self.truth.label(beside.candidate, needed=certain)
        if not beside.label:
            return self.top_label()
        found = [model] if model else self.truth.predictions(beside.label[0], self.spent)
        if not found:
            return self._by_correctness(correct)
        beside.prediction = self._one("prediction", found)
        self._compare()
        return self._by_prediction()

    def top_label(self) -> Beside:
        """Return the score as a confidence in what was predicted."""
        beside = self.beside
        beside.task = "top-label"
        beside.candidate = replace(beside.candidate, role="confidence")
        found: list[str] = []
        if self.roles.correct:
            found = [self.roles.correct]
        elif not (self.roles.label and self.roles.prediction):
            found = self.truth.correct(self.spent)
        if found:
            beside.correct, beside.label = self._one("correct", found), ()
            beside.silent = ABSTENTIONS
            self._check_of_right(beside.correct)
            beside.prediction, beside.claim = self.roles.prediction, None
            return beside
        if not beside.label:
            beside.label, model = self.truth.label(beside.candidate, needed=False)
            beside.prediction = model or beside.prediction
        if beside.prediction is None:
            label = beside.label[0] if beside.label else None
            named = self.truth.predictions(label, self.spent)
            beside.prediction = self._one("prediction", named) if named else None
        if len(beside.label) != 1 or beside.prediction is None:
            raise self._unjudged()
        self._compare()
        return beside

    def _check_of_right(self, correct: str) -> None:
        """Refuse an inferred confidence whose name says that it is of being wrong."""
        if self.beside.candidate.inferred and denies(self.name, correct):
            kinds = [k for k in self.catalogue.labels(correct) if k.casefold() in NEGATIVE]
            of_wrong = {"score": self.name, "label": correct}
            raise Unclear(
                f"{self.name!r} is named like the probability of being wrong.",
                [{**of_wrong, "positive": kind} for kind in kinds],
            )

    def _by_prediction(self) -> Beside:
        """Decide by whether the predictions turn at a cutoff of the score."""
        beside, catalogue = self.beside, self.catalogue
        score, prediction = catalogue.look(self.name), catalogue.look(beside.prediction or "")
        labels = catalogue.look(beside.label[0])
        keys = {beside.vocabulary.key(t, 0): t for t in labels.kinds}
        kinds = {*keys, *(beside.vocabulary.key(text, 1) for text in prediction.kinds)}
        seen = judged(score, prediction, len(kinds), self.roles.out_of)
        told, above = telling(self.name, labels.kinds, beside.label[0])
        if beside.candidate.role == "confidence":
            told = "top-label"
        task = seen.task
        if task == "binary" and seen.above is None and told == "top-label":
            task = None  # one prediction throughout tells nothing against the name
        if task == "top-label" and told == "binary":
            raise self._either("its name says that it is of one class, its values that it is not.")
        if task not in (None, told):
            beside.claim = Claim(task, beside.prediction or "", seen.above, self._advice())
        elif task is None and told is None:
            raise self._either("its name and its values do not tell.")
        if (task or told) == "top-label":
            return self.top_label()
        if seen.above is not None:
            key = beside.vocabulary.key(seen.above, 1)
            above = keys.get(key, key)
            beside.cutoff = seen.cutoff
        beside.above = above
        return self._as_score()

    def _by_correctness(self, correct: list[str]) -> Beside:
        """Decide where no prediction is there, but perhaps whether it was right."""
        beside = self.beside
        label = beside.label[0]
        told, beside.above = telling(self.name, self.catalogue.labels(label), label)
        if beside.candidate.role == "confidence" or told == "top-label":
            return self.top_label()
        if correct and told is None:
            raise self._either(f"{correct[0]!r} and {beside.label[0]!r} stand beside it.")
        return self._as_score()

    def _as_score(self) -> Beside:
        self.beside.candidate = replace(self.beside.candidate, role="score")
        return self.labelled()

    def _compare(self) -> None:
        """Find out how label and prediction are spelled, or refuse them."""
        beside, catalogue = self.beside, self.catalogue
        label, prediction = beside.label[0], beside.prediction or ""
        if label == prediction:
            raise SettingsError(f"{label!r} is the label and the prediction: all would be right.")
        looks = catalogue.look(label), catalogue.look(prediction)
        beside.silent = ABSTENTIONS - {silent_text(kind) for kind in looks[0].kinds}
        looks = looks[0], looks[1].without({
            kind for kind in looks[1].kinds if silent_text(kind) in beside.silent
        })  # fmt: skip
        found = agreement(*looks, self.roles.classes)
        if found is None:
            told, ways = proposals(*looks)
            sides = [
                f"{n!r} ({listed(k.kinds, 4)})"
                for n, k in zip((label, prediction), looks, strict=True)
            ]
            how = "" if ways else " Say what is what with --classes LABEL=PREDICTION,…"
            raise Unclear(
                f"label {sides[0]} and prediction {sides[1]} {told}.{how}",
                [{"classes": way} for way in ways],
            )
        beside.vocabulary = found

    def _one(self, role: str, found: list[str]) -> str:
        beside = [name for name in found if same_subject(self.name, name)]
        if len(beside) == 1:  # each of several models has a pair of columns
            return beside[0]
        if len(found) > 1:
            raise Unclear(f"{len(found)} columns could be the {role}.", [{role: n} for n in found])
        return found[0]

    def _either(self, why: str) -> Unclear:
        return Unclear(
            f"{self.name!r} may be the confidence in the predicted class, or the score of the "
            f"positive one: {why}",
            [{"confidence": self.name}, {"score": self.name}],
        )

    def _advice(self) -> str:
        label, prediction = self.beside.label[0], self.beside.prediction or ""
        top = {"confidence": self.name, "label": label, "prediction": prediction}
        return f"{spelled(top)}, or {spelled({'score': self.name, 'label': label})}"

    def _unjudged(self) -> Unclear:
        beside = self.beside
        label = beside.label[0] if len(beside.label) == 1 else None
        have = f" (the label is {label!r})" if label else ""
        also = spelled({"label": label or PLACE})
        return Unclear(
            f"{self.name!r} is a confidence, but nothing says whether each prediction was right"
            f"{have}.",
            [{"correct": PLACE}],
            otherwise=f" Give --correct COLUMN, or "
            f"{spelled({'prediction': beside.prediction or PLACE})} {also}. If it is the "
            f"probability of a positive class, use {spelled({'score': self.name})}.",
        )
