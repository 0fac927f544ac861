"""What an audit promises, on draws with a known truth: savings in groups, and limits."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest

from tests.simulation.audits import broken_limit, population, saved_in_groups, true_saving
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "60"))
LIMITS = 5 * REPLICATES


@pytest.mark.parametrize(
    ("groups", "rows"), [(60, 40), pytest.param(400, 25, marks=pytest.mark.simulate)]
)
def test_what_is_saved_in_groups(groups, rows, measured):
    """With a random effect of groups, the interval of what is saved covers what is truly saved."""
    rng = np.random.default_rng(seed_of("saved in groups", groups, rows))
    whole, covered = population(), 0
    for _ in range(REPLICATES):
        saved, temperature = saved_in_groups(rng, groups, rows)
        assert saved.low is not None
        assert saved.high is not None
        covered += saved.low <= true_saving(temperature, whole) <= saved.high
    share = measured.note(f"coverage saved, {groups} groups", covered / REPLICATES, f"{rows} rows")
    scatter = 2 * math.sqrt(0.05 * 0.95 / REPLICATES)
    assert 0.95 - scatter <= share <= max(0.99, 0.95 + scatter)


@pytest.mark.parametrize(("rows", "slope"), [(2_000, 1.0), (5_000, 0.8), (20_000, 1.3)])
def test_the_limit_that_is_named_holds(rows, slope, measured):
    """The limit that the answer names is chosen on the rows judged, and broken in 5 % at most."""
    rng = np.random.default_rng(seed_of("named limit", rows, slope))
    found = [broken_limit(rng, rows, slope) for _ in range(LIMITS)]
    named = [broken for broken in found if broken is not None]
    assert len(named) > LIMITS / 2
    share = measured.note("named limit broken", sum(named) / LIMITS, f"{rows} rows, slope {slope}")
    assert share <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / LIMITS)
