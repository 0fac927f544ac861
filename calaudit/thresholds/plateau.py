"""The cutoffs that the rows cannot tell from the one that is recommended."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.normal import normal_quantile
from calaudit.thresholds.ladder import Ladder

__all__ = ["plateau"]

Floats = NDArray[np.float64]


def plateau(
    ladder: Ladder, rung: int, below: Floats, above: Floats, *, level: float, first: int, last: int
) -> tuple[int, int]:
    """Return the lowest and highest rung around one whose cost is statistically no worse.

    Moving a cutoff changes what is done with the cases between, and with no others: their
    costs, paired case by case, give the difference and its standard error. Each cutoff is
    compared with the recommended one by a one-sided test at ``level``.

    Args:
        ladder: the rows.
        rung: the recommended one.
        below: (2,) cost by label of what is done below the cutoff.
        above: (2,) the same above it.
        level: of the tests.
        first: the lowest rung to look at.
        last: the highest.
    """
    step = below - above  # the cutoff moves up past a case
    w, w2 = ladder.sample.w, ladder.sample.w2
    total = np.concatenate([[0.0], np.cumsum(step @ w)])
    squares = np.concatenate([[0.0], np.cumsum(step**2 @ w2)])
    worse = total - total[rung]
    spread = np.abs(squares - squares[rung])
    # Less the square of the mean over all cases, which moves no case but those between.
    spread = np.maximum(spread - worse**2 * float(w2.sum()) / ladder.total**2, 0.0)
    fine = worse <= normal_quantile(level) * np.sqrt(spread) + 1e-9 * max(abs(total).max(), 1e-300)
    up = np.flatnonzero(~fine[rung : last + 1])
    down = np.flatnonzero(~fine[first : rung + 1][::-1])
    highest = last if not len(up) else rung + int(up[0]) - 1
    lowest = first if not len(down) else rung - int(down[0]) + 1
    return lowest, highest
