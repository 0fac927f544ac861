"""Laws by which scores and outcomes are drawn, with the true cost of every cutoff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri

Floats = NDArray[np.float64]

POINTS = 200_000


@dataclass(frozen=True, eq=False)
class Law:
    """Scores at evenly spread quantiles of the cases, and the rate of positives at each.

    Attributes:
        name: for messages.
        made: from quantiles to scores, which rise, and rates.
    """

    name: str
    made: Callable[[Floats], tuple[Floats, Floats]]

    @cached_property
    def population(self) -> tuple[Floats, Floats]:
        """Scores and rates of cases that stand for all."""
        return self.made((np.arange(POINTS) + 0.5) / POINTS)

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Return scores and labels."""
        scores, rates = self.population
        at = rng.integers(0, POINTS, n)
        return scores[at], (rng.random(n) < rates[at]).astype(np.int64)

    def costs(self, fn: float) -> Floats:
        """Return (POINTS + 1,) true costs per 1,000 cases of acting from each score on.

        Args:
            fn: cost of a missed positive; a false alarm costs 1.
        """
        _, rates = self.population
        missed = np.concatenate([[0.0], np.cumsum(rates)])
        alarms = np.concatenate([np.cumsum((1 - rates)[::-1])[::-1], [0.0]])
        cost: Floats = 1000 * (fn * missed + alarms) / POINTS
        return cost

    def cost(self, cutoff: float | None, fn: float) -> float:
        """Return the true cost of acting from a cutoff on; None for never."""
        at = POINTS if cutoff is None else int(np.searchsorted(self.population[0], cutoff))
        return float(self.costs(fn)[at])

    def cheapest(self, fn: float) -> float:
        """Return the best cutoff."""
        at = int(self.costs(fn).argmin())
        return float(self.population[0][at]) if at < POINTS else 2.0


def _on_logits(
    centre: float, spread: float, score: Callable[[Floats], Any], rate: Callable[[Floats], Any]
) -> Callable[[Floats], tuple[Floats, Floats]]:
    def made(u: Floats) -> tuple[Floats, Floats]:
        z = centre + spread * ndtri(u)
        return expit(score(z)), rate(z)

    return made


LAWS = {law.name: law for law in (
    Law("calibrated", _on_logits(-2.6, 1.3, lambda z: z, expit)),
    Law("overconfident", _on_logits(-1.0, 1.3, lambda z: 1.8 * z, expit)),
    Law("wavy", _on_logits(-2.6, 1.3, lambda z: z, lambda z: expit(z + 0.8 * np.sin(4 * z)))),
    Law("stepped", lambda u: (u, np.where(u < 0.7, 0.02, 0.57))),
    Law("plateau", lambda u: (u, np.select([u < 0.3, u < 0.9], [0.004, 0.07], 0.9))),
    # Half of the cases are in a group whose scores are too high, half in one where they are flat.
    Law("two groups", _on_logits(-1.5, 1.5, lambda z: z,
                                 lambda z: 0.5 * expit(z - 1.5) + 0.5 * expit(2 * z + 1.0))),
)}  # fmt: skip
