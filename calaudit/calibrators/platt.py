"""Platt scaling: a line on the logits (Platt 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.calibrators.line import fit_line
from calaudit.errors import NotEnoughData
from calaudit.records.limits import Positive

Floats = NDArray[np.float64]

LEAST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Platt(BinaryMap):
    """σ(a z + b), z = logit p."""

    method: ClassVar[str] = "platt"
    a: Positive
    b: float

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return a z + b."""
        return self.a * z + self.b


def platt_line(sample: Sample) -> Platt:
    """Return the maximum-likelihood line, whatever the sign of its slope.

    Raises:
        NotEnoughData: one class, too few rows, equal scores, or scores that separate the labels.
    """
    sample.require(LEAST_ROWS, "platt", each=LABEL_ROWS)
    b, a = fit_line(np.stack([np.ones_like(sample.z), sample.z]), *sample.w)
    return Platt(a, b)


def fit_platt(sample: Sample) -> Platt:
    """Return the maximum-likelihood line on the logits (labels as they are, not smoothed).

    Raises:
        NotEnoughData: as for `platt_line`, or the line falls.
    """
    line = platt_line(sample)
    if line.a <= 0:
        raise NotEnoughData(
            f"the best line on the logits does not rise (slope {line.a:.3g}): the scores say "
            "nothing about the labels, or the opposite of what is true",
            "Check the label column and the positive class",
        )
    return line
