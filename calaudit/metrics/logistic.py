"""Weighted logistic regression on cells, by Newton's method with a safeguarded step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def expit(s: Floats) -> Floats:
    """Return 1/(1 + e^−s) without overflow."""
    e = np.exp(-np.abs(s))
    result: Floats = np.where(s >= 0, 1.0 / (1.0 + e), e / (1.0 + e))
    return result


def logistic_nll(s: Floats, w0: Floats, w1: Floats) -> float:
    """Return the negative log-likelihood of logits ``s`` with weights by label."""
    return float((w1 * np.logaddexp(0.0, -s) + w0 * np.logaddexp(0.0, s)).sum())


def fit_logistic(
    x: Floats,
    w0: Floats,
    w1: Floats,
    start: Floats,
    *,
    steps: int = 100,
    ridge: float = 0.0,
    offset: Floats | float = 0.0,
) -> tuple[Floats, bool]:
    """Return the maximum-likelihood coefficients and whether the iteration converged.

    Args:
        x: (d, m) features of each cell.
        w0: (m,) weight of label 0 in each cell.
        w1: (m,) weight of label 1 in each cell.
        start: (d,) coefficients to start from.
        steps: most Newton steps.
        ridge: half of it times the squared distance from ``start`` is added to what is minimised.
        offset: (m,) part of the logits that is not fitted.
    """
    n = float(w0.sum() + w1.sum())
    w = w0 + w1
    beta = start.astype(np.float64)
    value = logistic_nll(beta @ x + offset, w0, w1)
    own = ridge * np.eye(len(beta))
    gradient = np.full(len(beta), np.inf)
    for _ in range(steps):
        p = expit(beta @ x + offset)
        gradient = x @ (w1 - w * p) - ridge * (beta - start)
        try:
            step = np.linalg.solve((x * (w * p * (1.0 - p))) @ x.T + own, gradient)
        except np.linalg.LinAlgError:
            return beta, False
        scale = 1.0
        moved, new = beta, value
        while scale > 1e-10:
            moved = beta + scale * step
            new = logistic_nll(moved @ x + offset, w0, w1) + 0.5 * ridge * float(
                ((moved - start) ** 2).sum()
            )
            if new <= value + 1e-13 * n:
                break
            scale /= 2.0
        beta, value = moved, new
        if np.abs(step).max() <= 1e-12 * (1.0 + np.abs(beta).max()):
            return beta, True
    return beta, bool(np.abs(gradient).max() <= 1e-9 * n * (1.0 + np.abs(x).max()))
