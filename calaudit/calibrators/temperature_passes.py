"""The multiclass temperature by passes over the rows: of all of them, and without each fold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.moments import (
    GRID,
    Census,
    MomentSums,
    Trace,
    next_log_beta,
    optimum_of,
)
from calaudit.calibrators.rows import Read, Rows, centred
from calaudit.calibrators.temperature import Optimum, solve_temperature

Floats = NDArray[np.float64]

CLOSE = 1e-9
"""Newton step in log T at which the fit is done."""

CLOSE_FOLD = 0.02
"""Predicted step below which a fold's temperature is not evaluated again: what the cubic
through its derivatives leaves is of the order of its square."""

MOST_PASSES = 60


@dataclass(frozen=True, slots=True, eq=False)
class TemperatureFits:
    """The temperature of all fit rows, and of those without each fold.

    Attributes:
        optimum: of all rows. log_betas: (F,) log(1/T) without each fold, NaN where that has no
            finite optimum.
        census: what rows there are. passes: times they were read.
    """

    optimum: Optimum
    log_betas: Floats
    census: Census
    passes: int


def log_beta_of(rows: Rows, floor: float) -> float | None:
    """Return log β of a few rows in memory, to start from; None where they have no optimum."""
    z = centred(rows.logits(floor))
    mine = z[rows.labels, np.arange(len(rows))]
    held = mine > -1e149
    z, mine, w = z[:, held], mine[held], rows.w[held]
    total = float(w.sum())
    if total <= 0 or float(-(w * mine).sum()) <= 0:
        return None
    flat = float((w * (np.where(z > -1e149, z, 0.0).mean(axis=0) - mine)).sum())
    if flat >= 0:
        return None

    def derivatives(beta: float) -> tuple[float, float]:
        e = np.exp(z * beta)
        sums = e.sum(axis=0)
        e *= z
        mean = e.sum(axis=0) / sums
        square = (e * z).sum(axis=0) / sums
        return float(w @ (mean - mine)) / total, float(w @ (square - mean * mean)) / total

    scale = float(-(w * mine).sum()) / total
    return solve_temperature(derivatives, scale, close=1e-3)[0]


def first_pass(
    read: Read, *, folds: int, floor: float, n_classes: int, start: float | None
) -> MomentSums:
    """Return the first sums, with the census.

    Args:
        read: reads all rows into accumulators.
        folds: number of folds.
        floor: of probabilities.
        n_classes: number of classes.
        start: log β to begin at; None for a grid of 25 in [1/64, 64].
    """
    betas = GRID if start is None else [start]
    return read(lambda: MomentSums.zeros(betas, folds, floor, n_classes=n_classes))


def fit_temperatures(read: Read, first: MomentSums) -> TemperatureFits:
    """Return the temperatures by Newton's method with a bracket, a pass over the rows a step.

    Args:
        read: reads all rows into accumulators.
        first: the sums of the first pass.

    Raises:
        NotEnoughData: no finite optimum.
    """
    folds, floor = len(first.weight), first.floor
    assert first.census is not None
    first.census.check_temperature()
    whole = Trace()
    parts = {fold: Trace() for fold in range(folds) if first.census.has_temperature(fold)}
    _note(first, whole, parts)
    sums, at, passes = first, 0, 1
    while True:
        u = next_log_beta(whole)
        nearest = min(whole.points, key=lambda point: abs(point[0] - u))
        if abs(nearest[0] - u) <= CLOSE or passes >= MOST_PASSES:
            at = int(np.argmin(np.abs(np.log(sums.betas) - nearest[0])))
            if abs(math.log(sums.betas[at]) - nearest[0]) < 1e-12:
                break
            u = nearest[0] + 1e-13
        sums = read(lambda u=u: MomentSums.zeros([u], folds, floor))  # type: ignore[misc]
        _note(sums, whole, parts)
        passes += 1
    size = float(sums.size.sum() / sums.weight.sum())
    optimum = optimum_of(math.log(sums.betas[at]), sums.at(at), size, passes)
    log_betas = np.full(folds, np.nan)
    log_betas[list(parts)], more = _fold_roots(read, parts, folds, floor)
    return TemperatureFits(optimum, log_betas, first.census, passes + more)


def _note(sums: MomentSums, whole: Trace, parts: dict[int, Trace]) -> None:
    for b, beta in enumerate(sums.betas):
        u = math.log(beta)
        _, slope, curvature, _ = sums.at(b)
        whole.add(u, float(slope), float(curvature))
        for fold, trace in parts.items():
            _, slope, curvature, _ = sums.at(b, without=fold)
            trace.add(u, float(slope), float(curvature))


def _fold_roots(
    read: Read, parts: dict[int, Trace], folds: int, floor: float
) -> tuple[Floats, int]:
    """Return log β without each fold of ``parts``, and the passes beyond those made."""
    passes = 0
    while True:
        roots = np.array([next_log_beta(trace) for trace in parts.values()])
        far = [
            u
            for u, trace in zip(roots, parts.values(), strict=True)
            if min(abs(point[0] - u) for point in trace.points) > CLOSE_FOLD
        ]
        if not far or passes == 12:
            break
        sums = read(lambda far=far: MomentSums.zeros(far, folds, floor))  # type: ignore[misc]
        _note(sums, Trace(), parts)
        passes += 1
    return np.where([u in far for u in roots], np.nan, roots), passes
