"""Scores by outcome in bins of log-odds, against numpy.histogram on the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.metrics.histogram import Histogram, histogram_of
from calaudit.tables import ScoreTable


def sample(n: int = 4000, spread: float = 3.0) -> tuple[Any, Any, Any]:
    """Return scores with ties, exact zeros and ones, and edges; their labels and weights."""
    rng = np.random.default_rng(7)
    p = 1 / (1 + np.exp(-spread * rng.normal(size=n)))
    p[::9] = np.round(p[::9], 2)
    p[::37] = 0.5
    return p, (rng.random(n) < p).astype(int), rng.exponential(2.0, n)


def found(p: Any, y: Any, w: Any = None) -> Histogram:
    """Return the histogram of rows."""
    return histogram_of(ScoreTable.of(p, y, w).cells())


def own(histogram: Histogram) -> Any:
    """Return which bins are those of exactly 0 and exactly 1."""
    return histogram.lower == histogram.upper


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("spread", [0.01, 0.3, 3.0, 9.0])
def test_against_numpy(spread, weighted):
    """The weights are those of numpy.histogram over the rows, between the same edges."""
    p, y, w = sample(spread=spread)
    w = w if weighted else np.ones(len(p))
    got = found(p, y, w if weighted else None)
    inner = ~own(got)
    edges = np.append(got.lower[inner], got.upper[inner][-1])
    assert (np.diff(edges) > 0).all()
    inside = (p > 0) & (p < 1)
    for label in (0, 1):
        held = inside & (y == label)
        # Rows beyond the outermost edges belong to the outermost bins.
        clipped = np.clip(p[held], edges[0], edges[-1])
        want, _ = np.histogram(clipped, edges, weights=w[held])
        np.testing.assert_allclose(got.weight[label][inner], want, rtol=1e-12, atol=1e-12)
        for exactly in (0.0, 1.0):
            there = w[(p == exactly) & (y == label)].sum()
            shown = got.weight[label][own(got) & (got.lower == exactly)]
            assert shown.sum() == pytest.approx(there, rel=1e-12)
    np.testing.assert_allclose(got.weight.sum(), w.sum(), rtol=1e-12)


def test_edges_are_equally_far_in_log_odds():
    """The steps between edges are equal and round, and one half is an edge."""
    p, y, _ = sample()
    got = found(p, y)
    inner = ~own(got)
    edges = np.append(got.lower[inner], got.upper[inner][-1])
    odds = np.log(edges / (1 - edges))
    steps = np.diff(odds)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert float(np.log2(steps[0])) % 1 == pytest.approx(0.0, abs=1e-6) or float(
        np.log2(steps[0] / 1.5)
    ) % 1 == pytest.approx(0.0, abs=1e-6)
    assert 0.5 in edges


@pytest.mark.parametrize("spread", [0.5, 0.8, 1.3, 2.0, 3.1, 5.0, 9.0, 40.0])
def test_number_of_bins(spread):
    """Whatever the spread of the scores, there are 32 to 50 bins, the outermost with rows."""
    p, y, _ = sample(spread=spread)
    got = found(p, y)
    inner = got.weight[:, ~own(got)].sum(axis=0)
    assert 32 <= len(inner) <= 50
    assert inner[0] > 0
    assert inner[-1] > 0


def test_the_range_begins_where_the_data_do():
    """Confidences of at least 0.4 have no bins for less, but the one in which they begin."""
    p = np.linspace(0.4, 0.999, 500)
    got = found(p, np.ones(500, int))
    assert got.lower[0] <= 0.4 < got.upper[0]
    assert got.lower[-1] < 0.999 <= got.upper[-1]


def test_far_tails():
    """What is farther than 16 in log-odds is in the outermost bins, on either side."""
    q = np.array([1e-300, 1e-20, 1e-8, 0.1])
    table = ScoreTable.of(np.concatenate([q, 1 - np.array([2.0**-53, 1e-8, 0.1])]), np.ones(7, int))
    got = histogram_of(table.cells())
    assert np.log(got.lower[0]) == pytest.approx(-16, abs=1e-5)
    assert got.upper[-1] == pytest.approx(1 / (1 + np.exp(-16.0)), abs=1e-15)
    assert (got.weight[1][0], got.weight[1][-1]) == (3, 2)


def test_only_zero_and_one():
    """Where every score is 0 or 1 there are two bins, each of one score."""
    got = found(np.array([0.0, 1.0, 1.0]), np.array([1, 1, 0]))
    assert (got.lower.tolist(), got.upper.tolist()) == ([0.0, 1.0], [0.0, 1.0])
    assert got.weight.tolist() == [[0.0, 1.0], [1.0, 1.0]]


def test_a_single_score():
    """One score is in one bin of many, which it does not fill."""
    got = found(np.full(9, 0.3), np.arange(9) % 2)
    assert np.count_nonzero(got.weight.sum(axis=0)) == 1
    held = int(got.weight.sum(axis=0).argmax())
    assert got.lower[held] <= 0.3 < got.upper[held]
    assert len(got.lower) >= 32


def test_rows_without_weight():
    """Scores of no weight make no bins."""
    p, y = np.array([1e-6, 0.4, 0.5, 1.0]), np.array([0, 1, 0, 1])
    got = found(p, y, np.array([0.0, 1.0, 2.0, 0.0]))
    assert got.lower[0] > 0.1
    assert got.upper[-1] < 1.0
    assert got.weight.sum(axis=1).tolist() == [2.0, 1.0]


def test_a_coarse_table():
    """In a compressed table no weight is lost, and few rows stand beside their bin."""
    p, y, _ = sample(20_000)
    got = histogram_of(ScoreTable.of(p, y, cap=300).cells())
    want = found(p, y)
    assert got.weight.sum() == 20_000
    np.testing.assert_array_equal(got.lower, want.lower)
    moved = np.abs(got.weight - want.weight).sum() / 2
    assert 0 < moved < 0.05 * 20_000
