"""The reliability curve: isotonic regression, its band, its pieces, and the bins beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression

import calaudit
from calaudit.metrics.recalibration import Curve, reliability_curve
from calaudit.report.evaluation_report import Report
from tests.golden.cases import ABSENT, binary, golden
from tests.metrics.tables import residuals

SAMPLES = Path(__file__).parents[2] / "sample_data"


def curve_of(p: np.ndarray, y: np.ndarray, w: np.ndarray | None = None, **more: Any) -> Curve:
    """Return the curve of some rows."""
    options = {"level": 0.95, "rng": np.random.default_rng(0), **more}
    return reliability_curve(residuals(p, y, w), **options)


def rows(n: int, seed: int = 0, slope: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and outcomes that follow them with this slope in log-odds."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1.5, n)
    return 1 / (1 + np.exp(-z)), (rng.random(n) < 1 / (1 + np.exp(-slope * z))).astype(int)


def test_it_is_isotonic_regression() -> None:
    """At every score of a small file the curve is scikit-learn's, to rounding."""
    p, y = rows(150, slope=0.4)
    found = curve_of(p, y)
    order = np.argsort(p)
    np.testing.assert_allclose(found.score, p[order], rtol=1e-14)
    fit = IsotonicRegression().fit(p, y).predict(p[order])
    np.testing.assert_allclose(found.rate, fit, atol=1e-12)


def test_many_scores_are_gathered_without_being_seen() -> None:
    """A file of 50,000 scores has fewer than 200 points, and nearly the same curve."""
    p, y = rows(50_000, slope=0.4)
    found = curve_of(p, y)
    assert len(found.score) <= 180
    fit = IsotonicRegression().fit(p, y).predict(p)
    drawn = np.interp(p, found.score, found.rate)
    assert np.abs(drawn - fit).mean() < 0.004


def test_few_rows_far_from_all_others_keep_their_points() -> None:
    """Of 100,000 rows 200 lie below a half: they are not gathered with those above."""
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.uniform(0.1, 0.5, 200), rng.uniform(0.95, 1.0, 100_000)])
    assert np.count_nonzero(curve_of(p, (rng.random(len(p)) < p).astype(int)).score < 0.5) > 20


def test_weights_are_as_many_rows() -> None:
    """A row of weight 3 counts as three."""
    p, y = rows(120)
    w = np.random.default_rng(1).integers(1, 4, 120)
    weighted, long = curve_of(p, y, w.astype(float)), curve_of(np.repeat(p, w), np.repeat(y, w))
    np.testing.assert_allclose(weighted.rate, long.rate, atol=1e-12)
    np.testing.assert_allclose(weighted.score, long.score, rtol=1e-12)


def test_rows_without_weight_are_not_there() -> None:
    """A score whose rows weigh nothing has no point."""
    p, y = rows(60)
    w = np.where(np.arange(60) % 3 == 0, 0.0, 1.0)
    found, kept = curve_of(p, y, w), curve_of(p[w > 0], y[w > 0])
    np.testing.assert_allclose(found.rate, kept.rate, atol=1e-12)


@pytest.mark.parametrize("slope", [-1.0, -0.3])
def test_scores_that_rank_backwards_are_flat(slope: float) -> None:
    """The best rising curve is then the base rate, all along."""
    p, y = rows(2_000, slope=slope)
    np.testing.assert_allclose(curve_of(p, y).rate, y.mean(), atol=1e-12)


def test_it_is_broken_off_where_there_are_no_scores() -> None:
    """Over a gap of a twentieth of the range there is no curve, and over a smaller one there is."""
    rng = np.random.default_rng(0)
    p = np.concatenate([rng.uniform(0.0, 0.5, 2_000), rng.uniform(0.56, 1.0, 2_000)])
    found = curve_of(p, (rng.random(4_000) < p).astype(int))
    assert set(found.piece[found.score < 0.5]) == {0}
    assert set(found.piece[found.score > 0.56]) == {1}
    near = np.where(p > 0.55, p - 0.03, p)
    assert set(curve_of(near, (rng.random(4_000) < near).astype(int)).piece) == {0}


