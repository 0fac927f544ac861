"""What has no fit is named, not returned as a number."""

from __future__ import annotations

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator
from calaudit.errors import InputError, NotEnoughData, SettingsError
from tests.calibrators.simulated import binary, several

CURVES = ("auto", "temperature", "platt", "beta", "spline")


@pytest.mark.parametrize("method", CURVES)
def test_separable(method) -> None:
    """Labels that a threshold separates have no finite curve: T would go to 0."""
    z = np.linspace(-3, 3, 200)
    with pytest.raises(NotEnoughData, match="T goes to 0"):
        fit((z > 0).astype(int), z, scale="logit", method=method)


@pytest.mark.parametrize("method", ["auto", "temperature", "vector", "matrix"])
def test_multiclass_accuracy_of_one(method) -> None:
    """A model without an error on the fit rows has no finite temperature."""
    z, _ = several(300, 4)
    with pytest.raises(NotEnoughData, match="accuracy on the fit rows is exactly 1"):
        fit(z.argmax(axis=1), z, scale="logit", method=method)


@pytest.mark.parametrize("method", CURVES)
def test_inverted(method) -> None:
    """Scores that say the opposite of the truth are refused, not turned around."""
    z, y = binary(1000)
    with pytest.raises(NotEnoughData, match="opposite of what is true"):
        fit(1 - y, z, scale="logit", method=method)


def test_multiclass_inverted() -> None:
    """The same for several classes: T would be infinite."""
    z, y = several(1000, 5)
    with pytest.raises(NotEnoughData, match="best T is infinite"):
        fit(y, -z, scale="logit", method="temperature")


@pytest.mark.parametrize("method", ["auto", "temperature", "isotonic", "histogram"])
def test_one_class(method) -> None:
    """Labels of one class fit nothing."""
    with pytest.raises(NotEnoughData, match="every row to fit on is positive"):
        fit(np.ones(500, int), np.linspace(0.1, 0.9, 500), task="binary", method=method,
            classes=["0", "1"])  # fmt: skip


def test_multiclass_one_class() -> None:
    """Nor do they for several classes."""
    z, _ = several(300, 4)
    with pytest.raises(NotEnoughData, match="of one class"):
        fit(np.full(300, 2), z, scale="logit", task="multiclass", classes=list("0123"))


@pytest.mark.parametrize(
    ("method", "rows"),
    [
        ("temperature", 9),
        ("platt", 19),
        ("beta", 29),
        ("spline", 49),
        ("isotonic", 19),
        ("histogram", 149),
    ],
)
def test_too_few_rows(method, rows) -> None:
    """Each method says how many rows it needs."""
    z, y = binary(rows, seed=1)
    with pytest.raises(NotEnoughData, match=f"{method} needs at least {rows + 1}"):
        fit(y, z, scale="logit", method=method)


def test_auto_with_too_few_rows() -> None:
    """What is chosen by cross-validation needs rows for five folds."""
    z, y = binary(40, seed=1)
    with pytest.raises(NotEnoughData, match="needs at least 50 rows"):
        fit(y, z, scale="logit")


def test_isotonic_below_ten_thousand_rows_warns() -> None:
    """Isotonic regression on few rows is fitted, with a warning."""
    z, y = binary(2000)
    p = 1 / (1 + np.exp(-z))
    codes = [r.code for r in fit(y, p, method="isotonic").certificate.remarks]
    assert "isotonic-few-rows" in codes


def _rounded() -> tuple[np.ndarray, np.ndarray]:
    z, y = several(3000, 5, 3.0, seed=2)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = np.where(p < 0.002, 0.0, p)
    return p / p.sum(axis=1, keepdims=True), y


def test_saturated_probabilities() -> None:
    """A label of probability 0 leaves no one temperature: shown over floors, and refused."""
    p, y = _rounded()
    with pytest.raises(InputError, match=r"T by the floor.* at 1e-45.* at 1e-12.* at 1e-07"):
        fit(y, p, method="temperature")


def test_saturated_probabilities_with_a_floor() -> None:
    """A floor that the user gives is taken, with the others beside it and logits recommended."""
    p, y = _rounded()
    fitted = fit(y, p, method="temperature", floor=1e-7)
    floors = fitted.certificate.floors
    assert [f.floor for f in floors] == [1e-45, 1e-12, 1e-7]
    assert floors[2].temperature == pytest.approx(fitted.parameters()["T"], rel=1e-8)
    assert "saturated" in [r.code for r in fitted.certificate.remarks]


def _halfway() -> tuple[np.ndarray, np.ndarray]:
    z, y = binary(2000, 2.0)
    return np.round(1 / (1 + np.exp(-z)), 1), y


@pytest.mark.parametrize("method", ["temperature", "platt", "beta", "spline"])
def test_binary_saturated_probabilities(method) -> None:
    """Two classes have the rule of several: a curve hangs on the floor, and is refused."""
    p, y = _halfway()
    with pytest.raises(NotEnoughData, match=r"T by the floor.* at 1e-45.*venn-abers"):
        fit(y, p, method=method)
    fitted = fit(y, p, method=method, floor=1e-7)
    assert "the fit depends on the floor" in _remark(fitted, "saturated")
    assert len({f.temperature for f in fitted.certificate.floors}) == 3


