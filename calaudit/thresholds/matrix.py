"""Decisions among several classes under a cost matrix."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calaudit.metrics.clustered import clustered_mean
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.weighting import Weighed
from calaudit.thresholds.outcome import PER, mean_cost, per_case

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CostMatrix:
    """What each decision costs for each true class.

    Attributes:
        cost: (K, D) cost of decision d where the truth is class k.
        classes: names of the K classes. decisions: names of the D decisions.
    """

    cost: Floats
    classes: tuple[str, ...]
    decisions: tuple[str, ...]

    @property
    def own(self) -> NDArray[np.intp] | None:
        """(K,) the decision with the name of each class; None where a class has none."""
        if not set(self.classes) <= set(self.decisions):
            return None
        return np.array([self.decisions.index(name) for name in self.classes], np.intp)


CHEAPEST, TOP, SINGLE = 0, 1, 2
"""Rules: the cheapest decision by the probabilities, the top class, the best for all alike."""


class MatrixSums:
    """Accumulates what two rules decide: the cheapest by the probabilities, and the top class.

    Args:
        matrix: the costs.
        frequency: whether a row of weight w stands for w rows.
    """

    def __init__(self, matrix: CostMatrix, *, frequency: bool = False) -> None:
        self.matrix, self.frequency = matrix, frequency
        shape = matrix.cost.shape
        self.w, self.w2, self.rows = np.zeros((3, 2, *shape))
        self.promised = np.zeros(2)
        self.difference = np.zeros(3)
        """Sums of w d, w² d and w² d², d the cost of the top class less that of the cheapest."""
        self.paid: Floats | None = None
        """(3 + D, G) weight by group, and what the two rules and each single decision cost."""

    def add(
        self, probabilities: Floats, predicted: NDArray[np.intp], truth: NDArray[np.int64],
        weights: Floats | None,
    ) -> Floats:  # fmt: skip
        """Add rows, and return (2 + D, n) what the rules, and each single decision, cost them.

        Args:
            probabilities: (n, K).
            predicted: (n,) class of the largest probability.
            truth: (n,) true class.
            weights: (n,) or None.
        """
        w = np.ones(len(truth)) if weights is None else weights
        w2, rows = (w, w) if self.frequency else (w * w, np.ones(len(w)))
        expected = probabilities @ self.matrix.cost
        cheapest = expected.argmin(axis=1)
        own = self.matrix.own
        rules = [cheapest] if own is None else [cheapest, own[predicted]]
        each = np.arange(len(truth))
        paid = []
        for i, decision in enumerate(rules):
            at = truth * self.matrix.cost.shape[1] + decision
            size = self.matrix.cost.size
            for sums, values in ((self.w, w), (self.w2, w2), (self.rows, rows)):
                sums[i] += np.bincount(at, values, size).reshape(self.matrix.cost.shape)
            self.promised[i] += float(w @ expected[each, decision])
            paid.append(self.matrix.cost[truth, decision])
        if own is not None:
            d = paid[1] - paid[0]
            self.difference += [float(w @ d), float(w2 @ d), float(w2 @ (d * d))]
        return np.concatenate([np.stack([paid[0], paid[-1]]), self.matrix.cost[truth].T])

    def merge(self, other: MatrixSums) -> MatrixSums:
        """Return the sums of the rows of both."""
        merged = MatrixSums(self.matrix, frequency=self.frequency)
        merged.w, merged.w2 = self.w + other.w, self.w2 + other.w2
        merged.rows = self.rows + other.rows
        merged.promised = self.promised + other.promised
        merged.difference = self.difference + other.difference
        return merged

    @property
    def total(self) -> float:
        """Weight of all rows."""
        return float(self.w[0].sum())

    def cost(self, rule: int, level: float) -> Estimate:
        """Return the mean cost per 1,000 cases of a rule: 0 the cheapest, 1 the top class."""
        sums = Weighed(self.w[rule], self.w2[rule], self.rows[rule])
        return self._estimate(sums, level, self._paid(rule))

    def single(self, level: float) -> tuple[int, Floats, Estimate]:
        """Return the best decision that is the same for all, its cases and its cost."""
        best = int((self.w[0].sum(axis=1) @ self.matrix.cost).argmin())
        chosen = np.arange(len(self.matrix.decisions)) == best
        sums = Weighed(self.w[0], self.w2[0], self.rows[0]).of(
            lambda x: np.where(chosen, x.sum(axis=1, keepdims=True), 0.0)
        )
        return best, sums.w, self._estimate(sums, level, self._paid(SINGLE, best))

    def saving(self, level: float) -> Estimate:
        """Return what the cheapest decision saves against the top class, per 1,000 cases."""
        if self.matrix.own is None:
            return Estimate(value=None, reason="not every class is a decision")
        return self.excess(TOP, CHEAPEST, level)

    def excess(self, one: int, other: int, level: float) -> Estimate:
        """Return what one rule costs more than another per 1,000 cases, paired by row.

        Args:
            one: CHEAPEST by the probabilities, TOP class, or the best SINGLE decision.
            other: likewise.
            level: of the interval.
        """
        turn = one < other
        first, second = sorted((one, other), reverse=True)
        total, cross, squared = self.difference
        if first == SINGLE:
            cost = self.matrix.cost
            d = cost[:, [self.single(level)[0]]] - cost
            w, w2 = self.w[second], self.w2[second]
            total, cross, squared = (w * d).sum(), (w2 * d).sum(), (w2 * d * d).sum()
        mean = float(total) / self.total
        squares = float(self.w2[0].sum())
        spread = max(float(squared) - 2.0 * mean * float(cross) + squares * mean * mean, 0.0)
        mean = -mean if turn else mean
        paid = [self._paid(rule, self.single(level)[0]) for rule in (one, other)]
        if paid[0] is not None and paid[1] is not None:
            return self._clustered(mean, paid[0] - paid[1], spread / squares, level)
        half = normal_quantile(0.5 + level / 2) * math.sqrt(spread) / self.total
        return Estimate(
            value=float(PER * mean),
            low=float(PER * (mean - half)),
            high=float(PER * (mean + half)),
            level=level,
            method="paired normal",
        )

    def _paid(self, rule: int, best: int = 0) -> Floats | None:
        """Return (G,) what a rule, or the best single decision, cost; None without groups."""
        at = 1 + (rule if rule < SINGLE else SINGLE + best)
        return None if self.paid is None else self.paid[at]

    def _clustered(self, mean: float, paid: Floats, variance: float, level: float) -> Estimate:
        """Return a mean with the interval of groups that paid so much."""
        assert self.paid is not None
        unit = float(self.w2[0].sum()) / self.total
        rows = self.paid[0] / unit
        off = paid / unit - mean * rows
        return per_case(clustered_mean(mean, off, rows, variance, level=level))

    def _estimate(self, sums: Weighed, level: float, paid: Floats | None = None) -> Estimate:
        if paid is not None:
            w, cost = sums.w / self.total, self.matrix.cost
            mean = float((w * cost).sum())
            return self._clustered(mean, paid, float((w * (cost - mean) ** 2).sum()), level)
        made = sums.w.sum(axis=0) > 0  # a decision that is never made cannot go wrong
        classes = sums.of(lambda x: x.sum(axis=1))
        there = classes.w > 0
        near = np.where(there, classes.w2, sums.w2.sum()) / np.where(there, classes.w, self.total)
        mean, low, high = mean_cost(
            self.matrix.cost[:, made].ravel(),
            sums.of(lambda x: x[:, made].ravel()),
            level,
            near=np.repeat(near, made.sum()),
        )
        return Estimate(
            value=PER * mean, low=PER * low, high=PER * high, level=level, method="MOVER Wilson"
        )
