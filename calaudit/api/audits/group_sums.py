"""What a calibrator saves on rows that come in groups: its spread is that between groups."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calaudit.api.rows.sides import CodeSet
from calaudit.metrics.beta import student_quantile
from calaudit.predictions.group_codes import Codes

__all__ = ["GroupSums"]

Floats = NDArray[np.float64]

SHARD_BITS = 16
"""Groups are hashed to 65,536 shards: a shard is a group, unless there are very many groups."""


def _none() -> Floats:
    return np.zeros(1 << SHARD_BITS)


@dataclass(slots=True)
class GroupSums:
    """Sums of weights and of savings by shard; of parts they add up.

    Attributes:
        weight, saved: (S,) Σ w and Σ w·d of the rows of each shard.
        alone: groups, as long as no group has two rows.
        dependent: whether some group has two rows or more.
    """

    weight: Floats = field(default_factory=_none)
    saved: Floats = field(default_factory=_none)
    alone: CodeSet = field(default_factory=CodeSet)
    dependent: bool = False
    _rows: int = 0

    def add(self, codes: Codes, weights: Floats | None, difference: Floats | None) -> None:
        """Add rows: (n,) codes of their groups, weights, and losses saved (None for nothing)."""
        w = np.ones(len(codes)) if weights is None else weights
        shards = (codes >> np.uint64(64 - SHARD_BITS)).astype(np.intp)
        found, at = np.unique(shards, return_inverse=True)
        self.weight[found] += np.bincount(at, w)
        if difference is not None:
            self.saved[found] += np.bincount(at, w * difference)
        if not self.dependent:
            once = np.unique(codes)
            self._rows += len(codes)
            self.dependent = len(once) < len(codes)
            self.alone.add(once)

    def merge(self, other: GroupSums) -> GroupSums:
        """Return the sums of the rows of both."""
        self.weight = self.weight + other.weight
        self.saved = self.saved + other.saved
        self.dependent = self.dependent or other.dependent
        if not self.dependent:
            self._rows += other._rows
            self.alone.add(other.alone.codes())
        return self

    def close(self) -> None:
        """Look for groups whose rows lie in several chunks, once all rows are there."""
        self.dependent = self.dependent or len(self.alone.codes()) < self._rows
        self.alone = CodeSet()

    def half_width(self, level: float) -> float | None:
        """Return half the interval of the mean saving; None where there are fewer than two groups.

        The delete-a-group jackknife of the ratio Σ w·d / Σ w, with Student's t.

        Args:
            level: of the interval.
        """
        held = self.weight > 0
        w, saved = self.weight[held], self.saved[held]
        count = len(w)
        if count < 2:
            return None
        without = (saved.sum() - saved) / (w.sum() - w)
        spread = float(((without - without.mean()) ** 2).sum())
        error = math.sqrt((count - 1) / count * spread)
        return student_quantile(0.5 + level / 2, count - 1) * error
