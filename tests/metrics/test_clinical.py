"""O:E, scaled Brier, errors of the recalibration curve, net benefit: against independent code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit, ndtr
from sklearn.metrics import brier_score_loss

import calaudit
from calaudit.metrics.bins import residuals_of
from calaudit.metrics.clinical import (
    curve_errors,
    net_benefits,
    observed_to_expected,
    scaled_brier,
)
from calaudit.tables.score_table import ScoreTable
from tests.metrics.tables import cells_of

LEVEL = 0.95
P = np.array([0.1, 0.2, 0.2, 0.5, 0.8])
Y = np.array([0, 1, 0, 0, 1])


def drawn(seed, n, mean=0.0, truth=lambda z: z):
    """Return normal logits as scores, and outcomes by the law of the logits."""
    rng = np.random.default_rng(seed)
    z = rng.normal(mean, 1.2, n)
    return expit(z), (rng.random(n) < expit(truth(z))).astype(int)


def errors(p, y, w=None):
    """Return the errors of the curve, always with the same draws."""
    cells = cells_of(p, y, w)
    return curve_errors(cells, residuals_of(cells), level=LEVEL, rng=np.random.default_rng(0))


def test_by_hand():
    """Five rows: two events of 1.8 expected; Brier .196 of .24; at t = ¼ one hit, one false."""
    cells = cells_of(P, Y)
    assert observed_to_expected(cells, level=LEVEL).value == pytest.approx(2 / 1.8)
    assert scaled_brier(cells, level=LEVEL).value == pytest.approx(1 - 0.196 / 0.24)
    found = {round(t, 3): e.value for t, e, _ in net_benefits(cells, level=LEVEL)}
    assert found[0.4] == pytest.approx(1 / 5 - 1 / 5 * 2 / 3)
    assert found[0.8] == pytest.approx(1 / 5)  # a score that reaches the cutoff is acted on
    assert len(found) == 51


@pytest.mark.parametrize("rows", [800, 300_000])
def test_net_benefit_counts_hits_and_false_alarms(rows):
    """Counted over the rows at every cutoff, of a table with a cell a score and of a coarse one."""
    p, y = drawn(8, rows)
    w = np.random.default_rng(8).integers(1, 5, rows).astype(float)
    cells = cells_of(p, y, w)
    assert cells.exact == (rows == 800)
    for t, found, everyone in net_benefits(cells, level=LEVEL):
        odds = t / (1 - t)
        worth = np.where(p >= t, np.where(y == 1, 1.0, -odds), 0.0)
        assert found.value == pytest.approx(float(w @ worth / w.sum()), abs=1e-12)
        whole = float(w @ np.where(y == 1, 1.0, -odds) / w.sum())
        assert everyone == pytest.approx(whole, abs=1e-9)


def test_scaled_brier_is_one_less_the_ratio_of_scikit_learn():
    """Held against scikit-learn's Brier score of the scores and of the base rate."""
    p, y = drawn(1, 3000, truth=lambda z: 0.5 * z - 0.3)
    want = 1 - brier_score_loss(y, p) / brier_score_loss(y, np.full(len(y), y.mean()))
    assert scaled_brier(cells_of(p, y), level=LEVEL).value == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_curve_is_that_of_statsmodels(weighted):
    """The spline written out by Harrell's formula and fitted by statsmodels' GLM, on raw rows."""
    p, y = drawn(2, 2000, truth=lambda z: 0.6 * z + 0.1 * z**3)
    w = np.random.default_rng(3).integers(1, 4, len(y)).astype(float) if weighted else np.ones(2000)
    z = logit(p)
    copies = np.repeat(z, w.astype(int))
    t = np.quantile(copies, [0.05, 0.35, 0.65, 0.95], method="inverted_cdf")

    def cube(v):
        return np.clip(v, 0, None) ** 3

    terms = [
        (
            cube(z - t[j])
            - cube(z - t[2]) * (t[3] - t[j]) / (t[3] - t[2])
            + cube(z - t[3]) * (t[2] - t[j]) / (t[3] - t[2])
        )
        / (t[3] - t[0]) ** 2
        for j in (0, 1)
    ]
    x = np.column_stack([np.ones_like(z), z, *terms])
    fit = sm.GLM(y, x, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-12)
    gap = np.repeat(np.abs(fit.predict(x) - p), w.astype(int))
    want = {"ici": gap.mean(), "emax": gap.max()}
    want |= {f"e{q}": np.quantile(gap, q / 100, method="inverted_cdf") for q in (50, 90)}
    found = errors(p, y, w if weighted else None)
    for name, value in want.items():
        assert found[name].value == pytest.approx(value, rel=1e-6), name


def test_intervals_of_frequency_weights_are_those_of_copies():
    """A row of weight three, counted as rows, is three rows."""
    p, y = drawn(4, 400)
    w = np.random.default_rng(4).integers(1, 4, len(y))
    one = calaudit.evaluate(y, p, sample_weight=w, weight_kind="frequency").metrics
    many = calaudit.evaluate(np.repeat(y, w), np.repeat(p, w)).metrics
    for name in ("observed_expected", "scaled_brier", "ici", "emax"):
        assert one[name].low == pytest.approx(many[name].low, rel=1e-6), name
        assert one[name].high == pytest.approx(many[name].high, rel=1e-6), name


