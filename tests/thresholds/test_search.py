"""The search for the best pair of rungs against loops over all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.thresholds import search
from calaudit.thresholds.search import Ends, best_pair


def ends(cost: Any, slack: Any, reached: Any, rungs: Any) -> Ends:
    """Return the ends at some of the rungs."""
    return Ends(np.asarray(rungs, np.intp), cost[rungs], slack[rungs], reached[rungs])


def running_minimum(low: Any, high: Any) -> tuple[float, int, int]:
    """Return the smallest low[a] + high[b] over a ≤ b, and the pair, in one pass."""
    best, at = (np.inf, -1, -1), 0
    for b in range(len(high)):
        if low[b] < low[at]:
            at = b
        if low[at] + high[b] < best[0]:
            best = (low[at] + high[b], at, b)
    return best


@pytest.mark.parametrize("shape", ["walks", "noise", "all equal", "rising", "falling", "apart"])
def test_uncoupled(shape: str) -> None:
    """On 100,001 rungs the pair costs what a running minimum finds, to the last digit."""
    m = 100_001
    rng = np.random.default_rng(1)
    low, high = {
        "walks": (rng.normal(size=m).cumsum(), rng.normal(size=m).cumsum()),
        "noise": (rng.normal(size=m), rng.normal(size=m)),
        "all equal": (np.ones(m), np.ones(m)),
        "rising": (np.arange(m) * 1.0, np.arange(m) * 1.0),
        "falling": (-np.arange(m) * 1.0, -np.arange(m) * 1.0),
        "apart": (np.abs(np.arange(m) - 90_000.0), np.abs(np.arange(m) - 10_000.0)),
    }[shape]
    rungs, zero = np.arange(m), np.zeros(m)
    wanted = running_minimum(low.tolist(), high.tolist())
    pair = best_pair(ends(low, zero, rungs * 1.0, rungs), ends(high, zero, rungs * 1.0, rungs))
    assert pair is not None
    assert pair[0] <= pair[1]
    assert low[pair[0]] + high[pair[1]] == wanted[0]
    if shape in ("walks", "noise", "rising", "falling"):
        assert pair == wanted[1:]


def problem(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return costs, slacks and weights of some rungs, with ties, and which of them are allowed."""
    m = int(rng.integers(1, 200))
    size = rng.choice([2, 10, 1000])
    low, high = rng.integers(-size, size, (2, m)).astype(float)
    slack = rng.integers(-3, 4, (2, m)).astype(float) * rng.choice([0, 1])
    reached = np.cumsum(rng.integers(0, 4, m)).astype(float)
    part = rng.choice([1.0, 0.5, 0.1])
    at = [np.flatnonzero(rng.random(m) <= part) for _ in range(2)]
    return low, high, slack, reached, at, float(rng.choice([np.inf, 0.0, 3.0, 20.0]))


@pytest.mark.parametrize("leaf", [1, 2, 5, 16, 64])
def test_coupled(leaf: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With gaps, capacity and slacks, and blocks of any size, no allowed pair is cheaper."""
    monkeypatch.setattr(search, "LEAF", leaf)
    rng = np.random.default_rng(leaf)
    none = 0
    for _ in range(500):
        low, high, slack, reached, (lows, highs), capacity = problem(rng)
        pair = best_pair(
            ends(low, slack[0], reached, lows), ends(high, slack[1], reached, highs), capacity
        )
        allowed = lows[:, None] <= highs
        allowed &= reached[highs] - reached[lows][:, None] <= capacity
        allowed &= slack[0][lows][:, None] + slack[1][highs] <= 0
        if pair is None:
            none += 1
            assert not allowed.any()
            continue
        at = int(np.flatnonzero(lows == pair[0])[0]), int(np.flatnonzero(highs == pair[1])[0])
        assert allowed[at]
        assert low[pair[0]] + high[pair[1]] == (low[lows][:, None] + high[highs])[allowed].min()
    assert 0 < none < 400


@pytest.mark.parametrize("capacity", [0.0, 50.0, 3000.0])
def test_coupled_and_long(capacity: float) -> None:
    """On 3,000 rungs with capacity and slacks the pair is the best of all 4.5 million."""
    m = 3000
    rng = np.random.default_rng(2)
    low, high = rng.normal(size=(2, m)).cumsum(axis=1)
    slack = rng.normal(size=(2, m)).cumsum(axis=1) / 10
    reached = np.arange(m) * 1.0
    rungs = np.arange(m)
    total = low[:, None] + high
    allowed = (rungs[:, None] <= rungs) & (rungs - rungs[:, None] <= capacity)
    allowed &= slack[0][:, None] + slack[1] <= 0
    total[~allowed] = np.inf
    pair = best_pair(
        ends(low, slack[0], reached, rungs), ends(high, slack[1], reached, rungs), capacity
    )
    assert pair == divmod(int(total.argmin()), m)


def test_nothing_allowed() -> None:
    """No rungs, or none that keep the order, give no pair."""
    x = np.zeros(5)
    some, none = ends(x, x, x, [3, 4]), ends(x, x, x, [])
    assert best_pair(some, none) is None
    assert best_pair(none, some) is None
    assert best_pair(some, ends(x, x, x, [0, 2])) is None
