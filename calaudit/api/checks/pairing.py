"""Rows of two files matched by their ids: how much what they contribute goes together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.tables import viewer_of
from calaudit.api.rows.keyed_rows import (
    KeyedRows,
    RowKeeper,
    check_matched,
    check_same,
    name_of_data,
    signed_residuals,
)
from calaudit.api.rows.open_rows import opened_data
from calaudit.metrics.paired import Rows as Weighted
from calaudit.metrics.paired import placements
from calaudit.options.commands import EvaluateOptions
from calaudit.predictions.group_codes import Codes, codes_of
from calaudit.predictions.intake import Intake
from calaudit.predictions.predictions import Predictions
from calaudit.report.check_report import Pairing
from calaudit.report.evaluation_report import Report
from calaudit.tables.binning import equal_width

Floats = NDArray[np.float64]

PARTS = {
    "ece": "residual", "smece": "residual", "accuracy": "accuracy", "brier": "brier",
    "log_loss": "log_loss", "auroc": "placement",
}  # fmt: skip
"""Figures, and which part of a row they are made of. Others are compared as separate rows."""

Part = tuple[str, str] | None
"""A slice, by its column and value; None for all rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Rows of two files by their ids.

    Attributes:
        report: how they match, for people. correlations: of each part of the rows, by figure.
    """

    report: Pairing
    correlations: dict[Part, dict[str, float]]


def paired(
    before: Any,
    after: Any,
    old: Report,
    new: Report,
    evaluation: EvaluateOptions,
    *,
    allow_unmatched: bool,
) -> Matched:
    """Return how the rows of two files match, and the correlation of their parts.

    The part of row i in a calibration error is sgn(R of its bin)(y − p), in the accuracy
    whether it is right, in log loss and Brier score its loss, in the AUROC its placement (DeLong
    et al. 1988); less the mean, and times the weight of the row. Rows that are in one file only
    have no partner: correlations are of all rows, √(n_A n_B) of them.

    Args:
        before: the old predictions.
        after: the new ones.
        old: their report.
        new: that of the new ones, which is about the same figures.
        evaluation: arguments of `calaudit.evaluate`, the id among them.
        allow_unmatched: whether rows may be in one file only.

    Raises:
        InputError: ids are missing, occur twice or do not match, or labels differ.
    """
    sides = [
        _rows(name_of_data(data, f"the {which} data"), data, report, evaluation)
        for which, data, report in (("old", before, old), ("new", after, new))
    ]
    one, two = sides
    only = check_matched(one, two, allow_unmatched=allow_unmatched)
    if old.task != "top-label":  # there it is whether a prediction was right, which may change
        both = np.intersect1d(one.keys, two.keys, assume_unique=True)
        check_same(one.of(both), two.of(both), "label")
    parts: dict[Part, list[KeyedRows]] = {None: sides}
    for result in new.slices:
        at, code = f"by {result.column}", codes_of([result.value])
        if all(at in side.parts for side in sides):
            chosen = [side.take(np.flatnonzero(side.parts[at] == code)) for side in sides]
            if all(map(len, chosen)):
                parts[result.column, result.value] = chosen
    correlations = {part: _correlations(a, b) for part, (a, b) in parts.items()}
    report = Pairing(
        column=str(evaluation["id"]),
        matched=len(one) - only[0],
        only_before=only[0],
        only_after=only[1],
        correlations=correlations[None],
    )
    return Matched(report, correlations)


def _correlations(one: KeyedRows, two: KeyedRows) -> dict[str, float]:
    """Return the correlation of the parts of all rows of two files, √(n_A n_B) of them.

    Of rows that belong together it is that of the sums of their groups.
    """
    keys, sums = zip(*(_summed(side) for side in (one, two)), strict=True)
    both = np.intersect1d(keys[0], keys[1], assume_unique=True)
    at = [np.searchsorted(each, both) for each in keys]
    shrink = len(both) / float(np.sqrt(len(keys[0]) * len(keys[1])))
    found = {}
    for part in dict.fromkeys(PARTS.values()):
        a, b = (
            each(_centred(side, part))[rows]
            for each, side, rows in zip(sums, (one, two), at, strict=True)
        )
        size = float(np.sqrt((a @ a) * (b @ b)))
        found[part] = shrink * float(a @ b) / size if size > 0 else 0.0
    return {metric: found[part] for metric, part in PARTS.items()}


def _summed(rows: KeyedRows) -> tuple[Codes, Callable[[Floats], Floats]]:
    """Return what two files have in common, rows or groups, and what adds up rows to these."""
    if "group" not in rows.parts:
        return rows.keys, lambda values: values
    groups, at = np.unique(rows.parts["group"], return_inverse=True)
    return groups, lambda values: np.bincount(at, values).astype(np.float64)


def _centred(rows: KeyedRows, part: str) -> Floats:
    """Return what each row adds to a figure, less the mean and times its weight."""
    parts, weight = rows.parts, rows.parts["weight"]
    if part == "placement":
        return weight * placements(parts["score"], parts["one"], Weighted(weight))[0]
    values = signed_residuals(parts) if part == "residual" else parts[part]
    centred: Floats = weight * (values - float(weight @ values) / float(weight.sum()))
    return centred


def _rows(name: str, data: Any, report: Report, evaluation: EvaluateOptions) -> KeyedRows:
    """Return the rows of a file by their ids."""
    bins = str(report.settings["bins"]).removeprefix("equal-mass:")
    binning = equal_width(int(bins), report.settings["convention"], "float64")
    column, by, group = evaluation["id"], evaluation["by"], evaluation["group"]

    def opened() -> Predictions:
        return opened_data(data, None, evaluation, id=column, by=by, group=group)

    with opened() as predictions:
        calibrator = evaluation["calibrator"]
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        viewer = viewer_of(predictions.task, predictions.scale, fitted)
        clip = float(report.settings["clip"])
        named: Any = {"by": predictions.by, "group": predictions.group}
        named["stated"] = predictions.task == "top-label"
        keeper, intake = RowKeeper(binning, clip, column, **named), Intake()
        for unit in predictions.units():
            for chunk in unit.chunks(intake):
                keeper.add(chunk, viewer(chunk))
        predictions.finish(intake)
    return keeper.rows(name, opened)
