"""How uncertain a calibrator with few parameters is: their covariance, and what they move."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from calaudit.calibrators.base import BinaryMap, Calibrator, logits_of_probabilities
from calaudit.calibrators.beta import Beta, beta_features
from calaudit.calibrators.fit_points import Sample
from calaudit.calibrators.intercept import Intercept
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import Temperature
from calaudit.metrics.logistic import expit
from calaudit.metrics.normal import normal_quantile

Floats = NDArray[np.float64]

CURVED = ("platt", "beta", "temperature", "intercept")
"""Methods whose parameters have a covariance."""


def curve_features(mapping: BinaryMap, z: Floats) -> Floats:
    """Return (d, m) what the calibrated logit is linear in: derivatives by the parameters.

    Of temperature scaling the parameter is 1/T.
    """
    ones = np.ones_like(z)
    if isinstance(mapping, Platt):
        return np.stack([ones, z])
    if isinstance(mapping, Temperature):
        return z[None, :]
    return beta_features(z) if isinstance(mapping, Beta) else ones[None, :]


def curve_covariance(mapping: BinaryMap, sample: Sample) -> Floats:
    """Return (d, d) the covariance of parameters that were fitted to a sample.

    H⁻¹ (Σ w² p(1 − p) x xᵀ) H⁻¹ with H = Σ w p(1 − p) x xᵀ, the inverse information where rows
    are not weighted.
    """
    x = curve_features(mapping, sample.z)
    p = expit(mapping.logits(sample.p, sample.z))
    heavy, plain = ((x * (w.sum(axis=0) * p * (1.0 - p))) @ x.T for w in (sample.w2, sample.w))
    inverse = np.linalg.pinv(plain)
    found: Floats = inverse @ heavy @ inverse
    return found


def saved_covariance(calibrator: Calibrator) -> Floats | None:
    """Return the covariance that the certificate of a saved calibrator tells.

    How parameters vary together is told by the scores that it keeps of the rows that it was fitted
    on; how much they do, by their intervals.

    Returns:
        None where it does not tell: another method, or no intervals.
    """
    mapping, certificate = calibrator.map, calibrator.certificate
    if not isinstance(mapping, Platt | Beta | Temperature | Intercept) or not certificate.sample:
        return None
    errors = {}
    for each in certificate.parameters:
        if each.low is None or each.high is None:
            return None
        half = (each.high - each.low) / 2.0
        if isinstance(mapping, Temperature):  # whose interval is of log T, and so of log 1/T
            half = math.log(each.high / each.low) / 2.0 / mapping.T
        errors[each.name] = half / normal_quantile(0.5 + certificate.level / 2)
    names = {Platt: "ba", Beta: "cab", Temperature: "T", Intercept: "b"}[type(mapping)]
    if set(names) != set(errors):
        return None
    scores = np.array(certificate.sample, np.float64)
    logit = calibrator.scale == "logit"
    z = scores if logit else logits_of_probabilities(scores, calibrator.floor)
    p = expit(mapping.logits(expit(scores) if logit else scores, z))
    x = curve_features(mapping, z)
    shape = np.linalg.pinv((x * p * (1.0 - p)) @ x.T)
    scale = np.array([errors[name] for name in names]) / np.sqrt(np.diag(shape))
    found: Floats = shape * np.outer(scale, scale)
    return found
