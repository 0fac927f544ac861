"""What the recommended cutoff costs on cases to come, and whether the range holds the best one.

True costs are integrals over the law that the rows are drawn from.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.thresholds.plateau import plateau
from tests.simulation.decisions import cut_of, ladder_from
from tests.simulation.laws import LAWS
from tests.simulation.simulate import seed_of

pytestmark = [pytest.mark.slow, pytest.mark.simulate]

RUNS = 8
RANGES = 20
RATIOS = (4.0, 20.0)
ROWS = (1000, 3000)


@cache
def excesses(name: str, n: int, fn: float) -> tuple[float, float, bool]:
    """Return what recommendations cost more than the best option of their own table, in truth.

    Returns:
        The mean of that as a share, the same of the rule for calibrated scores, and whether some
        report shows an option that is clearly cheaper than the recommended one.
    """
    law = LAWS[name]
    rng = np.random.default_rng(seed_of("recommended", name, n, fn))
    more, rule, beaten = [], [], False
    for _ in range(RUNS):
        s, y = law.draw(rng, n)
        report = calaudit.threshold(y, s, cost_fp=1, cost_fn=fn)
        true = {option.name: law.cost(option.act_from, fn) for option in report.options}
        more.append(true["recommended"] / min(true.values()) - 1)
        rule.append(true.get("calibrated_rule", true["recommended"]) / min(true.values()) - 1)
        ends = [option.excess.high for option in report.options if option.excess is not None]
        beaten |= any(end is not None and end < 0 for end in ends)
    return float(np.mean(more)), float(np.mean(rule)), beaten


@pytest.mark.parametrize("name", ["calibrated", "stepped", "plateau", "two groups"])
def test_excess_over_the_best_option(name: str, measured: Any) -> None:
    """On the average of sizes and costs no more than 3 %, and never clearly beaten."""
    found = {(n, fn): excesses(name, n, fn) for n in ROWS for fn in RATIOS}
    for (n, fn), (more, rule, beaten) in found.items():
        measured.note(f"excess recommended, {name}, {n}, 1:{fn:g}", more, f"rule {rule:.3f}")
        assert not beaten
    assert np.mean([more for more, _, _ in found.values()]) <= 0.03


@pytest.mark.parametrize("fn", RATIOS)
@pytest.mark.parametrize("n", [1000, 5000])
@pytest.mark.parametrize("name", ["calibrated", "overconfident", "stepped", "wavy"])
def test_range_holds_the_best_cutoff(name: str, n: int, fn: float, measured: Any) -> None:
    """In 90 % of the samples at least, and it leaves something out."""
    law = LAWS[name]
    rng = np.random.default_rng(seed_of("range", name, n, fn))
    best, held, shares = law.cheapest(fn), 0, []
    for i in range(RANGES):
        ladder = ladder_from(*law.draw(rng, n))
        low, high = plateau(
            ladder, np.array([0.0, fn]), np.array([1.0, 0.0]), level=0.95, seed=i
        )  # fmt: skip
        held += cut_of(ladder, max(low, 0)) <= best <= cut_of(ladder, high)
        shares.append((ladder.reached[high] - ladder.reached[low]) / ladder.total)
    median = float(np.median(shares))
    measured.note(f"range holds, {name}, {n}, 1:{fn:g}", held / RANGES, f"{median:.2f} of the rows")
    assert held / RANGES >= 0.9
    assert median < 0.9
