"""Intervals from few rows, few rows of a label, and rows of which nothing went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri, xlogy

from calaudit.calibrators.cross_fitted import recoverable_log_loss
from calaudit.metrics import calibration_error as binned
from calaudit.metrics import discrimination, recalibration, scoring
from calaudit.metrics.bins import equal_mass, residuals_of
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.smooth import smece
from calaudit.tables import Cells
from tests.metrics.tables import cells_of, widths
from tests.simulation.models import Model
from tests.simulation.simulate import LEVEL, seed_of

pytestmark = pytest.mark.slow

Floats = NDArray[np.float64]
Figure = Callable[[Cells, np.random.Generator], Estimate]

STATED = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])
OFTEN = np.cumsum([0.05, 0.05, 0.1, 0.2, 0.3, 0.2])
RIGHT = np.array([0.5, 0.58, 0.61, 0.7, 0.79, 0.85, 0.89])


def logistic(name: str, mean: float, spread: float, slope: float, shift: float = 0.0) -> Model:
    """Return scores whose logits are the true ones, normal, times a slope plus a shift."""
    return Model(
        name,
        lambda u: expit(slope * (mean + spread * ndtri(u)) + shift),
        lambda p: expit((logit(p) - shift) / slope),
    )


MODELS = {
    model.name: model
    for model in (
        Model(
            "stated",
            lambda u: STATED[np.searchsorted(OFTEN, u)],
            lambda p: RIGHT[np.searchsorted(STATED, p)],
        ),
        logistic("calibrated", 0.0, 1.5, 1.0),
        logistic("overconfident", 0.0, 1.5, 1.5),
        logistic("very overconfident", 0.0, 1.5, 2.0),
        logistic("rare", -4.0, 1.2, 1.0),
        logistic("rare, too high", -4.0, 1.2, 1.0, math.log(2.0)),
        logistic("rare, too extreme", -4.0, 1.2, 1.5),
    )
}


def intervals(name: str, rows: int, replicates: int, figure: Figure) -> list[Estimate]:
    """Return a figure of as many data sets."""
    rng = np.random.default_rng(seed_of("small", name, rows))
    found = []
    for _ in range(replicates):
        p, y = MODELS[name].draw(rng, rows)
        found.append(figure(cells_of(p, y), rng))
    return found


def misses(found: list[Estimate], truth: float) -> tuple[float, float, float]:
    """Return how often the truth lies below and above an interval, and how often there is one."""
    told = [e for e in found if e.low is not None and e.high is not None]
    n = max(len(told), 1)
    below = sum(truth < (e.low or 0.0) - 1e-12 for e in told) / n
    above = sum(truth > (e.high or 0.0) + 1e-12 for e in told) / n
    return below, above, len(told) / len(found)


def most(rate: float, replicates: int) -> float:
    """Return a rate and two standard errors of its simulation."""
    return rate + 2.0 * math.sqrt(rate * (1.0 - rate) / replicates)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("stated", 100), ("stated", 200), ("stated", 500),
        ("very overconfident", 100), ("very overconfident", 200),
    ],
)  # fmt: skip
def test_upper_end_of_the_smooth_error(name, rows, measured) -> None:
    """The truth is above it in about 2.5 %, on tied confidences and on steep logits."""
    found = intervals(
        name, rows, 300, lambda c, rng: smece(c, residuals_of(c), level=LEVEL, rng=rng)
    )
    below, above, _ = misses(found, MODELS[name].smooth_error())
    measured.note(f"truth above smECE, {name}", above, f"{rows} rows")
    assert above <= most(0.025, 300)
    assert below <= most(0.025, 300)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("overconfident", 200), ("rare, too high", 2000), ("rare, too extreme", 2000),
    ],
)  # fmt: skip
def test_recoverable_log_loss(name, rows, measured) -> None:
    """The interval holds what the true probabilities would win."""
    found = intervals(name, rows, 120, lambda c, rng: recoverable_log_loss(c, level=LEVEL, rng=rng))

    def loss(p: Floats, rate: Floats) -> Any:
        return xlogy(rate, rate / p) + xlogy(1.0 - rate, (1.0 - rate) / (1.0 - p))

    below, above, told = misses(found, MODELS[name].mean_of(loss))
    measured.note(f"recoverable misses, {name}", below + above, f"{rows} rows")
    assert told > 0.95
    assert below + above <= most(0.05, 120)


@pytest.mark.parametrize("name", ["rare, too high", "rare, too extreme", "rare"])
def test_few_events_have_no_interval_of_what_can_be_won(name) -> None:
    """With a handful of rows of a label nothing is said of what could be won back."""
    found = intervals(name, 200, 20, lambda c, rng: recoverable_log_loss(c, level=LEVEL, rng=rng))
    assert misses(found, 0.0)[2] == 0.0
    assert all(e.reason for e in found)


@pytest.mark.parametrize("rows", [15, 60, 200, 1000])
@pytest.mark.parametrize("name", ["rare", "rare, too high", "rare, too extreme"])
def test_debiased_error_of_rare_events(name, rows, measured) -> None:
    """It has an interval that holds, or none, and says why."""
    found = intervals(
        name, rows, 200, lambda c, _: binned.debiased_ece(
            equal_mass(c, residuals_of(c), 15), level=LEVEL
        )
    )  # fmt: skip
    below, above, told = misses(found, math.sqrt(MODELS[name].squared_error(16)))
    measured.note(f"debiased misses, {name}", below + above, f"{rows} rows")
    assert below + above <= 0.09
    assert told > 0.9 if rows == 1000 else told == 0.0
    assert all(e.reason for e in found if e.low is None)


@pytest.mark.parametrize("rows", [60, 200])
@pytest.mark.parametrize("name", ["calibrated", "rare"])
def test_the_worst_bin_of_calibrated_scores(name, rows, measured) -> None:
    """Its interval excludes 0 in no more than 5 %."""
    rng = np.random.default_rng(seed_of("worst bin", name, rows))
    found = []
    for _ in range(300):
        p, y = MODELS[name].draw(rng, rows)
        found.append(binned.mce(widths(p, y), level=LEVEL, rng=rng))
    below, _, _ = misses(found, 0.0)
    measured.note(f"MCE excludes 0, {name}", below, f"{rows} rows")
    assert below <= most(0.05, 300)


@pytest.mark.parametrize("rows", [200, 5000])
def test_the_line_of_certain_scores(rows) -> None:
    """Cox's line has no interval where scores are exactly 1, however many of them are wrong."""
    found = intervals("stated", rows, 20, lambda c, _: recalibration.cox(c, level=LEVEL).slope)
    assert all(e.low is None and "exactly 0 or 1" in (e.reason or "") for e in found)


