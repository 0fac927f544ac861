"""Compare: which of several models is better, for what, and whether the rows can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace
from functools import partial, reduce
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from calaudit import __version__
from calaudit.api.comparisons.answer import answer_of
from calaudit.api.comparisons.changes import change_notes, change_of
from calaudit.api.comparisons.copies import broken, with_holm
from calaudit.api.comparisons.costs import costs_of
from calaudit.api.comparisons.differences import (
    agreement_of,
    paired_differences,
    unpaired_differences,
)
from calaudit.api.comparisons.reading import read_side, slim
from calaudit.api.comparisons.sides import Side, evaluation_of, is_perturbed, sides_of, slices_of
from calaudit.api.comparisons.slices import slice_differences
from calaudit.api.reports.evaluation_settings import Settings, checked_settings
from calaudit.api.rows.declared import paths_of
from calaudit.api.rows.keyed_rows import KeyedRows, check_matched, check_same
from calaudit.errors import InputError, SettingsError
from calaudit.findings.finding import Finding, finding, said
from calaudit.gate.agreement import differing
from calaudit.metrics.clustered import FEWEST
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.model_set import Pairs, all_pairs, losses_of, model_set
from calaudit.metrics.paired import Rows, mcnemar
from calaudit.options.commands import CompareOptions
from calaudit.options.comparing import Sides
from calaudit.options.declaration import documented, options_of
from calaudit.report.compare_report import (
    CompareReport,
    Difference,
    Matching,
    Model,
)

SAID = ("infinite-loss",)
"""Notes on a model that the answer tells of."""

OF_EACH = ("answers-missing", "rows-dropped")
"""Notes that are told of every model where they differ: who skips hard cases looks better."""

MOST_TOLD = 4
"""Models that such a note is told of."""

LISTS = ("scores", "models", "probs", "logits")
"""Options that can name several models."""


@documented(CompareOptions)
def compare(data: Any, **options: Unpack[CompareOptions]) -> CompareReport:
    """Compare models: on the same rows, or from reports on rows of their own.

    Args:
        data: files, frames or reports of `evaluate`, one a model; a mapping names them. Or one
            file with several models; see ``scores`` and ``model``.
        **options: as in the signature; declared in `calaudit.options`.

    Returns:
        The report; ``report.differences`` has every figure of every model less the baseline's.

    Raises:
        InputError: the data cannot be used as it is, or rows that are called the same are not.
        SettingsError: an argument is wrong, or there is one model only.
    """
    options = _by_question(options)
    settings = checked_settings(evaluation_of(options))
    sides, together = sides_of(data, options)
    paired = _is_paired(sides, options, together)
    read = partial(read_side, options=options, settings=settings, paired=paired)
    kept = [read(side) for side in sides]
    models = before = [model for model, _ in kept]
    for model in models[1:]:
        parts = differing(models[0].report, model.report)
        groups = [each.report.groups and each.report.groups.column for each in (models[0], model)]
        if groups[0] != groups[1]:
            parts = f"groups {groups[0] or 'none'} there, {groups[1] or 'none'} here"
        if parts:
            raise InputError(
                f"{models[0].name} (there) and {model.name} (here) are not about the same: {parts}"
            )
    if not paired:
        level = _level_of_each(models, settings)
        differences = [
            d for model in models[1:] for d in unpaired_differences(models[0], model, level=level)
        ]
        fields = {"differences": tuple(differences), "change": change_of(models)}
        models = [replace(model, report=slim(model.report)) for model in models]
        return _report(options, settings, models, fields, data=data)
    rows = [found for _, found in kept if found is not None]
    only = _checked(rows, options, models[0].report.task)
    if any(only.values()):
        if any(part.startswith("by ") for part in rows[-1].parts):  # without slices, see `sides_of`
            raise InputError("rows with several labels must be in all files: leave out the others")
        keys = reduce(partial(np.intersect1d, assume_unique=True), [each.keys for each in rows])
        if not len(keys):
            fewest = min(rows, key=len)
            raise InputError(
                f"no {options['id'] or 'place'} is in all of the {len(rows)} models; the fewest "
                f"rows, {len(fewest):,}, has {fewest.name}: leave out such models (--models)"
            )
        kept = [read(side, keys=keys) for side in sides]
        models, rows = [model for model, _ in kept], [found for _, found in kept if found]
    matching = Matching(column=options["id"], matched=len(rows[0]), only=only)
    found = _compared(models, rows, settings, _loss(models), options)
    return _report(options, settings, models, found, data=data, matching=matching, before=before)


def _by_question(options: CompareOptions) -> CompareOptions:
    """Return the options, in which several answers to a question are matched by the question."""
    question = options["samples"]
    if question is None:
        return options
    if options["same_order"]:
        raise SettingsError(
            f"rows of --samples are matched by the question: --id {question}, not --same-order"
        )
    if options["id"] is None and (options["scores"] is not None or options["model"] is not None):
        return {**options, "id": question}
    return options


def _is_paired(sides: Sequence[Side], options: CompareOptions, together: bool) -> bool:
    """Whether models are compared row by row.

    Raises:
        SettingsError: that is asked for, and cannot be.
    """
    id_, saved = options["id"], [side.name for side in sides if side.report is not None]
    asked = id_ is not None or options["same_order"]
    if asked and saved:
        raise SettingsError(
            f"{saved[0]} is a report, which has no rows to be matched: leave out "
            f"{'--id' if id_ else '--same-order'}, or give its predictions"
        )
    what = "slices" if options["by"] else "perturbed copies" if is_perturbed(options) else ""
    if what and not (asked or together):
        raise SettingsError(
            f"{what} are compared row by row: name the column of the rows with --id, or give "
            "--same-order"
        )
    if id_ is not None and options["same_order"]:
        raise SettingsError("give --id or --same-order: both say which rows are the same")
    return asked or together


def _checked(rows: Sequence[KeyedRows], options: CompareOptions, task: str) -> dict[str, int]:
    """Return by model how many of its rows another one lacks.

    Raises:
        InputError: rows do not match, or those that do are not the same.
    """
    only = {rows[0].name: 0}
    for each in rows[1:]:
        mine, its = check_matched(rows[0], each, allow_unmatched=options["allow_unmatched"])
        only[rows[0].name] = max(only[rows[0].name], mine)
        only[each.name] = its
        both = np.intersect1d(rows[0].keys, each.keys, assume_unique=True)
        same = ("weight",) + (("group",) if options["group"] is not None else ())
        same += () if task == "top-label" else ("label",)
        check_same(rows[0].of(both), each.of(both), *same)
    return only


def _compared(
    models: Sequence[Model],
    rows: Sequence[KeyedRows],
    settings: Settings,
    loss: str,
    options: CompareOptions,
) -> dict[str, Any]:
    """Return what the rows of all models tell together, as fields of the report."""
    first, perturbed = rows[0].parts, is_perturbed(options)
    group: NDArray[np.intp] | None = None
    if "group" in first:
        group = np.unique(first["group"], return_inverse=True)[1]
    weighed = Rows(first["weight"], settings.weight_kind == "frequency", group)
    level = _level_of_each(models, settings)
    differences: list[Difference] = []
    agreement = {}
    for model, each in zip(models[1:], rows[1:], strict=True):
        differences += paired_differences(models[0], model, first, each.parts, weighed, level=level)
        counts = agreement_of(first, each.parts, weighed)
        exact = (mcnemar(counts.only_a, counts.only_b)[1],) if weighed.counted else ()
        agreement[model.name] = (*astuple(counts), *exact)
        if perturbed:
            task = model.report.task
            differences += broken(model.name, first, each.parts, weighed, task=task, level=level)
    by, metric = slices_of(options), "accuracy" if perturbed else loss
    slices = slice_differences(models, rows, weighed, by=by, metric=metric, level=settings.level)
    if perturbed:
        differences = with_holm(differences)
        return {"differences": tuple(differences), "agreement": agreement, "slices": slices}
    binary = models[0].report.task == "binary"
    found: dict[str, Any] = {
        "differences": tuple(differences),
        "slices": slices,
        "agreement": agreement,
        "costs": costs_of(models, rows, weighed, settings) if binary else (),
    }
    if len(models) < 3 or (group is not None and len(weighed.groups) < FEWEST):
        return found
    losses = losses_of(np.stack([each.parts[loss] for each in rows]), weighed)
    p = model_set(losses, np.random.default_rng([settings.seed, 61])).tolist()
    ranked = [replace(model, p_value=x) for model, x in zip(models, p, strict=True)]
    rng = np.random.default_rng([settings.seed, 62])
    pairs = _pairs(models, all_pairs(losses, rng, level=settings.level), loss, settings.level)
    return found | {"models": tuple(ranked), "pairs": pairs}


def _pairs(
    models: Sequence[Model], found: Pairs, loss: str, level: float
) -> tuple[Difference, ...]:
    half = found.reach * found.error
    columns = (found.first, found.second, found.value, half, found.p)
    return tuple(
        Difference(
            model=models[b].name, other=models[a].name, metric=loss,
            estimate=Estimate(
                value=value, low=value - h, high=value + h, level=level,
                method="max-t, all pairs", p_value=p,
            ),
        )
        for a, b, value, h, p in zip(*(x.tolist() for x in columns), strict=True)
    )  # fmt: skip


def _level_of_each(models: Sequence[Model], settings: Settings) -> float:
    """Return the level of each interval, so that those of all models hold at once."""
    return 1.0 - (1.0 - settings.level) / (len(models) - 1)


def _notes(models: Sequence[Model], before: Sequence[Model]) -> list[Finding]:
    """Return the notes on the models, each kind once: one that not all have with a name.

    Args:
        models: with the rows that are compared.
        before: with all that they have.
    """
    of_each = [{note.code: note for note in model.report.notes} for model in models]
    found = [note for code in OF_EACH for note in _told_of_each(before, code)]
    if found:
        of_each = [{k: n for k, n in each.items() if k not in OF_EACH} for each in of_each]
    for code in dict.fromkeys(code for each in of_each for code in each if code not in SAID):
        having = [i for i, each in enumerate(of_each) if code in each]
        note = of_each[having[0]][code]
        if len(having) < len(models) and not code.startswith("slices-"):  # which all models have
            more = f" and {len(having) - 1} more" if len(having) > 1 else ""
            note = replace(note, text=f"{models[having[0]].name}{more}: {note.text}")
        found.append(note)
    return found


def _told_of_each(models: Sequence[Model], code: str) -> list[Finding]:
    """Return a note on each model that has it; one where it is the same of all."""
    of_each = [(m.name, n) for m in models for n in m.report.notes if n.code == code and n.figures]
    if len(of_each) == len(models) and len({note.text for _, note in of_each}) == 1:
        return [finding(code, **of_each[0][1].figures | {"whose": ""})]
    found = [
        finding(code, **note.figures | {"whose": f" of {name}"})
        for name, note in of_each[:MOST_TOLD]
    ]
    if more := len(of_each) - len(found):
        found[-1] = replace(found[-1], text=f"{found[-1].text} {more} more models have such rows.")
    return found


def _report(
    options: CompareOptions,
    settings: Settings,
    models: Sequence[Model],
    found: dict[str, Any],
    *,
    data: Any,
    matching: Matching | None = None,
    before: Sequence[Model] = (),
) -> CompareReport:
    notes = _notes(models, before or models)
    if matching is None:
        notes.insert(0, finding("compared-unpaired"))
        notes[1:1] = change_notes(found.get("change"))
    elif any(matching.only.values()):
        lost = sum(matching.only.values())
        notes.insert(0, finding("compared-unmatched", matched=matching.matched, lost=lost))
    several: dict[str, Any] = {k: options[k] for k in LISTS}  # type: ignore[literal-required]
    given = {*options_of(Sides), "allow_unmatched", "group"} - {*LISTS}
    fields = {"models": tuple(models), "agreement": {}} | found
    report = CompareReport(
        calaudit=__version__,
        sentence="",
        settings=settings.values()
        | {name: options[name] for name in sorted(given) if options[name]}  # type: ignore[literal-required]
        | {k: list(v) for k, v in several.items() if not isinstance(v, str | None)}
        | {"data": paths_of(data)},
        task=models[0].report.task,
        loss=_loss(models),
        matching=matching,
        groups=models[0].report.groups,
        notes=tuple(notes),
        **fields,
    )
    return replace(report, **said(answer_of(report), notes))


def _loss(models: Sequence[Model]) -> str:
    """Return the figure that leads: the log loss, unless it is infinite."""
    infinite = any(model.report.confidently_wrong.infinite_rows for model in models)
    return "brier" if infinite else "log_loss"
