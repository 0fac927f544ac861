"""Vector and matrix scaling end at their optimum, in few passes, or say that they do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.api.fitting import fit
from calaudit.calibrators import row_summary as survey
from calaudit.calibrators import scaled
from calaudit.calibrators.curvature import Curvature
from calaudit.calibrators.form import Form, Units
from calaudit.calibrators.matrix_scaling import MatrixForm
from calaudit.calibrators.row_summary import Survey
from calaudit.calibrators.rows import HELD, Rows
from calaudit.calibrators.scaled import ScaledSums
from calaudit.calibrators.vector import VectorForm
from tests.calibrators.simulated import several
from tests.golden.cases import column, table
from tests.tables.laws import Mergeable, check_laws

METHODS = ("vector", "matrix")
FORMS: dict[str, Form] = {"vector": VectorForm(), "matrix": MatrixForm()}


def mixed(n: int, k: int, seed: int = 1) -> tuple[Any, Any]:
    """Return logits of classes that are mixed up, shifted by row, and labels."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0.0, 1.7, (n, k))
    mixing = np.eye(k) + 0.4 * rng.normal(size=(k, k)) / np.sqrt(k)
    truth = z @ mixing.T + rng.normal(0.0, 0.5, k) + rng.gumbel(size=z.shape)
    return 2.5 * z + rng.normal(size=(n, 1)), truth.argmax(axis=1)


def news20() -> tuple[Any, Any]:
    """Return log probabilities at the floor of 1e-12, and labels, of a real file."""
    file = "news20/data.parquet"
    names = [name for name in table(file).column_names if name != "label"]
    p = np.stack([column(file, name) for name in names], axis=1).astype(np.float64)
    return np.log(np.maximum(p, 1e-12)), column(file, "label").astype(np.int64)


def left(z: Any, y: Any, t: float, parameters: dict[str, Any]) -> float:
    """Return the relative gradient of the stated objective, worked out from the rows.

    Each component over the mean size of its terms at the temperature, but at least over a
    thousandth of the largest for an intercept.
    """
    n, k = z.shape
    u, one = z / t, np.eye(k)[y]
    wide = "W" in parameters
    w = np.array(parameters["W"]) if wide else np.diag(parameters["w"])

    def residuals(weights: Any, b: Any) -> Any:
        s = u @ weights.T + b
        p = np.exp(s - s.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True) - one

    v = w * t - np.eye(k)
    pull = np.where(np.eye(k) > 0, k, k * k)
    r = residuals(w * t, np.array(parameters["b"]))
    slopes = r.T @ u / n + pull * v / n
    intercepts = r.mean(axis=0) + k * np.array(parameters["b"]) / n
    start = np.abs(residuals(np.eye(k), 0.0))
    terms, least = start.T @ np.abs(u) / n, 1e-3 * start.mean(axis=0).max()
    relative = np.abs(slopes) / np.maximum(terms, least)
    if not wide:
        relative = np.diag(relative)
    return float(max(relative.max(), (np.abs(intercepts) / start.mean(axis=0)).max()))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(lambda: mixed(20_000, 10), id="10 classes"),
        pytest.param(lambda: mixed(6_000, 100), id="100 classes", marks=pytest.mark.slow),
        pytest.param(news20, marks=pytest.mark.cases, id="news20"),
    ],
)
def test_the_gradient_is_nil(rows, method, measured) -> None:
    """At the parameters found nothing is left of the gradient, by an independent sum of rows."""
    z, y = rows()
    fitted = fit(y, z, scale="logit", method=method)
    t = fit(y, z, scale="logit", method="temperature").parameters()["T"]
    found = left(z, y, t, fitted.parameters())
    measured.note(f"{method}: relative gradient left", found, f"{z.shape[1]} classes")
    measured.note(f"{method}: passes", fitted.certificate.passes, f"{z.shape[1]} classes")
    assert found < 1e-8
    assert fitted.certificate.gradient == pytest.approx(found, abs=1e-11)
    assert fitted.certificate.passes <= 8
    assert "not-converged" not in [r.code for r in fitted.certificate.remarks]


