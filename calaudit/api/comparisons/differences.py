"""How much the figures of two models differ: row by row, or from their reports alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.keyed_rows import signed_residuals
from calaudit.gate.comparison import bounds_of, change_between
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.paired import (
    Agreement,
    Rows,
    accuracy_difference,
    auroc_difference,
    correlation,
    mean_difference,
)
from calaudit.metrics.smooth import smoothed_signs
from calaudit.report.compare_report import BETTER, OF_COPIES, Difference, Model

Floats = NDArray[np.float64]
Parts = Mapping[str, NDArray[Any]]

POWER = 0.8
"""With which so many rows would tell a difference."""

MOST_ROWS = 1e12
NO_FINITE = "no finite value"
"""How the reason begins of a difference of losses of which one is infinite."""


def paired_differences(
    one: Model, two: Model, a: Parts, b: Parts, rows: Rows, *, level: float
) -> list[Difference]:
    """Return how a model differs from the baseline on the same rows.

    Args:
        one: the baseline.
        two: the model.
        a: what each row adds to the figures of the baseline; see `KeyedRows`.
        b: likewise of the model.
        rows: their weights and groups.
        level: of the intervals.
    """

    def error(metric: str, added: Callable[[Parts], Floats]) -> Estimate:
        return _mover(one, two, metric, level, correlation(added(a), added(b), rows))

    said = [confidence_of(parts, two.report.task) for parts in (a, b)]
    gaps = [parts["score"] - parts["one"] for parts in (a, b)]
    found = {
        "log_loss": _finite(difference_of("log_loss", a, b, rows, level=level), one, two),
        "brier": difference_of("brier", a, b, rows, level=level),
        "smece": error("smece", _smooth),
        "ece": error("ece", signed_residuals),
        "auroc": auroc_difference(
            (a["score"], b["score"]), (a["one"], b["one"]), rows, level=level
        ),
        "accuracy": difference_of("accuracy", a, b, rows, level=level),
        "mean_confidence": mean_difference(said[1] - said[0], rows, level=level),
        "gap": mean_difference(gaps[1] - gaps[0], rows, level=level),
    }
    return _differences(two, found, rows.effective if rows.group is None else len(rows.groups))


def unpaired_differences(one: Model, two: Model, *, level: float) -> list[Difference]:
    """Return how a model differs from the baseline, from the intervals of both (MOVER).

    Those of Wilson's intervals are Newcombe's hybrid score intervals, of normal ones Welch's.
    """
    found = {name: _mover(one, two, name, level) for name in BETTER if name not in OF_COPIES}
    found["log_loss"] = _finite(found["log_loss"], one, two)
    sizes = [model.report.intake.rows_used for model in (one, two)]
    return _differences(two, found, float(min(sizes)))


def agreement_of(a: Parts, b: Parts, rows: Rows) -> Agreement:
    """Return how often both models, either or neither is right."""
    return Agreement.of(a["accuracy"], b["accuracy"], rows)


def _differences(model: Model, found: dict[str, Estimate], rows: float) -> list[Difference]:
    return [
        Difference(
            model=model.name, metric=name, estimate=each, rows_needed=rows_needed(each, rows)
        )
        for name, each in found.items()
    ]


def rows_needed(estimate: Estimate, rows: float) -> int | None:
    """Return how many rows would tell a difference as large as this; None where these do."""
    value, low, high, level = estimate.value, estimate.low, estimate.high, estimate.level
    if value is None or low is None or high is None or level is None or value == 0:
        return None
    if low > 0 or high < 0:
        return None
    z = normal_quantile(0.5 + level / 2)
    error = (high - low) / 2.0 / z
    needed = rows * ((z + normal_quantile(POWER)) * error / value) ** 2
    return math.ceil(needed) if rows < needed < MOST_ROWS else None


def difference_of(metric: str, a: Parts, b: Parts, rows: Rows, *, level: float) -> Estimate:
    """Return the difference of log losses, Brier scores or accuracies; see `KeyedRows`."""
    if metric == "accuracy" and rows.group is None:
        return accuracy_difference(agreement_of(a, b, rows), rows, level=level)
    return mean_difference(b[metric] - 1.0 * a[metric], rows, level=level)


def confidence_of(parts: Parts, task: str) -> Floats:
    """Return (n,) how sure each prediction is of itself."""
    score: Floats = parts["score"]
    return np.maximum(score, 1.0 - score) if task == "binary" else score


def _smooth(parts: Parts) -> Floats:
    """Return what each row adds to smECE: its residual with the sign of the smoothed one."""
    gap: Floats = parts["one"] - parts["score"]
    return smoothed_signs(parts["score"], parts["weight"] * gap) * gap


def _mover(one: Model, two: Model, metric: str, level: float, rho: float | None = None) -> Estimate:
    """Return the difference of two figures from their intervals."""
    before, after = one.figure(metric), two.figure(metric)
    a, b = (bounds_of(each, 0.5 + level / 2) for each in (before, after))
    if a is None or b is None:
        points = (before.point, after.point)
        value = None if None in points else (points[1] or 0.0) - (points[0] or 0.0)
        return Estimate(value=value, reason=before.reason or after.reason or "no interval")
    # Its slack is for a gate, which may not fail a model by chance.
    found = change_between(replace(a, slack=0.0), replace(b, slack=0.0), rho or 0.0)
    return Estimate(
        value=found.value, low=found.low, high=found.high, level=level,
        method="MOVER" if rho is None else "MOVER, paired",
    )  # fmt: skip


def _finite(estimate: Estimate, one: Model, two: Model) -> Estimate:
    """Return the difference of log losses, without a value where one of them is infinite."""
    counts = [model.report.confidently_wrong.infinite_rows for model in (one, two)]
    if not any(counts):
        return estimate
    clip = one.report.settings.get("clip")
    clipped = "" if estimate.value is None else f"; {estimate.value:+.3g} if clipped at {clip:.2g}"
    names = [f"{model.name} {n:,} rows" for model, n in zip((one, two), counts, strict=True)]
    return Estimate(value=None, reason=f"{NO_FINITE}: infinite in {', '.join(names)}{clipped}")
