"""Every tool's way from logits and labels to a temperature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from benchmarks.temperatures import OWN

__all__ = ["FITTERS", "TIMED", "Fitter", "Labels", "Logits"]

Logits = NDArray[Any]
Labels = NDArray[np.int64]
Fitter = Callable[[Logits, Labels], float]


def _calaudit() -> Fitter:
    import calaudit

    def fit(logits: Logits, labels: Labels) -> float:
        fitted = calaudit.fit(labels, logits, scale="logit", method="temperature")
        return float(fitted.parameters()["T"])

    return fit


def _sklearn() -> Fitter:
    # The estimator inside CalibratedClassifierCV(method="temperature"), without its cross-fitting.
    from sklearn.calibration import _TemperatureScaling

    return lambda logits, labels: 1.0 / float(_TemperatureScaling().fit(logits, labels).beta_)


def _probmetrics() -> Fitter:
    import torch
    from probmetrics.calibrators import TemperatureScalingCalibrator
    from probmetrics.distributions import CategoricalLogits

    def fit(logits: Logits, labels: Labels) -> float:
        given = CategoricalLogits(torch.from_numpy(logits))
        fitted = TemperatureScalingCalibrator().fit_torch(given, torch.from_numpy(labels))
        return 1.0 / float(fitted.invtemp_)

    return fit


def _netcal() -> Fitter:
    from netcal.scaling import TemperatureScaling

    def fit(logits: Logits, labels: Labels) -> float:
        fitted = TemperatureScaling()
        fitted.fit(softmax(logits, axis=1), labels, tensorboard=False)
        return 1.0 / float(fitted.temperature[0])  # what it calls so multiplies the logits

    return fit


def _recipe() -> Fitter:
    """Return the recipe of Guo et al. 2017: L-BFGS on T itself, from 1.5, at a small rate."""
    import torch

    def fit(logits: Logits, labels: Labels) -> float:
        z, y = torch.from_numpy(logits), torch.from_numpy(labels)
        t = torch.full((1,), 1.5, dtype=z.dtype, requires_grad=True)
        optimiser = torch.optim.LBFGS([t], lr=0.01, max_iter=50)

        def closure() -> torch.Tensor:
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(z / t, y)
            loss.backward()
            return loss

        optimiser.step(closure)
        return float(t.detach()[0])

    return fit


FITTERS: dict[str, Callable[[], Fitter]] = {
    OWN: _calaudit,
    "scikit-learn": _sklearn,
    "probmetrics": _probmetrics,
    "netcal": _netcal,
    "Guo et al., L-BFGS": _recipe,
}
"""Opens each tool: raises ImportError where it is not installed."""

TIMED = (OWN, "scikit-learn", "probmetrics")
"""Those that find the optimum on any scale, and so are worth timing."""
