"""No calibration: what ``auto`` chooses where nothing would help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, MulticlassMap

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Identity(BinaryMap):
    """Scores as they are, from logits σ(z)."""

    method: ClassVar[str] = "identity"

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return z."""
        return z

    def probabilities(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return p, not clipped."""
        return p

    def expression(self, p: Any, z: Any) -> Any:  # noqa: ARG002 - of the interface
        """Return p."""
        return p


@dataclass(frozen=True, slots=True)
class MulticlassIdentity(MulticlassMap):
    """Scores as they are: softmax(Z)."""

    method: ClassVar[str] = "identity"

    def scores(self, z: Floats) -> Floats:
        """Return Z."""
        return z