@pytest.mark.parametrize("rows", [200, 2000])
def test_auto_takes_no_logarithm_of_saturated_probabilities(rows) -> None:
    """The choice is among what does not hang on the floor, and says what was left out, and T."""
    p, y = (x[:rows] for x in _halfway())
    fitted = fit(y, p)
    assert fitted.method == "venn-abers"
    left_out = [c.method for c in fitted.certificate.candidates if c.reason == "hangs on the floor"]
    assert left_out == ["temperature", "platt", "beta"]
    assert len(fitted.certificate.floors) == 3
    assert "was left out" in _remark(fitted, "saturated")


def test_saturated_probabilities_that_hardly_matter() -> None:
    """One row among thousands moves T by less than anyone sees: it is fitted, with a remark."""
    z, y = several(30_000, 3, 1.0, seed=3)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[0] = np.eye(3)[(y[0] + 1) % 3]
    fitted = fit(y, p, method="temperature")
    assert "about the same whatever floor" in _remark(fitted, "saturated")
    found = [f.temperature for f in fitted.certificate.floors]
    assert None not in found
    assert len(set(found)) == 3


def _remark(fitted: Calibrator, code: str) -> str:
    return next(r.text for r in fitted.certificate.remarks if r.code == code)


def test_label_with_a_logit_of_minus_infinity() -> None:
    """−inf for the label's own class is an infinite loss at every temperature: counted."""
    z, y = several(500, 4)
    z[[3, 7], y[[3, 7]]] = -np.inf
    with pytest.raises(InputError, match="2 rows have a logit of −inf for their own label"):
        fit(y, z, scale="logit", method="temperature")


def test_nan_logits() -> None:
    """NaN is a bad row for the reader, refused before anything is fitted."""
    z, y = several(500, 4)
    z[5, 1] = np.nan
    with pytest.raises(InputError, match="1 of 500 rows are invalid"):
        fit(y, z, scale="logit")


def test_equal_scores() -> None:
    """One score for all rows gives no curve."""
    y = np.arange(200) % 2
    with pytest.raises(NotEnoughData, match="all scores are equal"):
        fit(y, np.full(200, 0.3), method="platt")


@pytest.mark.parametrize("method", ["auto", "temperature", "vector"])
def test_equal_logits(method) -> None:
    """Logits that are equal in every row are called that, not perfectly accurate."""
    with pytest.raises(NotEnoughData, match="equal in every row"):
        fit(np.arange(300) % 3, np.full((300, 3), 2.5), scale="logit", method=method)


UNCURVED = ("identity", "centered-isotonic", "isotonic", "histogram", "venn-abers")


@pytest.mark.parametrize("method", UNCURVED)
def test_inverted_remark(method) -> None:
    """What is fitted to scores that rank the wrong way round says so, with their AUROC."""
    z, y = binary(1000)
    pairs = np.sign(z[y == 0][:, None] - z[y == 1][None, :])
    fitted = fit(1 - y, z, scale="logit", method=method)
    remark = next(r for r in fitted.certificate.remarks if r.code == "ranks-backwards")
    assert f"The scores rank backwards (AUROC {0.5 + 0.5 * pairs.mean():.3f}, " in remark.text


@pytest.mark.parametrize("method", UNCURVED)
@pytest.mark.parametrize(("steep", "code"), [(1, "labels-are-predictions"), (30, "separable")])
def test_separable_remark(method, steep, code) -> None:
    """What is fitted to labels that a threshold separates says so: of decisions, or sure ones."""
    z = np.linspace(-3, 3, 200)
    fitted = fit((z > 0).astype(int), steep * z, scale="logit", method=method)
    assert code in [r.code for r in fitted.certificate.remarks]


@pytest.mark.parametrize("method", ["auto", *UNCURVED])
def test_no_remark_on_ranking(method) -> None:
    """Scores that are right more often than not, but not always, get neither remark."""
    z, y = binary(1000, 2.0)
    codes = [r.code for r in fit(y, z, scale="logit", method=method).certificate.remarks]
    assert not {"inverted", "separable", "ranks-backwards", "labels-are-predictions"} & set(codes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": "a"}, "the seed must be a whole number"),
        ({"seed": 1.5}, "the seed must be a whole number"),
        ({"holdout": "half"}, "holdout is a number or a percentage"),
        ({"level": None}, "the level must be a number"),
        ({"floor": "1e-9"}, "the floor must be a number"),
        ({"threads": "2"}, "threads must be a whole number"),
        ({"split": 3}, "split is a text"),
        ({"method": "magic"}, "method must be one of"),
        ({"method": "vector"}, "vector is not for binary rows"),
        ({"level": 1.0}, "level must lie between"),
        ({"floor": 0.0}, "floor must be above 0"),
        ({"holdout": 1.0}, "holdout is the share"),
        ({"split": "split"}, "COLUMN=VALUE"),
        ({"split": "a=b", "holdout": 0.5}, "not both"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"threads": 0}, "threads must be 1 or more"),
        ({"on_invalid": "ignore"}, "on_invalid must be"),
    ],
)
def test_settings(options, message) -> None:
    """A wrong argument is refused with its range."""
    z, y = binary(100)
    with pytest.raises(SettingsError, match=message):
        fit(y, z, scale="logit", **options)
