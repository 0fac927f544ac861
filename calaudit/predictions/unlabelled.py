"""Scores without labels, for a calibrator that says what kind they must be."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

from calaudit.errors import InputError, SettingsError
from calaudit.options.choices import OnInvalid, Scale, Task
from calaudit.predictions.bin_edges import with_edges
from calaudit.predictions.candidates import (
    Candidate,
    Unclear,
    class_columns,
    declared_candidate,
    inferred_candidates,
    matrix_of,
)
from calaudit.predictions.catalogue import Catalogue
from calaudit.predictions.classes import width_of
from calaudit.predictions.damage import refusing_damage
from calaudit.predictions.derived import with_derived
from calaudit.predictions.files import File, expand, open_files
from calaudit.predictions.finding import check_order, guess_scores
from calaudit.predictions.frames import open_frame, tabular
from calaudit.predictions.layout import Layout
from calaudit.predictions.names import is_named
from calaudit.predictions.opening import agreed, sources_of
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.resolve import Resolution, candidate_of, cuts_of, stored
from calaudit.predictions.roles import ResolvedRole, Roles
from calaudit.predictions.score_meaning import without_labels
from calaudit.predictions.source import Source
from calaudit.predictions.spelling import joined
from calaudit.predictions.truth import Truth

_KIND: dict[str, Task] = {"score": "binary", "confidence": "top-label"}
"""What a single column is, by its role; a logit may be either."""

_DOES = {
    "binary": "the probability of the positive class",
    "top-label": "the confidence in the predicted class",
}


def open_scores(
    data: Any,
    *,
    roles: Roles,
    task: Task,
    scale: Scale,
    classes: tuple[str, ...],
    on_invalid: OnInvalid = "refuse",
) -> Predictions:
    """Open files and settle which columns hold the scores; no label is looked for.

    Args:
        data: files, directories, globs or ``"-"``; or a frame.
        roles: ``score``, ``probs``, ``logits`` or ``confidence``, ``classes``, ``out_of``, ``by``
            and ``id``.
        task: what the scores should be, which decides between several readings.
        scale: likewise.
        classes: likewise.
        on_invalid: refuse the data if a score is invalid, or only count such rows; "keep" also
            where they are so many that the scale seems to be another.

    Returns:
        The opened data, to be held against the calibrator: its task, scale and class names are
        those of the file, where the file shows them.

    Raises:
        InputError: nothing could be the scores, or several columns could.
        SettingsError: options that contradict each other.
    """
    data = tabular(data)
    framed = hasattr(data, "__arrow_c_stream__")
    files: list[File] = [] if framed else expand(data, roles)
    sources: list[Source] = []
    for file in files:
        file.alone = True
    try:
        asked = (roles.score, roles.confidence, *roles.by)
        opened = [open_frame(data)] if framed else open_files(files)
        sources.extend(with_derived(source, asked) for source in opened)
        first = next((s for s in sources if s.input.rows != 0), sources[0])
        catalogue = Catalogue(first.columns, first.peek, first.input.path)
        with refusing_damage(first.input.path):
            candidate = declared_candidate(roles, catalogue)
            if candidate is None:
                candidate = _inferred(catalogue, roles, task, scale, classes)
            layout = _layout(catalogue, candidate, roles, task, classes)
            layout = replace(layout, by=roles.by, id=roles.id, cuts=cuts_of(catalogue, roles))
            layout = with_edges(sources, agreed(first, sources, layout), {})
    except BaseException:
        for source in sources:
            source.close()
        for file in files:
            file.discard()
        raise
    option = f"--{candidate.role}"
    role = ResolvedRole(candidate.role, candidate.columns, candidate.inferred, option)
    notes = [note for file in files for note in file.notes]
    resolution = Resolution(layout, (role,), notes)
    return Predictions(resolution, sources, files, on_invalid, resolution.roles, notes)


def open_numbers(
    data: Any, columns: tuple[str, ...], *, on_invalid: OnInvalid, no_header: bool = False
) -> Predictions:
    """Open files for columns of any numbers, read as logits are: missing ones are invalid.

    Raises:
        InputError: they cannot be read, or a column is not there.
    """
    files: list[File] = []
    kind: Any = {"task": "multiclass", "scale": "logit", "form": "columns", "dtype": "float64"}
    layout = Layout(scores=columns, classes=columns, **kind)
    try:
        sources = sources_of(data, files, Roles(no_header=no_header))
        for source in sources:
            catalogue = Catalogue(source.columns, source.peek, source.input.path)
            for name in columns:
                catalogue.require(name, "the calibrator")
                if source.input.format == "numpy" and "[" in name:
                    raise InputError(f"{name} is part of an array: save it as one of its own")
    except BaseException:
        for file in files:
            file.discard()
        raise
    resolution = Resolution(layout, (), [note for file in files for note in file.notes])
    return Predictions(resolution, sources, files, on_invalid, (), resolution.notes)


def _inferred(
    catalogue: Catalogue, roles: Roles, task: Task, scale: Scale, classes: tuple[str, ...]
) -> Candidate:
    """Return the one reading that fits best; a misfit if there is no other, to be refused.

    What the labels and predictions of the file show comes first, so that every command reads a
    file in the same way.
    """
    seen = candidate_of(catalogue, roles)
    fits = seen is not None and _fits(seen, task) and seen.scale == scale
    if seen is not None and seen.form == "column":
        fits &= (seen.role == "confidence") == (task == "top-label")
    found = seen if seen is not None and fits else _named(catalogue, task, scale, classes)
    if seen is not None and seen.columns == found.columns:
        found = seen
    truth = Truth(catalogue, roles, ())
    if found.form != "column":
        _check_order(truth, found)
    if found.form != "column" or found.scale != "probability" or task == "multiclass":
        return found
    try:
        return without_labels(truth, found, classes, labelled=seen is not None)
    except Unclear as unclear:
        raise _misfit(catalogue, found, task, classes, unclear.why) from None


def _check_order(truth: Truth, candidate: Candidate) -> None:
    """Refuse scores by rank, as they are refused beside labels."""
    try:
        check_order(candidate, truth, matrix_of(truth.catalogue, candidate))
    except Unclear as unclear:
        told = f"{truth.catalogue.where}: {unclear.why} If they are one a class all the same, say"
        raise InputError(f"{told} {candidate.option}.") from None


def _named(catalogue: Catalogue, task: Task, scale: Scale, classes: tuple[str, ...]) -> Candidate:
    """Return the one reading by name that fits best."""
    every = inferred_candidates(catalogue, ())
    if classes and all(name in catalogue for name in classes):
        every.append(class_columns(classes, classes, joined(classes)))
    best = [c for c in every if _fits(c, task)] or every
    best = [c for c in best if c.scale == scale] or best
    best = [c for c in best if set(c.suffixes) == set(classes)] or best
    best = [c for c in best if (c.role == "confidence") == (task == "top-label")] or best
    try:
        if len(best) > 1:
            found = [{c.role: c.value} for c in best]
            raise Unclear(f"{len(best)} readings of the scores are possible.", found)
        return best[0] if best else guess_scores(catalogue)
    except Unclear as unclear:
        raise InputError(f"{catalogue.where}: {unclear.told(unclear.options)}") from None


def _fits(candidate: Candidate, task: Task) -> bool:
    if candidate.form == "column":
        return task != "multiclass"
    if candidate.form == "list":
        return task != "top-label"
    return task == ("binary" if len(candidate.columns) == 2 else "multiclass")


def _layout(
    catalogue: Catalogue,
    candidate: Candidate,
    roles: Roles,
    task: Task,
    classes: tuple[str, ...],
) -> Layout:
    columns = candidate.columns
    if candidate.form == "column":
        named = _KIND.get(candidate.role, task)
        if candidate.inferred and task not in ("multiclass", named):
            how = "named like" if is_named(columns[0], candidate.role) else "by the predictions"
            why = f"{columns[0]!r} is {how} {_DOES[named]} ({named})."
            raise _misfit(catalogue, candidate, task, classes, why)
        if task == "multiclass" or candidate.role in _KIND:
            task = _KIND.get(candidate.role, "binary")
        names = _names_of_one(task, classes)
    else:
        names = roles.classes or candidate.suffixes
        width = width_of(catalogue, candidate)
        names = names or tuple(str(k) for k in range(width))
        if len(names) != width:
            raise SettingsError(
                f"--classes names {len(names)} classes, but {candidate.option} gives {width} scores"
            )
        task = "binary" if width == 2 else "multiclass"
        if task == "binary" and candidate.form == "columns" and names == classes[::-1]:
            columns, names = columns[::-1], names[::-1]  # as `evaluate` puts the positive second
    for name in columns:
        catalogue.require(name, candidate.option)
    return Layout(
        task=task, scale=candidate.scale, form=candidate.form, scores=columns, classes=names,
        dtype=stored(catalogue, columns), out_of=roles.out_of,
    )  # fmt: skip


def _misfit(
    catalogue: Catalogue, candidate: Candidate, task: Task, classes: tuple[str, ...], why: str
) -> InputError:
    """Return the refusal of a column that seems to be another kind of score than is taken."""
    name, takes = candidate.columns[0], _DOES[task]
    option = next(role for role, kind in _KIND.items() if kind == task)
    fitted = bool(classes) or task != "binary"
    asked = f"the calibrator was fitted on {task} rows and takes" if fitted else "a base rate needs"
    return InputError(
        f"{catalogue.where}: {asked} {takes}; {why} If it is {takes} all the same, say --{option} "
        f"{shlex.quote(name)}."
    )


def _names_of_one(task: Task, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes of a single score column, which only labels could tell."""
    if task == "top-label":
        return ()
    return classes if len(classes) == 2 else ("0", "1")
