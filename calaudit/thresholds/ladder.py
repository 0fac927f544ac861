"""Every cutoff of a table: what lies below it, by label."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.fit_points import Sample

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ladder:
    """Cutoffs between the cells of a table, which never split equal scores.

    Rung k, from 0 to m, is the cutoff with the cells from k on at or above it: rung 0 takes
    all, rung m none.

    Attributes:
        sample: the rows, m cells in the order of their scores.
        below: (2, m + 1) weight below each rung, by label.
    """

    sample: Sample
    below: Floats

    def __len__(self) -> int:
        return int(self.sample.w.shape[1])

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.below[:, -1].sum())

    @property
    def reached(self) -> Floats:
        """(m + 1,) weight below each rung, of both labels."""
        reached: Floats = self.below[0] + self.below[1]
        return reached

    @property
    def above(self) -> Floats:
        """(2, m + 1) weight at or above each rung, by label."""
        above: Floats = self.below[:, -1:] - self.below
        return above

    def by_group(self) -> tuple[Floats, Floats]:
        """Return (G, 2, m + 1) weight below each rung and above it, by group and label."""
        groups = self.sample.groups
        assert groups is not None
        below = np.zeros((*groups.shape[:2], groups.shape[2] + 1))
        np.cumsum(groups, axis=2, out=below[:, :, 1:])
        return below, below[:, :, -1:] - below

    def scaled(self, factors: tuple[float, float]) -> Ladder:
        """Return the ladder with the weights of each label multiplied."""
        if factors == (1.0, 1.0):
            return self
        by = np.array(factors)[:, None]
        sample = replace(self.sample, w=self.sample.w * by, w2=self.sample.w2 * by * by)
        if sample.groups is not None:
            sample = replace(sample, groups=sample.groups * by)
        return ladder_of(sample)


def ladder_of(sample: Sample) -> Ladder:
    """Return the cutoffs of a sample."""
    below = np.zeros((2, sample.w.shape[1] + 1))
    np.cumsum(sample.w, axis=1, out=below[:, 1:])
    return Ladder(sample, below)
