"""Declared roles, names and first rows → one layout, or a refusal that names the choices."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass, field, replace

from calaudit.errors import CalauditError, InputError, SettingsError
from calaudit.findings.finding import Finding, finding
from calaudit.options.choices import Task
from calaudit.predictions.candidates import (
    MOST_OPTIONS,
    PLACE,
    Candidate,
    Unclear,
    declared_candidate,
)
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.classes import Naming, binary_names, class_names
from calaudit.predictions.cuts import Cut, cut_named
from calaudit.predictions.finding import find_scores
from calaudit.predictions.layout import Layout
from calaudit.predictions.roles import ResolvedRole, Roles
from calaudit.predictions.score_meaning import Beside, decided
from calaudit.predictions.spelling import split_names
from calaudit.predictions.truth import Truth

MEMBERS = ("probs", "logits", "score")
"""Roles of columns that may each be of a member of an ensemble."""

_LISTS = ("classes", "by")
"""Roles that take several names."""


@dataclass(slots=True)
class Resolution:
    """A layout, the roles that led to it, and what should be said about it."""

    layout: Layout
    roles: tuple[ResolvedRole, ...]
    notes: list[Finding]


def resolve(catalogue: Catalogue, roles: Roles, task: Task | None = None) -> Resolution:
    """Return how the columns are to be read.

    Raises:
        InputError: nothing fits, or more than one reading does; the message lists the options.
        SettingsError: options that contradict each other.
    """
    roles = replace(roles, by=tuple(dict.fromkeys(roles.by)))  # each slice is judged once
    try:
        return _Resolver(catalogue, roles, task).resolve()
    except Unclear as unclear:
        from calaudit.predictions.forecasts.layout import is_forecast  # of few files only
        from calaudit.predictions.forecasts.sets import set_columns

        sets = bool(set_columns(catalogue))
        if not roles.any_scores and (sets or is_forecast(catalogue)):
            kind = "sets" if sets else "forecasts of a number"
            also = (
                ", which also recalibrates (--recalibrate FILE) and compares them (--against DATA)"
            )
            raise InputError(
                f"{catalogue.where}: these look like {kind}, and not like scores of classes. Audit "
                f"them with calaudit forecast{also * (not sets)}."
            ) from None
        options = _leading_on(catalogue, roles, task, unclear)
        told = f"{catalogue.where}: {unclear.told(options)}"
        alike = [option for option in options if "label" not in option]
        if any(len({o[role] for o in alike if role in o}) > 1 for role in MEMBERS):
            told += f" Members of one ensemble: calaudit ensemble {shlex.quote(catalogue.where)}."
        error = InputError(told)
        error.readings = alike
        raise error from None


def candidate_of(catalogue: Catalogue, roles: Roles) -> Candidate | None:
    """Return the scores as they are read with their labels; None where that is not clear."""
    resolver = _Resolver(catalogue, roles, None)
    try:
        resolver.resolve()
    except (Unclear, CalauditError):
        return None
    return resolver.candidate


def cuts_of(catalogue: Catalogue, roles: Roles) -> dict[str, Cut]:
    """Return how slices that are no columns are cut, with all declared columns checked."""
    resolver = _Resolver(catalogue, roles, None)
    resolver.check_declared()
    return resolver.cuts


def _leading_on(
    catalogue: Catalogue, roles: Roles, task: Task | None, unclear: Unclear, depth: int = 2
) -> list[dict[str, str]]:
    """Return the options that lead to a reading, each with what else it needs."""
    found: list[dict[str, str]] = []
    for option in unclear.options:
        if PLACE in option.values() or len(unclear.options) > MOST_OPTIONS:
            found.append(dict(option))
            continue
        values = {role: split_names(v) if role in _LISTS else v for role, v in option.items()}
        declared = replace(roles, **values)  # type: ignore[arg-type]
        try:
            _Resolver(catalogue, declared, task).resolve()
            found.append(dict(option))
        except Unclear as more:
            further = _leading_on(catalogue, declared, task, more, depth - 1) if depth else []
            found += [{**option, **rest} for rest in further]
        except CalauditError:
            continue
    return found


@dataclass(slots=True)
class _Resolver:
    catalogue: Catalogue
    roles: Roles
    task: Task | None
    resolved: list[ResolvedRole] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    candidate: Candidate | None = None
    cuts: dict[str, Cut] = field(default_factory=dict)

    def resolve(self) -> Resolution:
        self.check_declared()
        truth = Truth(self.catalogue, self.roles, self._taken())
        candidate = declared_candidate(self.roles, self.catalogue)
        if candidate is None:
            candidate = find_scores(self.catalogue, self.roles, self.task, truth)
        self._check_apart(candidate)
        beside = decided(self.catalogue, self.roles, self.task, truth, candidate)
        candidate = beside.candidate
        if beside.task == "top-label":
            layout = self._top_label(candidate, beside)
        else:
            layout = self._labelled(candidate, beside)
        if self.task is not None and layout.task != self.task:
            raise SettingsError(
                f"task={self.task!r} was asked for, but {candidate.option} makes it {layout.task}."
            )
        for column in layout.columns:
            self.catalogue.require(column, "a role")
        with suppress(InputError):  # what cannot be read, as it is encrypted, plays no part
            pooled = truth.pooled(layout.columns)
            self.notes += [pooled] if pooled is not None else []
        return Resolution(layout, tuple(self.resolved), self.notes)

    def check_declared(self) -> None:
        """Refuse columns that are not there, and slices that cannot be cut."""
        for name in ("correct", "prediction", "weight", "id"):
            declared = getattr(self.roles, name)
            if declared and not (name == "weight" and self._weight_off()):
                self.catalogue.require(declared, f"--{name}")
        asked = dict(self.roles.asked)
        for name in self.roles.by:
            option = asked.get(name, "--by")
            cut = None if name in self.catalogue else cut_named(name, self.catalogue)
            self.catalogue.require(name if cut is None else cut.column, option)
            if cut is not None:
                self._check_cut(name, cut)
                self.cuts[name] = cut

    def _check_cut(self, name: str, cut: Cut) -> None:
        """Refuse to cut dates out of numbers, or numbers out of dates."""
        where, kind = self.catalogue.where, self.catalogue[cut.column].kind
        shown = self.catalogue.look(cut.column) if kind in ("number", "text") else None
        numbers = shown is not None and len(shown.numbers) > 0  # the first cells may be empty
        if cut.dated and (kind in ("bool", "list") or (kind == "number" and numbers)):
            raise InputError(
                f"{where}: {name!r} is about dates, but {cut.column!r} holds numbers, which may "
                "count seconds or days from any time. Write dates, as 2025-03-31."
            )
        if not cut.dated and (shown is None or (shown.kinds and not numbers)):
            raise InputError(
                f"{where}: {name!r} is about numbers, but {cut.column!r} holds none. Of dates say "
                f"{cut.column}:month, or '{cut.column}<2025-03-31'."
            )

    def _check_apart(self, candidate: Candidate) -> None:
        """Refuse one column for two roles: a score that is the label is always right."""
        named = {role: getattr(self.roles, role) for role in ("label", "correct", "prediction")}
        places = [(candidate.role, name) for name in candidate.columns]
        places += [(role, name) for role, name in named.items() if name is not None]
        for at, (role, name) in enumerate(places):
            other = next((r for r, n in places[:at] if n == name), None)
            if other is not None:
                raise SettingsError(
                    f"{self.catalogue.where}: {name!r} is given as --{other} and as --{role}: a "
                    "column is one of the two."
                )

    def _top_label(self, candidate: Candidate, beside: Beside) -> Layout:
        name, self.candidate = candidate.columns[0], candidate
        if beside.correct is not None:
            self._add("correct", (beside.correct,), "--correct", self.roles.correct)
        else:
            self._add("label", beside.label, "--label", self.roles.label)
        if beside.prediction is not None:
            detail = beside.vocabulary.how and f"compared with the label {beside.vocabulary.how}"
            self._add("prediction", (beside.prediction,), "--prediction", self.roles.prediction)
            self._detail("prediction", detail)
        detail = "stated confidence, 0 to 1"
        if beside.claim is not None:
            detail = "confidence in the predicted class"
        declared = None if candidate.inferred else name
        self._add("confidence", (name,), "--confidence", declared, detail)
        return self._finished(candidate, "top-label", Naming(()), beside)

    def _labelled(self, candidate: Candidate, beside: Beside) -> Layout:
        self._add("label", beside.label, "--label", self.roles.label)
        if candidate.form == "column":
            naming = binary_names(self.catalogue, beside.label[0], self.roles, beside.above)
        else:
            naming = class_names(self.catalogue, candidate, beside.label, self.roles)
        task: Task = "binary" if len(naming.classes) == 2 else "multiclass"
        self.candidate = candidate
        if naming.swapped:
            candidate, beside.label = candidate.swapped(), beside.label[::-1]
        what = f"{len(naming.classes)} classes, {candidate.scale}"
        if task == "binary":
            what = f"{candidate.scale} of {naming.classes[1]}"
        if beside.cutoff is not None:
            what += f": {beside.prediction} turns at {beside.cutoff:.4g}"
        declared = None if candidate.inferred else candidate.value
        self._add(candidate.role, candidate.columns, f"--{candidate.role}", declared, what)
        if self.roles.prediction:
            self._add("prediction", (self.roles.prediction,), "--prediction", "declared")
        if candidate.inferred and candidate.scale == "logit":
            self._note_logits(candidate)
        self.notes.extend(naming.notes)
        self._detail("label", naming.detail)
        beside.vocabulary = naming.vocabulary
        return self._finished(candidate, task, naming, beside)

    def _note_logits(self, candidate: Candidate) -> None:
        kind = "several" if len(candidate.columns) > 1 else "one"
        kind = "list" if candidate.form == "list" else kind
        columns = listed(candidate.columns, 3)
        self.notes.append(finding("logits-inferred", kind=kind, columns=columns))

    def _finished(self, candidate: Candidate, task: Task, naming: Naming, beside: Beside) -> Layout:
        label = beside.label[0] if len(beside.label) == 1 else None
        weight = self._weight((*candidate.columns, *beside.label, beside.correct or ""))
        if self.roles.id:
            self._add("id", (self.roles.id,), "--id", self.roles.id)
        if self.roles.by:
            self._add("by", self.roles.by, "--by", "declared")
        top = task == "top-label"
        return Layout(
            task=task,
            scale=candidate.scale,
            form=candidate.form,
            scores=candidate.columns,
            classes=naming.classes,
            dtype=stored(self.catalogue, candidate.columns),
            numbered=naming.numbered,
            label=None if beside.correct else label,
            flags=beside.label if len(beside.label) > 1 else (),
            correct=beside.correct,
            prediction=beside.prediction if top else self.roles.prediction,
            weight=weight,
            id=self.roles.id,
            by=self.roles.by,
            out_of=self._out_of(candidate),
            positive=self.roles.positive if candidate.form == "column" else None,
            negative=naming.negative,
            vocabulary=beside.vocabulary,
            claim=beside.claim,
            cuts=self.cuts,
            silent=beside.silent if top else frozenset(),
            silence_is_wrong=self.roles.unanswered == "wrong",
            judged=self.roles.judge is not None,
        )

    def _out_of(self, candidate: Candidate) -> float:
        out_of = self.roles.out_of
        if not 0 < out_of < float("inf"):
            raise SettingsError(f"--out-of must be above 0, such as 10 or 100, not {out_of:g}.")
        if out_of != 1 and candidate.scale == "logit":
            raise SettingsError("--out-of is for probabilities and confidences, not for logits.")
        return out_of

    def _weight_off(self) -> bool:
        """Whether ``--weight none`` was given, and not a column of that name."""
        return self.roles.weight == "none" and "none" not in self.catalogue

    def _weight(self, taken: tuple[str, ...]) -> str | None:
        if self._weight_off():
            return None
        if self.roles.weight:
            return self._add("weight", (self.roles.weight,), "--weight", self.roles.weight)
        found = self.catalogue.named_for("weight", ("number", "text"), (*taken, *self._taken()))
        if len(found) > 1:
            raise Unclear(
                f"{len(found)} columns could be the weight.", [{"weight": name} for name in found]
            )
        if not found:
            return None
        self.notes.append(finding("weight-inferred", column=found[0]))
        return self._add("weight", (found[0],), "--weight", None)

    def _taken(self) -> tuple[str, ...]:
        named = (getattr(self.roles, n) for n in ("label", "correct", "prediction", "weight", "id"))
        cut = (cut.column for cut in self.cuts.values() if cut.dated)  # a number may be the score
        return tuple(name for name in (*named, *self.roles.by, *cut) if name)

    def _add(
        self,
        role: str,
        columns: tuple[str, ...],
        option: str,
        declared: object,
        detail: str = "",
    ) -> str:
        inferred = declared is None
        self.resolved.append(ResolvedRole(role, columns, inferred, option, detail))
        return columns[0]

    def _detail(self, role: str, detail: str) -> None:
        self.resolved = [
            replace(old, detail=detail) if old.role == role else old for old in self.resolved
        ]


def stored(catalogue: Catalogue, columns: tuple[str, ...]) -> str:
    """Return the widest float type among the score columns."""
    order = ("float16", "float32", "float64")
    return max((catalogue[name].stored for name in columns), key=order.index)
