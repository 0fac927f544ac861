"""Beta calibration: different slopes at the two ends (Kull, Silva Filho & Flach 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap
from calaudit.calibrators.expression import named
from calaudit.calibrators.fit_points import LABEL_ROWS, Sample
from calaudit.calibrators.line import fit_line
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import logistic_nll
from calaudit.records.limits import Amount

Floats = NDArray[np.float64]

LEAST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Beta(BinaryMap):
    """σ(a ln p − b ln(1 − p) + c), with a, b ≥ 0 so that the map rises."""

    method: ClassVar[str] = "beta"
    a: Amount
    b: Amount
    c: float

    def logits(self, p: Floats, z: Floats) -> Floats:  # noqa: ARG002 - of the interface
        """Return a ln p − b ln(1 − p) + c, from z = logit p, which keeps both tails."""
        log_p = named("log_p", -np.logaddexp(0.0, -z))
        log_q = named("log_q", -np.logaddexp(0.0, z))
        return self.a * log_p - self.b * log_q + self.c


def beta_features(z: Floats) -> Floats:
    """Return (3, m): 1, ln p and −ln(1 − p), of logits z."""
    return np.stack([np.ones_like(z), -np.logaddexp(0.0, -z), np.logaddexp(0.0, z)])


def fit_beta(sample: Sample) -> Beta:
    """Return the maximum-likelihood coefficients under a, b ≥ 0.

    Where the free optimum has a negative slope, the optimum with that slope at 0 is taken: the
    log likelihood is concave, so that the constrained optimum lies on that side.

    Raises:
        NotEnoughData: one class, too few rows, no finite optimum, or no rising curve.
    """
    sample.require(LEAST_ROWS, "beta", each=LABEL_ROWS)
    x, (w0, w1) = beta_features(sample.z), sample.w
    c, a, b = fit_line(x, w0, w1)
    if a >= 0 and b >= 0:
        return Beta(a, b, c)
    best: tuple[float, Beta] | None = None
    for kept in (1, 2):
        c, slope = fit_line(x[[0, kept]], w0, w1)
        if slope > 0:
            found = Beta(slope, 0.0, c) if kept == 1 else Beta(0.0, slope, c)
            loss = logistic_nll(c + slope * x[kept], w0, w1)
            if best is None or loss < best[0]:
                best = (loss, found)
    if best is None:
        raise NotEnoughData(
            "the best beta curve does not rise: the scores say nothing about the labels, or the "
            "opposite of what is true",
            "Check the label column and the positive class",
        )
    return best[1]
