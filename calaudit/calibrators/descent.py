"""L-BFGS as a conversation: it names a point, and is told the value and gradient there.

So that one pass over the rows can serve several descents at once (Nocedal 1980).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Descent"]

Floats = NDArray[np.float64]

MEMORY = 20


class Descent:
    """One minimisation.

    Attributes:
        trial: where the value is wanted next. best: the best point so far, with its
            ``gradient``. done: whether the gradient there is small enough, or no step helps.

    Args:
        start: first point.
        tolerance: of the largest component of the gradient.
    """

    def __init__(self, start: Floats, tolerance: float) -> None:
        self.trial = self.best = start.astype(np.float64)
        self.gradient = np.full(len(start), np.inf)
        self.done = False
        self._value = np.inf
        self._tolerance = tolerance
        self._direction = np.zeros(len(start))
        self._scale = 1.0
        self._steps: list[tuple[Floats, Floats]] = []

    def tell(self, value: float, gradient: Floats) -> None:
        """Take the value and gradient at ``trial`` and choose the next one."""
        slope = float(self._direction @ self.gradient) if np.isfinite(self._value) else 0.0
        if value > self._value + 1e-4 * self._scale * slope + 1e-15 * abs(value):
            self._scale *= 0.5
            self.done = self._scale < 1e-10
            self.trial = self.best + self._scale * self._direction
            return
        if np.isfinite(self._value):
            step, change = self.trial - self.best, gradient - self.gradient
            if float(step @ change) > 1e-300:
                self._steps = [*self._steps[1 - MEMORY :], (step, change)]
        self.best, self._value, self.gradient = self.trial, value, gradient
        self.done = bool(np.abs(gradient).max() <= self._tolerance)
        self._direction = -self._inverse_hessian(gradient)
        # Without any memory the gradient has no scale: the first step is of length one at most.
        first = 1.0 / max(float(np.linalg.norm(gradient)), 1.0)
        self._scale = 1.0 if self._steps else first
        self.trial = self.best + self._scale * self._direction

    def _inverse_hessian(self, gradient: Floats) -> Floats:
        """Return the two-loop product of the inverse Hessian estimate and a vector."""
        q = gradient.copy()
        shares = []
        for step, change in reversed(self._steps):
            share = float(step @ q) / float(step @ change)
            shares.append(share)
            q -= share * change
        if self._steps:
            step, change = self._steps[-1]
            q *= float(step @ change) / float(change @ change)
        for (step, change), share in zip(self._steps, reversed(shares), strict=True):
            q += (share - float(change @ q) / float(step @ change)) * step
        return q
