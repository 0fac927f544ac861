"""Simulated confidences whose true error rate above every cutoff is an integral."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POINTS = 200_000


@dataclass(frozen=True, eq=False)
class Risk:
    """Confidences spread evenly over (0, 1), and how often they are wrong.

    Attributes:
        name: for messages.
        wrong: rate of errors at each share of rows that are more confident.
    """

    name: str
    wrong: Callable[[Floats], Floats]

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Floats, NDArray[np.int64]]:
        """Return confidences and whether they were right."""
        s = rng.random(n)
        return s, (rng.random(n) >= self.wrong(1 - s)).astype(np.int64)

    @cached_property
    def _among(self) -> Floats:
        """Errors among the most confident 1, 2, … of the points."""
        rate = np.broadcast_to(self.wrong((np.arange(POINTS) + 0.5) / POINTS), (POINTS,))
        among: Floats = np.cumsum(rate) / np.arange(1, POINTS + 1)
        return among

    def above(self, cutoff: float) -> float:
        """Return the true error rate of all that is accepted from a cutoff on."""
        return float(self._among[max(round((1 - cutoff) * POINTS) - 1, 0)])

    def oracle(self, limit: float) -> float:
        """Return the largest share of rows that can be accepted with an error rate in truth."""
        return float((np.flatnonzero(self._among <= limit).max(initial=-1) + 1) / POINTS)


LIMIT = 0.02


def _bump(c: Any) -> Floats:
    """Of the most confident 20 % few are wrong, of the next many, so that the limit is broken
    from 25 % on, and of those after them few again, so that it is kept from 56 % to 75 %.
    """
    rate: Floats = np.select([c < 0.2, c < 0.3, c < 0.75], [0.008, 0.07, 0.01], 0.3)
    return rate


def _bad_top(c: Any) -> Floats:
    """The most confident tenth is twice as bad as the limit, and the rest is better."""
    rate: Floats = np.select([c < 0.1, c < 0.5], [2 * LIMIT, LIMIT / 4], 0.3)
    return rate


RISKS = {
    # Among the most confident c: 0.2604 c²/3, which is 0.02 at 0.48.
    "rising": Risk("rising", lambda c: 0.2604 * c**2),
    "steep": Risk("steep", lambda c: 0.5 / (1 + np.exp(-(c - 0.6) / 0.06))),
    "flat at the limit": Risk("flat at the limit", lambda c: np.full_like(c, LIMIT)),
    "with a bump": Risk("with a bump", _bump),
    "with a bad top": Risk("with a bad top", _bad_top),
}


def _top(first: float, rest: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """Return a risk that is another one in the most confident hundredth."""
    return lambda c: np.where(c < 0.01, first, rest(c))


def shapes(limit: float) -> dict[str, Risk]:
    """Return risks by the share of rows that are more confident, relative to a limit on errors."""
    wrong = {
        # Among the most confident c: c/0.92 of the limit.
        "rising": lambda c: 2 * limit * c / 0.92,
        "noisy top": _top(0.9 * limit, lambda c: np.full_like(c, 0.7 * limit)),
        "bad top": _top(1.6 * limit, lambda c: 0.5 * limit * (1 + c)),
        "flat at .8": lambda c: np.full_like(c, 0.8 * limit),
        "flat at the limit": lambda c: np.full_like(c, limit),
    }
    return {name: Risk(name, rate) for name, rate in wrong.items()}
