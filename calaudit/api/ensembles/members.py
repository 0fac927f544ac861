"""The members of an ensemble: where they are, and their sums, so that no two are held at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.comparisons.reading import read_side
from calaudit.api.comparisons.sides import COLUMNS, Side, evaluation_of, given_data
from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.rows.keyed_rows import KeyedRows, check_matched, check_same, name_of_data
from calaudit.api.rows.open_rows import opened_data
from calaudit.errors import InputError, SettingsError
from calaudit.metrics.out_of_distribution import abnormality
from calaudit.options.commands import CompareOptions
from calaudit.predictions.chunk import Chunk
from calaudit.predictions.group_codes import Codes, place_codes
from calaudit.predictions.npz import AXIS
from calaudit.predictions.resolve import MEMBERS
from calaudit.report.compare_report import Model
from calaudit.tables.views import View

HOW = (
    "there are no columns of several members. Name them: --probs A_,B_ (or --logits), what the "
    "columns of each begin with; --scores A,B of two classes; --model COLUMN --id COLUMN where "
    "each has rows of its own; or give a file a member. Where only their mean is left: calaudit "
    "evaluate"
)


def with_members(data: Any, options: CompareOptions) -> CompareOptions:
    """Return options that name the members of one file: all readings that its columns allow.

    Raises:
        InputError: there are not several, or an array has several axes of as many members as rows.
    """
    named: dict[str, Any] = {**options}
    given = next((named[role] for role in COLUMNS if named[role]), "")
    begins = [given] if isinstance(given, str) else list(given)
    if len(given_data(data)) > 1 or options["model"] or len(begins) > 1:
        return options
    (one,) = given_data(data).values()
    try:
        opened_data(one, None, evaluation_of(options) | dict.fromkeys(COLUMNS)).close()
        refused = InputError(f"{name_of_data(one, 'the data')}: {HOW}")
    except InputError as error:
        refused = error
    for role in MEMBERS:
        each = [each[role] for each in refused.readings if role in each]
        names = tuple(dict.fromkeys(name for name in each if name.startswith(begins[0])))
        axes = {name.rpartition("[")[0] for name in names if AXIS in name}
        if len(axes) > 1:
            ways = " or ".join(f"--{role} {axis}" for axis in sorted(axes))
            raise InputError(f"either axis of the array could be that of members: say {ways}")
        if len(names) > 1:
            named["scores" if role == "score" else role] = names
            return named  # type: ignore[return-value]
    raise refused


def read_members(
    sides: Sequence[Side], options: CompareOptions, settings: Settings, keys: Codes | None = None
) -> tuple[list[Model], KeyedRows]:
    """Return the members, which are read one after another, and the rows of the first.

    These are in the order of their file, with the means over the members as parts: "p", (n, K)
    probabilities, and "entropy"; and (n, M) "votes", the class that each predicts.

    Args:
        sides: where the members are.
        options: how they are read, and whether rows that miss a member are left out.
        settings: of the evaluation of each.
        keys: of the rows that are wanted; None for all.

    Raises:
        InputError: a row misses a member, or is another row there.
        SettingsError: a member has no rows.
    """
    models: list[Model] = []
    votes = []
    kept: KeyedRows | None = None
    for side in sides:
        model, rows = read_side(
            side, options=options, settings=settings, paired=True, keys=keys, more=_more
        )
        if rows is None:
            raise SettingsError(f"{side.name} is a report: give its predictions to be averaged")
        votes.append(predicted(rows.parts["p"]))
        models.append(model)
        if model.report.task == "top-label":
            raise InputError(f"{model.name}: members are averaged by class: give probabilities")
        if model.report.classes != models[0].report.classes:
            one, other = models[0].report.classes, model.report.classes
            how = " or have them in another order: name their columns in one, as --probs p_a,p_b"
            raise InputError(
                f"{models[0].name} and {model.name} differ in their classes"
                f"{how if {*one} == {*other} else ''}"
            )
        if kept is None:
            kept = rows
            continue
        if any(check_matched(kept, rows, allow_unmatched=options["allow_unmatched"])):
            both = np.intersect1d(kept.keys, rows.keys, assume_unique=True)
            return read_members(sides, options, settings, both)
        check_same(kept, rows, "label", "weight")
        kept.parts["p"] += rows.parts["p"]
        kept.parts["entropy"] += rows.parts["entropy"]
    assert kept is not None
    kept.parts["p"] /= len(models)
    kept.parts["entropy"] /= len(models)
    kept.parts["votes"] = np.stack(votes, axis=1)
    return models, kept.take(np.argsort(kept.parts["place"], kind="stable"))


def predicted(p: NDArray[np.float64]) -> NDArray[np.integer[Any]]:
    """Return (n,) the most probable class; of two the second where they are equal."""
    return (p[:, 1] >= 0.5).astype(np.int8) if p.shape[1] == 2 else p.argmax(axis=1)


def _more(chunk: Chunk, view: View) -> dict[str, Any]:
    """Return what is needed of rows beside their figures; (n, 2) probabilities of two classes."""
    p = view.probabilities
    if p is None:
        one = view.confidence()
        p = np.stack([1.0 - one, one], axis=1)
    ids = chunk.row_numbers() if chunk.id_column is None else chunk.ids()
    entropy = abnormality("entropy", p, "probability")
    return {"p": p, "entropy": entropy, "place": place_codes(chunk), "id": np.array(ids)}
