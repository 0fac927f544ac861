"""The prevalence of unlabelled rows against the EM iteration that it is the limit of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calaudit.calibrators.fit_points import Sample
from calaudit.thresholds.prevalence import estimated_prevalence, label_factors, prevalence_of
from tests.measured import Measured
from tests.thresholds.rows import ladder_from


def em(p: Any, w: Any, base_rate: float) -> float:
    """Return the prior that EM converges to (Saerens, Latinne & Decaestecker 2002, eq. 2.9)."""
    prior = base_rate
    for _ in range(200_000):
        up, down = prior / base_rate * p, (1 - prior) / (1 - base_rate) * (1 - p)
        new = float((w * up / (up + down)).sum() / w.sum())
        if abs(new - prior) < 1e-15:
            break
        prior = new
    return prior


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([0.02, 0.2, 0.5, 0.9]),
    st.sampled_from([0.05, 0.3, 0.7]),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_where_em_converges(base_rate: float, share: float, seed: int, weighted: bool) -> None:
    """Started at the base rate, EM ends at the estimate, for weighted rows as well."""
    rng = np.random.default_rng(seed)
    y = rng.random(400) < share
    z = rng.normal(2.0 * y - 1.0) + np.log(base_rate / (1 - base_rate))
    p = 1 / (1 + np.exp(-2 * z))
    w = rng.integers(1, 4, 400).astype(float) if weighted else np.ones(400)
    found = estimated_prevalence(p, w, base_rate, level=0.95)
    assert found.value == pytest.approx(em(p, w, base_rate), abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.rows == w.sum()


def test_largest_likelihood() -> None:
    """No share on a fine grid explains the scores better, and the interval is its curvature."""
    rng = np.random.default_rng(2)
    p = rng.beta(2, 5, 500)
    found = estimated_prevalence(p, np.ones(500), 0.3, level=0.95)
    grid = np.linspace(0.0005, 0.9995, 2000)[:, None]
    ratio = grid * p / 0.3 + (1 - grid) * (1 - p) / 0.7
    assert found.value == pytest.approx(grid[np.log(ratio).sum(axis=1).argmax(), 0], abs=5e-4)
    step = 1e-4

    def slope(x: float) -> float:
        return float(((p / 0.3 - (1 - p) / 0.7) / (x * p / 0.3 + (1 - x) * (1 - p) / 0.7)).sum())

    curvature = (slope(found.value - step) - slope(found.value + step)) / (2 * step)
    assert found.high - found.value == pytest.approx(1.959964 / curvature**0.5, rel=1e-4)


def test_ends() -> None:
    """Scores below those of any mixture say none, above it all."""
    low, high = np.full(50, 0.01), np.full(50, 0.99)
    assert estimated_prevalence(low, np.ones(50), 0.5, level=0.9).value == 0.0
    assert estimated_prevalence(high, np.ones(50), 0.5, level=0.9).value == 1.0


def test_factors_by_hand() -> None:
    """From 20 % to 2 % positives count a tenth, and negatives 98/80; the total stays."""
    negatives, positives = label_factors(0.2, 0.02)
    assert (negatives, positives) == pytest.approx((0.98 / 0.8, 0.1))
    assert 0.8 * negatives + 0.2 * positives == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.03, 0.2, 0.6])
def test_interval(share: float, measured: Measured) -> None:
    """Where only the share of positives differs, the interval covers it."""
    rng = np.random.default_rng(int(1000 * share))
    base_rate = 0.3
    held, runs, values = 0, 2000, []
    for _ in range(runs):
        y = rng.random(1000) < share
        z = rng.normal(np.where(y, 1.0, -1.0))
        # Of normal scores ±1 with base rate π₀ the posterior has the logit 2 z + logit π₀.
        p = 1 / (1 + np.exp(-2 * z - np.log(base_rate / (1 - base_rate))))
        found = estimated_prevalence(p, np.ones(1000), base_rate, level=0.95)
        values.append(found.value)
        held += found.low <= share <= found.high
    coverage = measured.note(f"coverage prevalence, {share}", held / runs, "1000 rows")
    assert 0.93 <= coverage <= 0.97
    assert np.mean(values) == pytest.approx(share, abs=4 * np.std(values) / runs**0.5)


def sample(rng: np.random.Generator, n: int, share: float) -> Sample:
    """Return rows with scores σ(2 z) of normal z around ±1, by label."""
    y = (rng.random(n) < share).astype(int)
    return ladder_from(1 / (1 + np.exp(-2 * rng.normal(2 * y - 1))), y).sample


def test_both_samples_count() -> None:
    """The variance is that of a jackknife that leaves out one row of either sample at a time."""
    rng = np.random.default_rng(6)
    labelled, others = sample(rng, 200, 0.4), sample(rng, 150, 0.15)
    found = prevalence_of(others, labelled, level=0.95)

    def without(rows: Sample, cell: int) -> Sample:
        w = rows.w.copy()
        w[:, cell] = 0.0
        return replace(rows, w=w, w2=rows.w2 * (w > 0))

    variance = 0.0
    for rows, other in ((others, False), (labelled, True)):
        n = rows.w.shape[1]
        shares = [
            prevalence_of(
                others if other else without(others, i),
                without(labelled, i) if other else labelled,
                level=0.95,
            ).value
            for i in range(n)
        ]
        variance += (n - 1) * float(np.var(shares))
    assert found.high - found.value == pytest.approx(1.959964 * variance**0.5, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "others"), [(300, 3000), (1000, 1000), (1000, 10_000)])
def test_interval_with_few_labels(n: int, others: int, measured: Measured) -> None:
    """Also where the line is fitted to few labelled rows the interval covers the true share."""
    rng = np.random.default_rng(n + others)
    runs = 800
    held = 0
    for _ in range(runs):
        found = prevalence_of(sample(rng, others, 0.1), sample(rng, n, 0.3), level=0.95)
        held += found.low <= 0.1 <= found.high
    coverage = measured.note(f"coverage prevalence, {n} labelled, {others}", held / runs, "")
    assert 0.93 <= coverage <= 0.97