@pytest.mark.parametrize("method", METHODS)
def test_rows_beyond_what_is_kept(method, monkeypatch) -> None:
    """A share of the rows in memory leads to the same optimum, in some more passes."""
    z, y = mixed(20_000, 6)
    whole = fit(y, z, scale="logit", method=method)
    monkeypatch.setattr(survey, "MOST", 6 * 2000)
    share = fit(y, z, scale="logit", method=method)
    assert "not-converged" not in [r.code for r in share.certificate.remarks]
    assert whole.certificate.passes < share.certificate.passes <= 25
    for name, values in whole.parameters().items():
        assert share.parameters()[name] == pytest.approx(np.array(values), abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_rows_is_nothing(method, monkeypatch) -> None:
    """A file sorted by class gives the same fit as a shuffled one, though it keeps a share."""
    monkeypatch.setattr(survey, "MOST", 4 * 1000)
    z, y = mixed(5000, 4)
    group = np.arange(5000)
    order = np.argsort(y, kind="stable")
    one, two = (
        fit(y[at], z[at], scale="logit", method=method, group=group[at])
        for at in (np.arange(5000), order)
    )
    for name, values in one.parameters().items():
        assert two.parameters()[name] == pytest.approx(np.array(values), rel=1e-9, abs=1e-10)
    assert one.certificate.checks[-1].after.log_loss == pytest.approx(
        two.certificate.checks[-1].after.log_loss, rel=1e-9
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_few_distinct_rows(method, monkeypatch) -> None:
    """Equal rows are kept once with their weight, so that rounded scores are kept whole."""
    rng = np.random.default_rng(0)
    z = np.round(rng.normal(0.0, 1.5, (20_000, 3)))
    y = (z / 2.0 + rng.gumbel(size=z.shape)).argmax(axis=1)
    whole = fit(y, z, scale="logit", method=method)
    distinct = len(np.unique(np.column_stack([z, y]), axis=0))
    monkeypatch.setattr(survey, "MOST", 3 * 5 * distinct)  # once for each fold
    few = fit(y, z, scale="logit", method=method)
    assert few.certificate.passes == whole.certificate.passes
    for name, values in whole.parameters().items():
        assert few.parameters()[name] == pytest.approx(np.array(values), abs=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_the_unit_of_weights_is_nothing(method) -> None:
    """Weights in another unit give the same fit: the pull is that of rows, not of weights."""
    z, y = mixed(2000, 4)
    w = np.random.default_rng(3).random(2000)
    one, two = (fit(y, z, scale="logit", method=method, sample_weight=c * w) for c in (1e-3, 1e3))
    for name, values in one.parameters().items():
        assert two.parameters()[name] == pytest.approx(np.array(values), rel=1e-7, abs=1e-9)


def test_a_cap_that_is_reached_is_told(monkeypatch) -> None:
    """A fit that is stopped short says so in its certificate, with what is left."""
    z, y = mixed(5000, 6)
    monkeypatch.setattr(survey, "MOST", 6 * 300)
    monkeypatch.setattr(scaled, "MOST_PASSES", 2)
    certificate = fit(y, z, scale="logit", method="matrix").certificate
    told = next(r for r in certificate.remarks if r.code == "not-converged")
    assert certificate.gradient is not None
    assert certificate.gradient > 1e-8
    assert f"relative gradient of {certificate.gradient:.1e} left" in told.text
    assert f"after {certificate.passes} passes" in told.text


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_curvature_is_that_of_the_gradient(form) -> None:
    """H x is the change of the gradient along x, and solving H x = g gives x back."""
    z, y = mixed(400, 4)
    z[::7, 2] = -np.inf if form.masks else z[::7, 2]
    y[::7] = np.where(y[::7] == 2, 0, y[::7])
    w = np.random.default_rng(0).random(400)
    rows = Rows(z, y, w, np.zeros(400, np.int64))
    at, rng = form.centre(4), np.random.default_rng(1)
    at = at + 0.1 * rng.normal(size=at.shape)
    towards, ridge = rng.normal(size=at.shape), form.pull(4) / 1e3

    def gradient(x: Any) -> Any:
        sums = ScaledSums.zeros(form, x[None], (9,), 1.0, 1e-12)
        sums.add(rows)
        return sums.gradient[0] / sums.weight[0] + ridge * (x - at)

    h = 1e-5
    change = (gradient(at + h * towards) - gradient(at - h * towards)) / (2 * h)
    curvature = Curvature(form, Units.of(z), w, at, ridge)
    assert curvature.times(towards) == pytest.approx(change, rel=1e-6, abs=1e-8)
    solved = curvature.solve(curvature.times(towards), 1e-12)
    assert solved == pytest.approx(towards, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_loss_and_gradient_by_hand(form) -> None:
    """At the centre the loss is the log loss of softmax(Z/T), and its slope that of T."""
    z, y = several(300, 4, 2.0)
    folds = np.arange(300) % 3
    sums = ScaledSums.zeros(form, np.stack([form.centre(4)] * 2), (1, 3), 2.0, 1e-12)
    sums.add(Rows(z, y, None, folds))
    p = np.exp(z / 2.0)
    p /= p.sum(axis=1, keepdims=True)
    mine = np.log(p[np.arange(300), y])
    assert sums.loss == pytest.approx([-mine[folds != 1].sum(), -mine.sum()])
    assert sums.weight == pytest.approx([200, 300])
    slope = float((sums.gradient[1] * form.centre(4)).sum())
    assert slope == pytest.approx(((p * z / 2.0).sum(axis=1) - z[np.arange(300), y] / 2.0).sum())


def rows_of(at: Any) -> Rows:
    """Return some rows, with ties, weights and folds, a few held out."""
    z, y = several(900, 3, 2.0)
    rng = np.random.default_rng(2)
    w, folds = rng.integers(0, 4, 900).astype(float), rng.integers(HELD, 5, 900)
    return Rows(np.round(z), y, w, folds).take(at)


@pytest.mark.parametrize("most", [100, 1 << 20])
def test_survey_laws(most, monkeypatch) -> None:
    """Surveys of parts merge to that of all, whatever the order, and keep the same rows."""
    monkeypatch.setattr(survey, "MOST", 3 * most)

    def of(at: Any) -> Survey:
        made = Survey.zeros(3, 5, 2.0, 1e-12)
        made.add(rows_of(at))
        return made

    def same(a: Survey, b: Survey) -> None:
        assert a.weight == pytest.approx(b.weight)
        assert a.squares == pytest.approx(b.squares)
        one, two = a.rows(), b.rows()
        assert np.array_equal(one.scores, two.scores)
        assert np.array_equal(one.labels, two.labels)
        assert np.array_equal(one.folds, two.folds)
        assert one.w == pytest.approx(two.w)

    parts = [np.arange(0, 300), np.arange(300, 310), np.arange(310, 900)]
    empty = Mergeable(of, lambda: Survey.zeros(3, 5, 2.0, 1e-12), same)
    check_laws(empty, parts, np.arange(900))
    kept, every = of(np.arange(900)).rows(), rows_of(np.arange(900))
    used = (every.w > 0) & (every.folds != HELD)
    contents = np.column_stack([every.scores, every.labels, every.folds])[used]
    distinct = len(np.unique(contents, axis=0))
    assert len(kept) == min(most, distinct)
    if most > distinct:
        assert kept.w.sum() == pytest.approx(every.w[used].sum())


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_sums_laws(form) -> None:
    """Sums of parts merge to those of all, whatever the order."""
    sets = np.stack([form.centre(3), 0.5 * form.centre(3)])

    def empty() -> ScaledSums:
        return ScaledSums.zeros(form, sets, (5, 2), 2.0, 1e-12)

    def of(at: Any) -> ScaledSums:
        sums = empty()
        sums.add(rows_of(at))
        return sums

    def same(a: ScaledSums, b: ScaledSums) -> None:
        assert a.loss == pytest.approx(b.loss, rel=1e-12)
        assert a.weight == pytest.approx(b.weight, rel=1e-12)
        assert a.gradient == pytest.approx(b.gradient, rel=1e-10, abs=1e-10)

    parts = [np.arange(0, 300), np.arange(300, 310), np.arange(310, 900)]
    check_laws(Mergeable(of, empty, same), parts, np.arange(900))