@pytest.mark.parametrize("mixed", [0.0, 0.5])
@pytest.mark.parametrize(("stated", "error"), [(1.0, 0.002), (1.0, 0.01), (0.9999, 0.004)])
@pytest.mark.parametrize("rows", [100, 300, 1000])
def test_losses_of_rows_that_hardly_go_wrong(stated, error, mixed, rows, measured) -> None:
    """Log loss and Brier score cover, of sure rows alone and beside others stated at 0.6."""
    rng = np.random.default_rng(seed_of("sure", stated, error, mixed, rows))
    clip = scoring.DEFAULT_CLIP
    p, rate = np.array([stated, 0.6]), np.array([1.0 - error, 0.6])
    kept = np.clip(p, clip, 1.0 - clip)
    weight = np.array([1.0 - mixed, mixed])
    truths = (
        float(weight @ -(rate * np.log(kept) + (1.0 - rate) * np.log(1.0 - kept))),
        float(weight @ (rate * (1.0 - p) ** 2 + (1.0 - rate) * p**2)),
    )
    found: list[list[Estimate]] = [[], []]
    for _ in range(300):
        at = (rng.random(rows) < mixed).astype(int)
        cells = cells_of(p[at], (rng.random(rows) < rate[at]).astype(int))
        losses = scoring.log_losses(cells, clip)
        found[0].append(scoring.log_loss(losses, clip=clip, level=LEVEL))
        found[1].append(scoring.brier(cells, level=LEVEL))
    for estimates, truth in zip(found, truths, strict=True):
        below, above, told = misses(estimates, truth)
        measured.note("misses, losses of sure rows", below + above, f"{stated}, {error}, {rows}")
        assert told == 1.0
        assert below + above <= most(0.05, 300)


@pytest.mark.parametrize(("low", "high"), [(0.01, 0.0), (0.03, 0.0), (0.0, 0.005), (0.0, 0.02)])
@pytest.mark.parametrize("rows", [100, 400])
def test_ranking_that_is_nearly_perfect(low, high, rows, measured) -> None:
    """AUROC and average precision cover where a few rows are at the wrong end, seen or not."""
    rng = np.random.default_rng(seed_of("ranking", low, high, rows))

    def draw(n: int) -> Cells:
        y = (rng.random(n) < 0.3).astype(int)
        u, odd = rng.random(n), rng.random(n)
        p = np.where(y == 1, 0.6 + 0.38 * u, 0.02 + 0.38 * u)
        p = np.where((y == 1) & (odd < low), 0.02 * u, p)
        return cells_of(np.where((y == 0) & (odd < high), 0.98 + 0.02 * u, p), y)

    population = draw(100_000)
    for figure in (discrimination.auroc, discrimination.average_precision):
        truth = figure(population, level=LEVEL).value
        assert truth is not None
        found = [figure(draw(rows), level=LEVEL) for _ in range(200)]
        below, above, told = misses(found, truth)
        measured.note(f"misses, {figure.__name__} near 1", below + above, f"{rows} rows")
        assert told > 0.95
        assert below + above <= 0.09
