"""Which columns say what happened and what was predicted: by name, by values, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from calaudit.errors import InputError
from calaudit.findings.finding import Finding, finding
from calaudit.predictions.candidates import PLACE, Candidate, Unclear, matrix_of
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.look import Look
from calaudit.predictions.names import (
    CASES,
    EXPLAINED,
    MODELS,
    QUESTIONS,
    TRUTHS,
    folded,
    grouped,
    subject,
)
from calaudit.predictions.predicted_class import judged
from calaudit.predictions.roles import Roles
from calaudit.predictions.spelling import split_names

KINDS = ("number", "bool", "text")
"""Kinds of columns that may hold labels."""

_MOST_COLUMNS = 200
"""Of wider files no column is looked at whose name says nothing."""

_MOST_RIGHT = 10
"""Values of a column that says what was right, with all misspellings; a match may be a game."""

_LONGEST = 40
"""Longer texts are no names of classes."""

FEW_CASES = 5
"""Values of a column of cases below which they are rather kinds of rows."""

_WEAK = frozenset(["label", "labels", "class", "answer"])
"""Labels by name that may be a model's as well."""


@dataclass(slots=True)
class Truth:
    """Finds the columns of labels and predictions beside the scores.

    Attributes:
        taken: columns with another role that was declared.
    """

    catalogue: Catalogue
    roles: Roles
    taken: tuple[str, ...]

    def label(self, candidate: Candidate, *, needed: bool) -> tuple[tuple[str, ...], str | None]:
        """Return the label column (or one column a class), and what beside it is a prediction.

        Raises:
            Unclear: several columns could be it; or none, and it is needed.
        """
        if self.roles.label:
            return self._declared(self.roles.label, candidate), None
        spent = (*candidate.columns, *self.taken)
        strong = self.named(spent)
        good = [name for name in strong if self._fits(name, candidate, spent)]
        if len(good) == 1:
            truth = self._beside_argmax(good[0], candidate, spent)
            return (truth, good[0]) if truth else ((good[0],), None)
        if len(good) > 1:
            return self._truest(good, candidate, spent)
        hot = [] if strong else self._one_hot_lists(candidate, spent)
        if len(hot) == 1:
            return (hot[0],), None
        events = [n for n in self._free("event", spent) if self.catalogue.look(n).two]
        if strong and len(events) != 1:
            return self._contradicted(strong[0], spent)
        others = self._outcomes(spent)
        looks = {n: self.catalogue.look(n) for n in others if n not in events}
        rivals = [n for n, look in looks.items() if look.binary and len(look.kinds) > 1]
        if len(events) == 1 and (strong or not rivals):
            return (events[0],), None
        by_value = self._class_columns(candidate, spent)
        if by_value:
            return by_value, None
        if len(others) == 1 and not self.unexplained((*spent, *others)):
            return (others[0],), None
        if not needed:
            return (), None
        raise self._missing([*dict.fromkeys((*events, *others))], spent)

    def _declared(self, label: str, candidate: Candidate) -> tuple[str, ...]:
        """Return the column, or those of a list or with a prefix, one a class."""
        if label in self.catalogue or candidate.form == "column":
            return (self.catalogue.require(label, "--label").name,)
        names = split_names(label) if "," in label else ()
        if not names:
            names = tuple(label + suffix for suffix in candidate.suffixes)
        if any(name not in self.catalogue for name in names) or len(names) < 2:
            self.catalogue.require(label, "--label")
        return names

    def predictions(self, label: str | None, spent: Iterable[str]) -> list[str]:
        """Return the columns that hold what was predicted, rather than a score."""
        if self.roles.prediction:
            return [self.roles.prediction]
        used = {*spent, label or ""}
        named = self.catalogue.named_for("prediction", KINDS, used)
        if not named and label is not None:
            meant = (folded(label), "label", "class")
            free = self.catalogue.free(KINDS, used)
            named = [name for name in free if folded(subject(name) or "") in meant]
        found = [name for name in named if self.catalogue.look(name).classes]
        if label is not None and len(found) > 1:
            mine = {*self.catalogue.labels(label)}
            found = [n for n in found if mine & {*self.catalogue.labels(n)}] or found
        return found

    def weak(self, spent: Iterable[str]) -> list[str]:
        """Return the columns called labels that may be a model's as well."""
        named = self.catalogue.named_for("label", KINDS, spent)
        return [n for n in named if folded(n) in _WEAK and self.catalogue.look(n).classes]

    def correct(self, spent: Iterable[str]) -> list[str]:
        """Return the columns that say whether a prediction was right."""
        named = self.catalogue.named_for("correct", KINDS, spent)
        named = [n for n in named if len(self.catalogue.look(n).kinds) <= _MOST_RIGHT]
        return named or self.catalogue.suggested("correct", KINDS, spent)

    def pooled(self, spent: Iterable[str]) -> Finding | None:
        """Return a note on rows of several models on the same cases, or else of the same cases."""
        free = self.catalogue.free(KINDS, (*spent, *self.taken))
        for model in (name for name in free if folded(name) in MODELS):
            codes, kinds = self._coded(model)
            for case in (n for n in free if n != model and self._names_cases(n)):
                cases, _ = self._coded(case)
                if len(kinds) > 1 and _repeated(codes, cases):
                    return finding("models-pooled", column=model, case=case, example=kinds[0])
        return self.together(spent)

    def _coded(self, name: str) -> tuple[list[int], list[str]]:
        """Return a column's codes and kinds; none of an encrypted one, which nobody asked for."""
        try:
            codes, kinds = self.catalogue.look(name).coded
        except InputError:
            return [], []
        return codes.tolist(), kinds

    def together(self, spent: Iterable[str]) -> Finding | None:
        """Return a note on rows of one patient, user or question: they are not independent."""
        for name in self.catalogue.free(KINDS, (*spent, *self.taken)):
            plain = folded(name)
            named = plain == "id" or plain.endswith("_id")
            if plain in CASES or (named and plain not in MODELS):
                codes, kinds = self._coded(name)
                if FEW_CASES <= len(kinds) <= len(codes) / 2:
                    asked = plain.removesuffix("_id") in QUESTIONS and not self.roles.samples
                    return finding(
                        "rows-together",
                        kind="asked" if asked else "other",
                        column=name,
                        rows=len(codes),
                        cases=len(kinds),
                    )
        return None

    def _names_cases(self, name: str) -> bool:
        return folded(name) in EXPLAINED or folded(name).endswith("_id")

    def unexplained(self, used: Iterable[str]) -> list[str]:
        """Return the columns whose part is not known: they may be a score or label as well."""
        spent = {*used, *self.predictions(None, used), *self.correct(used)}
        spent |= {*self.catalogue.named_for("weight", ("number", "text"), spent)}
        free = self.catalogue.free((*KINDS, "list", "nested", "other"), spent)
        if len(free) > _MOST_COLUMNS:
            return free
        return [name for name in free if not self._explained(name)]

    def _explained(self, name: str) -> bool:
        if self._names_cases(name):
            return True
        return self.catalogue[name].kind in KINDS and self.catalogue.look(name).names_rows

    def _free(self, role: str, spent: Sequence[str]) -> list[str]:
        found = self.catalogue.suggested(role, KINDS, spent)
        self.catalogue.look_ahead(found)
        return found

    def named(self, spent: Sequence[str]) -> list[str]:
        """Return the columns named like a label, or of which another is named the prediction."""
        if self.roles.label:
            return [self.roles.label] if self.roles.label in self.catalogue else []
        spent = (*spent, *self.taken)
        named = self.catalogue.named_for("label", (*KINDS, "list"), spent)
        meant = {folded(subject(column.name) or "") for column in self.catalogue.columns} - {""}
        meant |= {f"{name}_{end}" for name in meant for end in ("orig", "true", "actual")}
        free = self.catalogue.free(KINDS, (*spent, *named))
        return [*named, *(name for name in free if folded(name) in meant and grouped(name) is None)]

    def _fits(self, name: str, candidate: Candidate, spent: Sequence[str]) -> bool:
        """Return whether the values of a column can be the classes of these scores."""
        look = self.catalogue.look(name)
        if self.catalogue[name].kind == "list":
            return candidate.form != "column" and _one_hot(look.values)
        named = look.classes and max(map(len, look.kinds), default=0) <= _LONGEST
        if not named or candidate.form != "column" or look.two:
            return named
        judged = self.predictions(name, spent) or self.correct(spent)
        return bool(judged or self.roles.positive) or candidate.role == "confidence"

    def _truest(
        self, names: list[str], candidate: Candidate, spent: Sequence[str]
    ) -> tuple[tuple[str, ...], str | None]:
        truths = [name for name in names if folded(name) in TRUTHS]
        weak = [name for name in names if folded(name) in _WEAK]
        if len(truths) == 1 and len(names) == 2 and weak and not self.predictions(None, spent):
            return (truths[0],), weak[0]
        if weak == names and candidate.form == "column":  # CatBoost has Class beside Label
            score = self.catalogue.look(candidate.columns[0])
            turn = [n for n in names if judged(score, self.catalogue.look(n), 2).task == "binary"]
            rest = [n for n in names if n not in turn]
            if len(rest) == len(turn) == 1 and self.catalogue.look(rest[0]).two:
                return (rest[0],), turn[0]
        raise Unclear(f"{len(names)} columns could be the label.", [{"label": n} for n in names])

    def _outcomes(self, spent: Sequence[str]) -> list[str]:
        """Return the columns that by their values could be outcomes of two kinds."""
        used = (*spent, *self.predictions(None, spent), *self.correct(spent))
        free = self.catalogue.free(KINDS, used)
        if len(free) > _MOST_COLUMNS:
            return []
        free = [name for name in free if folded(name) not in EXPLAINED]
        self.catalogue.look_ahead(free)
        looks = {name: self.catalogue.look(name) for name in free}
        return [name for name, look in looks.items() if look.binary or (look.two and _words(look))]

    def _contradicted(self, name: str, spent: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
        """Refuse a label by name alone, where its values are none of these scores' classes."""
        others = self._outcomes(spent)
        look = self.catalogue.look(name)
        if not others and look.classes:
            return (name,), None  # what is wrong with its classes is said where they are named
        told = (
            "measurements rather than classes" if not look.classes else f"{len(look.kinds)} kinds"
        )
        more = "" if others else " calaudit audits classes: write the outcome as 0 and 1."
        raise Unclear(
            f"{name!r} is named like a label, but holds {told}.{more}",
            [{"label": n} for n in others],
        )

    def _class_columns(self, candidate: Candidate, spent: Sequence[str]) -> tuple[str, ...]:
        """Return the column that holds the classes, or a column of 0 and 1 for each."""
        names = {suffix.casefold(): suffix for suffix in candidate.suffixes}
        if len(names) < 2:
            return ()
        free = self.catalogue.free(KINDS, (*spent, *self.predictions(None, spent)))
        if len(free) > _MOST_COLUMNS:
            return ()
        found = []
        for name in free:
            kinds = {text.casefold() for text in self.catalogue.labels(name)}
            if len(kinds) > 1 and kinds <= {*names} and not self._is_argmax(name, candidate):
                found.append(name)
        if len(found) == 1:
            return (found[0],)
        flags = self.flags(candidate, spent)
        if flags and _one_hot(np.column_stack([self.catalogue.look(n).values for n in flags])):
            return flags
        return ()

    def flags(self, candidate: Candidate, spent: Iterable[str]) -> tuple[str, ...]:
        """Return a column of 0 and 1 for each class, in their order, by their names; or ()."""
        every = _ending_alike(candidate.suffixes, self.catalogue.free(("number", "bool"), spent))
        return next((ns for ns in every if all(self.catalogue.look(n).binary for n in ns)), ())

    def ranked(self, candidate: Candidate) -> list[str]:
        """Return columns numbered like the scores, with other classes in each of them; or []."""
        for names in _ending_alike(
            candidate.suffixes, self.catalogue.free(KINDS, candidate.columns)
        ):
            looks = [self.catalogue.look(name) for name in names]
            rows = zip(*([*np.array([*k.kinds, ""])[k.coded[0]]] for k in looks), strict=True)
            other = all(k.classes for k in looks) and all(len({*r}) == len(names) for r in rows)
            if other and (len(names) > 2 or {*self.named(candidate.columns)} - {*names}):
                return [*names]  # two may also be a flag a class
        return []

    def _one_hot_lists(self, candidate: Candidate, spent: Sequence[str]) -> list[str]:
        """Return the columns of lists that are 1 for one class and 0 for the others."""
        if candidate.form != "list":
            return []
        width = self.catalogue.look(candidate.columns[0]).values.shape[-1]
        free = {n: self.catalogue.look(n).values for n in self.catalogue.free(("list",), spent)}
        return [n for n, v in free.items() if v.shape[-1] == width and _one_hot(v)]

    def _beside_argmax(
        self, name: str, candidate: Candidate, spent: Sequence[str]
    ) -> tuple[str, ...]:
        """Return the truth beside a column that is called the class, but is the likeliest one."""
        weak = folded(name) in _WEAK and candidate.suffixes
        if not weak or not self._is_argmax(name, candidate):
            return ()
        return self._class_columns(candidate, (*spent, name))

    def _is_argmax(self, name: str, candidate: Candidate) -> bool:
        """Return whether a column says of every row which class has the largest score."""
        matrix = matrix_of(self.catalogue, candidate)
        codes, texts = self.catalogue.look(name).coded
        if len(matrix) != len(codes) or not np.isfinite(matrix).all():
            return False
        top = [candidate.suffixes[k].casefold() for k in matrix.argmax(axis=1)]
        return [texts[code].casefold() for code in codes] == top

    def _missing(self, likely: list[str], spent: Sequence[str]) -> Exception:
        free = self.catalogue.free((*KINDS, "list"), spent)
        if not any(not self._explained(name) for name in free):
            return InputError(
                f"{self.catalogue.where}: there is no column with labels. Calibration is about "
                "scores and what happened: add a column with the true outcomes, "
                "or give a second file of them with --labels."
            )
        varied = [name for name in likely if len(self.catalogue.labels(name)) > 1]
        likely = varied or likely
        if likely:
            return Unclear("no column is named like a label.", [{"label": name} for name in likely])
        return Unclear(
            "no column is named like a label. Name it with --label COLUMN. "
            f"Columns: {listed(free)}.",
            [{"label": PLACE}],
        )


def _ending_alike(ends: Sequence[str], free: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the columns that are called alike but for their ends, in the order of these."""
    stems = [name.removesuffix(ends[0]) for name in free if name.endswith(tuple(ends[:1]))]
    every = [tuple(stem + end for end in ends) for stem in stems]
    return [names for names in every if {*names} <= {*free}]


def _one_hot(values: np.ndarray) -> bool:
    """Return whether every row of (n, K) numbers is 1 once and 0 otherwise."""
    if values.ndim != 2 or values.shape[1] < 2 or not len(values):
        return False
    flags = ((values == 0) | (values == 1)).all()
    return bool(flags and (values.sum(axis=1) == 1).all())


def _words(look: Look) -> bool:
    """Return whether the two kinds are words, as ham and spam."""
    return len(look.kinds) == 2 and not any(
        text[:1] in "+-.0123456789{[" or len(text) > _LONGEST for text in look.kinds
    )


def _repeated(models: list[int], cases: list[int]) -> bool:
    """Return whether most cases stand in the rows of several models, and once in each."""
    pairs = {*zip(models, cases, strict=False)}
    return 4 * len({*cases}) <= 3 * len(pairs) == 3 * len(models)
