"""What recalibrated intervals hold of new rows: on average over fits, and of single ones."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from calaudit.api.forecasts.paired_forecasts import Scores, differences
from calaudit.api.forecasts.recalibrating import Recalibration
from calaudit.predictions.forecasts.layout import ForecastLayout
from calaudit.predictions.forecasts.rows import ForecastBlock
from tests.measured import Measured

pytestmark = pytest.mark.slow

REPLICATES = 10 * int(os.environ.get("CALAUDIT_REPLICATES", "200"))
Floats = NDArray[np.float64]


def options(**more: Any) -> dict[str, Any]:
    """Return the options of a recalibration."""
    return {"guarantee": None, "stated": None, "level": 0.95} | more


def offsets(n: int, rng: np.random.Generator, **more: Any) -> Floats:
    """Return the exact coverage of [−1 − s, 1 + s] of a standard normal law, fit by fit."""
    layout = ForecastLayout("intervals", ("lower", "upper"), (0.9,))
    values, found = np.tile([-1.0, 1.0], (n, 1)), []
    for _ in range(REPLICATES):
        fit = Recalibration.of(layout, options(**more))
        fit.add(ForecastBlock(rng.standard_normal(n), values, {}))
        low, high = fit.fitted(exchangeable=True).apply(values[:1])[0]
        found.append(stats.norm.cdf(high) - stats.norm.cdf(low))
    return np.array(found)


def error(found: Floats) -> float:
    """Return four standard errors of a mean."""
    return 4.0 * float(found.std()) / math.sqrt(len(found))


@pytest.mark.parametrize("n", [30, 100, 500, 2000])
def test_offsets_hold_what_is_stated_on_average(n: int, measured: Measured) -> None:
    """k/(n + 1) at any n, where the plain quantile holds less; single fits scatter as Beta says."""
    rng = np.random.default_rng([n, 1])
    found = offsets(n, rng)
    k = math.ceil(0.9 * (n + 1))
    assert abs(found.mean() - k / (n + 1)) < error(found)
    assert abs(found.mean() - 0.9) < error(found) + 0.004 * (n == 30)
    ordered = np.sort(np.abs(rng.standard_normal((REPLICATES, n))), axis=1)
    scores = ordered[:, math.ceil(0.9 * n) - 1]
    naive = 2 * stats.norm.cdf(scores) - 1
    assert abs(naive.mean() - math.ceil(0.9 * n) / (n + 1)) < error(naive)
    share = float((found < 0.88).mean())
    below = stats.beta.cdf(0.88, k, n + 1 - k)
    assert abs(share - below) < 4 * math.sqrt(below / REPLICATES) + 0.002
    measured.note(f"offset, mean coverage, {n} rows", found.mean(), f"{REPLICATES} fits")
    measured.note(f"plain quantile, mean coverage, {n} rows", naive.mean(), f"{REPLICATES} fits")
    measured.note(f"offset, fits below .88, {n} rows", share, f"{REPLICATES} fits")


@pytest.mark.parametrize(("n", "mean"), [(30, 0.968), (100, 0.950), (500, 0.922), (2000, 0.911)])
def test_offsets_with_confidence(n: int, mean: float, measured: Measured) -> None:
    """Of fits that are to hold 0.9 with 0.95 at most 1 in 20 holds less; the price is the mean."""
    found = offsets(n, np.random.default_rng([n, 2]), guarantee=0.95)
    missed = float((found < 0.9).mean())
    assert abs(found.mean() - mean) < error(found) + 0.001
    assert missed < 0.05 + 3 * math.sqrt(0.05 * 0.95 / REPLICATES)
    measured.note(f"offset at 95 %, mean coverage, {n} rows", found.mean(), f"{REPLICATES} fits")
    measured.note(f"offset at 95 %, fits below .9, {n} rows", missed, f"{REPLICATES} fits")


@pytest.mark.parametrize(("n", "central"), [(20, 0.853), (100, 0.890)])
def test_order_statistics_of_the_pit(n: int, central: float, measured: Measured) -> None:
    """Both ends by order statistics hold (k₂ − k₁)/(n + 1) ≥ 0.9; the PIT's ECDF holds less."""
    rng, found = np.random.default_rng([n, 3]), []
    layout = ForecastLayout("normal", ("mean", "std"))
    values = np.tile([0.3, 0.7], (n, 1))
    naive = []
    for _ in range(REPLICATES):
        y = rng.standard_normal(n)
        fit = Recalibration.of(layout, options())
        fit.add(ForecastBlock(y, values, {}))
        low, high = fit.fitted(exchangeable=True).apply(values[:1])[0]
        found.append(stats.norm.cdf(high) - stats.norm.cdf(low))
        pit = np.sort(stats.norm.cdf(y))
        ends = pit[[math.ceil(0.05 * n) - 1, math.ceil(0.95 * n) - 1]]
        naive.append(ends[1] - ends[0])
    held, plain = np.array(found), np.array(naive)
    first = math.floor((n + 1) * 0.05 + 1e-9)
    assert abs(held.mean() - (n + 1 - 2 * first) / (n + 1)) < error(held)
    assert held.mean() > 0.899 - error(held)
    assert abs(plain.mean() - central) < error(plain) + 0.006
    measured.note(f"order statistics, mean coverage, {n} rows", held.mean(), f"{REPLICATES} fits")
    measured.note(f"ECDF of the PIT, mean coverage, {n} rows", plain.mean(), f"{REPLICATES} fits")


def test_paired_differences_cover() -> None:
    """Of rows in 40 groups of 15 the interval of a paired difference holds the true one, 0."""
    rng, held, n = np.random.default_rng(5), np.zeros(2), REPLICATES // 5
    group = np.repeat(np.arange(40), 15)
    layout = ForecastLayout("intervals", ("lower", "upper"), (0.9,))
    for _ in range(n):
        common = rng.standard_normal((2, 40))[:, group]
        y, a, b = rng.standard_normal((3, 600))
        for k, column in enumerate((None, "g")):
            sides = [Scores(name, layout, column) for name in "ab"]
            for side, own in zip(sides, (a + common[0], b + common[1]), strict=True):
                ends = np.stack([own - 2.0, own + 2.0], axis=1)
                side.add(ForecastBlock(y, ends, {"g": group}))
            found = differences(sides[0], sides[1:], 0.95)[1].difference
            assert found.low is not None
            assert found.high is not None
            held[k] += found.low <= 0.0 <= found.high
    assert held[0] / n < 0.9  # rows alone are not enough
    assert held[1] / n > 0.95 - 3 * math.sqrt(0.05 * 0.95 / n) - 0.01
