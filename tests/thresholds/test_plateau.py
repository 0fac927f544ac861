"""The range of the cheapest cutoff against a loop over rows and cutoffs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.thresholds.plateau import plateau
from tests.thresholds.rows import ladder_from

COSTS = np.array([0.0, 5.0]), np.array([1.0, 0.0])


def kept_cutoffs(s: Any, y: Any, w: Any, costs: Any, level: float) -> list[int]:
    """Return the cutoffs that no other is significantly cheaper than, by multipliers of rows.

    Args:
        s: scores of the rows.
        y: their labels.
        w: their weights.
        costs: cost by label of what is done below, and above, a cutoff.
        level: of the maximum over all others.
    """
    cutoffs = np.append(np.unique(s), np.inf)
    paid = np.array([np.where(s >= c, costs[1][y], costs[0][y]) for c in cutoffs])
    draws = np.random.default_rng(9).normal(size=(1000, len(s)))
    kept = []
    for i in range(len(cutoffs)):
        observed, chance = [], []
        for j in range(len(cutoffs)):
            between = (s >= min(cutoffs[i], cutoffs[j])) & (s < max(cutoffs[i], cutoffs[j]))
            if min((y[between] == label).sum() for label in (0, 1)) < 5:
                continue
            d = paid[i] - paid[j]
            mean = (w * d).sum() / w.sum()
            error = np.sqrt((w**2 * (d - mean) ** 2).sum())
            observed.append((w * d).sum() / error)
            chance.append(draws @ (w * (d - mean)) / error)
        if not observed or max(observed) <= np.quantile(np.max(chance, axis=0), level):
            kept.append(i)
    return kept


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_loop(seed: int, weighted: bool) -> None:
    """The range is the hull of the cutoffs kept and the next one on each side.

    The critical values are drawn anew, so that one cutoff more or less may be kept.
    """
    rng = np.random.default_rng(seed)
    s = rng.integers(1, 20, 400) / 20
    y = (rng.random(400) < s**2).astype(int)
    w = rng.uniform(0.2, 3.0, 400) if weighted else np.ones(400)
    ladder = ladder_from(s, y, w if weighted else None)
    found = plateau(ladder, *COSTS, level=0.9, seed=0)
    kept = kept_cutoffs(s, y, w, COSTS, 0.9)
    assert abs(found[0] - max(kept[0] - 1, 0)) <= 1
    assert abs(found[1] - min(kept[-1] + 1, len(ladder))) <= 1
    assert found[1] - found[0] < len(ladder), "something is told"


def test_flat_cost_has_no_end() -> None:
    """Where every cutoff costs the same all of them are as good."""
    s, y = np.repeat(np.arange(1, 11) / 11, 40), np.tile([0, 1, 0, 1], 100)
    same = np.array([1.0, 1.0])
    assert plateau(ladder_from(s, y), same, same, level=0.95, seed=0) == (0, 10)


def test_few_rows_tell_nothing() -> None:
    """With fewer than five rows of a label between any two cutoffs each may be the cheapest."""
    s, y = np.repeat(np.arange(1, 11) / 11, 2), np.tile([0, 0, 0, 0, 1], 4)
    assert plateau(ladder_from(s, y), *COSTS, level=0.95, seed=0) == (0, 10)


def test_a_sharp_step_is_found() -> None:
    """Where the rate jumps from 2 % to 90 % the range is the neighbourhood of the jump."""
    rng = np.random.default_rng(1)
    s = rng.random(20_000)
    y = (rng.random(20_000) < np.where(s < 0.6, 0.02, 0.9)).astype(int)
    ladder = ladder_from(s, y)
    low, high = (float(ladder.sample.p[k]) for k in plateau(ladder, *COSTS, level=0.95, seed=0))
    assert 0.57 < low < 0.6 < high < 0.63


def test_a_rare_label_has_cutoffs_of_its_own() -> None:
    """Where 0.3 % are positive, in the last hundredth of the scores, cutoffs lie there.

    Below the jump the next cutoff that is compared is a sixtieth of the negatives away.
    """
    rng = np.random.default_rng(2)
    s = rng.random(100_000)
    y = (rng.random(100_000) < np.where(s < 0.997, 0.0005, 0.8)).astype(int)
    ladder = ladder_from(s, y)
    low, high = (float(ladder.sample.p[k]) for k in plateau(ladder, *COSTS, level=0.95, seed=0))
    assert 0.96 < low < 0.997 < high < 0.998
