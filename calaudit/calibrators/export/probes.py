"""The scores that every artefact must answer as the calibrator does before it is handed over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export.description import described
from calaudit.metrics.logistic import expit

Floats = NDArray[np.float64]

MOST_CELLS = 200_000
"""Values in a multiclass probe grid, so that a thousand classes stay quick."""


def probes_of(calibrator: Calibrator) -> Floats:
    """Return scores to try: (n,), or (n, K) for multiclass; the same for the same calibrator.

    The tails to 1e-300 and 1 − 1e-16, exact 0 and 1, ties, the ends of the clipping, every
    knot and bin edge with its neighbours on both sides, and logits to ±1e15.
    """
    if calibrator.task == "multiclass":
        return _rows(calibrator)
    p = _probabilities(calibrator)
    return p if calibrator.scale == "probability" else _logits(p)


def _probabilities(calibrator: Calibrator) -> Floats:
    tables = [np.zeros(0), *((t.value or t).parts[1].value for t in described(calibrator).tables)]
    knots = np.concatenate(tables)
    tails = np.concatenate([10.0 ** np.arange(-300, -16, 12.0), 10.0 ** np.arange(-16, 0, 0.25)])
    floor = calibrator.floor
    centres = np.concatenate(
        [np.linspace(0, 1, 201), tails, 1.0 - tails, [5e-324, floor, 1.0 - floor], knots]
    )
    between = (knots[1:] + knots[:-1]) / 2
    beside = [np.nextafter(centres, 0.0), centres, np.nextafter(centres, 1.0), between]
    every = np.unique(np.clip(np.concatenate(beside), 0.0, 1.0))
    return np.concatenate([every, [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]])


def _logits(p: Floats) -> Floats:
    inside = p[(p > 0.0) & (p < 1.0)]
    z = np.log(inside) - np.log1p(-inside)
    sizes = np.concatenate([10.0 ** np.arange(-300, 0, 20.0), 10.0 ** np.arange(-16.0, 16.0)])
    # Where exp begins to round to nothing, to underflow and to overflow.
    sizes = np.concatenate([sizes, [0.5, 36.7, 40.0, 88.8, 700.0, 709.7, 709.8, 745.1, 745.2]])
    grid = np.linspace(-50.0, 50.0, 401)
    return np.concatenate([np.unique(np.concatenate([z, grid, sizes, -sizes])), [0.0, 0.0, -0.0]])


def _rows(calibrator: Calibrator) -> Floats:
    K = len(calibrator.classes)
    many = max(2, min(64, MOST_CELLS // (12 * K)))
    rng = np.random.default_rng(20_240_601)
    rows = [np.zeros((1, K)), *(size * np.eye(K)[:many] for size in (1.0, 50.0, 745.2, 1e4))]
    rows += [scale * rng.standard_normal((many, K)) for scale in (0.1, 1.0, 10.0, 100.0)]
    tied = rng.standard_normal((many, K))
    tied[:, 1] = tied[:, 0]
    z = np.concatenate([*rows, tied, tied.round()])
    if calibrator.scale == "logit":
        return np.concatenate([z, -z, _with_impossible(tied, rng)])
    with np.errstate(under="ignore"):
        p = expit(z - z.max(axis=1, keepdims=True)) * 2.0
    p /= p.sum(axis=1, keepdims=True)
    tails = np.full((4, K), 0.0)
    tails[:, 0] = [1e-300, 1e-16, calibrator.floor, 1.0]
    tails[:, 1] = 1.0 - tails[:, 0]
    return np.concatenate([p, tails, np.eye(K)[:many], np.full((2, K), 1.0 / K)])


def _with_impossible(z: Floats, rng: np.random.Generator) -> Floats:
    """Return rows in which some classes, but never all, have the logit −inf."""
    masked = np.where(rng.random(z.shape) < 0.3, -np.inf, z)
    masked[:, -1] = z[:, -1]
    return masked
