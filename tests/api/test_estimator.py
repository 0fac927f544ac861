"""The calibrator as scikit-learn uses it."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from calaudit.api.estimator import ScoreCalibrator
from calaudit.api.fitting import fit
from calaudit.errors import InputError, SettingsError
from tests.calibrators.simulated import binary, several


def test_binary_scores_in_any_shape() -> None:
    """One column, two columns and a vector of logits give one calibrator, that of the API."""
    z, y = binary(1000, 2.0)
    expected = fit(y, z, scale="logit", method="platt").apply(z)
    for shape in (z, z[:, None], np.stack([-z / 2, z / 2], axis=1)):
        p = ScoreCalibrator("platt", "logit").fit(shape, y).predict_proba(shape)
        assert p[:, 1] == pytest.approx(expected)
        assert p.sum(axis=1) == pytest.approx(1.0)


def test_labels_of_any_type() -> None:
    """Labels come back as they were given."""
    z, y = several(1000, 3, 2.0)
    names = np.array(["ant", "bee", "cat"])
    found = ScoreCalibrator(scale="logit").fit(z, names[y])
    assert list(found.classes_) == list(names)
    assert set(found.predict(z)) == set(names)
    assert np.array_equal(found.predict(z), names[z.argmax(axis=1)])


def test_weights() -> None:
    """Weights reach the fit."""
    z, y = binary(1000, 2.0)
    w = np.random.default_rng(0).integers(1, 4, 1000)
    one = ScoreCalibrator("platt", "logit").fit(z, y, sample_weight=w)
    two = ScoreCalibrator("platt", "logit").fit(np.repeat(z, w), np.repeat(y, w))
    assert one.predict_proba(z) == pytest.approx(two.predict_proba(z), abs=1e-9)


def test_clone_and_parameters() -> None:
    """scikit-learn can copy it and set its parameters."""
    copy = clone(ScoreCalibrator("beta", "logit", 3)).set_params(method="platt")
    assert copy.get_params() == {"method": "platt", "scale": "logit", "seed": 3, "floor": None}
    with pytest.raises(SettingsError, match="no parameter 'colour'"):
        copy.set_params(colour="red")


def test_pipeline() -> None:
    """It is the last step of a pipeline on the scores of a model."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3))
    y = (rng.random(2000) < 1 / (1 + np.exp(-x @ [1.0, -1.0, 0.5]))).astype(int)
    model = LogisticRegression().fit(x[:500], y[:500])
    scores = FunctionTransformer(lambda rows: 3 * model.decision_function(rows))
    pipeline = make_pipeline(scores, ScoreCalibrator("temperature", "logit")).fit(x, y)
    t = pipeline[-1].calibrator_.parameters()["T"]
    assert t == pytest.approx(3.0, rel=0.2)
    assert pipeline.predict_proba(x).shape == (2000, 2)


def test_before_it_is_fitted(monkeypatch) -> None:
    """It raises what scikit-learn raises, and an error of its own where there is none."""
    z, _ = binary(10, 2.0)
    for call in (ScoreCalibrator().predict, ScoreCalibrator().transform):
        with pytest.raises(NotFittedError, match="call fit"):
            call(z)
    monkeypatch.setitem(sys.modules, "sklearn.exceptions", None)
    with pytest.raises(SettingsError, match="call fit"):
        ScoreCalibrator().predict_proba(z)


def test_classes_that_do_not_fit() -> None:
    """Labels and columns of different numbers of classes are refused."""
    z, y = several(300, 4)
    with pytest.raises(SettingsError, match="scores are of 4 classes, the labels of 3"):
        ScoreCalibrator(scale="logit").fit(z[y < 3], y[y < 3])


def test_score_is_the_log_likelihood() -> None:
    """It is scikit-learn's log loss, negative, with weights, too; a search chooses by it."""
    z, y = several(600, 3, 3.0)
    w = np.random.default_rng(0).random(600)
    found = ScoreCalibrator("temperature", "logit").fit(z, y)
    p = found.predict_proba(z)
    assert found.score(z, y) == pytest.approx(-log_loss(y, p), rel=1e-9)
    assert found.score(z, y, w) == pytest.approx(-log_loss(y, p, sample_weight=w), rel=1e-9)
    names = {"method": ["identity", "temperature"]}
    search = GridSearchCV(ScoreCalibrator(scale="logit"), names, cv=3).fit(z, y)
    assert search.best_params_ == {"method": "temperature"}


def test_output_as_a_frame() -> None:
    """Columns are named after the classes, rows as they were; an array is the default."""
    z, y = binary(300, 2.0)
    data = pd.DataFrame({"z": z}, index=range(7, 307))
    found = ScoreCalibrator("platt", "logit").set_output(transform="pandas").fit(data, y)
    frame = found.transform(data)
    assert list(frame.columns) == ["p_0", "p_1"] == list(found.get_feature_names_out())
    assert list(frame.index) == list(data.index)
    assert list(found.feature_names_in_) == ["z"]
    assert isinstance(found.set_output(transform="polars").transform(data), pl.DataFrame)
    assert isinstance(found.set_output(transform=None).transform(data), pl.DataFrame)
    assert isinstance(found.set_output(transform="default").fit_transform(data, y), np.ndarray)
    with pytest.raises(SettingsError, match="default, pandas or polars, not 'xls'"):
        found.set_output(transform="xls")
    with pytest.raises(SettingsError, match=r"feature names should match .* z; these are p"):
        found.transform(data.rename(columns={"z": "p"}))


def test_what_is_no_scores_or_labels() -> None:
    """Wrong values are refused as calaudit's and as ValueError, and say what to give."""
    z, y = several(60, 3)
    model = ScoreCalibrator("temperature", "logit")
    for scores, labels, told in (
        (np.where(z > 3, np.nan, z), y, "NaN or infinity, the first at"),
        (z[:0], y[:0], "a minimum of 1 is required"),
        (z + 0.5j, y, "Complex data not supported"),
        (np.full(z.shape, "a"), y, "the scores are not numbers"),
        (z, y + 0.5, "continuous; labels are classes"),
        (z, None, "requires y"),
    ):
        with pytest.raises(ValueError, match=told) as raised:
            model.fit(scores, labels)
        assert isinstance(raised.value, InputError)


def test_representation() -> None:
    """It shows how it was made."""
    shown = "ScoreCalibrator(method='beta', scale='probability', seed=0, floor=None)"
    assert repr(ScoreCalibrator("beta")) == shown
