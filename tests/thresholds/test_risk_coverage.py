"""The risk–coverage curve against the average over all orders of rows of equal confidence."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from calaudit.thresholds.risk_coverage import harmonic, risk_coverage
from tests.measured import Measured
from tests.thresholds.rows import ladder_from


def area_of(wrong: Any) -> float:
    """Return AURC of rows in an order: the mean error rate of the first 1, 2, …, n."""
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def curve(confidence: Any, right: Any, w: Any = None, level: float = 0.95) -> Any:
    """Return the curve of rows."""
    sample = ladder_from(confidence, right, w).sample
    return risk_coverage(sample.w, sample.w2, level=level)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 1)), min_size=1, max_size=7))
def test_every_order(rows: list[tuple[int, int]]) -> None:
    """With ties the area is the mean over every order of the rows that are tied."""
    confidence = np.array([c for c, _ in rows]) / 4
    right = np.array([r for _, r in rows])
    blocks = [
        list(permutations((1 - right[confidence == c]).tolist()))
        for c in np.unique(confidence)[::-1]
    ]
    areas = [area_of(np.concatenate(order)) for order in product(*blocks)]
    found = curve(confidence, right)
    assert found.area.value == pytest.approx(np.mean(areas), rel=1e-12, abs=1e-15)
    for coverage, risk, cell in zip(found.coverage, found.risk, found.cells, strict=True):
        held = confidence >= np.unique(confidence)[cell]
        assert coverage == pytest.approx(held.mean())
        assert risk == pytest.approx(1 - right[held].mean())


def test_random_order_of_many() -> None:
    """On 2,000 rows in blocks the area is the mean over 4,000 random orders, within its error."""
    rng = np.random.default_rng(0)
    confidence = rng.integers(1, 12, 2000) / 12
    right = (rng.random(2000) < confidence).astype(int)
    areas = []
    for _ in range(4000):
        order = np.lexsort((rng.random(2000), -confidence))
        areas.append(area_of(1 - right[order]))
    error = np.std(areas) / np.sqrt(len(areas))
    assert curve(confidence, right).area.value == pytest.approx(np.mean(areas), abs=4 * error)


@pytest.mark.parametrize("weight", [0.01, 2.5, 1e6])
def test_equal_weights(weight: float) -> None:
    """Rows that all weigh the same have the area and the interval of unweighted ones."""
    rng = np.random.default_rng(1)
    confidence = rng.integers(1, 12, 300) / 12
    right = (rng.random(300) < confidence).astype(int)
    plain = curve(confidence, right).area
    weighted = curve(confidence, right, np.full(300, weight)).area
    for part in ("value", "low", "high"):
        assert getattr(weighted, part) == pytest.approx(getattr(plain, part), rel=1e-9)


def test_edges() -> None:
    """All right, all wrong and one row: 0, 1, and the row."""
    s = np.arange(1, 6) / 6
    assert curve(s, np.ones(5, int)).area.value == 0.0
    assert curve(s, np.zeros(5, int)).area.value == pytest.approx(1.0)
    assert curve([0.5], [0]).area.value == pytest.approx(1.0)
    # By hand: wrong at the second of three, (0 + 1/2 + 1/3)/3.
    assert curve([0.9, 0.5, 0.1], [1, 0, 1]).area.value == pytest.approx(5 / 18)


def test_harmonic() -> None:
    """Harmonic numbers of any x ≥ 0 are those of scipy's digamma function."""
    x = np.concatenate([np.arange(50.0), np.geomspace(1e-6, 1e12, 2000)])
    wanted = special.digamma(x + 1) + np.euler_gamma
    # The last term of the series that is left out is 691/32760 · 10⁻¹².
    assert harmonic(x) == pytest.approx(wanted, rel=1e-12, abs=3e-14)
    assert harmonic(np.array([0.0, 1.0, 2.0, 4.0])) == pytest.approx(
        [0, 1, 1.5, 25 / 12], abs=3e-14
    )


@pytest.mark.slow
@pytest.mark.parametrize("ties", [False, True], ids=["apart", "tied"])
@pytest.mark.parametrize("n", [300, 3000])
def test_interval(n: int, ties: bool, measured: Measured) -> None:
    """The interval covers the area of the population, which is an integral."""
    rng = np.random.default_rng(n + ties)

    def draw(u: Any) -> Any:
        s = 0.5 + 0.5 * u**0.5
        return np.ceil(s * 20) / 20 if ties else s

    grid = np.sort(draw((np.arange(400_000) + 0.5) / 400_000))[::-1]
    # Of a tied block each part is as risky as the block.
    truth = float((np.cumsum(1 - grid) / np.arange(1, len(grid) + 1)).mean())
    held = 0
    runs = 1000
    for _ in range(runs):
        s = draw(rng.random(n))
        area = curve(s, (rng.random(n) < s).astype(int)).area
        held += area.low <= truth <= area.high
    coverage = measured.note(f"coverage AURC, {n}, {'tied' if ties else 'apart'}", held / runs, "")
    assert 0.92 <= coverage <= 0.98