def test_groups_of_copies_are_as_wide_as_their_rows_once():
    """Rows that are there four times in one group tell no more than once."""
    p, y = drawn(5, 600)
    one = calaudit.evaluate(y, p).metrics
    rows = np.repeat(np.arange(600), 4)
    four = calaudit.evaluate(y[rows], p[rows], group=rows).metrics
    for name in ("observed_expected", "scaled_brier", "ici"):
        a: Any = one[name]
        b: Any = four[name]
        assert b.value == pytest.approx(a.value, rel=1e-9)
        assert (b.high - b.low) == pytest.approx(a.high - a.low, rel=0.15), name


def test_of_too_little():
    """What cannot be told has a reason and no figure, or no interval."""
    assert observed_to_expected(cells_of(np.zeros(2), np.array([0, 0])), level=LEVEL).value is None
    nothing = observed_to_expected(cells_of(P, 0 * Y), level=LEVEL)
    assert (nothing.value, nothing.low) == (0.0, None)
    assert scaled_brier(cells_of(P, 0 * Y), level=LEVEL).value is None
    assert errors(P, 0 * Y)["ici"].value is None
    apart = errors(np.linspace(0.1, 0.9, 100), np.arange(100) >= 50)["ici"]
    assert apart.reason == "the recalibration curve has no finite fit"
    few = errors(*drawn(6, 30))["ici"]
    assert few.value is not None
    assert few.low is None


def test_two_stated_scores_have_a_straight_curve():
    """The line through two scores meets both rates: ICI is their mean distance, as ECE is."""
    p, y = np.repeat([0.3, 0.7], 100), np.tile(np.arange(100) < 50, 2).astype(int)
    found = errors(p, y)
    assert found["ici"].value == pytest.approx(0.2)
    assert found["emax"].value == pytest.approx(0.2)


def test_only_binary_scores_have_them():
    """A stated confidence that is right or wrong has none of these figures."""
    p, y = drawn(7, 200)
    assert "ici" in calaudit.evaluate(y, p).metrics
    assert "ici" not in calaudit.evaluate(y, np.maximum(p, 0.5), task="top-label").metrics


LAWS = {
    "calibrated": (0.0, lambda z: z),
    "too extreme": (0.0, lambda z: 0.7 * z + 0.2),
    "bent": (0.0, lambda z: 0.5 * z + 0.1 * z**3),
    "rare": (-4.0, lambda z: z),
    "rare, too extreme": (-4.0, lambda z: 0.6 * z - 1.2),
}


def true_figures(mean, law):
    """Return the figures of the law itself."""
    z = np.random.default_rng(0).normal(mean, 1.2, 2_000_000)
    p, q = expit(z), expit(law(z))
    gap = np.sort(np.abs(q - p))
    rate = q.mean()
    brier = (q * (1 - p) ** 2 + (1 - q) * p**2).mean()
    return {
        "ici": gap.mean(), "e50": gap[len(gap) // 2], "e90": gap[int(0.9 * len(gap))],
        "oe": rate / p.mean(), "brier": 1 - brier / (rate * (1 - rate)),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_coverage(law):
    """Intervals at 95 % hold what is true in 90 % of 200 files of 3,000 rows (E50: 86 %)."""
    mean, of = LAWS[law]
    truth, replicates = true_figures(mean, of), 200
    held: dict[str, float] = {}
    z = np.random.default_rng(1).normal(mean, 1.2, 400_000)
    scores, rates = expit(z), expit(of(z))
    for i in range(replicates):
        p, y = drawn([11, i], 3000, mean, of)
        cells = ScoreTable.of(p, y).cells()
        found = curve_errors(cells, residuals_of(cells), level=LEVEL, rng=np.random.default_rng(i))
        found["oe"] = observed_to_expected(cells, level=LEVEL)
        found["brier"] = scaled_brier(cells, level=LEVEL)
        t, found["benefit"], _ = net_benefits(cells, level=LEVEL)[20]
        truth["benefit"] = float(np.where(scores >= t, rates - (1 - rates) * t / (1 - t), 0).mean())
        for name, value in truth.items():
            e = found[name]
            held[name] = held.get(name, 0) + (e.low <= value <= e.high) / replicates
    # Of 200 with 95 % each, 90 % is more than three standard errors below. E50 is not smooth.
    assert held.pop("e50") >= 0.86, held
    assert min(held.values()) >= 0.90, held
    if law == "calibrated":
        assert math.isclose(truth["ici"], 0.0, abs_tol=1e-12)


@pytest.mark.slow
def test_coverage_of_groups():
    """Of 60 groups of 25 rows that go wrong together intervals hold; those of rows do not."""
    replicates, truth = 150, {"observed_expected": 1.0, "ici": 0.0}
    held = {name: np.zeros(2) for name in truth}
    for i in range(replicates):
        rng = np.random.default_rng([12, i])
        group = np.repeat(np.arange(60), 25)
        p = expit(rng.normal(0, 1, 1500))
        # A normal copula: each row is calibrated, and rows of a group go right or wrong together.
        luck = math.sqrt(0.3) * rng.normal(size=60)[group] + math.sqrt(0.7) * rng.normal(size=1500)
        y = (ndtr(luck) < p).astype(int)
        for j, groups in enumerate((group, None)):
            found: Any = calaudit.evaluate(y, p, group=groups).metrics
            for name, value in truth.items():
                held[name][j] += (found[name].low <= value <= found[name].high) / replicates
    assert held["ici"][0] >= 0.90, held
    assert held["observed_expected"][0] >= 0.90, held
    assert held["observed_expected"][1] < 0.80, held
