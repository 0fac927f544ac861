"""What a guarantee accepts where the surest are not the best: broken promises, false refusals.

Rows are in the order of their confidence, and the risk at each place is known, so that the true
error rate of every set is the mean of the risks in it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from calaudit.thresholds.guarantee import Sets, shown_rungs
from tests.simulation.risks import shapes
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

RUNS = 100
DELTA = 0.05
MOST_BROKEN = DELTA + 2 * math.sqrt(DELTA * (1 - DELTA) / RUNS)
SIZES = [(2000, 0.05), (10_000, 0.05), (10_000, 0.02), (50_000, 0.03)]

FALSE_REFUSALS = {"rising": 0.15, "noisy top": 0.4, "bad top": 0.6}
"""Most that may occur, where sequences with small starts alone have up to 1 (noisy, bad top)."""


def proven(wrong: Any, limit: float) -> int:
    """Return the most rows, a tenth or more, that Bonferroni over twenty shares proves."""
    n = len(wrong)
    sizes = np.arange(2, 21) * n // 20
    shown = stats.binom.cdf(wrong[sizes - 1], sizes, limit) <= DELTA / 20
    return int(sizes[shown].max(initial=0))


@pytest.mark.parametrize(("n", "limit"), SIZES)
@pytest.mark.parametrize("shape", ["rising", "noisy top", "bad top", "flat at .8",
                                   "flat at the limit"])  # fmt: skip
def test_shapes(shape: str, n: int, limit: float, measured: Any) -> None:
    """Promises hold in 95 % of the samples, and nothing that twenty shares prove is refused.

    A false refusal accepts less than half of what an oracle would.
    """
    risk = shapes(limit)[shape]
    rng = np.random.default_rng(seed_of("guarantee", shape, n, limit))
    rate = risk.wrong((np.arange(n) + 0.5) / n)
    true = np.cumsum(rate) / np.arange(1, n + 1)
    oracle = int(np.flatnonzero(true <= limit + 1e-12).max(initial=-1)) + 1
    cases, found = np.arange(1, n + 1), []
    for _ in range(RUNS):
        wrong = np.cumsum((rng.random(n) < rate).astype(np.int64))
        shown = shown_rungs(Sets(cases, wrong), limit=limit, confidence=1 - DELTA)
        largest = int(cases[shown.passed].max(initial=0))
        broken = largest > 0 and true[largest - 1] >= limit - 1e-12  # at the limit counts
        found.append((largest / n, broken, 2 * largest < oracle, largest < proven(wrong, limit)))
    share, broken, refused, never = (float(np.mean(x)) for x in zip(*found, strict=True))
    where = f"guarantee, {shape}, {n}, {limit}"
    measured.note(f"accepted {where}", share, f"oracle {oracle / n:.2f}")
    measured.note(f"broken {where}", broken, "")
    measured.note(f"refused falsely {where}", refused, "")
    assert never == 0.0
    assert broken <= MOST_BROKEN
    if shape in FALSE_REFUSALS and n >= 10_000:
        assert refused <= FALSE_REFUSALS[shape]
