"""The way in that all use cases share: data in columns, or arrays, become opened predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from calaudit.api.rows.declared import declared_of, path_of
from calaudit.api.rows.splits import check_count, check_group, column_and_value
from calaudit.api.shards.named import shards_in
from calaudit.errors import SettingsError
from calaudit.findings.finding import finding
from calaudit.options.rows import RowOptions
from calaudit.predictions import Roles, from_arrays, open_predictions
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.row_choice import choice_of
from calaudit.predictions.subset import subset

COLUMNS = (
    "label", "score", "probs", "logits", "confidence", "correct", "prediction", "weight", "id",
    "samples",
)  # fmt: skip
"""Roles that name columns."""


def opened_data(
    data: Any,
    y_prob: Any,
    options: RowOptions,
    *,
    id: str | None = None,  # noqa: A002 - the role's name
    by: str | Sequence[str] | Mapping[str, Any] = (),
    asked: tuple[tuple[str, str], ...] = (),
    group: Any = None,
    chosen: tuple[tuple[str, str], ...] = (),
) -> Predictions:
    """Return the opened predictions that the arguments of a use case describe.

    Args:
        data: with names of columns, or labels.
        y_prob: scores, where they are arrays.
        options: how the rows are to be read.
        id: column that names rows.
        by: slice columns, or with arrays values by name.
        asked: columns among ``by`` that another option names, with the option.
        group: column whose rows belong together, or with arrays its values.
        chosen: which of several answers to a question are gathered; see `Roles`.

    Raises:
        InputError: the data cannot be used as it is; the message says where and what to do.
        SettingsError: the arguments contradict each other, or one is none that is known.
    """
    named: Mapping[str, Any] = {**options}  # not every command has all that is asked below
    if y_prob is None and (shards := shards_in(data)):
        from calaudit.api.shards.gathered import gathered

        return gathered(shards, named, by=by, group=group)
    where = named.get("where")
    if where is not None or group is not None:
        rest: Any = {**options, "where": None}
        return _narrowed(
            data, y_prob, rest, id=id, by=by, asked=asked, group=group, where=where, chosen=chosen
        )  # fmt: skip
    labels = named.get("labels")
    rows = id if labels is None else named.get("id")
    roles = replace(_roles_of(options), id=rows, by=slice_names(by), asked=asked, chosen=chosen)
    if y_prob is not None:
        return _arrays(data, y_prob, options, roles, by)
    if data is None:
        raise SettingsError("nothing to read: give data, or y_true and y_prob")
    _check_columns(roles)
    values: dict[str, Any] = {name: named[name] for name in ("y_true", "sample_weight")}
    values |= {"by": by} if isinstance(by, Mapping) else {}
    values |= {"scale": options["scale"]} if options["scale"] != "probability" else {}
    _check_no_values(values)
    task, unmatched = options["task"], named.get("allow_unmatched", False)
    how: Any = {"on_invalid": options["on_invalid"], "task": task, "edges": named.get("edges")}
    predictions = open_predictions(
        data, roles=roles, labels=labels, allow_unmatched=unmatched, **how
    )
    predictions.declared = declared_of(predictions, data, roles, task)
    predictions.declared |= {} if labels is None else {"labels": path_of(labels)}
    predictions.declared |= {"allow_unmatched": True} if unmatched else {}
    shared_out(predictions, named)
    predictions.group = getattr(predictions.sources[0], "together", None)
    if predictions.group is not None:
        notes = [note for note in predictions.notes if note.code != "rows-together"]
        predictions.notes = predictions.resolution.notes = notes
    return predictions


def shared_out(predictions: Predictions, options: Mapping[str, Any]) -> None:
    """Let the processes, or the cluster, that the options name read the data.

    Raises:
        SettingsError: the number of processes is none.
    """
    predictions.workers, predictions.cluster = options.get("workers"), options.get("cluster")
    check_count("workers", predictions.workers)


def slice_names(by: Any) -> tuple[str, ...]:
    """Return the names of slices, of which one may be given as it is."""
    return (by,) if isinstance(by, str) else tuple(by)


def score_roles(options: Any) -> Roles:
    """Return the roles that the options declare of rows whose labels are not read."""
    classes = options["classes"]
    return Roles(
        score=options["score"],
        probs=column_names(options["probs"]),
        logits=column_names(options["logits"]),
        confidence=options["confidence"],
        classes=None if classes is None else tuple(classes),
        out_of=options["out_of"],
        no_header=options["no_header"],
    )


def _roles_of(options: RowOptions) -> Roles:
    """Return the roles that the options declare."""
    classes = options["classes"]
    judge: Any = dict(options).get("judge")  # only of an evaluation
    return Roles(
        label=options["label"],
        score=options["score"],
        probs=column_names(options["probs"]),
        logits=column_names(options["logits"]),
        confidence=options["confidence"],
        correct=options["correct"],
        prediction=options["prediction"],
        weight=options["weight"],
        positive=options["positive"],
        classes=None if classes is None else tuple(classes),
        out_of=options["out_of"],
        unanswered=options["unanswered"],
        no_header=options["no_header"],
        regions=options["regions"],
        samples=options["samples"],
        judge=judge,
    )


def _arrays(data: Any, y_prob: Any, options: RowOptions, roles: Roles, by: Any) -> Predictions:
    """Return the opened predictions of arrays."""
    y_true = options["y_true"]
    named: Mapping[str, Any] = {**options}
    if (data is None) == (y_true is None):
        raise SettingsError("give the labels once: as the first argument or as y_true")
    if named.get("labels") is not None:
        raise SettingsError("labels is for columns; with arrays give the labels as y_true")
    _check_arrays(roles, by)
    return from_arrays(
        y_true if data is None else data,
        y_prob,
        sample_weight=options["sample_weight"],
        scale=options["scale"],  # type: ignore[arg-type]
        task=options["task"],  # type: ignore[arg-type]
        classes=roles.classes,
        positive=roles.positive,
        by=by if isinstance(by, Mapping) else None,
        on_invalid=options["on_invalid"],  # type: ignore[arg-type]
    )


def _narrowed(
    data: Any,
    y_prob: Any,
    options: RowOptions,
    *,
    id: str | None,  # noqa: A002 - the role's name
    by: Any,
    asked: tuple[tuple[str, str], ...],
    group: Any,
    where: str | None,
    chosen: tuple[tuple[str, str], ...],
) -> Predictions:
    """Return the opened predictions of rows that belong together, of those that are chosen."""
    names, choice, name = slice_names(by), None, group
    columns: Any = names
    if where is not None:
        if y_prob is not None:
            raise SettingsError(
                "where is for columns; with arrays give the rows that it would hold"
            )
        column, value = column_and_value(where, "where")
        if {**options}.get("samples"):  # which are chosen before they are gathered
            chosen = (*chosen, (column, value))
        else:
            choice = choice_of(column, value)
            columns, asked = (*columns, column), (*asked, (column, "--where"))
    if group is not None:
        if y_prob is None:
            check_group(group)
            columns = (*columns, group)
        else:
            name = "group"
            columns = {**by, name: group} if isinstance(by, Mapping) else {name: group}
        if name in names:
            raise SettingsError(f"{name!r} is asked for both with --by and with --group")
        asked = (*asked, (name, "--group"))
    opened = opened_data(data, y_prob, options, id=id, by=columns, asked=asked, chosen=chosen)
    declared = opened.declared
    if where is not None:
        opened.resolution.notes.append(finding("rows-chosen", condition=where))
        declared = declared | {"where": where}
    implied = [name for name in opened.layout.by if name not in columns]  # of several labels
    found = subset(opened, by=(*names, *implied), choice=choice, group=name)
    return replace(found, declared=declared)


def column_names(names: str | Sequence[str] | None) -> str | tuple[str, ...] | None:
    """Return one name or prefix as it is, and several names as a tuple."""
    return names if names is None or isinstance(names, str) else tuple(names)


def _check_columns(roles: Roles) -> None:
    """Refuse several columns for one role, and the empty text of a shell variable not set."""
    for role in COLUMNS:
        if role not in ("probs", "logits") and not isinstance(getattr(roles, role), str | None):
            raise SettingsError(f"{role} is one column: run calaudit once for each")
    if any(getattr(roles, role) == "" for role in COLUMNS):
        raise SettingsError(
            "an empty text was given for a column (label, score, …): name the column, or leave "
            "the option out"
        )


def _check_no_values(values: Mapping[str, Any]) -> None:
    """Refuse what is for arrays where the data is in columns: it would be passed over."""
    given = [name for name, value in values.items() if value is not None]
    if given:
        raise SettingsError(
            f"{given[0]} is for arrays, together with y_prob; here name columns of the data, "
            "such as label, weight or logits"
        )


def _check_arrays(roles: Roles, by: Any) -> None:
    """Refuse what is for columns where there are arrays: it would be passed over."""
    named = [role for role in COLUMNS if getattr(roles, role) is not None]
    if named:
        raise SettingsError(f"{named[0]} names a column; with arrays give its values themselves")
    if roles.unanswered != "out":
        raise SettingsError("unanswered is for columns; with arrays say what is right")
    if roles.out_of != 1.0:
        raise SettingsError("out_of is for columns; with arrays divide the scores by it")
    if roles.no_header or roles.regions:
        name = "no_header" if roles.no_header else "regions"
        raise SettingsError(f"{name} is for files; give arrays as they are meant")
    if roles.by and not isinstance(by, Mapping):
        raise SettingsError("by names columns; with arrays give a mapping from name to values")
