"""Sums of what each row of forecasts shows, by group: all that means and shares need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.beta import student_quantile
from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.stated_coverage import coverage

Floats = NDArray[np.float64]


class RowSums:
    """Sums, and sums of squares, of named figures of rows.

    Args:
        names: of the figures.
        grouped: whether they are summed up by group, too.
    """

    def __init__(self, names: Sequence[str], *, grouped: bool) -> None:
        self._at = {name: i for i, name in enumerate(names)}
        self.rows = 0
        self._origin = np.zeros(len(names))
        self._sums = np.zeros((2, len(names)))
        self._groups = np.zeros((0, len(names) + 1)) if grouped else None

    def add(self, figures: Sequence[Any], group: NDArray[np.intp] | None) -> None:
        """Add the figures of rows, (n,) each, and the group of each row."""
        n = len(figures[0])
        if not n:
            return
        if not self.rows:  # so that squares of large numbers do not cancel
            first = (0.0 if f.dtype == bool else f[0] for f in figures)
            self._origin = np.array([x if np.isfinite(x) else 0.0 for x in first])
        self.rows += n
        off = [f if f.dtype == bool else f - o for f, o in zip(figures, self._origin, strict=True)]
        counts = [np.count_nonzero(f) if f.dtype == bool else 0 for f in off]
        for k, (f, c) in enumerate(zip(off, counts, strict=True)):
            true = f.dtype == bool
            self._sums[0, k] += c if true else f.sum()
            self._sums[1, k] += c if true else np.einsum("i,i", f, f)
        if self._groups is not None and group is not None:
            more = int(group.max()) + 1 - len(self._groups)
            if more > 0:
                self._groups = np.pad(self._groups, ((0, max(more, len(self._groups))), (0, 0)))
            for k, each in enumerate((*off, np.ones(n))):
                self._groups[:, k] += np.bincount(group, each, len(self._groups))

    def mean(self, name: str) -> float:
        """Return the mean of a figure."""
        at = self._at[name]
        return float(self._sums[0, at] / self.rows + self._origin[at])

    def group_sums(self, name: str) -> tuple[Floats, Floats] | None:
        """Return (G,) sums of a figure and (G,) rows of each group; None without groups."""
        if self._groups is None:
            return None
        at, held = self._at[name], self._groups[self._groups[:, -1] > 0]
        return held[:, at] + held[:, -1] * self._origin[at], held[:, -1]

    def share(self, name: str, level: float) -> Estimate:
        """Return the mean of a figure that is 0 or 1, as a proportion."""
        hits = round(self.mean(name) * self.rows)
        groups = self.group_sums(name)
        return coverage(hits, self.rows, level, None if groups is None else (groups[0], groups[1]))

    def estimate(self, name: str, level: float, *, at_least: float = 0.0) -> Estimate:
        """Return the mean of a figure with its interval."""
        at, n, value = self._at[name], self.rows, self.mean(name)
        if not np.isfinite(value):
            return Estimate(value=None, reason="it is infinite in some rows")
        off = float(self._sums[0, at]) / n
        variance = max(float(self._sums[1, at]) / n - off * off, 0.0)
        groups = self.group_sums(name)
        if groups is not None:
            sums, rows = groups
            return clustered_mean(
                value, sums - rows * value, rows, variance, level=level, at_least=at_least
            )
        if n < 2 or variance <= 0.0:
            return Estimate(value=value, reason="no interval without variation")
        half = student_quantile(0.5 + level / 2, n - 1) * (variance / (n - 1)) ** 0.5
        return Estimate(
            value=value, low=max(value - half, at_least), high=value + half, level=level,
            method="Student's t", t_df=float(n - 1),
        )  # fmt: skip
