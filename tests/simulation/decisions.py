"""Simulated decisions whose true cost and true error rate are known, from densities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

from calaudit.calibrators.fit_points import sample_of
from calaudit.errors import NotEnoughData
from calaudit.metrics.estimate import Estimate
from calaudit.tables import ScoreTable
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.crossfit import cross_fitted, deals_of, in_sample
from calaudit.thresholds.ladder import Ladder, ladder_of
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem

Floats = NDArray[np.float64]

POINTS = 400_000
"""Quantiles that stand for the population."""

STEP = 0.01
"""Logits of scores are rounded to this, as in many files, so that some of them are equal."""


@dataclass(frozen=True, eq=False)
class Mixed:
    """Rates σ(z), z = shift + spread·N, and scores σ(z + bend·z|z|), of rounded logits.

    Attributes:
        name: for messages.
        shift, spread: mean and standard deviation of the logits of the rates.
        bend: above 0 the scores are overconfident, the more so the more certain they are: no
            line on their logits mends it.
    """

    name: str
    shift: float = 0.0
    spread: float = 1.5
    bend: float = 0.0

    def scores(self, z: Floats) -> Floats:
        """Return the scores of logits of rates."""
        s: Floats = expit(np.round((z + self.bend * z * np.abs(z)) / STEP) * STEP)
        return s

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Return scores and labels."""
        z = self.shift + self.spread * rng.normal(size=n)
        return self.scores(z), (rng.random(n) < expit(z)).astype(np.int64)

    @cached_property
    def population(self) -> tuple[Floats, Floats, Floats]:
        """Scores at evenly spaced quantiles, and positives and negatives below each."""
        z = self.shift + self.spread * ndtri((np.arange(POINTS) + 0.5) / POINTS)
        rate = expit(z)
        below = [np.concatenate([[0.0], np.cumsum(x)]) / POINTS for x in (rate, 1 - rate)]
        return self.scores(z), below[0], below[1]

    def cost(self, costs: Costs, low: float, high: float) -> float:
        """Return the true cost per 1,000 cases of reviewing from ``low``, acting from ``high``."""
        s, positives, negatives = self.population
        a, b = np.searchsorted(s, [low, high])
        review = (costs.review or 0.0) * (b - a) / POINTS
        missed, alarms = positives[a], negatives[-1] - negatives[b]
        return float(1000 * (costs.fn * missed + review + costs.fp * alarms))

    def rates(self, cutoff: float) -> dict[str, float]:
        """Return the true precision, recall and false positive rate of acting from a cutoff on."""
        s, positives, negatives = self.population
        at = int(np.searchsorted(s, cutoff))
        caught, alarms = positives[-1] - positives[at], negatives[-1] - negatives[at]
        return {
            "min_precision": caught / max(caught + alarms, 1e-300),
            "min_recall": caught / positives[-1],
            "max_fpr": alarms / negatives[-1],
        }


MODELS = {
    "balanced": Mixed("balanced"),
    "rare": Mixed("rare", shift=-4.35),
    "overconfident": Mixed("overconfident", bend=0.5),
}


def ladder_from(s: Any, y: Any) -> Ladder:
    """Return the ladder of rows."""
    return ladder_of(sample_of(ScoreTable.of(s, y).cells()))


def cut_of(ladder: Ladder, rung: int) -> float:
    """Return the cutoff in the middle between two scores, as it is printed."""
    p = ladder.sample.p
    if rung == 0:
        return 0.0
    return 2.0 if rung == len(p) else float(p[rung - 1] + p[rung]) / 2


@dataclass(frozen=True, slots=True)
class Run:
    """A policy on one sample.

    Attributes:
        true: its cost per 1,000 cases to come.
        apparent: its cost on the rows it was chosen on.
        estimate: the cost that is reported.
    """

    true: float
    apparent: Estimate
    estimate: Estimate

    @property
    def covered(self) -> bool:
        """Whether the interval holds the true cost."""
        low, high = self.estimate.low, self.estimate.high
        assert low is not None
        assert high is not None
        return low <= self.true <= high


def decided(model: Mixed, n: int, costs: Costs, seed: list[int]) -> dict[str, Run]:
    """Return what both rules choose on one sample, and what is reported of them."""
    rng = np.random.default_rng(seed)
    s, y = model.draw(rng, n)
    while y.min() == y.max():  # refused, so that the rows are drawn anew
        s, y = model.draw(rng, n)
    ladder = ladder_from(s, y)
    deals = deals_of(ladder.sample, 0)
    problem = Problem(costs=costs, reviews=costs.review is not None)
    runs = {}
    for rule in ("calibrated", "empirical"):
        choose = getattr(problem, rule)
        try:
            policy: Policy = choose(ladder)
        except NotEnoughData:
            choose = problem.empirical
            policy = choose(ladder)
        true = model.cost(costs, cut_of(ladder, policy.low), cut_of(ladder, policy.high))
        tried = cross_fitted(choose, ladder, deals, policy)
        apparent = in_sample(policy, ladder.sample).cost(costs, 0.95)
        runs[rule] = Run(true, apparent, tried.cost(costs, 0.95))
    return runs
