"""The pair of rungs of the smallest cost, exactly, under every constraint at once.

The cost of a band is a sum of a part that depends on its lower end and one that depends on its
upper end, and so is the slack of a constraint on both. Pairs are searched by blocks: a block is
dropped where its smallest possible cost is no better than the best pair found, or where no
pair of it can be allowed; the others are divided.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAF = 64
"""Rungs on a side of the blocks that are searched pair by pair."""

TOLERANCE = 1e-9
"""Relative to the largest sum: differences of sums of weights that are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """What the lower, or the upper, end of a band contributes; each (r,), in the order of rungs.

    Attributes:
        rungs: rungs that are allowed.
        cost: part of the cost.
        slack: part of a sum that may not exceed 0.
        reached: weight below each rung.
    """

    rungs: NDArray[np.intp]
    cost: Floats
    slack: Floats
    reached: Floats


def best_pair(low: Ends, high: Ends, capacity: float = np.inf) -> tuple[int, int] | None:
    """Return the lower and upper rung of the smallest cost; None where no pair is allowed.

    A pair is allowed where low ≤ high, the weight between is at most ``capacity``, and the
    slacks add up to at most 0. Of equally good pairs, that with the smallest rungs among the
    first found is taken: the result depends on nothing but the arguments.

    Args:
        low: the lower ends.
        high: the upper ends.
        capacity: the largest weight between.
    """
    if not len(low.rungs) or not len(high.rungs):
        return None
    room = capacity + TOLERANCE * float(high.reached[-1])
    size = float(np.abs(low.slack).max() + np.abs(high.slack).max())
    search = _Search(low, high, room, TOLERANCE * size)
    return search.run()


class _Search:
    def __init__(self, low: Ends, high: Ends, room: float, give: float) -> None:
        self.low, self.high, self.room, self.give = low, high, room, give
        self.best: tuple[int, int] | None = None
        self.cost = np.inf
        # Smallest cost and slack of aligned blocks of every power of two.
        self.minima = [_pyramid(x) for x in (low.cost, high.cost, low.slack, high.slack)]

    def run(self) -> tuple[int, int] | None:
        levels = max(len(self.minima[0]), len(self.minima[1])) - 1
        queue: list[tuple[float, int, int, int]] = []
        self._push(queue, levels, 0, 0)
        while queue:
            bound, level, i, j = heappop(queue)
            if bound >= self.cost:
                break
            if level == 0:
                self._leaf(i * LEAF, j * LEAF)
                continue
            for a in (2 * i, 2 * i + 1):
                for b in (2 * j, 2 * j + 1):
                    self._push(queue, level - 1, a, b)
        return self.best

    def _push(self, queue: list[tuple[float, int, int, int]], level: int, i: int, j: int) -> None:
        a0, b0 = (i * LEAF) << level, (j * LEAF) << level
        if a0 >= len(self.low.rungs) or b0 >= len(self.high.rungs):
            return
        a1 = min(a0 + (LEAF << level), len(self.low.rungs)) - 1
        b1 = min(b0 + (LEAF << level), len(self.high.rungs)) - 1
        if self.low.rungs[a0] > self.high.rungs[b1]:
            return
        if self.high.reached[b0] - self.low.reached[a1] > self.room:
            return
        cost_a, cost_b, slack_a, slack_b = (_at(x, level, k) for x, k in zip(
            self.minima, (i, j, i, j), strict=True))  # fmt: skip
        if slack_a + slack_b > self.give:
            return
        bound = cost_a + cost_b
        if bound < self.cost:
            heappush(queue, (bound, level, i, j))

    def _leaf(self, a0: int, b0: int) -> None:
        a, b = slice(a0, a0 + LEAF), slice(b0, b0 + LEAF)
        low, high = self.low, self.high
        cost = low.cost[a][:, None] + high.cost[b]
        allowed = low.rungs[a][:, None] <= high.rungs[b]
        allowed &= high.reached[b] - low.reached[a][:, None] <= self.room
        allowed &= low.slack[a][:, None] + high.slack[b] <= self.give
        cost = np.where(allowed, cost, np.inf)
        at = int(cost.argmin())
        i, j = divmod(at, cost.shape[1])
        if cost[i, j] < self.cost:
            self.cost = float(cost[i, j])
            self.best = (int(low.rungs[a0 + i]), int(high.rungs[b0 + j]))


def _pyramid(values: Floats) -> list[Floats]:
    """Return the minima of blocks of LEAF, 2 LEAF, 4 LEAF, … values."""
    starts = np.arange(0, len(values), LEAF)
    levels = [np.minimum.reduceat(values, starts)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append(np.minimum.reduceat(last, np.arange(0, len(last), 2)))
    return levels


def _at(pyramid: list[Floats], level: int, block: int) -> float:
    if level >= len(pyramid):  # the shorter side is one block
        return float(pyramid[-1][0])
    return float(pyramid[level][block])
