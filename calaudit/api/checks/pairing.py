"""Rows of two files matched by their ids: how much what they contribute goes together."""

from __future__ import annotations

import os
from dataclasses import dataclass
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

__all__ = ["Matched", "Part", "paired"]

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
    if old.task != "top-label":  # there it is whether a prediction was right, which may change
        _check_labels(one.loc[both], two.loc[both], column)
    parts: dict[Part, list[Any]] = {None: frames}
    for result in new.slices:
        at = f"by {result.column}"
        if at in one and at in two:
            chosen = [frame[frame[at] == result.value] for frame in frames]
            if all(map(len, chosen)):
                parts[result.column, result.value] = chosen
    correlations = {part: _correlations(a, b) for part, (a, b) in parts.items()}
    report = Pairing(
        column=column,
        matched=len(both),
        only_before=only[0],
        only_after=only[1],
        correlations=correlations[None],
    )
    return Matched(report, correlations)


def _correlations(one: pd.DataFrame, two: pd.DataFrame) -> dict[str, float]:
    """Return the correlation of the parts of all rows of two frames, √(n_A n_B) of them."""
    both = one.index.intersection(two.index)
    a, b = (_centred(frame).loc[both] for frame in (one, two))
    shrink = len(both) / float(np.sqrt(len(one) * len(two)))
    return {metric: shrink * _correlation(a[part], b[part]) for metric, part in PARTS.items()}


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
    return frame.set_index("id")


def _centred(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what each row adds to each figure, less the mean and times its weight."""
    frame = frame.copy()
    # The sign of the error of the bin that a row stands in, times its residual.
    weight = frame["weight"]
    sums = (weight * frame["gap"]).groupby(frame["bin"]).transform("sum")
    frame["residual"] = np.sign(sums) * frame["gap"]
    for part in set(PARTS.values()) - {"placement"}:
        mean = float((weight * frame[part]).sum()) / float(weight.sum())
        frame[part] = weight * (frame[part] - mean)
    frame["placement"] = weight * _placements(frame)
    return frame


def _placements(frame: pd.DataFrame) -> Floats:
    """Return for each row the share of the other label that it stands right of, less the mean.

    Divided by the weight of its own label: what it adds to the AUROC.
    """
    weight, ones = frame["weight"].to_numpy(), frame["one"].to_numpy()
    _, at = np.unique(frame["score"].to_numpy(), return_inverse=True)
    found = np.zeros(len(frame))
    for label, sign in ((1, 1.0), (0, -1.0)):
        mine, others = ones == label, ones != label
        if not weight[mine].sum() > 0 or not weight[others].sum() > 0:
            return np.zeros(len(frame))
        mass = np.bincount(at[others], weight[others], at.max() + 1)
        below = (np.cumsum(mass) - 0.5 * mass)[at[mine]] / mass.sum()
        centred = below - np.average(below, weights=weight[mine])
        found[mine] = sign * centred / weight[mine].sum()
    return found


def _rows(data: Any, report: Report, evaluation: EvaluateOptions) -> dict[str, Any]:
    """Return id, label, weight, bin and parts of every row."""
    calibrator = evaluation["calibrator"]
    bins = str(report.settings["bins"]).removeprefix("equal-mass:")
    binning = equal_width(int(bins), report.settings["convention"], "float64")
    ids: list[str] = []
    columns: dict[str, list[Any]] = {}
    by = evaluation["by"]
    with opened_data(data, None, evaluation, id=evaluation["id"], by=by) as predictions:
        fitted = None if calibrator is None else opened_calibrator(calibrator)
        viewer = viewer_of(predictions.task, predictions.scale, fitted)
        intake = Intake()
        for unit in predictions.units():
            for chunk in unit.chunks(intake):
                ids += map(_text, chunk.ids() or [])
                parts = _parts(viewer(chunk), binning, float(report.settings["clip"]))
                for name, codes in zip(predictions.by, chunk.slices, strict=True):
                    parts[f"by {name}"] = np.asarray(codes.values, object)[codes.codes]
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
        "one": y > 0,
        "score": p,
        "gap": y - p,
        "accuracy": right.astype(np.float64),
        "brier": brier,
        # A loss is infinite only where the clip is 0.
        "log_loss": -np.log(np.maximum(q, max(clip, 2.0**-52))),
    }
