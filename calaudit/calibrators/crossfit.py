"""How much log loss a recalibration would save, measured on rows it was not fitted on.

Folds need no second look at the rows: splitting the counts of each cell at random among the
folds gives what assigning the rows themselves at random would give.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.estimate import Estimate
from calaudit.metrics.logistic import fit_logistic
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.recalibration import isotonic_fit, logits_of
from calaudit.tables.cells import Cells

__all__ = ["FOLDS", "METHODS", "recoverable_log_loss"]

Floats = NDArray[np.float64]
Fit = Callable[[Floats, Floats, Floats], "Floats | None"]

FOLDS = 5
ISOTONIC_FROM = 10_000
"""Rows below which isotonic regression overfits too much to be tried."""

CLIP = 2.0**-52


def recoverable_log_loss(cells: Cells, *, level: float, rng: np.random.Generator) -> Estimate:
    """Return the log loss that the best of a menu of calibrators would save; at least 0.

    NLL(scores as they are) − cross-fitted NLL of the best of temperature, Platt, beta and (from
    10,000 rows) isotonic calibration, in nats a row: a lower bound on the calibration part of
    the log loss. The interval is normal, over the paired differences of the rows.

    Source: Berta, Holzmüller, Jordan & Bach 2025.
    """
    w0, w1 = cells.w
    if float(w0.sum()) <= 0 or float(w1.sum()) <= 0:
        return Estimate(value=None, reason="the labels are all of one class")
    rows = int(cells.counts.sum())
    if rows < 10 * FOLDS:
        return Estimate(value=None, reason=f"needs at least {10 * FOLDS} rows")
    z = logits_of(cells, CLIP)
    folds = _folds(cells, rng)
    best: tuple[str, float, float] | None = None
    for name, fit in METHODS.items():
        if name == "isotonic" and rows < ISOTONIC_FROM:
            continue
        saved = _saved(fit, z, cells, folds)
        if saved is not None and (best is None or saved[0] > best[1]):
            best = (name, *saved)
    if best is None:
        return Estimate(value=None, reason="no calibrator could be fitted to every fold")
    name, mean, error = best
    half = normal_quantile(0.5 + level / 2) * error
    return Estimate(
        value=max(mean, 0.0),
        low=max(mean - half, 0.0),
        high=max(mean + half, 0.0),
        level=level,
        method=f"{FOLDS}-fold cross-fitted {name}, paired normal",
    )


def _folds(cells: Cells, rng: np.random.Generator) -> Floats:
    """Return (folds, 2, m) weights: the rows of each cell and label dealt out at random."""
    counts = cells.counts
    dealt = rng.multinomial(counts, [1.0 / FOLDS] * FOLDS)  # (2, m, folds)
    share = dealt / np.maximum(counts, 1)[:, :, None]
    result: Floats = np.moveaxis(share * cells.w[:, :, None], 2, 0)
    return result


def _saved(fit: Fit, z: Floats, cells: Cells, folds: Floats) -> tuple[float, float] | None:
    """Return the mean saving of cross-fitted calibration and its standard error."""
    before = _losses(z)
    total = cells.w.sum()
    saved = np.zeros_like(before)
    squares = 0.0
    for fold in folds:
        train = cells.w - fold
        after = fit(z, train[0], train[1])
        if after is None:
            return None
        difference = before - _losses(after)
        saved += fold * difference
        # Rows of a cell share their weight evenly, so that Σw² follows the weight.
        mean_weight = cells.w2 / np.where(cells.w > 0, cells.w, 1.0)
        squares += float((fold * mean_weight * difference**2).sum())
    mean = float(saved.sum()) / float(total)
    squared_weight = float(cells.w2.sum())
    variance = max(squares - squared_weight * mean * mean, 0.0) / float(total) ** 2
    return mean, math.sqrt(variance)


def _losses(z: Floats) -> Floats:
    """Return (2, m) log losses of label 0 and label 1 at logits z."""
    return np.stack([np.logaddexp(0.0, z), np.logaddexp(0.0, -z)])


def _temperature(z: Floats, w0: Floats, w1: Floats) -> Floats | None:
    beta, ok = fit_logistic(z[None, :], w0, w1, np.array([1.0]))
    return beta[0] * z if ok and beta[0] > 0 else None


def _platt(z: Floats, w0: Floats, w1: Floats) -> Floats | None:
    beta, ok = fit_logistic(np.stack([np.ones_like(z), z]), w0, w1, np.array([0.0, 1.0]))
    return beta[0] + beta[1] * z if ok else None


def _beta(z: Floats, w0: Floats, w1: Floats) -> Floats | None:
    log_p, log_not_p = -np.logaddexp(0.0, -z), -np.logaddexp(0.0, z)
    x = np.stack([np.ones_like(z), log_p, -log_not_p])
    beta, ok = fit_logistic(x, w0, w1, np.array([0.0, 1.0, 1.0]))
    return beta @ x if ok else None


def _isotonic(z: Floats, w0: Floats, w1: Floats) -> Floats | None:
    w = w0 + w1
    held = np.flatnonzero(w > 0)
    fit = isotonic_fit(w1[held] / w[held], w[held])
    n = float(w.sum())
    fit = (1.0 - 1.0 / (n + 1.0)) * fit + 0.5 / (n + 1.0)  # keeps the log loss finite
    p = np.interp(z, z[held], fit)
    return np.log(p) - np.log1p(-p)


METHODS: dict[str, Fit] = {
    "temperature": _temperature,
    "Platt": _platt,
    "beta": _beta,
    "isotonic": _isotonic,
}
