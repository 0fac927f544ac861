"""Scores for another base rate, by formula: log-odds shifted by those of the priors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, Calibrator, Map, MulticlassMap, ProbabilityMap
from calaudit.calibrators.identity import Identity, MulticlassIdentity

Floats = NDArray[np.float64]


class _AsGiven(ProbabilityMap):
    """Probabilities as they are: 0 and 1, which no prior moves, are not clipped."""

    method = "identity"

    def probabilities(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        return p


@dataclass(frozen=True, slots=True)
class _Shifted(BinaryMap):
    """The logits of a map, plus b."""

    method: ClassVar[str] = "intercept"
    inner: BinaryMap
    b: float

    def logits(self, p: Floats, z: Floats) -> Floats:
        return self.inner.logits(p, z) + self.b


@dataclass(frozen=True, slots=True, eq=False)
class _MulticlassShifted(MulticlassMap):
    """The logits of a map, plus b for each class."""

    method: ClassVar[str] = "intercept"
    inner: MulticlassMap
    b: Floats

    def scores(self, z: Floats) -> Floats:
        return self.inner.scores(z) + self.b


def uncalibrated(task: str, scale: str, classes: tuple[str, ...]) -> Calibrator:
    """Return the calibrator that leaves the scores of such rows as they are."""
    mapping: Map = MulticlassIdentity() if task == "multiclass" else Identity()
    return Calibrator(mapping, task, scale, classes)


def shifted(calibrator: Calibrator, odds: Floats) -> Calibrator:
    """Return a calibrator for rows in which classes are more, or less, frequent.

    Where P(x | class) is the same, P(class | x) is proportional to what it was times the ratio of
    the priors. It is for applying, not for a file.

    Args:
        calibrator: its probabilities hold at the old base rate.
        odds: (K,) new prior of each class over the old one, up to a factor; for one score of the
            negative and the positive class.

    Source: Elkan 2001; Saerens, Latinne & Decaestecker 2002, eq. 2.4.
    """
    b, given = np.log(odds), calibrator.map
    as_is = calibrator.method == "identity" and calibrator.scale == "probability"
    if isinstance(given, MulticlassMap):
        floor = 0.0 if as_is else calibrator.floor  # a class that cannot be stays so
        return replace(calibrator, map=_MulticlassShifted(given, b), floor=floor)
    assert isinstance(given, BinaryMap)
    return replace(calibrator, map=_Shifted(_AsGiven() if as_is else given, float(b[1] - b[0])))
