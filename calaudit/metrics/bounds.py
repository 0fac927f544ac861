"""How far figures of a table with several scores in a cell can be from the exact ones."""

from __future__ import annotations

import numpy as np

from calaudit.tables.cells import Cells

PLACED = 2.0**-28
"""Relative precision to which the table keeps where in a cell the scores lie."""


def brier_bound(cells: Cells) -> float | None:
    """Return the largest possible error of the Brier score; None when it is exact.

    Scores in a cell of width h have a variance of at most h²/4 (Popoviciu); their mean is
    kept to `PLACED` of their tail.
    """
    if cells.exact:
        return None
    total = cells.w[0] + cells.w[1]
    return float((total * (cells.width**2 / 4.0 + PLACED * cells.width)).sum() / total.sum())


def log_loss_bound(cells: Cells) -> float | None:
    """Return the largest possible error of the log loss; None when it is exact.

    −log is convex with second derivative at most 1/x² from the small end x of the cell, so
    that a mean over a cell of width h is off by at most h²/(8x²); that mean is kept to `PLACED`.
    """
    if cells.exact:
        return None
    held = cells.width > 0
    h = cells.width[held]
    q0, q1 = cells.q[:, held]
    above = cells.above[held]
    end = np.maximum(np.minimum(q0, q1) - h, np.minimum(q0, q1) / 2.0)
    far = (h / np.maximum(end, np.finfo(np.float64).tiny)) ** 2 / 8.0
    near = (h / 0.5) ** 2 / 8.0
    w0, w1 = cells.w[:, held]
    unlikely = np.where(above, w0, w1)
    total = float(cells.w.sum())
    return float((unlikely * far + (w0 + w1 - unlikely) * near).sum()) / total + PLACED
