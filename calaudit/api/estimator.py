"""A calibrator in the manner of scikit-learn, so that it stands in a pipeline or a grid search.

Nothing here needs scikit-learn but the one method that only scikit-learn calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator
from calaudit.errors import SettingsError

__all__ = ["ScoreCalibrator"]

Floats = NDArray[np.float64]


class ScoreCalibrator:
    """Calibrates scores: ``fit(scores, y)``, then ``predict_proba(scores)``.

    >>> import numpy as np
    >>> z = np.random.default_rng(0).normal(size=500)
    >>> y = (np.random.default_rng(1).random(500) < 1 / (1 + np.exp(-z))).astype(int)
    >>> ScoreCalibrator(method="platt", scale="logit").fit(z, y).predict_proba(z).shape
    (500, 2)

    Args:
        method: as in `calaudit.fit`.
        scale: whether scores are "probability" or "logit".
        seed: of the folds.
        floor: smallest probability before the logarithm; None for 1e-12.

    Attributes:
        calibrator_: the `Calibrator`, with its certificate, after ``fit``.
        classes_: (K,) the labels, in the order of the columns of ``predict_proba``.
    """

    calibrator_: Calibrator
    classes_: NDArray[Any]

    def __init__(
        self,
        method: str = "auto",
        scale: str = "probability",
        seed: int = 0,
        floor: float | None = None,
    ) -> None:
        self.method, self.scale, self.seed, self.floor = method, scale, seed, floor

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ScoreCalibrator:
        """Fit on scores and labels.

        Args:
            X: (n,) or (n, 1) binary scores, or (n, K) with a column a class, in the order of
                the sorted labels; two columns of probabilities are those of both classes.
            y: (n,) labels; every class must occur.
            sample_weight: (n,) weights, or None.

        Raises:
            SettingsError: the columns and the labels are not of one number of classes.
        """
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        scores = self._scores(X)
        columns = 2 if scores.ndim == 1 else scores.shape[1]
        if len(self.classes_) != columns:
            raise SettingsError(
                f"the scores are of {columns} classes, the labels of {len(self.classes_)}"
            )
        names = [str(k) for k in range(columns)]
        self.calibrator_ = fit(
            codes,
            scores,
            sample_weight=sample_weight,
            method=self.method,
            scale=self.scale,
            seed=self.seed,
            floor=self.floor,
            classes=names,
        )
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities, (n, K).

        Raises:
            sklearn.exceptions.NotFittedError: before ``fit``; `SettingsError` without
                scikit-learn.
        """
        if not hasattr(self, "calibrator_"):
            raise _not_fitted()
        p = self.calibrator_.apply(self._scores(X))
        return np.stack([1.0 - p, p], axis=1) if p.ndim == 1 else p

    def transform(self, X: Any) -> Floats:
        """Return calibrated probabilities, as `predict_proba`."""
        return self.predict_proba(X)

    def fit_transform(self, X: Any, y: Any, sample_weight: Any = None) -> Floats:
        """Fit, and return the calibrated probabilities of the same rows."""
        return self.fit(X, y, sample_weight).predict_proba(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row, (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        found: NDArray[Any] = self.classes_[best]
        return found

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 - of the interface
        """Return the arguments by name."""
        return {name: getattr(self, name) for name in ("method", "scale", "seed", "floor")}

    def set_params(self, **parameters: Any) -> ScoreCalibrator:
        """Set arguments by name."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise SettingsError(f"there is no parameter {name!r}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import Tags, TargetTags

        return Tags(estimator_type="classifier", target_tags=TargetTags(required=True))

    def _scores(self, X: Any) -> Floats:
        """Return (n,) binary scores or (n, K)."""
        scores = np.asarray(X)
        if scores.ndim == 2 and scores.shape[1] == 1:
            return scores[:, 0]
        if scores.ndim == 2 and scores.shape[1] == 2:
            return scores[:, 1] - scores[:, 0] if self.scale == "logit" else scores[:, 1]
        return scores


def _not_fitted() -> Exception:
    """Return the error of scikit-learn where it is installed: its tools look for that one."""
    message = "this ScoreCalibrator is not fitted yet: call fit(scores, y) first"
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return SettingsError(message)
    error: Exception = NotFittedError(message)
    return error
