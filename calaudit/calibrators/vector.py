"""Vector scaling: a slope and an intercept for each class (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import MulticlassMap, Parameters

__all__ = ["Vector"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Vector(MulticlassMap):
    """softmax(w∘Z + b); each (K,), the intercepts summing to 0."""

    method: ClassVar[str] = "vector"
    w: Floats
    b: Floats

    def parameters(self) -> Parameters:
        """Return {"w", "b"}."""
        return {"w": self.w.tolist(), "b": self.b.tolist()}

    def logits(self, z: Floats) -> Floats:
        """Return w∘Z + b."""
        return z * self.w + self.b
