"""scikit-learn's own checks of the calibrator, and which of them it cannot pass, and why."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from calaudit.api.estimator import ScoreCalibrator

COLUMNS = "a calibrator needs one column a class, and the check gives other numbers of columns"
SPARSE = "scores are dense; the check, of scikit-learn before 1.7, is asked of all estimators"
FEATURES = "the check gives features and asks for accuracy: a calibrator takes scores of a model"

AS_IT_IS = {
    "check_all_zero_sample_weights_error": COLUMNS,
    "check_classifiers_classes": COLUMNS,
    "check_classifiers_train": FEATURES,
    "check_dtype_object": COLUMNS,
    "check_estimators_dtypes": COLUMNS,
    "check_estimators_fit_returns_self": COLUMNS,
    "check_estimators_nan_inf": COLUMNS,
    "check_estimators_overwrite_params": COLUMNS,
    "check_estimators_pickle": COLUMNS,
    "check_n_features_in_after_fitting": COLUMNS,
    "check_pipeline_consistency": COLUMNS,
    "check_positive_only_tag_during_fit": COLUMNS,
    "check_readonly_memmap_input": COLUMNS,
    "check_sample_weight_equivalence_on_dense_data": COLUMNS,
    "check_sample_weight_equivalence_on_sparse_data": SPARSE,
    "check_supervised_y_2d": "labels of shape (n, 1) are taken as (n,), without a warning",
    "check_transformer_data_not_an_array": COLUMNS,
    "check_transformer_general": COLUMNS,
    "check_transformer_preserve_dtypes": COLUMNS,
}
"""Check → why the calibrator fails it."""

BEHIND_A_MODEL = {
    "check_all_zero_sample_weights_error": "the message says that weights sum to 0, in a figure",
    "check_dtype_object": "an object that is no number is an InputError, not a TypeError",
    "check_fit1d": "one score a row may be given as (n,)",
    "check_sample_weight_equivalence_on_sparse_data": SPARSE,
    "check_supervised_y_2d": AS_IT_IS["check_supervised_y_2d"],
}
"""The same where the columns are made to fit, so that all other checks reach the calibrator."""


class OnFeatures(ScoreCalibrator):
    """The calibrator, on scores that least squares make of any features."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> OnFeatures:
        """Fit both; what is wrong with X and y is for the calibrator to say."""
        self._told = (y, sample_weight)
        super().fit(X, y, sample_weight)
        return self

    def _columns(self, _scores: Any) -> int:
        return max(len(self.classes_), 2)

    def _of_classes(self, scores: Any) -> Any:
        x = np.column_stack([np.ones(len(scores)), scores.astype(float)])
        if "_told" in self.__dict__:
            y, weights = self.__dict__.pop("_told")
            root = np.sqrt(np.ones(len(x)) if weights is None else np.asarray(weights))[:, None]
            targets = np.asarray(y).reshape(-1, 1) == self.classes_
            self.slopes_ = np.linalg.lstsq(x * root, targets * root, rcond=None)[0]
        return super()._of_classes(x @ self.slopes_)


def checks(estimator: ScoreCalibrator, failing: dict[str, str]) -> list[Any]:
    """Return every check that there is, those with a reason marked as failing."""
    with warnings.catch_warnings():  # it inherits nothing: calaudit needs no scikit-learn
        warnings.simplefilter("ignore", UserWarning)
        return list(
            estimator_checks_generator(
                estimator, legacy=True, expected_failed_checks=failing, mark="xfail"
            )
        )


@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        *checks(ScoreCalibrator("identity", "logit"), AS_IT_IS),
        *checks(OnFeatures("identity", "logit"), BEHIND_A_MODEL),
    ],
    ids=lambda value: getattr(getattr(value, "func", value), "__name__", type(value).__name__),
)
def test_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    """A check passes, or fails for the reason that is told of it; one that passes must not."""
    check(estimator)


@pytest.mark.parametrize("method", ["auto", "temperature"])
def test_methods_that_are_fitted(method: str) -> None:
    """Checks on scores that fit: what a fitted method returns is of rows alone, and pickles."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 200)
    z = rng.normal(size=(200, 3)) + np.eye(3)[y]
    fitted = ScoreCalibrator(method, "logit").fit(z, y)
    p, order = fitted.predict_proba(z), rng.permutation(200)
    assert np.array_equal(fitted.predict_proba(z[order]), p[order])
    assert np.allclose(fitted.predict_proba(z[:7]), p[:7])
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(z), p)
