"""A calibrator in the manner of scikit-learn, so that it stands in a pipeline or a grid search.

Nothing here needs scikit-learn but the one method that only scikit-learn calls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError, SettingsError

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
        n_features_in_: number of columns of scores.
        feature_names_in_: their names, where they were in a frame.
    """

    calibrator_: Calibrator
    classes_: NDArray[Any]
    n_features_in_: int
    feature_names_in_: NDArray[Any]
    _output: Any

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
        scores, names = _checked(X)
        self.classes_, codes = np.unique(_labels(y), return_inverse=True)
        columns = self._columns(scores)
        if len(self.classes_) != columns:
            labels = "1 class" if len(self.classes_) == 1 else f"{len(self.classes_)} classes"
            raise SettingsError(f"the scores are of {columns} classes, the labels of {labels}")
        self.n_features_in_ = 1 if scores.ndim == 1 else scores.shape[1]
        self.__dict__.pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        names_of = [str(k) for k in range(columns)]
        own = {"sample_weight": sample_weight, "classes": names_of, **self.get_params()}
        self.calibrator_ = fit(codes, self._of_classes(scores), **own)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Return calibrated probabilities, (n, K).

        Raises:
            sklearn.exceptions.NotFittedError: before ``fit``; `SettingsError` without
                scikit-learn.
        """
        if not hasattr(self, "calibrator_"):
            raise _not_fitted()
        scores, names = _checked(X)
        found = 1 if scores.ndim == 1 else scores.shape[1]
        if found != self.n_features_in_:
            shape = "Reshape your data: " if scores.ndim == 1 else ""
            raise SettingsError(
                f"{shape}X has {found} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input"
            )
        known = getattr(self, "feature_names_in_", None)
        if known is not None and names is not None and list(known) != list(names):
            raise SettingsError(
                "The feature names should match those that were passed during fit, in the same "
                f"order: {', '.join(known)}; these are {', '.join(names)}"
            )
        p = self.calibrator_.apply(self._of_classes(scores))
        return np.stack([1.0 - p, p], axis=1) if p.ndim == 1 else p

    def transform(self, X: Any) -> Any:
        """Return what `predict_proba` does, (n, K), in the form that `set_output` said."""
        p, kind = self.predict_proba(X), getattr(self, "_output", "default")
        if kind == "default":
            return p
        names = list(self.get_feature_names_out())
        if kind == "polars":
            import polars as pl

            return pl.DataFrame(p, schema=names)
        import pandas as pd

        return pd.DataFrame(p, columns=names, index=getattr(X, "index", None))

    def set_output(self, *, transform: str | None = None) -> ScoreCalibrator:
        """Say what `transform` returns: "default" (an array), "pandas" or "polars"; None: as it is.

        Raises:
            SettingsError: there is no such output.
        """
        if transform not in (None, "default", "pandas", "polars"):
            raise SettingsError(f"transform is default, pandas or polars, not {transform!r}")
        self._output = transform or getattr(self, "_output", "default")
        return self

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the names of the columns of `transform`, (K,): those of the classes."""
        if not hasattr(self, "calibrator_"):
            raise _not_fitted()
        return np.array([f"p_{name}" for name in self.classes_], dtype=object)

    def fit_transform(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit, and return the calibrated probabilities of the same rows."""
        return self.fit(X, y, sample_weight).transform(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label of each row, (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the mean log likelihood of the labels in nats: the log loss, negative.

        It is what a calibrator is fitted for; accuracy hardly depends on it.

        Args:
            X: scores, as for `predict_proba`.
            y: (n,) labels that were there in `fit`; the probability of others is 0.
            sample_weight: (n,) weights, or None.
        """
        p, y = self.predict_proba(X), _labels(y)
        given = (p * (y[:, None] == self.classes_)).sum(axis=1)
        with np.errstate(divide="ignore"):
            return float(np.average(np.log(given), weights=sample_weight))

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

    def __repr__(self) -> str:
        """Return how it was made."""
        return f"ScoreCalibrator({', '.join(f'{k}={v!r}' for k, v in self.get_params().items())})"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, Tags, TargetTags, TransformerTags

        of = {"classifier_tags": ClassifierTags(), "transformer_tags": TransformerTags()}
        return Tags(estimator_type="classifier", target_tags=TargetTags(required=True), **of)

    def _columns(self, scores: Floats) -> int:
        """Return how many classes the scores are of."""
        return 2 if scores.ndim == 1 else max(scores.shape[1], 2)

    def _of_classes(self, scores: Floats) -> Floats:
        """Return (n,) binary scores or (n, K)."""
        if scores.ndim == 2 and scores.shape[1] == 1:
            return scores[:, 0]
        if scores.ndim == 2 and scores.shape[1] == 2:
            return scores[:, 1] - scores[:, 0] if self.scale == "logit" else scores[:, 1]
        return scores


def _checked(X: Any) -> tuple[Floats, NDArray[Any] | None]:
    """Return scores as an array of numbers, and the names of their columns where they have some.

    Raises:
        InputError: they are no dense array of numbers, or an empty one.
    """
    if hasattr(X, "toarray"):
        raise InputError("sparse input is not supported: give a dense array, as X.toarray()")
    scores = np.asarray(X)
    if scores.dtype.kind == "c":
        raise InputError("Complex data not supported: scores are real numbers")
    try:
        scores = scores if scores.dtype.kind in "fiub" else scores.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"the scores are not numbers: {error}") from None
    if scores.ndim not in (1, 2) or 0 in scores.shape:
        what = "feature" if scores.ndim == 2 and len(scores) else "sample"
        told = f"0 {what}(s) (shape={scores.shape}) while a minimum of 1 is required"
        raise InputError(f"{told}; give (n,) or (n, K) scores")
    wrong = np.isnan(scores) | (scores == np.inf)
    if wrong.any():
        at = np.argwhere(wrong)[0].tolist()
        raise InputError(f"Input X contains NaN or infinity, the first at {at}")
    names = list(getattr(X, "columns", ()))
    named = names and all(isinstance(name, str) for name in names)
    return scores, np.array(names, dtype=object) if named else None


def _labels(y: Any) -> NDArray[Any]:
    """Return labels as (n,).

    Raises:
        InputError: there are none, or they are measurements.
    """
    if y is None:
        raise InputError("requires y to be passed, but the target y is None")
    labels = np.asarray(y).reshape(-1)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise InputError("Input y contains NaN or infinity")
    if labels.dtype.kind == "f" and not np.array_equal(labels, np.round(labels)):
        raise InputError("Unknown label type: continuous; labels are classes, such as 0 and 1")
    return labels


def _not_fitted() -> Exception:
    """Return the error of scikit-learn where it is installed: its tools look for that one."""
    message = "this ScoreCalibrator is not fitted yet: call fit(scores, y) first"
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return SettingsError(message)
    error: Exception = NotFittedError(message)
    return error
