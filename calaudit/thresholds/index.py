"""Indices that a cutoff may make the largest, and the costs that they locally are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.thresholds.costs import ACT, PASS, Costs

Floats = NDArray[np.float64]


def index_of(name: str, done: Floats) -> Floats:
    """Return F1 = 2TP/(2TP + FP + FN), Youden's J = recall − fpr or balanced accuracy (J + 1)/2.

    Args:
        name: "f1", "youden" or "balanced-accuracy".
        done: (3, 2, …) weight of the cases by what is done with them and label; none is reviewed.
    """
    (tn, fn), (fp, tp) = done[PASS], done[ACT]
    if name == "f1":
        f1: Floats = 2.0 * tp / (2.0 * tp + fp + fn)
        return f1
    youden: Floats = tp / (tp + fn) - fp / (fp + tn)
    return youden if name == "youden" else (youden + 1.0) / 2.0


def costs_of_index(name: str, done: Floats) -> Costs:
    """Return costs of which a case has as much as it takes from the index, 0 in the mean.

    To first order, by the influence function: an interval of the mean cost is one of the index.
    """
    (tn, fn), (fp, tp) = done[PASS], done[ACT]
    total = float(done.sum())
    if name == "f1":
        f1, each = float(index_of(name, done)), float(2.0 * tp + fp + fn) / total
        return Costs(fp=f1 / each, fn=f1 / each, tp=(2.0 * f1 - 2.0) / each)
    ones, zeros = float(tp + fn), float(fp + tn)
    recall, fpr = float(tp) / ones, float(fp) / zeros
    half = 1.0 if name == "youden" else 0.5
    one, zero = half * total / ones, half * total / zeros
    return Costs(fn=one * recall, tp=one * (recall - 1), fp=zero * (1 - fpr), tn=-zero * fpr)
