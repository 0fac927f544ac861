"""A shift of the logits, and nothing else: what another base rate asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, MulticlassMap, Numbers
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.calibrators.form import Form
from calaudit.calibrators.rows import Read
from calaudit.calibrators.scaled import ScaledFits, fit_scaled
from calaudit.metrics.logistic import fit_logistic

Floats = NDArray[np.float64]

LEAST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Intercept(BinaryMap):
    """σ(z + b), z = logit p. b > 0: the scores were too low on the whole."""

    method: ClassVar[str] = "intercept"
    b: float

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return z + b."""
        return z + self.b


@dataclass(frozen=True, slots=True, eq=False)
class MulticlassIntercept(MulticlassMap):
    """softmax(Z + b); b (K,), summing to 0."""

    method: ClassVar[str] = "intercept"
    b: Numbers

    def scores(self, z: Floats) -> Floats:
        """Return Z + b."""
        return z + self.b


class InterceptForm(Form):
    """Parameters (K, 1): intercepts."""

    method, masks, shifts = Intercept.method, True, True
    penalty = "K/(2n) times the squares of the intercepts"

    def centre(self, k: int) -> Floats:
        """Return intercepts of 0."""
        return np.zeros((k, 1))

    def pull(self, k: int) -> Floats:
        """Return K for each."""
        return np.full((k, 1), float(k))

    def scores(self, x: Floats, u: Floats) -> Floats:
        """Return x_j, by which the units are shifted."""
        return np.broadcast_to(x[:, 0], u.shape).copy()

    def back(self, r: Floats, u: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return Σ r_j."""
        sums: Floats = r.sum(axis=0)[:, None]
        return sums

    def features(self, u: Floats, j: int) -> Floats:  # noqa: ARG002 - of the interface
        """Return 1."""
        return np.ones((len(u), 1))


def fit_intercept(sample: Sample) -> Intercept:
    """Return the maximum-likelihood shift: with it the mean score is the observed rate.

    Raises:
        NotEnoughData: one class, or too few rows.
    """
    sample.require(LEAST_ROWS, "intercept", each=LABEL_ROWS)
    w0, w1 = sample.w
    ones = np.ones((1, len(sample.z)))
    beta, _ = fit_logistic(ones, w0, w1, np.zeros(1), offset=sample.z)
    return Intercept(float(beta[0]))


def fit_intercepts(
    read: Read, *, n_classes: int, folds: int, temperature: float, floor: float
) -> ScaledFits:
    """Return penalised maximum-likelihood shifts: minimise mean NLL(softmax(Z + b)) + K/(2n)·‖b‖².

    ``temperature`` is 1: slopes are not fitted. How: `fit_scaled`.
    """
    return fit_scaled(read, InterceptForm(), n_classes, folds, unit=temperature, floor=floor)
