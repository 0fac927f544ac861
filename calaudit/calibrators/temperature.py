"""Temperature scaling: one number that divides every logit (Guo et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, MulticlassMap
from calaudit.calibrators.fit_points import Sample
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import expit
from calaudit.records.limits import Positive

Floats = NDArray[np.float64]

LEAST_ROWS = 10

SEPARABLE = (
    "every prediction is right: accuracy on the fit rows is exactly 1, so that T goes to 0 and "
    "there is no finite temperature",
    "Is the label column the prediction? If not, fit on rows on which the model errs now and then",
)
CONSTANT = (
    "no finite temperature: the scores of the classes are equal in every row, so that they say "
    "nothing about the labels",
    "Check which columns are read as scores",
)
INVERTED = (
    "no finite temperature: the scores say nothing about the labels, or the opposite of what is "
    "true, so that the best T is infinite",
    "Check the label column, which class the scores are of (--positive) and the order of the "
    "classes (--classes)",
)


@dataclass(frozen=True, slots=True)
class Temperature(BinaryMap):
    """σ(z/T), z = logit p. T > 1: the scores were too extreme; T < 1: too timid."""

    method: ClassVar[str] = "temperature"
    T: Positive

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return z/T."""
        return z / self.T


@dataclass(frozen=True, slots=True)
class MulticlassTemperature(MulticlassMap):
    """softmax(Z/T)."""

    method: ClassVar[str] = "temperature"
    T: Positive

    def scores(self, z: Floats) -> Floats:
        """Return Z/T."""
        return z / self.T


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the mean log loss is least, and how sharply.

    Attributes:
        log_beta: log(1/T). gradient: what is left of the derivative there, relative to the
            mean absolute logit. curvature: second derivative in log T, in nats.
        error: standard error of log T by the sandwich. steps: evaluations it took.
    """

    log_beta: float
    gradient: float
    curvature: float
    error: float
    steps: int

    @property
    def temperature(self) -> float:
        """T."""
        return math.exp(-self.log_beta)


def solve_temperature(
    derivatives: Callable[[float], tuple[float, float]],
    scale: float,
    *,
    start: float = 0.0,
    close: float = 0.0,
) -> tuple[float, float, float, int]:
    """Return log β where the derivative in β is 0, both derivatives there, and the steps taken.

    Newton's method on f'(β) = 0 in u = log β, kept inside a bracket that every evaluation
    shrinks: it cannot turn negative or run away, whatever the start.

    Args:
        derivatives: f'(β) and f''(β) of a convex f with f'(0) < 0 < f'(∞).
        scale: size of the terms of f', for the stopping rule.
        start: log β to start from.
        close: step in log β that is near enough; 0 for as near as float64 allows.
    """
    low, high = -math.inf, math.inf
    u, slope, curvature = start, 0.0, 0.0
    for step in range(1, 201):
        beta = math.exp(u)
        slope, curvature = derivatives(beta)
        if slope < 0:
            low = u
        else:
            high = u
        # d/du f'(e^u) = β f''
        move = -slope / (beta * curvature) if curvature > 0 else math.copysign(2.0, -slope)
        move = max(-2.0, min(2.0, move))
        new = u + move
        if not low < new < high:
            new = 0.5 * (low + high)
        if slope == 0 or abs(new - u) <= 1e-15 or (abs(slope) <= 1e-15 * scale and step > 1):
            return u, slope, curvature, step
        if abs(move) <= close or (abs(move) < 1e-10 and abs(slope) <= 1e-12 * scale):
            return u, slope, curvature, step
        u = new
    return u, slope, curvature, 200


def temperature_optimum(sample: Sample) -> Optimum:
    """Return the temperature that maximises the likelihood of binary labels.

    f(β) = mean[LSE(βz) − β z_y] with the two logits (0, z); f' = mean[(σ(βz) − y) z] and
    f'' = mean[σ(1 − σ) z²]. The error of log T is √(Σ w² g²)/W / (f'' β), g the summands of f'.

    Raises:
        NotEnoughData: one class, too few rows, or no finite optimum.
    """
    sample.require(LEAST_ROWS, "temperature")
    z, (w0, w1) = sample.z, sample.w
    total, both = sample.total, w0 + w1
    wrong = float((w0 * np.maximum(z, 0.0) + w1 * np.maximum(-z, 0.0)).sum())
    if wrong <= 0 or not np.any(z[both > 0]):
        raise NotEnoughData(*(SEPARABLE if np.any(z[both > 0]) else INVERTED))
    if float(((w1 - w0) * z).sum()) <= 0:
        raise NotEnoughData(*INVERTED)

    def derivatives(beta: float) -> tuple[float, float]:
        rest = expit(-np.abs(beta * z))  # of both labels, the smaller probability
        up, down = np.where(z > 0, 1.0 - rest, rest), np.where(z > 0, rest, 1.0 - rest)
        slope = float(((w0 * up - w1 * down) * z).sum()) / total
        return slope, float((both * rest * (1.0 - rest) * z * z).sum()) / total

    scale = float((both * np.abs(z)).sum()) / total
    start = -math.log(max(scale, 1e-300))
    log_beta, slope, curvature, steps = solve_temperature(derivatives, scale, start=start)
    beta = math.exp(log_beta)
    s = expit(beta * z)
    squares = float(
        (sample.w2[0] * (s * z) ** 2 + sample.w2[1] * (expit(-beta * z) * z) ** 2).sum()
    )
    sharp = beta * beta * curvature
    error = math.sqrt(squares) / total / (curvature * beta) if curvature > 0 else math.inf
    return Optimum(log_beta, abs(slope) / scale, sharp, error, steps)


def fit_temperature(sample: Sample) -> Temperature:
    """Return the maximum-likelihood temperature; see `temperature_optimum`."""
    return Temperature(temperature_optimum(sample).temperature)
