"""Every interval and test on one simulated cell: a model and a number of rows."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from calaudit.metrics import calibration_error as binned
from calaudit.metrics import discrimination, recalibration, scoring
from calaudit.metrics.bins import bin_sums, equal_mass, residuals_of
from calaudit.metrics.cumulative import ecce_r
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.significance import spiegelhalter_z
from calaudit.metrics.smooth import smece
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from tests.simulation.models import MODELS, Model

REPLICATES = 300
LEVEL = 0.95
BINNING = equal_width(15)


@dataclass(frozen=True)
class Cell:
    """All estimates of a figure over the replicates, by figure."""

    model: Model
    rows: int
    estimates: dict[str, list[Estimate]]

    def coverage(self, figure: str, truth: float) -> float:
        """Return the share of intervals that hold the truth."""
        held = [
            e.low is not None and e.high is not None and e.low <= truth <= e.high
            for e in self.estimates[figure]
        ]
        return sum(held) / len(held)

    def rejected(self, figure: str, size: float = 0.05) -> float:
        """Return the share of replicates whose test rejects calibration."""
        p = [e.p_value for e in self.estimates[figure] if e.p_value is not None]
        assert len(p) == len(self.estimates[figure])
        return sum(x <= size for x in p) / len(p)

    def mean(self, figure: str, part: str = "value") -> float:
        """Return the mean of a part of the estimates."""
        return float(np.mean([getattr(e, part) for e in self.estimates[figure]]))


def seed_of(*parts: object) -> int:
    """Return a seed that depends on the parts alone."""
    return zlib.crc32("/".join(map(str, parts)).encode())


@cache
def calibration_cell(name: str, rows: int) -> Cell:
    """Return the calibration errors of all replicates of one model and size."""
    model = MODELS[name]
    rng = np.random.default_rng(seed_of("calibration", name, rows))
    kept: dict[str, list[Estimate]] = {}
    for _ in range(REPLICATES):
        p, y = model.draw(rng, rows)
        cells = ScoreTable.of(p, y, cuts=BINNING.cuts).cells()
        residuals = residuals_of(cells)
        mass = equal_mass(cells, residuals, 15)
        figures = {
            "ece": binned.ece(bin_sums(cells, residuals, BINNING), level=LEVEL, rng=rng),
            "ece_equal_mass": binned.ece(mass, level=LEVEL, rng=rng),
            "smece": smece(cells, residuals, level=LEVEL, rng=rng),
            "debiased": binned.debiased_ece(mass, level=LEVEL),
            "spiegelhalter": spiegelhalter_z(cells),
            "ecce_r": ecce_r(residuals, level=LEVEL, rng=rng),
        }
        for figure, estimate in figures.items():
            kept.setdefault(figure, []).append(estimate)
    return Cell(model, rows, kept)


@cache
def smooth_cell(name: str, rows: int, replicates: int = 1000) -> Cell:
    """Return the figures with closed-form intervals of all replicates of one model and size."""
    model = MODELS[name]
    rng = np.random.default_rng(seed_of("smooth", name, rows))
    kept: dict[str, list[Estimate]] = {}
    for _ in range(replicates):
        p, y = model.draw(rng, rows)
        cells = ScoreTable.of(p, y).cells()
        line = recalibration.cox(cells, level=LEVEL)
        losses = scoring.log_losses(cells)
        figures = {
            "brier": scoring.brier(cells, level=LEVEL),
            "log_loss": scoring.log_loss(losses, clip=scoring.DEFAULT_CLIP, level=LEVEL),
            "auroc": discrimination.auroc(cells, level=LEVEL),
            "average_precision": discrimination.average_precision(cells, level=LEVEL),
            "accuracy": discrimination.accuracy_at_half(cells, level=LEVEL),
            "cox_slope": line.slope,
            "cox_intercept": line.intercept,
        }
        for figure, estimate in figures.items():
            kept.setdefault(figure, []).append(estimate)
    return Cell(model, rows, kept)


def true_smooth_figures(model: Model) -> dict[str, float]:
    """Return the population values of the figures of `smooth_cell`."""
    p, residual = model.population
    rate = p + residual
    beta = _population_line(p, rate)
    positive, negative = np.cumsum(rate), np.cumsum(1 - rate)
    below = negative - (1 - rate) / 2
    above = positive[-1] - positive + rate / 2
    flagged = above + negative[-1] - below
    return {
        "brier": float((rate * (1 - p) ** 2 + (1 - rate) * p**2).mean()),
        "log_loss": float(-(rate * np.log(p) + (1 - rate) * np.log1p(-p)).mean()),
        "auroc": float((rate * below).sum() / positive[-1] / negative[-1]),
        "average_precision": float((rate * above / flagged).sum() / positive[-1]),
        "accuracy": float(np.where(p >= 0.5, rate, 1 - rate).mean()),
        "cox_intercept": float(beta[0]),
        "cox_slope": float(beta[1]),
    }


def _population_line(p: np.ndarray, rate: np.ndarray) -> np.ndarray:
    z = np.log(p) - np.log1p(-p)
    x = np.stack([np.ones_like(z), z])
    beta = np.array([0.0, 1.0])
    for _ in range(30):
        fit = 1 / (1 + np.exp(-(beta @ x)))
        step = np.linalg.solve((x * (fit * (1 - fit))) @ x.T, x @ (rate - fit))
        beta = beta + step
        if math.isclose(float(np.abs(step).max()), 0.0, abs_tol=1e-12):
            break
    return beta
