"""Maximum-likelihood coefficients of logistic calibrators, with what has no optimum refused."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.fit_points import Sample
from calaudit.errors import NotEnoughData
from calaudit.metrics.logistic import expit, fit_logistic

Floats = NDArray[np.float64]

SEPARATED = (
    "no finite fit: a threshold on the scores separates the labels, so that the likelihood grows "
    "without end as the curve becomes a step (T goes to 0)",
    "Fit on rows on which the model errs now and then",
)


def fit_line(x: Floats, w0: Floats, w1: Floats) -> list[float]:
    """Return the coefficients of a logistic regression.

    Args:
        x: (d, m) features, the first of them constant, the others rising with the score.
        w0: (m,) weight of label 0.
        w1: (m,) weight of label 1.

    Raises:
        NotEnoughData: no finite optimum, or the features do not vary.
    """
    held = (w0 + w1) > 0
    x, w0, w1 = x[:, held], w0[held], w1[held]
    if not np.ptp(x[1:], axis=1).all():
        raise NotEnoughData("all scores are equal: there is nothing to fit a curve to")
    for feature in x[1:]:
        ones, zeros = feature[w1 > 0], feature[w0 > 0]
        if ones.min() >= zeros.max() or ones.max() <= zeros.min():
            raise NotEnoughData(*SEPARATED)
    size = np.sqrt((x * x * (w0 + w1)).sum(axis=1) / float((w0 + w1).sum()))
    start = np.zeros(len(x))
    start[1:] = 1.0 / max(len(x) - 1, 1)
    beta, ok = fit_logistic(x / size[:, None], w0, w1, start)
    if not ok or not np.isfinite(beta).all():
        raise NotEnoughData(*SEPARATED)
    return [float(b) for b in beta / size]


def coefficient_errors(
    x: Floats, sample: Sample, beta: Floats, offset: Floats | float = 0.0
) -> Floats:
    """Return standard errors of the coefficients by the sandwich, which needs no right model."""
    p = expit(beta @ x + offset)
    w = sample.w[0] + sample.w[1]
    bread = np.linalg.pinv((x * (w * p * (1.0 - p))) @ x.T)
    meat = (x * (sample.w2[1] * (1.0 - p) ** 2 + sample.w2[0] * p**2)) @ x.T
    errors: Floats = np.sqrt(np.maximum(np.diag(bread @ meat @ bread), 0.0))
    return errors


def gradient_left(x: Floats, sample: Sample, beta: Floats, offset: Floats | float = 0.0) -> float:
    """Return the largest component of the gradient, relative to the size of its terms."""
    p = expit(beta @ x + offset)
    w0, w1 = sample.w
    left = np.abs(x @ (w1 * (1.0 - p) - w0 * p))
    return float((left / (np.abs(x) @ (w0 + w1))).max())
