"""Six ways to draw weighted rows from a population whose figures are known."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from calaudit.api.reports.evaluation_settings import checked_settings
from calaudit.api.reports.figures import TableFigures, gap_of
from calaudit.api.reports.reliability_bins import reliability_bins
from calaudit.api.reports.verdicts import joint_test
from calaudit.calibrators.fit_points import sample_of
from calaudit.metrics import calibration_error as binned
from calaudit.metrics import discrimination, recalibration, scoring
from calaudit.metrics.bins import equal_mass
from calaudit.metrics.cumulative import ecce_r
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.significance import hosmer_lemeshow, line_test, spiegelhalter_z
from calaudit.metrics.smooth import smece
from calaudit.metrics.weighting import weighed
from calaudit.options.declaration import defaults
from calaudit.options.figures import FigureOptions
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.ladder import ladder_of
from calaudit.thresholds.outcome import outcome_of
from calaudit.thresholds.policy import Policy
from tests.simulation.models import Model
from tests.simulation.simulate import LEVEL, true_smooth_figures

Floats = NDArray[np.float64]
Rows = tuple[Floats, NDArray[np.int64], Floats]

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "60"))
"""Draws of each design; ``make simulate`` takes many more."""

BINNING = equal_width(15)
COSTS = Costs(fp=1.0, fn=4.0)
OPTIONS: Any = defaults(FigureOptions) | {"level": LEVEL}
SETTINGS = checked_settings(OPTIONS)


@dataclass(frozen=True)
class Design:
    """A population and how rows of it are sampled; a weight is one over the chance to be kept.

    Attributes:
        name: for messages.
        rows: of the file before any are left out.
        quantile: quantile function of the scores.
        kept: chance that a row with a score and a label is kept.
        weight: more that weights vary by, that is nothing to do with the rows.
        stratum: chance of a row to be in the heavy stratum, its weight there, and by how much
            its labels differ: from both strata together scores are calibrated, and from one not.
        odds: true odds of label 1 over those that scores say.
        cut: score from which rows are acted on.
    """

    name: str
    rows: int
    quantile: Callable[[Floats], Floats]
    kept: Callable[[Floats, NDArray[np.int64]], Floats] | None = None
    weight: Callable[[np.random.Generator, int], Floats] | None = None
    stratum: tuple[float, float, float] | None = None
    odds: float = 1.0
    cut: float = 0.2

    def rate(self, p: Floats) -> Floats:
        """Return the true rate of label 1 in the population."""
        shifted: Floats = expit(logit(p) + np.log(self.odds))
        return shifted

    @cached_property
    def model(self) -> Model:
        """The population."""
        return Model(self.name, self.quantile, self.rate)

    def full(self, rng: np.random.Generator) -> Rows:
        """Return rows of which none is left out."""
        p, y = self.model.draw(rng, self.rows)
        return p, y, np.ones(len(p))

    def draw(self, rng: np.random.Generator) -> Rows:
        """Return the rows that are kept, and their weights."""
        if self.stratum is not None:
            return self._stratified(rng, *self.stratum)
        p, y, w = self.full(rng)
        if self.weight is not None:
            w = self.weight(rng, len(p))
        if self.kept is not None:
            chance = self.kept(p, y)
            held = rng.random(len(p)) < chance
            return p[held], y[held], 1.0 / chance[held]
        return p, y, w

    def _stratified(
        self, rng: np.random.Generator, share: float, weight: float, off: float
    ) -> Rows:
        p = self.quantile(rng.random(self.rows))
        heavy = rng.random(self.rows) < share
        part = share * weight / (share * weight + 1.0 - share)
        rate = self.rate(p)
        room = 0.9 * np.minimum(rate, 1.0 - rate)
        less = np.minimum(4.0 * off * rate * (1.0 - rate), room * min(1.0, (1.0 - part) / part))
        rate = np.where(heavy, rate - less, rate + less * part / (1.0 - part))
        y = (rng.random(self.rows) < rate).astype(np.int64)
        return p, y, np.where(heavy, weight, 1.0)

    @cached_property
    def truth(self) -> dict[str, float]:
        """The figures of the population."""
        p, residual = self.model.population
        rate = p + residual
        act = p >= self.cut
        return true_smooth_figures(self.model) | {
            "base_rate": float(rate.mean()),
            "difference": float(-residual.mean()),
            "mean_confidence": float(np.maximum(p, 1.0 - p).mean()),
            "ece": self.model.binned_error(15),
            "cost": float(1000 * np.where(act, (1 - rate) * COSTS.fp, rate * COSTS.fn).mean()),
            "act_share": float(act.mean()),
            "recall": float((rate * act).sum() / rate.sum()),
            "precision": float((rate * act).sum() / act.sum()),
            "fpr": float(((1 - rate) * act).sum() / (1 - rate).sum()),
        }

    @cached_property
    def bin_rates(self) -> Floats:
        """(15,) the true rate of each equal-width bin; NaN where no row falls."""
        p, residual = self.model.population
        group = np.clip(np.ceil(p * 15).astype(int) - 1, 0, 14)
        rows = np.bincount(group, minlength=15)
        return np.bincount(group, p + residual, 15) / np.where(rows > 0, rows, np.nan)


def _normal(mean: float, spread: float) -> Callable[[Floats], Floats]:
    """Return scores whose logit is normal."""
    return lambda u: expit(mean + spread * ndtri(u))


def _lognormal(rng: np.random.Generator, n: int) -> Floats:
    return np.exp(rng.standard_normal(n))


def _threes(_rng: np.random.Generator, n: int) -> Floats:
    return np.full(n, 3.0)


DESIGNS = {
    design.name: design
    for design in (
        Design(
            "negatives kept at 2 %", 20_000, _normal(-4.2, 0.9),
            kept=lambda _p, y: np.where(y == 1, 1.0, 0.02), cut=0.03,
        ),
        Design("a heavy stratum", 3_000, _normal(1.5, 1.3), stratum=(0.03, 20.0, 0.15), cut=0.7),
        Design(
            "scores below 0.1 kept at 2 %", 20_000, _normal(-2.5, 1.3),
            kept=lambda p, _y: np.where(p < 0.1, 0.02, 1.0),
        ),
        Design(
            "hard negatives kept", 20_000, _normal(-2.5, 1.3),
            kept=lambda p, y: np.where((y == 1) | (p >= 0.3), 1.0, 0.05),
        ),
        Design("lognormal weights", 2_000, lambda u: u, weight=_lognormal, cut=0.4),
        Design("equal weights", 2_000, lambda u: u, weight=_threes, cut=0.4),
    )
}  # fmt: skip


def off(design: Design) -> Design:
    """Return the design with scores whose odds are twice too high."""
    return replace(design, odds=0.5)


def table_figures(rows: Rows) -> TableFigures:
    """Return the arrays that a report computes its figures from."""
    p, y, w = rows
    weights = None if (w == 1.0).all() else w
    return TableFigures(ScoreTable.of(p, y, weights, cuts=BINNING.cuts), SETTINGS, BINNING)


def closed_figures(design: Design, figures: TableFigures) -> dict[str, Estimate]:
    """Return the figures whose intervals need no simulation."""
    cells = figures.cells
    line = recalibration.cox(cells, level=LEVEL)
    sample = sample_of(cells)
    rung = int(np.searchsorted(sample.p, design.cut))
    shares = Policy(low=rung, high=rung).shares(len(ladder_of(sample)))
    outcome = outcome_of(shares, sample.w, sample.w2, sample.counts)
    rates = outcome.rates(LEVEL)
    losses = scoring.log_losses(cells)
    confidence = scoring.mean_estimate(1.0 - cells.q, weighed(cells), level=LEVEL)
    return {
        "log_loss": scoring.log_loss(losses, clip=scoring.DEFAULT_CLIP, level=LEVEL),
        "brier": scoring.brier(cells, level=LEVEL),
        "accuracy": discrimination.accuracy_at_half(cells, level=LEVEL),
        "base_rate": discrimination.base_rate(cells, level=LEVEL),
        "mean_confidence": confidence,
        "difference": gap_of(figures),
        "auroc": discrimination.auroc(cells, level=LEVEL),
        "average_precision": discrimination.average_precision(cells, level=LEVEL),
        "cox_slope": line.slope,
        "cox_intercept": line.intercept,
        "cost": outcome.cost(COSTS, LEVEL),
        **{name: rates[name] for name in ("act_share", "recall", "precision", "fpr")},
    }


def bins_held(design: Design, figures: TableFigures) -> list[bool]:
    """Return whether the interval of each bin with some rows of both labels holds its rate."""
    truth, sums = design.bin_rates, figures.width.sums
    return [
        b.low <= truth[k] <= b.high
        for k, b in enumerate(reliability_bins(figures.width, SETTINGS, band=False))
        if b.low is not None
        and b.high is not None
        and np.isfinite(truth[k])
        and min(sums.ones[k], sums.rows[k] - sums.ones[k]) >= 5
    ]


def simulated_figures(figures: TableFigures, rng: np.random.Generator) -> dict[str, Estimate]:
    """Return the figures whose intervals and tests are simulated, and two classic tests."""
    cells, residuals = figures.cells, figures.residuals
    return {
        "smece": smece(cells, residuals, level=LEVEL, rng=rng),
        "cox_test": line_test(figures.table, cells, rng=rng),
        "ece": binned.ece(figures.width, level=LEVEL, rng=rng),
        "ecce_r": ecce_r(residuals, level=LEVEL, rng=rng),
        "spiegelhalter": spiegelhalter_z(cells),
        "hosmer_lemeshow": hosmer_lemeshow(equal_mass(cells, residuals, 10)),
    }


def p_values(found: dict[str, Estimate]) -> dict[str, float]:
    """Return the p-values of the tests, that of the verdict among them."""
    p_value, _ = joint_test(found)
    verdict = {"verdict": 1.0 if p_value is None else p_value}
    return verdict | {name: e.p_value for name, e in found.items() if e.p_value is not None}