def test_each_of_few_stated_scores_is_a_piece() -> None:
    """Nothing is drawn between what was stated, or beyond it."""
    stated = np.repeat([0.5, 0.6, 0.7, 0.75, 0.9, 0.95], 100)
    found = curve_of(stated, (np.arange(600) % 10 < 6).astype(int))
    assert found.piece.tolist() == list(range(6))
    np.testing.assert_allclose(found.score, np.unique(stated))


@pytest.mark.parametrize("n", [100, 1_000, 20_000])
def test_the_band_holds_the_curve_of_a_calibrated_model(n: int) -> None:
    """In 93 to 99 % of the rows, over 60 data sets, at a level of 95 %."""
    inside = []
    for seed in range(60):
        found = curve_of(*rows(n, seed), rng=np.random.default_rng(seed))
        held = (found.low <= found.rate + 1e-12) & (found.rate <= found.high + 1e-12)
        inside.append(held.mean())
    assert 0.93 <= np.mean(inside) <= 0.99


def test_the_band_leaves_out_a_curve_that_is_off() -> None:
    """Twice too extreme scores leave it at most of the scores."""
    found = curve_of(*rows(5_000, slope=0.5))
    assert np.mean((found.rate < found.low) | (found.rate > found.high)) > 0.6


def bins_off(report: Report, p: np.ndarray) -> list[tuple[float, float, float, float]]:
    """Return bins of 100 rows over whose rows the mean of the drawn curve is not in its interval.

    Args:
        report: with the curve and the bins.
        p: (n,) the scores.
    """
    score, rate = (np.array([getattr(c, name) for c in report.curve])
                   for name in ("score", "observed"))  # fmt: skip
    drawn, off = np.interp(p, score, rate), []
    for b in report.bins:
        held = (p > b.lower) & (p <= b.upper) if b.upper > b.lower else p == b.lower
        held |= (p == b.lower) & (b is report.bins[0])
        assert held.sum() == b.rows
        if b.rows < 100:
            continue
        assert b.low is not None
        assert b.high is not None
        mean = float(drawn[held].mean())
        if not b.low <= mean <= b.high:
            off.append((b.lower, b.low, mean, b.high))
    return off


@pytest.mark.skipif(not golden(), reason=ABSENT)
def test_the_curve_agrees_with_the_bins_of_real_models() -> None:
    """Of all open series; none of them ranks backwards."""
    looked = 0
    for case in binary():
        found = case.rows()
        report = calaudit.evaluate(found["y"], found["p"])
        auroc = report.metrics["auroc"].value
        if auroc is None or auroc < 0.5:
            continue
        assert not bins_off(report, found["p"]), case.name
        looked += sum(b.rows >= 100 for b in report.bins)
    assert looked > 300


def sample_rows() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the scores and outcomes of the sample files whose rows are not weighted."""
    frame = pd.read_csv(SAMPLES / "digits_toplabel.csv")
    right = frame["label"] == frame["prediction"]
    yield "digits", frame["confidence"].to_numpy(), right.to_numpy().astype(int)
    for name in ("breast_cancer.csv", "spam_filter.csv"):
        frame = pd.read_csv(SAMPLES / name)
        positive = frame["label"].isin([1, "spam"]).astype(int)
        yield name, frame["score"].to_numpy(), positive.to_numpy()


@pytest.mark.parametrize("name", ["digits", "breast_cancer.csv", "spam_filter.csv"])
def test_the_curve_agrees_with_the_bins_of_the_sample_data(name: str) -> None:
    """The README's own bin of 63.8 % among them."""
    p, y = next((p, y) for each, p, y in sample_rows() if each == name)
    assert not bins_off(calaudit.evaluate(y, p), p)


def test_every_point_of_a_report_is_within_its_scores() -> None:
    """The drawn curve begins and ends with the scores, at a level of one's own."""
    p, y = rows(3_000)
    report = calaudit.evaluate(y, 0.2 + 0.5 * p, level=0.8)
    assert min(c.score for c in report.curve) >= 0.2 + 0.5 * p.min()
    assert max(c.score for c in report.curve) <= 0.2 + 0.5 * p.max()
    wide = calaudit.evaluate(y, 0.2 + 0.5 * p, level=0.99)
    widths = [
        sum((c.band_high or 0) - (c.band_low or 0) for c in each.curve) for each in (report, wide)
    ]
    assert widths[0] < widths[1]
