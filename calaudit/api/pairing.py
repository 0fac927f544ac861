"""Rows of two files matched by their ids: how much what they contribute goes together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.applying import opened_calibrator
from calaudit.api.decision_tables import viewer_of
from calaudit.api.opening import opened_data
from calaudit.errors import InputError
from calaudit.predictions.intake import Intake
from calaudit.report.check import Pairing
from calaudit.report.model import Report
from calaudit.tables.binning import equal_width
from calaudit.tables.views import Tails, View

__all__ = ["paired"]

Floats = NDArray[np.float64]

ROLES = (
    "label", "score", "probs", "logits", "confidence", "correct", "prediction", "weight",
    "positive", "classes", "out_of", "task", "on_invalid",
)  # fmt: skip


PARTS = {
    "ece": "residual", "smece": "residual", "accuracy": "accuracy", "brier": "brier",
    "log_loss": "log_loss",
}  # fmt: skip
"""Figures, and which part of a row they are made of. Others are compared as separate rows."""


def paired(
    before: Any,
    after: Any,
    old: Report,
    new: Report,
    column: str,
    evaluation: Mapping[str, Any],
    allow_unmatched: bool,
) -> Pairing:
    """Return how the rows of two files match, and the correlation of their parts.

    The part of row i in a calibration error is sgn(R of its bin)(y − p), in the accuracy
    whether it is right, in log loss and Brier score its loss. Rows that are in one file only
    have no partner: correlations are of all rows, √(n_A n_B) of them.

    Args:
        before: the old predictions.
        after: the new ones.
        old: their report.
        new: that of the new ones.
        column: the id.
        evaluation: arguments of `calaudit.evaluate`.
        allow_unmatched: whether rows may be in one file only.

    Raises:
        InputError: ids are missing, occur twice or do not match, or labels differ.
    """
    import pandas as pd

    parts = []
    for data, report in ((before, old), (after, new)):
        frame = pd.DataFrame(_rows(data, report, column, evaluation))
        _check_ids(frame["id"], data, column)
        # The sign of the error of the bin that a row stands in, times its residual.
        sums = frame.groupby("bin")["gap"].transform("sum")
        frame["residual"] = np.sign(sums) * frame["gap"]
        parts.append(frame.set_index("id"))
    one, two = parts
    both = one.index.intersection(two.index)
    only = (len(one) - len(both), len(two) - len(both))
    if not len(both):
        raise InputError(f"no {column} of {_name(after)} is in {_name(before)}: is it the id?")
    if any(only) and not allow_unmatched:
        lost = (one.index if only[0] else two.index).difference(both)[:3]
        raise InputError(
            f"{only[0]:,} rows of {_name(before)} and {only[1]:,} of {_name(after)} have no "
            f"partner with the same {column} ({', '.join(map(str, lost))}, …); {len(both):,} "
            "have. Give the same rows, or --allow-unmatched to compare them all the same"
        )
    one, two = one.loc[both], two.loc[both]
    if not np.array_equal(one["label"], two["label"]) and old.task == "binary":
        differ = np.flatnonzero(one["label"].to_numpy() != two["label"].to_numpy())
        raise InputError(
            f"the labels of {len(differ):,} rows differ between the files, first where {column} is "
            f"{both[differ[0]]}: they are not the same rows"
        )
    shrink = len(both) / np.sqrt(len(parts[0]) * len(parts[1]))
    correlations = {
        metric: shrink * _correlation(one[part], two[part]) for metric, part in PARTS.items()
    }
    return Pairing(
        column=column, matched=len(both), only_before=only[0], only_after=only[1],
        correlations={name: float(value) for name, value in correlations.items()},
    )  # fmt: skip


def _name(data: Any) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else "the data"


def _correlation(one: Any, two: Any) -> float:
    a, b = (np.nan_to_num(x.to_numpy(np.float64), posinf=0.0) for x in (one, two))
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _check_ids(ids: Any, data: Any, column: str) -> None:
    missing = int(ids.isna().sum())
    if missing:
        raise InputError(f"{_name(data)}: {missing:,} rows have no {column}")
    twice = ids[ids.duplicated()]
    if len(twice):
        raise InputError(
            f"{_name(data)}: the {column} {twice.iloc[0]} occurs more than once ({len(twice):,} "
            "such rows): it does not name rows"
        )


def _rows(data: Any, report: Report, column: str, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return id, label and parts of every row."""
    roles = {name: evaluation[name] for name in ROLES if name in evaluation}
    calibrator = evaluation.get("calibrator")
    predictions = opened_data(data, **roles, id=column)
    bins = _bins(report)
    ids: list[Any] = []
    columns: dict[str, list[Any]] = {}
    with predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        viewer = viewer_of(predictions.task, predictions.scale, fitted)
        intake = Intake()
        for unit in predictions.units():
            for chunk in unit.chunks(intake):
                ids += chunk.ids() or []
                view = viewer(chunk)
                for name, values in _parts(view, bins).items():
                    columns.setdefault(name, []).append(values)
        predictions.finish(intake)
    return {"id": ids} | {name: np.concatenate(values) for name, values in columns.items()}


def _bins(report: Report) -> Callable[[View], Floats]:
    """Return what gives the bin of each row."""
    bins = str(report.settings["bins"]).removeprefix("equal-mass:")
    binning = equal_width(int(bins), report.settings["convention"], "float64")
    return lambda view: binning.bin_of(view.keys()).astype(np.float64)


def _parts(view: View, bins: Callable[[View], Floats]) -> dict[str, Floats]:
    p = view.confidence()
    y = view.labels.astype(np.float64)
    if view.truth is None:
        q = np.where(y > 0, p, 1.0 - p)
        right = (p >= 0.5) == (y > 0)
        brier = (y - p) ** 2
        label = y
    else:
        assert view.probabilities is not None
        assert view.classes is not None
        q = view.truth.values() if isinstance(view.truth, Tails) else view.truth
        right = y > 0
        brier = (view.probabilities**2).sum(axis=1) - 2.0 * q + 1.0
        label = view.classes.astype(np.float64)
    with np.errstate(divide="ignore"):
        loss = -np.log(np.maximum(q, 2.0**-52))
    return {
        "label": label, "bin": bins(view), "gap": y - p, "accuracy": right.astype(np.float64),
        "brier": brier, "log_loss": loss,
    }  # fmt: skip
