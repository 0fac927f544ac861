"""Declared roles and column names → one layout, or a refusal that names the choices."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from calaudit.errors import InputError, SettingsError
from calaudit.predictions.candidates import (
    Candidate,
    choices,
    class_columns,
    declared_candidate,
    inferred_candidates,
)
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.chunk import Task
from calaudit.predictions.classes import Naming, binary_names, class_names
from calaudit.predictions.labels import NEGATIVE, POSITIVE
from calaudit.predictions.layout import Layout
from calaudit.predictions.names import SUFFIXES, folded
from calaudit.predictions.roles import ResolvedRole, Roles
from calaudit.predictions.source import Note

__all__ = ["Resolution", "resolve"]

_LABEL_KINDS = ("number", "bool", "text")


@dataclass(slots=True)
class Resolution:
    """A layout, the roles that led to it, and what should be said about it."""

    layout: Layout
    roles: tuple[ResolvedRole, ...]
    notes: list[Note]


def resolve(catalogue: Catalogue, roles: Roles, task: Task | None = None) -> Resolution:
    """Return how the columns are to be read.

    Raises:
        InputError: nothing fits, or more than one reading does; the message lists the options.
        SettingsError: options that contradict each other.
    """
    return _Resolver(catalogue, roles, task).resolve()


@dataclass(slots=True)
class _Resolver:
    catalogue: Catalogue
    roles: Roles
    task: Task | None
    resolved: list[ResolvedRole] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def resolve(self) -> Resolution:
        for name in ("label", "correct", "prediction", "weight", "id"):
            declared = getattr(self.roles, name)
            if declared and not (name == "weight" and self._weight_off()):
                self.catalogue.require(declared, f"--{name}")
        for name in self.roles.by:
            self.catalogue.require(name, "--by, --split or --group")
        candidate = declared_candidate(self.roles, self.catalogue) or self._infer()
        if candidate.role == "confidence" or self.task == "top-label" or self.roles.correct:
            layout = self._top_label(candidate)
        else:
            layout = self._labelled(candidate)
        if self.task is not None and layout.task != self.task:
            raise SettingsError(
                f"task={self.task!r} was asked for, but {candidate.option} makes it {layout.task}."
            )
        for column in layout.columns:
            self.catalogue.require(column, "a role")
        return Resolution(layout, tuple(self.resolved), self.notes)

    def _infer(self) -> Candidate:
        candidates = inferred_candidates(self.catalogue, self._taken())
        if self.roles.correct or self.roles.prediction or self.task == "top-label":
            top = [c for c in candidates if c.form == "column" and c.scale == "probability"]
            candidates = [c for c in top if c.role == "confidence"] or top or candidates
        elif self.task in ("binary", "multiclass"):
            candidates = [c for c in candidates if c.role != "confidence"] or candidates
        if len(candidates) == 1:
            self._refuse_doubtful(candidates[0])
            return candidates[0]
        if candidates:
            raise InputError(
                f"{self.catalogue.where}: {len(candidates)} readings of the scores are possible. "
                f"Say which with one of: {choices(candidates)}."
            )
        named = self._class_named()
        if named is not None:
            return named
        raise InputError(self._no_score())

    def _refuse_doubtful(self, candidate: Candidate) -> None:
        """Refuse a group of columns that may be rival models rather than classes."""
        suffixes = candidate.suffixes
        if not suffixes:
            return
        if all(suffix.isdigit() for suffix in suffixes):
            first = int(suffixes[0])
            if first == 0 or (first == 1 and len(suffixes) > 2):
                return
        elif self._names_fit(suffixes):
            return
        singles = [f"--score {shlex.quote(name)}" for name in candidate.columns]
        raise InputError(
            f"{self.catalogue.where}: the columns {listed(candidate.columns, 4)} could be the "
            "classes of one model or the scores of several. "
            f"Say which with one of: {candidate.option}, {listed(singles, 6)}."
        )

    def _names_fit(self, suffixes: tuple[str, ...]) -> bool:
        words = {suffix.casefold() for suffix in suffixes}
        if len(words) == 2 and words & POSITIVE and words & NEGATIVE:
            return True
        label = self.roles.label or next(iter(self._label_names(())), None)
        if label is None:
            return False
        seen = self.catalogue.labels(label)
        return bool(seen) and {text.casefold() for text in seen} <= words

    def _class_named(self) -> Candidate | None:
        """Return the reading of columns named like the values of the label, if they sum to 1."""
        label = self.roles.label or next(iter(self._label_names(())), None)
        if label is None or label not in self.catalogue:
            return None
        seen = {text.casefold() for text in self.catalogue.labels(label)}
        names = [
            column.name
            for column in self.catalogue.columns
            if column.kind == "number" and column.name.strip().casefold() in seen
        ]
        if len(names) < 2 or len(names) < len(seen):
            return None
        return class_columns(names)

    def _no_score(self) -> str:
        where, columns = self.catalogue.where, self.catalogue.columns
        if not columns:
            return f"{where}: there are no columns. Write a header line and rows."
        likely = self.catalogue.in_unit_interval(self._taken()) if len(columns) <= 200 else []
        if likely:
            options = listed([f"--score {shlex.quote(name)}" for name in likely], 8)
            if len(likely) == 1:
                return (
                    f"{where}: no column is named like a score. If it is {likely[0]!r}: {options}."
                )
            return (
                f"{where}: no column is named like a score, but {len(likely)} could be one. "
                f"Say which with one of: {options}."
            )
        return (
            f"{where}: no column is named like a score. Name it with --score COLUMN, "
            "--probs PREFIX, --logits PREFIX or --confidence COLUMN. "
            f"Columns: {listed(column.name for column in columns)}."
        )

    def _top_label(self, candidate: Candidate) -> Layout:
        if candidate.form != "column" or candidate.scale != "probability":
            raise SettingsError(
                f"a top-label audit needs one confidence column, but {candidate.option} gives "
                "class scores. Leave --correct and --task top-label out, or name a --confidence."
            )
        taken = (*candidate.columns, *self._taken())
        correct = self._correct(taken)
        label = prediction = None
        if correct is None:
            label = self._label((*taken, *self._predictions(taken)), needed=False)
            prediction = self._prediction(taken)
            if label is None or prediction is None:
                raise InputError(self._unjudged(candidate, label, prediction))
        elif self.roles.prediction:
            prediction = self._prediction(taken)
        name = candidate.columns[0]
        detail = "stated confidence, 0 to 1"
        self._add("confidence", (name,), candidate.inferred, "--confidence", detail)
        return self._finished(candidate, "top-label", Naming(()), label, correct, prediction)

    def _labelled(self, candidate: Candidate) -> Layout:
        label = self._label((*candidate.columns, *self._taken()), needed=True) or ""
        if candidate.form == "column":
            naming = binary_names(self.catalogue, label, self.roles)
        else:
            naming = class_names(self.catalogue, candidate, label, self.roles)
        task: Task = "binary" if len(naming.classes) == 2 else "multiclass"
        if naming.swapped:
            candidate = _swapped(candidate)
        prediction = self._prediction(()) if self.roles.prediction else None
        what = f"{len(naming.classes)} classes, {candidate.scale}"
        if task == "binary":
            what = f"{candidate.scale} of {naming.classes[1]}"
        option = "--score" if candidate.role == "score" else f"--{candidate.role}"
        self._add(candidate.role, candidate.columns, candidate.inferred, option, what)
        if candidate.inferred and candidate.scale == "logit":
            named = listed(candidate.columns, 3)
            text = f"{named} are read as logits because of their names."
            advice = "If they are probabilities, name them with --probs."
            if len(candidate.columns) == 1:
                text = f"{named} is read as a logit because of its name."
                advice = f"If it is a probability, say --score {named}."
            self.notes.append(("logits-inferred", text, advice))
        self.notes.extend(naming.notes)
        self._detail("label", naming.detail)
        return self._finished(candidate, task, naming, label, None, prediction)

    def _finished(
        self,
        candidate: Candidate,
        task: Task,
        naming: Naming,
        label: str | None,
        correct: str | None,
        prediction: str | None,
    ) -> Layout:
        weight = self._weight((*candidate.columns, label or "", correct or ""))
        if self.roles.id:
            self._add("id", (self.roles.id,), False, "--id")
        if self.roles.by:
            self._add("by", self.roles.by, False, "--by")
        return Layout(
            task=task,
            scale=candidate.scale,
            form=candidate.form,
            scores=candidate.columns,
            classes=naming.classes,
            dtype=_stored(self.catalogue, candidate.columns),
            numbered=naming.numbered,
            label=label,
            correct=correct,
            prediction=prediction,
            weight=weight,
            id=self.roles.id,
            by=self.roles.by,
            out_of=self._out_of(candidate),
            positive=self.roles.positive if candidate.form == "column" else None,
            negative=naming.negative,
        )

    def _out_of(self, candidate: Candidate) -> float:
        out_of = self.roles.out_of
        if not 0 < out_of < float("inf"):
            raise SettingsError(f"--out-of must be above 0, such as 10 or 100, not {out_of:g}.")
        if out_of != 1 and candidate.scale == "logit":
            raise SettingsError("--out-of is for probabilities and confidences, not for logits.")
        return out_of

    def _label_names(self, taken: tuple[str, ...]) -> list[str]:
        return self.catalogue.named_for("label", _LABEL_KINDS, (*taken, *self._taken()))

    def _label(self, taken: tuple[str, ...], *, needed: bool) -> str | None:
        if self.roles.label:
            return self._add("label", (self.roles.label,), False, "--label")
        found = self._label_names(taken)
        if len(found) == 1:
            return self._add("label", (found[0],), True, "--label")
        if len(found) > 1:
            raise InputError(self._ambiguous("label", found))
        if not needed:
            return None
        free = [column.name for column in self.catalogue.columns if column.name not in taken]
        if not free:
            raise InputError(
                f"{self.catalogue.where}: there is no column with labels. Calibration is about "
                "scores and what happened: add a column with the true outcomes."
            )
        raise InputError(
            f"{self.catalogue.where}: no column is named like a label. Name it with "
            f"--label COLUMN. Columns: {listed(free)}."
        )

    def _correct(self, taken: tuple[str, ...]) -> str | None:
        if self.roles.correct:
            return self._add("correct", (self.roles.correct,), False, "--correct")
        if self.roles.label and self.roles.prediction:
            return None
        found = self.catalogue.named_for("correct", _LABEL_KINDS, taken) or [
            column.name
            for column in self.catalogue.columns
            if folded(column.name).endswith(SUFFIXES["correct"]) and column.name not in taken
        ]
        if len(found) > 1:
            raise InputError(self._ambiguous("correct", found))
        return self._add("correct", (found[0],), True, "--correct") if found else None

    def _predictions(self, taken: tuple[str, ...]) -> list[str]:
        if self.roles.prediction:
            return [self.roles.prediction]
        return self.catalogue.named_for("prediction", _LABEL_KINDS, taken)

    def _prediction(self, taken: tuple[str, ...]) -> str | None:
        found = self._predictions(taken)
        if len(found) > 1:
            raise InputError(self._ambiguous("prediction", found))
        declared = self.roles.prediction is not None
        return self._add("prediction", (found[0],), not declared, "--prediction") if found else None

    def _weight_off(self) -> bool:
        """Whether ``--weight none`` was given, and not a column of that name."""
        return self.roles.weight == "none" and "none" not in self.catalogue

    def _weight(self, taken: tuple[str, ...]) -> str | None:
        if self._weight_off():
            return None
        if self.roles.weight:
            return self._add("weight", (self.roles.weight,), False, "--weight")
        found = self.catalogue.named_for("weight", ("number", "text"), (*taken, *self._taken()))
        if len(found) > 1:
            raise InputError(self._ambiguous("weight", found))
        if not found:
            return None
        self.notes.append(
            (
                "weight-inferred",
                f"Every figure is weighted by the column {found[0]!r}, because of its name.",
                f"Declare it with --weight {found[0]}, or leave it out with --weight none.",
            )
        )
        return self._add("weight", (found[0],), True, "--weight")

    def _ambiguous(self, role: str, found: list[str]) -> str:
        options = listed([f"--{role} {shlex.quote(name)}" for name in found], 8)
        return (
            f"{self.catalogue.where}: {len(found)} columns could be the {role}. "
            f"Say which with one of: {options}."
        )

    def _unjudged(self, candidate: Candidate, label: str | None, prediction: str | None) -> str:
        have = f" (the label is {label!r})" if label else ""
        also = f" --label {label}" if label else " --label COLUMN"
        name = candidate.columns[0]
        seen = f" If it is the probability of a positive class, use --score {name}."
        return (
            f"{self.catalogue.where}: {name!r} is a confidence, but nothing says "
            f"whether each prediction was right{have}. Give --correct COLUMN, or "
            f"--prediction {prediction or 'COLUMN'}{also}.{seen}"
        )

    def _taken(self) -> tuple[str, ...]:
        named = (getattr(self.roles, n) for n in ("label", "correct", "prediction", "weight", "id"))
        return tuple(name for name in (*named, *self.roles.by) if name)

    def _add(
        self, role: str, columns: tuple[str, ...], inferred: bool, option: str, detail: str = ""
    ) -> str:
        self.resolved.append(ResolvedRole(role, columns, inferred, option, detail))
        return columns[0]

    def _detail(self, role: str, detail: str) -> None:
        for i, old in enumerate(self.resolved):
            if old.role == role:
                self.resolved[i] = ResolvedRole(role, old.columns, old.inferred, old.option, detail)


def _swapped(candidate: Candidate) -> Candidate:
    return Candidate(
        candidate.role,
        candidate.columns[::-1],
        candidate.form,
        candidate.scale,
        candidate.suffixes[::-1],
        candidate.inferred,
        candidate.option,
    )


def _stored(catalogue: Catalogue, columns: tuple[str, ...]) -> str:
    """Return the widest float type among the score columns."""
    order = ("float16", "float32", "float64")
    return max((catalogue[name].stored for name in columns), key=order.index)
