"""Venn-Abers prediction against isotonic regression done anew, and its guarantee."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from calaudit import fit
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.saved_calibrator import calibrator_of
from calaudit.calibrators.venn_abers import POINTS, VennAbers, fit_venn_abers
from calaudit.errors import InputError, NotEnoughData
from calaudit.tables import ScoreTable
from tests.calibrators.simulated import Floats, binary


def points(p: Floats, y: Any, w: Any = None) -> Sample:
    """Return scores and labels as a calibrator is fitted on them."""
    return sample_of(ScoreTable.of(p, np.asarray(y), w).cells())


def both(p: Floats, y: Floats, s: float) -> tuple[float, float]:
    """Return the fits at s with one more row of either label, by scikit-learn."""
    return tuple(  # type: ignore[return-value]
        float(IsotonicRegression().fit([*p, s], [*y, label]).predict([s])[0]) for label in (0, 1)
    )


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("digits", [1, 2, 6])
def test_is_isotonic_regression_with_the_row(seed: int, digits: int) -> None:
    """At scores of the sample, between them, below and above, both are what a new fit gives."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.uniform(size=60), digits)
    y = (rng.uniform(size=60) < p**2).astype(float)
    fitted = fit_venn_abers(points(p, y))
    between = (np.unique(p)[1:] + np.unique(p)[:-1]) / 2
    for s in (0.0, 1.0, *p[:15], *between[:15]):
        low, high = fitted.between(np.array([s]))
        expected = both(p, y, s)
        assert (low[0], high[0]) == pytest.approx(expected, abs=1e-12)
        one = fitted.probabilities(np.array([s]), np.zeros(1))[0]
        assert one == pytest.approx(expected[1] / (1 - expected[0] + expected[1]), abs=1e-12)


@pytest.mark.parametrize(("right", "rows"), [(12, 20), (600, 1000)])
def test_what_few_rows_know(right: int, rows: int) -> None:
    """Of one score, right of rows: (right to right + 1) of rows + 1, by hand."""
    y = np.arange(rows) < right
    fitted = fit_venn_abers(points(np.full(rows, 0.7), y))
    low, high = fitted.between(np.array([0.7, 0.6, 0.8]))
    n = rows + 1
    assert low == pytest.approx([right / n, 0.0, right / n])
    assert high == pytest.approx([(right + 1) / n, (right + 1) / n, 1.0])


def test_scores_at_the_ends() -> None:
    """Scores of exactly 0 and 1 have bins of their own, and nothing is certain."""
    p = np.repeat([0.0, 0.5, 1.0], 20)
    y = np.concatenate([np.arange(20) < 1, np.arange(20) < 10, np.arange(20) < 19])
    fitted = fit_venn_abers(points(p, y))
    low, high = fitted.between(np.array([0.0, 1.0]))
    assert (low[0], high[0]) == pytest.approx(both(p, y, 0.0))
    assert (low[1], high[1]) == pytest.approx(both(p, y, 1.0))
    values = fitted.probabilities(np.linspace(0, 1, 11), np.zeros(11))
    assert np.all((values > 0) & (values < 1))


def test_weights_that_count_rows() -> None:
    """Rows that are given once, with how often they occur, are those rows."""
    z, y = binary(300, 2.0)
    p = np.round(1 / (1 + np.exp(-z)), 2)
    w = 1.0 + np.arange(300) % 3
    counted = points(p, y, w)
    once = fit_venn_abers(replace(counted, w2=counted.w))
    repeated = fit_venn_abers(points(np.repeat(p, w.astype(int)), np.repeat(y, w.astype(int))))
    for one, other in zip(once.of_bins(), repeated.of_bins(), strict=True):
        assert one == pytest.approx(other, abs=1e-12)


def test_the_scale_of_weights_says_nothing() -> None:
    """Weights a thousand times as large give the same map: a new row weighs as much as others."""
    z, y = binary(300, 2.0)
    w = np.random.default_rng(2).uniform(0.5, 2.0, 300)
    p = 1 / (1 + np.exp(-z))
    grid = np.linspace(0, 1, 501)
    one, other = (fit_venn_abers(points(p, y, scale * w)).between(grid) for scale in (1.0, 1e3))
    assert one[0] == pytest.approx(other[0], abs=1e-9)
    assert one[1] == pytest.approx(other[1], abs=1e-9)


def test_many_scores_are_grouped() -> None:
    """More than 2,000 distinct scores make as many groups at most; the map stays the same curve."""
    z, y = binary(20_000, 2.0)
    p = 1 / (1 + np.exp(-z))
    fitted = fit_venn_abers(points(p, y))
    assert len(fitted.low) <= 2 * POINTS + 1
    inner = np.quantile(p, np.linspace(0.02, 0.98, 50))
    curve = IsotonicRegression().fit(p, y).predict(inner)
    # Where two flat stretches meet one group more or less moves the curve.
    assert np.abs(fitted.probabilities(inner, inner) - curve).mean() < 0.01


def test_one_of_both_is_calibrated() -> None:
    """The probability that goes with the label that came is calibrated, for any scores at all.

    That is the theorem (Vovk & Petej 2014): E[(y − p_y) g(p_y)] = 0 whatever g. The scores here
    say little and lie about it; 20 rows are fitted on.
    """
    rng = np.random.default_rng(5)
    found: list[tuple[float, float]] = []
    while len(found) < 6_000:
        s = np.round(rng.uniform(size=21), 1)
        y = rng.uniform(size=21) < 0.2 + 0.3 * s + 0.3 * (s > 0.7)
        try:
            fitted = fit_venn_abers(points(s[:20], y[:20]))
        except NotEnoughData:  # which depends on labels of the fit: a bias below what is seen here
            continue
        low, high = fitted.between(s[20:])
        found.append((float(y[20]), float((high if y[20] else low)[0])))
    y, p = np.array(found).T
    for g in (np.ones_like(p), p, p > 0.5, p < 0.3):
        gap = (y - p) * g
        assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(len(gap)) + 0.004


def test_saved_and_damaged() -> None:
    """A file gives back the same probabilities; one whose bounds are crossed is refused."""
    z, y = binary(200, 2.0)
    fitted = fit(y, 1 / (1 + np.exp(-z)), method="venn-abers")
    assert any(each.code == "venn-abers-guarantee" for each in fitted.certificate.remarks)
    again = calibrator_of(fitted.to_json())
    assert isinstance(again.map, VennAbers)
    assert again.parameters() == fitted.parameters()
    text = fitted.to_json().replace('"low"', '"x"').replace('"high"', '"low"')
    with pytest.raises(InputError, match="not below the upper one"):
        calibrator_of(text.replace('"x"', '"high"'))


def test_few_rows() -> None:
    """Fewer than 20 rows, or five of a label, are refused."""
    with pytest.raises(NotEnoughData, match="at least 20 rows"):
        fit_venn_abers(points(np.linspace(0, 1, 19), np.arange(19) % 2))
