"""The plateau against a loop over cutoffs that compares costs row by row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calaudit.thresholds.plateau import plateau
from tests.thresholds.rows import ladder_from


def no_worse(s: Any, y: Any, w: Any, here: float, there: float, costs: Any, level: float) -> bool:
    """Return whether a cutoff is statistically no worse than another, paired over all rows.

    Args:
        s: scores of the rows.
        y: their labels.
        w: their weights.
        here: the recommended cutoff.
        there: the other.
        costs: cost by label of what is done below, and above, a cutoff.
        level: of the one-sided test.
    """
    below, above = np.array(costs[0])[y], np.array(costs[1])[y]
    d = np.where(s >= there, above, below) - np.where(s >= here, above, below)
    mean = (w * d).sum() / w.sum()
    # The variance of a weighted mean of independent rows around its own expectation.
    spread = (w**2 * d**2).sum() - (w**2).sum() * mean**2
    error = math.sqrt(max(spread, 0.0)) / w.sum()
    return bool(mean <= stats.norm.ppf(level) * error + 1e-12)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(0, 20),
    st.sampled_from(
        [((0.0, 5.0), (1.0, 0.0)), ((0.5, 0.5), (3.0, -1.0)), ((0.0, 9.0), (0.5, 0.5))]
    ),
    st.sampled_from([0.8, 0.95]),
    st.booleans(),
)
def test_loop(seed: int, at: int, costs: Any, level: float, weighted: bool) -> None:
    """The range goes to the first cutoff on each side that is worse, and never past its ends."""
    rng = np.random.default_rng(seed)
    s = rng.integers(1, 20, 80) / 20
    y = (rng.random(80) < s).astype(int)
    w = rng.integers(1, 4, 80).astype(float) if weighted else np.ones(80)
    ladder = ladder_from(s, y, w if weighted else None)
    cutoffs = np.append(np.unique(s), np.inf)
    m = len(ladder)
    rung = min(at, m)
    first, last = max(rung - 9, 0), min(rung + 9, m)
    low, high = plateau(
        ladder, rung, np.array(costs[0]), np.array(costs[1]), level=level, first=first, last=last
    )
    fine = [no_worse(s, y, w, cutoffs[rung], c, costs, level) for c in cutoffs]
    wanted_low, wanted_high = rung, rung
    while wanted_low > first and fine[wanted_low - 1]:
        wanted_low -= 1
    while wanted_high < last and fine[wanted_high + 1]:
        wanted_high += 1
    assert (low, high) == (wanted_low, wanted_high)


def test_flat_cost_has_no_end() -> None:
    """Where every cutoff costs the same all of them are as good."""
    s, y = np.repeat(np.arange(1, 11) / 11, 4), np.tile([0, 1, 0, 1], 10)
    same = np.array([1.0, 1.0])
    assert plateau(ladder_from(s, y), 4, same, same, level=0.95, first=0, last=10) == (0, 10)


def test_sharp_cost_has_one_cutoff() -> None:
    """Where 100 rows on each side are all of one label only the cutoff between them is good."""
    s, y = np.repeat([0.2, 0.8], 100), np.repeat([0, 1], 100)
    found = plateau(
        ladder_from(s, y), 1, np.array([0.0, 1.0]), np.array([1.0, 0.0]), level=0.95,
        first=0, last=2,
    )  # fmt: skip
    assert found == (1, 1)


@pytest.mark.slow
def test_level() -> None:
    """A cutoff that costs the same in truth is called worse in 5 % of large samples."""
    rng = np.random.default_rng(3)
    runs, worse = 3000, 0
    for _ in range(runs):
        # At 0.5 the rate is such that it costs nothing to move the cutoff past these rows.
        s = rng.choice([0.2, 0.5, 0.8], 6000)
        y = (rng.random(6000) < np.where(s == 0.5, 0.25, s)).astype(int)
        costs = np.array([0.0, 3.0]), np.array([1.0, 0.0])
        low, _ = plateau(ladder_from(s, y), 2, *costs, level=0.95, first=1, last=2)
        worse += low == 2
    assert worse / runs == pytest.approx(0.05, abs=2.5 * math.sqrt(0.05 * 0.95 / runs))
