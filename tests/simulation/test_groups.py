"""Rows that belong together: coverage of intervals, and size of tests, with and without groups.

Scores and outcomes of a group depend on each other through a Gaussian copula, while each outcome
has the probability that the score of its row says: calibrated rows, of which there are fewer than
it seems.
"""

from __future__ import annotations

import math
import os
from collections import defaultdict
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit, ndtr

import calaudit
from tests.measured import Measured
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "60"))
SCORES, OUTCOMES = 0.3, 0.1
"""Correlation of scores, and of what decides outcomes, in a group."""

LAYOUTS = [
    pytest.param(60, 40, False, id="60 x 40"),
    pytest.param(20, 100, False, id="20 x 100", marks=pytest.mark.simulate),
    pytest.param(400, 25, False, id="400 x 25", marks=pytest.mark.simulate),
    pytest.param(20, 60, True, id="20 unequal", marks=pytest.mark.simulate),
]
MEANS = ("brier", "log_loss", "accuracy", "base_rate", "mean_score")


def evaluated(*data: Any, **options: Any) -> Any:
    """Return the report."""
    return calaudit.evaluate(*data, **options)


def draw(rng, groups, size, unequal, slope):
    """Return labels, stated scores and groups; with a slope of 1 the scores are calibrated."""
    sizes = np.full(groups, size)
    if unequal:
        sizes = np.maximum(rng.lognormal(0.0, 1.0, groups) * size, 2).astype(int)
    group = np.repeat(np.arange(groups), sizes)

    def copula(rho):
        common = rng.standard_normal(groups)[group]
        return ndtr(math.sqrt(rho) * common + math.sqrt(1 - rho) * rng.standard_normal(len(group)))

    score = 0.02 + 0.96 * copula(SCORES)
    return (copula(OUTCOMES) < score).astype(int), expit(slope * logit(score)), group


@cache
def truths(slope):
    """Return the figures of the population."""
    score = 0.02 + 0.96 * (np.arange(400_000) + 0.5) / 400_000
    p = expit(slope * logit(score))
    above, rate = p >= 0.5, score
    bins = np.clip(np.ceil(p * 15).astype(int) - 1, 0, 14)
    positive, negative = np.cumsum(rate[::-1])[::-1], np.cumsum(1 - rate)
    return {
        "brier": float((rate * (1 - p) ** 2 + (1 - rate) * p**2).mean()),
        "log_loss": float(-(rate * np.log(p) + (1 - rate) * np.log1p(-p)).mean()),
        "accuracy": float(np.where(above, rate, 1 - rate).mean()),
        "base_rate": float(rate.mean()),
        "mean_score": float(p.mean()),
        "auroc": float(((1 - rate) * (positive - rate / 2)).sum() / positive[0] / negative[-1]),
        "cox_slope": 1 / slope,
        "ece": float(np.abs(np.bincount(bins, rate - p, 15)).sum() / len(p)),
    }


@pytest.mark.parametrize("slope", [1.0, 1.6], ids=["calibrated", "overconfident"])
@pytest.mark.parametrize(("groups", "size", "unequal"), LAYOUTS)
def test_groups(groups, size, unequal, slope, measured: Measured):
    """Intervals hold the truth and tests keep their size; without groups they do not."""
    rng = np.random.default_rng(seed_of("groups", groups, size, unequal, slope))
    truth = truths(slope)
    held: dict[str, list[bool]] = defaultdict(list)
    alone: dict[str, list[bool]] = defaultdict(list)
    for _ in range(REPLICATES):
        y, p, group = draw(rng, groups, size, unequal, slope)
        for seen, found in (
            (held, evaluated(y, p, group=group)),
            (alone, evaluated(y, p)),
        ):
            for name, value in truth.items():
                e = found.metrics[name]
                seen[name].append(e.low <= value <= e.high)
            if slope == 1.0:
                for name in ("smece", "ece", "cox_test", "ecce_mad", "spiegelhalter_z"):
                    seen[f"{name} fires"].append(found.metrics[name].p_value <= 0.05)
                seen["verdict fires"].append(found.verdict.p_value <= 0.05)
    scatter = 3 * math.sqrt(0.05 * 0.95 / REPLICATES)
    where = f"{groups} groups of {size}{', unequal' if unequal else ''}, slope {slope}"
    for name, hits in held.items():
        share, without = sum(hits) / len(hits), sum(alone[name]) / len(alone[name])
        measured.note(f"{name}, {where}", share, f"without groups {without:.3f}")
        if name.endswith("fires"):
            assert share <= 0.075 + scatter, (name, share)
        else:
            assert share >= 0.91 - scatter, (name, share)
    if slope == 1.0:
        assert sum(alone["verdict fires"]) > sum(held["verdict fires"])
        assert sum(alone["base_rate"]) < 0.85 * REPLICATES


def test_the_population_is_calibrated():
    """An outcome has the probability that the score of its row says, whatever its group."""
    rng = np.random.default_rng(seed_of("copula"))
    y, p, _ = draw(rng, 20_000, 10, unequal=False, slope=1.0)
    for part in np.array_split(np.argsort(p), 5):
        assert y[part].mean() == pytest.approx(p[part].mean(), abs=0.01)
