"""Any input → `Predictions`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from calaudit.errors import InputError, SettingsError
from calaudit.options.choices import OnInvalid, Scale, Task
from calaudit.predictions.arrays import array_column
from calaudit.predictions.bin_edges import with_edges
from calaudit.predictions.catalogue import Catalogue, listed
from calaudit.predictions.damage import refusing_damage
from calaudit.predictions.derived import with_derived
from calaudit.predictions.files import File, expand, open_files
from calaudit.predictions.frames import TableSource, kept, open_frame, table_of, tabular
from calaudit.predictions.joining import joined_with
from calaudit.predictions.layout import Layout
from calaudit.predictions.map_labels import settled
from calaudit.predictions.melted import MeltedSource, labels_of, melted_roles
from calaudit.predictions.partitions import contradictions
from calaudit.predictions.predictions import Predictions
from calaudit.predictions.regions import RegionSource
from calaudit.predictions.resolve import Resolution, resolve
from calaudit.predictions.roles import ResolvedRole, Roles
from calaudit.predictions.row_order import ROW_ORDER, with_ids
from calaudit.predictions.same_ids import shared_ids
from calaudit.predictions.source import Column, Input, Source
from calaudit.predictions.spelling import POSITIVE
from calaudit.predictions.stated import WORDS

MOST_VERDICTS = 10
"""Words that a judge may say; more are texts."""

_STORED = ("float16", "float32", "float64")


def open_predictions(
    data: Any,
    *,
    roles: Roles | None = None,
    on_invalid: OnInvalid = "refuse",
    task: Task | Literal["multilabel"] | None = None,
    edges: Mapping[str, Sequence[float]] | None = None,
    labels: Any = None,
    allow_unmatched: bool = False,
) -> Predictions:
    """Open files or an in-memory frame and settle what their columns mean.

    Args:
        data: a path, directory, glob or ``"-"`` (standard input), or several of them; or any
            object with ``__arrow_c_stream__`` (pandas, Polars, DuckDB, pyarrow), or what else
            `tabular` takes.
        roles: declared column roles; whatever is left out is inferred.
        on_invalid: refuse the data if a row is invalid, or drop such rows and count them.
        task: required task, when the columns alone allow more than one; "multilabel" makes a
            binary row of each label of each row.
        edges: of bins among the slices, by name; others are those of this data.
        labels: data like ``data`` with the labels of its rows by ``roles.id``; None for its own.
        allow_unmatched: use the rows that have a label although others, or labels, have no partner.

    Returns:
        The opened data; close it, or use it as a context manager.

    Raises:
        InputError: unreadable or ambiguous data.
        SettingsError: options that contradict each other.
    """
    roles = roles or Roles()
    _check_policy(on_invalid)
    one_each = ("score", "confidence", "judge", "label", "correct", "prediction", "id")
    asked = (*(getattr(roles, role) for role in one_each), *roles.by)
    if labels is not None and task == "multilabel":
        raise SettingsError("--labels joins one label a row: several must stand beside the scores")
    files: list[File] = []
    sources: list[Source] = []
    join = None
    try:
        theirs = [] if labels is None else list(map(with_derived, sources_of(labels, files, roles)))
        for file in files:
            file.of_labels = True
        if any(":" in name for name in roles.by):  # bins take a look at all rows first
            data = kept(data)
        opened, roles, notes = settled(sources_of(data, files, roles), roles)
        sources = [with_derived(source, asked) for source in opened]
        if roles.regions and not all(isinstance(each, RegionSource) for each in sources):
            raise SettingsError("--regions is for maps of pixels, in .npz or .npy files")
        if theirs:
            theirs, sources, roles = with_ids(theirs, sources, roles)
            join, roles = joined_with(theirs, roles)
            roles = replace(roles, id=None if roles.id == ROW_ORDER else roles.id)
        if task == "multilabel":
            sources, roles = _melted(sources, roles, strict=on_invalid == "refuse")
            task = "binary"
        if roles.samples:
            from calaudit.predictions.samples import gathered

            sources, roles, more = gathered(sources, roles, joined=join is not None)
            notes += more
        if roles.judge:
            allow_unmatched = True
            sources, roles = _judged(sources, roles)
        # An empty first part must not decide how wide the lists are.
        first = next((s for s in sources if s.input.rows != 0), sources[0])
        where = first.input.path
        with refusing_damage(where):
            catalogue = Catalogue(first.columns, first.peek, where)
            if join is not None:
                catalogue = join.beside(first)
            resolution = resolve(catalogue, roles, task)
            resolution.layout = replace(resolution.layout, join=join)
            resolution.notes += [] if join is None else [join.told(first)]
            layout = agreed(first, sources, resolution.layout)
            resolution.layout = with_edges(sources, layout, edges or {})
            resolution.notes += [
                note for cut in resolution.layout.cuts.values() if (note := cut.told())
            ]
            resolution.notes += [*notes, *(note for file in files for note in file.notes)]
            resolution.notes += contradictions(sources, resolution.layout.columns)
            resolution.notes += shared_ids(sources, resolution.layout, resolution.layout.by)
    except BaseException:
        for source in sources:
            source.close()
        for file in files:
            file.discard()
        raise
    return Predictions(
        resolution, sources, files, on_invalid, resolution.roles, list(resolution.notes),
        allow_unmatched=allow_unmatched,
    )  # fmt: skip


def sources_of(data: Any, files: list[File], roles: Roles) -> list[Source]:
    """Return the sources of data; files that they read are added to those there are."""
    data = tabular(data)
    if hasattr(data, "__arrow_c_stream__"):
        return [open_frame(data)]
    found = expand(_paths(data), roles)
    files += found
    return list(open_files(found))


def _judged(sources: list[Source], roles: Roles) -> tuple[list[Source], Roles]:
    """Return a judge's verdicts as scores, and the roles in which they are the scores.

    Raises:
        SettingsError: another score is named as well.
        InputError: verdicts are words, of which it is not said which one passes.
    """
    if roles.score or roles.probs or roles.logits or roles.confidence:
        raise SettingsError("--judge names the score: leave --score, --confidence and so on out")
    name, first = roles.judge or "", next((s for s in sources if s.input.rows != 0), sources[0])
    catalogue = Catalogue(first.columns, first.peek, first.input.path)
    catalogue.require(name, "--judge")
    seen = [] if len(catalogue.look(name).numbers) else catalogue.labels(name)
    words = list({word.strip().casefold(): word for word in seen})
    if words and len(words) <= MOST_VERDICTS and not WORDS.keys() >= {*words}:
        stated = [word for word in words if word == (roles.positive or "").casefold()]
        passing = stated or [word for word in words if word in POSITIVE]
        if len(words) > 2 or len(passing) != 1:
            one = passing[0] if len(passing) == 1 else words[-1]
            worth = ", ".join(f"{word}={int(word == one)}" for word in words)
            raise InputError(
                f"{first.input.path}: verdicts in {name!r} are {listed(words)}: say which one "
                f"passes, as in --positive {one}, where people say the same two words; else what "
                f"each is worth, as in --judge {shlex.quote(f'words({name}, {worth})')}."
            )
        name = f"words({name}, {', '.join(f'{w}={int(w in passing)}' for w in words)})"
        sources = [with_derived(source, (name,)) for source in sources]
    # Only a weight that was named is told of, and refused; none is inferred.
    return sources, replace(roles, score=name, weight=roles.weight or "none")


def _melted(sources: list[Source], roles: Roles, *, strict: bool) -> tuple[list[Source], Roles]:
    """Return sources with a row for each label of each row, and the roles of those."""
    first = next((s for s in sources if s.input.rows != 0), sources[0])
    labels = labels_of(Catalogue(first.columns, first.peek, first.input.path), roles)
    several = len(sources) > 1
    made: list[Source] = [
        MeltedSource(each, labels, strict=strict, prefix=f"{k}:" if several else "")
        for k, each in enumerate(sources)
    ]
    return made, melted_roles(roles, labels.logits)


def from_arrays(
    y_true: Any,
    y_prob: Any,
    *,
    sample_weight: Any = None,
    scale: Scale = "probability",
    task: Task | None = None,
    classes: Sequence[Any] | None = None,
    positive: Any = None,
    by: Mapping[str, Any] | None = None,
    on_invalid: OnInvalid = "refuse",
) -> Predictions:
    """Open arrays, named and ordered as in scikit-learn.

    Args:
        y_true: (n,) labels; for ``task="top-label"`` 1 where the prediction was right.
        y_prob: (n,) scores of the positive class or confidences, (n, 2) with the positive
            class second, or (n, K).
        sample_weight: (n,) finite weights of at least 0.
        scale: whether ``y_prob`` holds probabilities or logits.
        classes: the K class names in the order of the columns of ``y_prob``.
        positive: the label of the positive class.
        by: slice columns by name, each (n,).
        on_invalid: refuse the data if a row is invalid, or drop such rows and count them.
        task: required task; "top-label" where ``y_prob`` is a stated confidence.

    Returns:
        The opened data; roles are named after the arguments.

    Raises:
        SettingsError: arrays whose shapes do not fit together.
        InputError: values that cannot be used.
    """
    _check_policy(on_invalid)
    top = task == "top-label"
    columns = {"y_true": array_column(y_true, "y_true"), "y_prob": array_column(y_prob, "y_prob")}
    if sample_weight is not None:
        columns["sample_weight"] = array_column(sample_weight, "sample_weight")
    for name, values in (by or {}).items():
        if name in columns:
            raise SettingsError(f"by: the name {name!r} is used for another argument.")
        columns[name] = array_column(values, name)
    wide = str(columns["y_prob"].type).startswith(("fixed_size_list", "list", "large_list"))
    roles = Roles(
        label=None if top else "y_true",
        correct="y_true" if top else None,
        score="y_prob" if not wide and scale == "probability" and not top else None,
        confidence="y_prob" if top and scale == "probability" else None,
        probs="y_prob" if wide and scale == "probability" and not top else None,
        logits="y_prob" if scale == "logit" else None,
        weight=None if sample_weight is None else "sample_weight",
        by=tuple(by or ()),
        positive=None if positive is None else str(positive),
        classes=None if classes is None else tuple(str(name) for name in classes),
    )
    table = table_of(columns, "y_true and y_prob")
    source = TableSource(table, Input("<arrays>", "arrays", None, table.num_rows))
    resolution = resolve(Catalogue(source.columns, source.peek, "<arrays>"), roles, task)
    return Predictions(
        resolution, [source], [], on_invalid, _as_arguments(resolution), list(resolution.notes)
    )


def _check_policy(on_invalid: str) -> None:
    if on_invalid not in ("refuse", "drop"):
        raise SettingsError(f"on_invalid is 'refuse' or 'drop', not {on_invalid!r}.")


def _paths(data: Any) -> list[str | Path]:
    if isinstance(data, (str, os.PathLike)):
        return [Path(data) if not isinstance(data, str) else data]
    if isinstance(data, Sequence) and all(isinstance(item, (str, os.PathLike)) for item in data):
        return list(data)
    raise SettingsError(
        f"data of type {type(data).__name__} cannot be read: give a path, several paths, a frame "
        "(any object with __arrow_c_stream__) or a mapping from names of columns to arrays; for "
        "arrays without names give y_true and y_prob."
    )


def agreed(first: Source, sources: Sequence[Source], layout: Layout) -> Layout:
    """Check that every file has the columns used, and return the layout for all of them."""
    known = {column.name: column for column in first.columns}
    dtype = layout.dtype
    for source in sources:
        if source is first or source.input.rows == 0:  # which Spark writes beside others
            continue
        catalogue = Catalogue(source.columns, source.peek, source.input.path)
        for name in layout.columns:
            if name not in catalogue:
                raise InputError(
                    f"{source.input.path}: has no column {name!r}, which {first.input.path} has. "
                    f"Its columns: {listed(column.name for column in source.columns)}."
                )
            _check_kind(first.input.path, known[name], source, catalogue.require(name, "a role"))
        widest = max((catalogue[name].stored for name in layout.scores), key=_STORED.index)
        dtype = max(dtype, widest, key=_STORED.index)
    if dtype == layout.dtype:
        return layout
    return replace(layout, dtype=dtype)


def _check_kind(first: str, wanted: Column, source: Source, found: Column) -> None:
    listy = {wanted.kind, found.kind}
    if ("list" in listy and len(listy) > 1) or wanted.width != found.width:
        raise InputError(
            f"{source.input.path}: the column {found.name!r} is {found.kind}"
            f"{f' of {found.width}' if found.width else ''}, but {wanted.kind}"
            f"{f' of {wanted.width}' if wanted.width else ''} in {first}."
        )


def _as_arguments(resolution: Resolution) -> tuple[ResolvedRole, ...]:
    return tuple(
        ResolvedRole(role.role, tuple(f"<{name}>" for name in role.columns), False, "", role.detail)
        for role in resolution.roles
    )
