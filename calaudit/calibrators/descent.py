"""Newton's method as a conversation: it names a point, and is told value and gradient there.

So that one pass over the rows can serve several descents at once. Where the curvature is that
of a share of the rows only, L-BFGS (Nocedal 1980) learns the difference from the steps taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.curvature import Curvature

Floats = NDArray[np.float64]

MEMORY = 20
LEAST_STEP = 2.0**-20


class Descent:
    """One minimisation of a convex function.

    Attributes:
        trial: where the value is wanted next. best: the best point so far.
        left: largest component of the gradient there, relative to the size of its terms.
        done: whether that is at most ``close``, or no step helps.

    Args:
        start: first point.
        size: of the terms of each component of the gradient.
        close: the relative gradient that is small enough.
        curvature: returns about the second derivative at a point.
    """

    def __init__(
        self, start: Floats, size: Floats, close: float, curvature: Callable[[Floats], Curvature]
    ) -> None:
        self.trial = self.best = start
        self.left, self.done = np.inf, False
        self.close, self._size, self._curvature = close, size, curvature
        self._value, self._gradient = np.inf, np.zeros_like(start)
        self._direction, self._scale = np.zeros_like(start), 1.0
        self._steps: list[tuple[Floats, Floats]] = []

    def tell(self, value: float, gradient: Floats) -> None:
        """Take the value and gradient at ``trial`` and choose the next one."""
        slope = float((self._direction * self._gradient).sum())
        # What the value is known to by rounding counts as no rise.
        most = self._value + 1e-4 * self._scale * slope + 1e-13 * (0.1 + abs(value))
        if not value <= most:
            self._scale *= 0.5
            self.done = self._scale < LEAST_STEP
            self.trial = self.best + self._scale * self._direction
            return
        if np.isfinite(self._value):
            step, change = self.trial - self.best, gradient - self._gradient
            if float((step * change).sum()) > 1e-300:
                self._steps = [*self._steps[1 - MEMORY :], (step, change)]
        self.best, self._value, self._gradient = self.trial, value, gradient
        self.left = float((np.abs(gradient) / self._size).max())
        self.done = self.left <= self.close
        if not self.done:
            self._direction, self._scale = -self._newton(gradient), 1.0
            self.trial = self.best + self._direction

    def _newton(self, gradient: Floats) -> Floats:
        """Return the product of the inverse curvature, corrected by the steps, and a vector."""
        q, shares = gradient, []
        for step, change in reversed(self._steps):
            shares.append(float((step * q).sum()) / float((step * change).sum()))
            q = q - shares[-1] * change
        close = min(0.1, max(1e-3, self.left**0.5))
        q = self._curvature(self.best).solve(q, close)
        for (step, change), share in zip(self._steps, reversed(shares), strict=True):
            q = q + (share - float((change * q).sum()) / float((step * change).sum())) * step
        return q
