"""Calibrators as files: exact, deterministic, and refused where they are damaged."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from calaudit.api.fitting import fit
from calaudit.calibrators import load_calibrator
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.beta import Beta
from calaudit.calibrators.calibrator_schema import calibrator_schema
from calaudit.calibrators.histogram_binning import Histogram
from calaudit.calibrators.isotonic import Isotonic
from calaudit.calibrators.matrix_scaling import Matrix
from calaudit.calibrators.methods import BINARY_METHODS, MULTICLASS_METHODS
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.spline import Spline
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.calibrators.vector import Vector
from calaudit.errors import InputError, SettingsError
from tests.calibrators.simulated import binary, several

SCHEMA = calibrator_schema()

finite = st.floats(allow_nan=False, allow_infinity=False)
shares = st.floats(0.0, 1.0)
positive = st.floats(0.0, exclude_min=True, allow_infinity=False)


def knots(low: int = 1) -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    """Return rising x and non-falling y of one length."""
    return st.integers(low, 20).flatmap(
        lambda n: st.tuples(
            st.lists(shares, min_size=n, max_size=n, unique=True).map(lambda x: np.sort(x)),
            st.lists(shares, min_size=n, max_size=n).map(lambda y: np.sort(y)),
        )
    )


def bins() -> st.SearchStrategy[Histogram]:
    """Return histograms."""
    inner = st.lists(st.floats(0.001, 0.999), max_size=10, unique=True)
    return inner.flatmap(
        lambda edges: st.lists(shares, min_size=len(edges) + 1, max_size=len(edges) + 1).map(
            lambda values: Histogram(np.array([0.0, *sorted(edges), 1.0]), np.array(values))
        )
    )


vectors = hnp.arrays(np.float64, 3, elements=finite)
MAPS = st.one_of(
    positive.map(Temperature),
    st.builds(Platt, positive, finite),
    st.builds(Beta, st.floats(0, 1e300), positive, finite),
    knots().map(lambda k: Isotonic(*k)),
    knots(2).map(lambda k: Spline(np.arange(len(k[0])) + k[0], k[1])),
    bins(),
    st.builds(Vector, vectors, vectors),
    st.builds(Matrix, hnp.arrays(np.float64, (3, 3), elements=finite), vectors),
)


def same(a: Calibrator, b: Calibrator) -> bool:
    """Whether two calibrators are equal to the last bit."""
    return repr(a.parameters()) == repr(b.parameters()) and all(
        getattr(a, name) == getattr(b, name)
        for name in ("method", "task", "scale", "classes", "floor", "certificate")
    )


NAMES = st.lists(st.text(), min_size=3, max_size=3, unique=True)


@given(MAPS, st.sampled_from(["probability", "logit"]), NAMES)
def test_round_trip(mapping, scale, names) -> None:
    """Every float and every class name comes back, and the text is the same again."""
    several_classes = mapping.method in ("vector", "matrix")
    task = "multiclass" if several_classes else "binary"
    calibrator = Calibrator(mapping, task, scale, tuple(names if several_classes else names[:2]))
    text = calibrator.to_json()
    back = load_calibrator(text)
    assert same(calibrator, back)
    assert back.to_json() == text


FITTED = [("binary", method) for method in BINARY_METHODS]
FITTED += [("multiclass", method) for method in MULTICLASS_METHODS]


def fitted(task: str, method: str) -> tuple[Calibrator, np.ndarray]:
    """Return a calibrator with a full certificate, and scores."""
    z, y = binary(600, 2.0) if task == "binary" else several(600, 4, 2.0)
    return fit(y, z, scale="logit", method=method, holdout=0.3), z


@pytest.mark.parametrize(("task", "method"), [*FITTED, ("binary", "auto"), ("multiclass", "auto")])
def test_file(task, method, tmp_path) -> None:
    """A fitted calibrator conforms to the schema, and applies the same after a file."""
    calibrator, z = fitted(task, method)
    text = calibrator.to_json()
    jsonschema.validate(json.loads(text), SCHEMA)
    path = tmp_path / "cal.json"
    path.write_text(text, encoding="utf-8")
    for source in (path, str(path), text):
        back = load_calibrator(source)
        assert same(calibrator, back)
        assert np.array_equal(back.apply(z), calibrator.apply(z))


def test_deterministic() -> None:
    """The same rows give the same text, and keys stand in the documented order."""
    one, two = (fitted("multiclass", "auto")[0].to_json() for _ in range(2))
    assert one == two
    assert list(json.loads(one)) == SCHEMA["required"]
    certificate = SCHEMA["$defs"]["Certificate"]["required"]
    assert list(json.loads(one)["certificate"]) == [*certificate, "sample"]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_sample(task) -> None:
    """The sample comes back to the last bit, and a file of before there was one is read."""
    calibrator, _ = fitted(task, "temperature")
    assert len(calibrator.certificate.sample) == (64 if task == "binary" else 16)
    text = calibrator.to_json()
    assert load_calibrator(text).certificate.sample == calibrator.certificate.sample
    values = json.loads(text)
    del values["certificate"]["sample"]
    jsonschema.validate(values, SCHEMA)
    older = load_calibrator(json.dumps(values))
    assert older.certificate.sample == ()
    assert older.parameters() == calibrator.parameters()


def test_lines() -> None:
    """The numbers of a row stand in one line, unless they are very many."""
    calibrator, _ = fitted("multiclass", "matrix")
    lines = [line.strip().rstrip(",") for line in calibrator.to_json().splitlines()]
    for row in (*calibrator.parameters()["W"], *calibrator.certificate.sample):
        assert json.dumps(row) in lines
    texts = ("[\n 1,\n 2\n]", "[", "-1.5", "a,b")
    odd = Calibrator(calibrator.map, "multiclass", "logit", texts)
    assert load_calibrator(odd.to_json()).classes == texts
    x = np.linspace(0, 1, 300)
    many = Calibrator(Isotonic(x, x**2), "binary", "probability", ("0", "1"))
    assert max(map(len, many.to_json().splitlines())) < 100


def _damaged(**changes: object) -> str:
    values = json.loads(fitted("binary", "temperature")[0].to_json())
    values.update(changes)
    return json.dumps({k: v for k, v in values.items() if v != "remove"})


SEVERAL = {"task": "multiclass", "classes": ["a", "b", "c"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("{}", 'no "schema"'),
        (_damaged(schema="calaudit.calibrator/2"), "of the version 'calaudit.calibrator/2'"),
        (_damaged(schema="calaudit.report/1"), "of the version 'calaudit.report/1'"),
        (_damaged(method="vector"), "no method 'vector' for binary rows"),
        (_damaged(task="ranking"), "task should be 'binary' or .*, and is 'ranking'"),
        (_damaged(scale="percent"), "scale should be 'probability' or 'logit'"),
        (_damaged(classes=["a"]), "1 classes do not go with binary"),
        (_damaged(classes="ab"), "classes should be an array"),
        (_damaged(floor=0), "floor should be above 0"),
        (_damaged(parameters={"T": 0}), "T should be above 0"),
        (_damaged(parameters={"T": -1}), "above 0, and is -1"),
        (_damaged(parameters={"T": True}), "a finite number, and is True"),
        (_damaged(parameters={}), r"parameters\.T is missing"),
        (_damaged(parameters="remove"), "parameters is missing"),
        (_damaged(certificate={"rows": "many"}), r"certificate\.rows should be a whole number"),
        (_damaged(certificate={"odd": 1}), "certificate has the unknown key 'odd'"),
        (_damaged(certificate={"sample": [[0.1, 0.2]]}), "a row of its sample has 2 scores"),
        (_damaged(certificate={"sample": [[0.1]]}), "a row of its sample has 1 scores"),
        (_damaged(certificate={"sample": ["a"]}), r"sample\[0\] should be a finite"),
        (_damaged(certificate={"sample": 0.5}), "sample should be an array"),
        (_damaged(certificate={"sample": [1.5]}, scale="probability"), "which is no probability"),
        (_damaged(certificate={"sample": [0.1]}, **SEVERAL), "a row of its sample has 1 scores"),
        (_damaged(extra=1), "unknown key 'extra'"),
        (_damaged(floor=1e-12).replace("1e-12", "NaN"), "NaN is no number"),
        (_damaged(method="isotonic", parameters={"x": [0.5, 0.1], "y": [0, 1]}), "do not rise"),
        (_damaged(method="isotonic", parameters={"x": [0.1], "y": [0, 1]}), "1 knots have 2"),
        (_damaged(method="isotonic", parameters={"x": [0.1], "y": [2]}), "at most 1, and is 2"),
        (_damaged(method="spline", parameters={"x": [0.5], "y": [1]}), "make no lines"),
        (_damaged(method="spline", parameters={"x": [0, 5e-324], "y": [0, 9]}), "make no lines"),
        (_damaged(method="spline", parameters={"x": [1, 2], "y": [1, 0]}), "do not rise"),
        (_damaged(parameters={"T": 2, "q": 1}), "parameters has the unknown key 'q'"),
        (_damaged(parameters={"T": 2, "method": "x"}), "has the unknown key 'method'"),
        (_damaged(classes=["a", "a"]), "classes should be without 'a' a second time"),
        (_damaged()[:-1] + ', "parameters": {"T": 5}}', "key 'parameters' stands twice"),
        (_damaged(parameters={"T": 2}).replace('"T": 2', '"T": 2, "T": 3'), "key 'T' stands"),
        (
            _damaged(method="platt", parameters={"a": -1, "b": 0}),
            r"parameters\.a should be above 0",
        ),
        (_damaged(method="platt", parameters={"a": 0, "b": 0}), "a should be above 0"),
        (_damaged(method="beta", parameters={"a": -1, "b": 1, "c": 0}), "a should be at least 0"),
        (_damaged(method="beta", parameters={"a": 0, "b": 0, "c": 0}), "a and b are both 0"),
        (_damaged(method="isotonic", parameters={"x": [0.1, 0.5], "y": [1, 0]}), "do not rise"),
        (_damaged(method="histogram", parameters={"edges": [0, 1], "values": [-1]}), "at least 0"),
        (_damaged(method="histogram", parameters={"edges": [0, 1], "values": []}), "of 1 or more"),
        (_damaged(method="histogram", parameters={"edges": [0, 2], "values": [1]}), "at most 1"),
    ],
)
def test_damaged(text, message) -> None:
    """What is not a calibrator of this version is refused with what is wrong."""
    with pytest.raises(InputError, match=message):
        load_calibrator(text)


def test_no_such_file(tmp_path) -> None:
    """A path that leads nowhere, or to bytes, is named."""
    with pytest.raises(InputError, match=r"none\.json: cannot be read"):
        load_calibrator(tmp_path / "none.json")
    path = tmp_path / "odd.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"odd\.json: is not a calibrator"):
        load_calibrator(path)


@pytest.mark.parametrize("source", [None, 3, b"cal.json", {"schema": 1}])
def test_what_is_no_path(source) -> None:
    """What is neither a path nor text is a wrong argument."""
    with pytest.raises(SettingsError, match="or the path of its file, not"):
        load_calibrator(source)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (("binary", "logit", ("0", "1", "2", "3")), "fitted on multiclass rows; these are binary"),
        (("multiclass", "probability", ("0", "1", "2", "3")), "on logits; these are probabilities"),
        (("multiclass", "logit", ("0", "1", "2")), r"4 classes \(0, 1, 2, 3\); these have 3"),
        (("multiclass", "logit", ("0", "1", "3", "2")), "order 0, 1, 2, 3; .* order 0, 1, 3, 2"),
        (("multiclass", "logit", ("a", "b", "c", "d")), "classes 0, 1, 2, 3; these are a, b, c, d"),
    ],
)
def test_other_data(other, message) -> None:
    """A calibrator refuses data of another kind, with both sides shown."""
    calibrator, _ = fitted("multiclass", "temperature")
    with pytest.raises(InputError, match=message):
        calibrator.check(*other)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.zeros((2, 3)), r"shape \(n, 4\), not \(2, 3\)"),
        (np.full((2, 4), np.nan), "not a usable logit"),
        (np.full((2, 4), -np.inf), "−inf throughout"),
    ],
)
def test_unusable_scores(scores, message) -> None:
    """Scores of another shape, NaN and rows without any class are refused."""
    calibrator, _ = fitted("multiclass", "temperature")
    with pytest.raises(InputError, match=message):
        calibrator.apply(scores)


@pytest.mark.parametrize("scores", [["a"], [[0.1], [0.2, 0.3]], [1j], [object()]])
def test_no_numbers(scores) -> None:
    """What is no array of numbers is refused, not passed on to numpy."""
    calibrator, _ = fitted("binary", "temperature")
    with pytest.raises(InputError, match="not an array of numbers"):
        calibrator.apply(scores)


def test_rows_that_do_not_sum_to_1() -> None:
    """Rows of probabilities are held to the tolerance of files: 0.001, for float16 0.005."""
    three = Calibrator(MulticlassTemperature(2.0), "multiclass", "probability", ("a", "b", "c"))
    good = np.array([[0.5, 0.25, 0.25], [0.2, 0.3, 0.5009]])
    assert three.apply(good).sum(axis=1) == pytest.approx(1.0)
    for row, total in (([0.25, 0.125, 0.125], "0.5"), ([0.0, 0.0, 0.0], "0"), ([1.0] * 3, "3")):
        with pytest.raises(InputError, match=f"the row of probabilities at 2 sums to {total}, "):
            three.apply([*good, row])
    coarse = np.array([[0.5, 0.25, 0.254]])
    assert three.apply(coarse.astype(np.float16)).shape == (1, 3)
    with pytest.raises(InputError, match=r"sums to 1\.004"):
        three.apply(coarse)
