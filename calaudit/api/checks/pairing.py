"""Rows of two files matched by their ids: how much what they contribute goes together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.applying import opened_calibrator
from calaudit.api.decisions.tables import viewer_of
from calaudit.api.rows.open_rows import opened_data
from calaudit.errors import InputError
from calaudit.options.commands import EvaluateOptions
from calaudit.predictions.intake import Intake
from calaudit.report.check_report import Pairing
from calaudit.report.evaluation_report import Report
from calaudit.tables.binning import Binning, equal_width
from calaudit.tables.views import Tails, View

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["paired"]

Floats = NDArray[np.float64]

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
    evaluation: EvaluateOptions,
    *,
    allow_unmatched: bool,
) -> Pairing:
    """Return how the rows of two files match, and the correlation of their parts.

    The part of row i in a calibration error is sgn(R of its bin)(y − p), in the accuracy
    whether it is right, in log loss and Brier score its loss; less the mean, and times the
    weight of the row. Rows that are in one file only have no partner: correlations are of all
    rows, √(n_A n_B) of them.

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
    column = str(evaluation["id"])
    sides = [(_name(before, "old"), before, old), (_name(after, "new"), after, new)]
    frames = [_frame(name, data, report, evaluation) for name, data, report in sides]
    one, two = frames
    there, here = (name for name, _, _ in sides)
    both = one.index.intersection(two.index)
    only = (len(one) - len(both), len(two) - len(both))
    if not len(both):
        raise InputError(f"no {column} of {here} is in {there}: is it the id?")
    if any(only) and not allow_unmatched:
        lost = (one.index if only[0] else two.index).difference(both)[:3]
        raise InputError(
            f"{only[0]:,} rows of {there} and {only[1]:,} of {here} have no partner with the same "
            f"{column} ({', '.join(lost)}{', …' if sum(only) > len(lost) else ''}); {len(both):,} "
            "have. Give the same rows, or --allow-unmatched to compare them all the same"
        )
    one, two = one.loc[both], two.loc[both]
    if old.task != "top-label":  # there it is whether a prediction was right, which may change
        _check_labels(one, two, column)
    shrink = len(both) / float(np.sqrt(len(frames[0]) * len(frames[1])))
    return Pairing(
        column=column,
        matched=len(both),
        only_before=only[0],
        only_after=only[1],
        correlations={
            metric: shrink * _correlation(one[part], two[part]) for metric, part in PARTS.items()
        },
    )


def _name(data: Any, which: str) -> str:
    return os.fspath(data) if isinstance(data, str | os.PathLike) else f"the {which} data"


def _correlation(one: Any, two: Any) -> float:
    a, b = (x.to_numpy(np.float64) for x in (one, two))
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _check_labels(one: pd.DataFrame, two: pd.DataFrame, column: str) -> None:
    differ = np.flatnonzero(one["label"].to_numpy() != two["label"].to_numpy())
    if len(differ):
        raise InputError(
            f"the labels of {len(differ):,} rows differ between the files, first where {column} is "
            f"{one.index[differ[0]]}: they are not the same rows"
        )


def _frame(name: str, data: Any, report: Report, evaluation: EvaluateOptions) -> pd.DataFrame:
    """Return label and centred parts of every row, by its id."""
    import pandas as pd

    frame = pd.DataFrame(_rows(data, report, evaluation))
    column = evaluation["id"]
    missing = int((frame["id"] == "").sum())
    if missing:
        raise InputError(f"{name}: {missing:,} rows have no {column}")
    twice = frame["id"][frame["id"].duplicated()]
    if len(twice):
        raise InputError(
            f"{name}: the {column} {twice.iloc[0]} occurs more than once ({len(twice):,} "
            "such rows): it does not name rows"
        )
    # The sign of the error of the bin that a row stands in, times its residual.
    weight = frame["weight"]
    sums = (weight * frame["gap"]).groupby(frame["bin"]).transform("sum")
    frame["residual"] = np.sign(sums) * frame["gap"]
    for part in set(PARTS.values()):
        mean = float((weight * frame[part]).sum()) / float(weight.sum())
        frame[part] = weight * (frame[part] - mean)
    return frame.set_index("id")


def _rows(data: Any, report: Report, evaluation: EvaluateOptions) -> dict[str, Any]:
    """Return id, label, weight, bin and parts of every row."""
    calibrator = evaluation["calibrator"]
    bins = str(report.settings["bins"]).removeprefix("equal-mass:")
    binning = equal_width(int(bins), report.settings["convention"], "float64")
    ids: list[str] = []
    columns: dict[str, list[Any]] = {}
    with opened_data(data, None, evaluation, id=evaluation["id"]) as predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        viewer = viewer_of(predictions.task, predictions.scale, fitted)
        intake = Intake()
        for unit in predictions.units():
            for chunk in unit.chunks(intake):
                ids += map(_text, chunk.ids() or [])
                parts = _parts(viewer(chunk), binning, float(report.settings["clip"]))
                for name, values in parts.items():
                    columns.setdefault(name, []).append(values)
        predictions.finish(intake)
    return {"id": ids} | {name: np.concatenate(values) for name, values in columns.items()}


def _text(id_: Any) -> str:
    """Return an id as text, the same from any format: CSV knows nothing else.

    >>> _text(7), _text(7.0), _text("7"), _text(None)
    ('7', '7', '7', '')
    """
    if id_ is None or id_ != id_:
        return ""
    return str(int(id_)) if isinstance(id_, float) and id_.is_integer() else str(id_)


def _parts(view: View, binning: Binning, clip: float) -> dict[str, Any]:
    p = view.confidence()
    y = view.labels.astype(np.float64)
    if view.truth is None:
        q = np.where(y > 0, p, 1.0 - p)
        right = (p >= 0.5) == (y > 0)
        brier = (y - p) ** 2
        label = view.labels
    else:
        assert view.probabilities is not None
        assert view.classes is not None
        q = view.truth.values() if isinstance(view.truth, Tails) else view.truth
        right = y > 0
        brier = (view.probabilities**2).sum(axis=1) - 2.0 * q + 1.0
        label = view.classes
    return {
        "label": label,
        "weight": np.ones(len(y)) if view.weights is None else view.weights,
        "bin": binning.bin_of(view.keys()),
        "gap": y - p,
        "accuracy": right.astype(np.float64),
        "brier": brier,
        # A loss is infinite only where the clip is 0.
        "log_loss": -np.log(np.maximum(q, max(clip, 2.0**-52))),
    }
