"""All figures of one summary, by name."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.rows.weights import weighted_cells
from calaudit.calibrators.cross_fitted import recoverable_log_loss
from calaudit.metrics import calibration_error as binned
from calaudit.metrics import discrimination, scoring
from calaudit.metrics.bins import BinSums, Residuals, bin_sums, equal_mass, residuals_of
from calaudit.metrics.bounds import brier_bound, log_loss_bound
from calaudit.metrics.classwise import classwise_ece
from calaudit.metrics.clinical import curve_errors, observed_to_expected, scaled_brier
from calaudit.metrics.clustered import DEPENDENT, FEWEST, TOO_FEW, clustered_mean
from calaudit.metrics.cumulative import ecce_mad, ecce_r
from calaudit.metrics.estimate import Estimate, around
from calaudit.metrics.normal import normal_quantile
from calaudit.metrics.recalibration import corp_estimates, cox
from calaudit.metrics.significance import hosmer_lemeshow, line_test, spiegelhalter_z
from calaudit.metrics.smooth import smece
from calaudit.metrics.unseen import unseen_share
from calaudit.metrics.weighting import weighed
from calaudit.tables.binning import Binning
from calaudit.tables.cells import Cells
from calaudit.tables.groups import Clusters, GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary
from calaudit.thresholds.surest import error_of_surest

SLICE_DRAWS = 299
"""Draws of a calibrated model behind the tests of a slice."""

SLICE_POINTS = 1024
"""Nodes of the finest simulation grid of a slice."""

COARSE = 1024
"""Cells of the table behind simulations that need many passes over it."""


class TableFigures:
    """The arrays that every figure of one table needs, computed once."""

    def __init__(
        self,
        table: ScoreTable,
        settings: Settings,
        binning: Binning,
        groups: GroupTable | None = None,
    ) -> None:
        cells = cells_for(table, settings)
        self.groups = None if groups is None else groups.clusters(cells)
        self.cells = replace(cells, groups=self.groups)
        self.residuals: Residuals = residuals_of(self.cells)
        self.width: BinSums = bin_sums(self.cells, self.residuals, binning)
        self.mass: BinSums = equal_mass(self.cells, self.residuals, settings.bins)
        self.table = table
        self.settings = settings


RIGHT = {
    discrimination.EVERY_ONE: "every prediction is right",
    discrimination.EVERY_ZERO: "every prediction is wrong",
}
"""Reason of a figure of labels → the same of predictions that are right or wrong."""


def cells_for(table: ScoreTable, settings: Settings) -> Cells:
    """Return the cells of a table, its weights as they are meant."""
    return weighted_cells(table, settings.weight_kind)


def _rng(settings: Settings, figure: int) -> np.random.Generator:
    """Return a generator of its own for each figure, so that none depends on another."""
    return np.random.default_rng([settings.seed, figure])


def figures_of(summary: Summary, figures: TableFigures) -> dict[str, Estimate]:
    """Return every figure of a data set, in display order."""
    s, level = figures.settings, figures.settings.level
    cells, residuals = figures.cells, figures.residuals
    task = summary.task
    metrics = {"n": Estimate(value=float(cells.counts.sum()))}
    metrics |= _level_figures(task, cells, level)
    metrics["smece"] = smece(cells, residuals, level=level, rng=_rng(s, 1))
    metrics["log_loss"] = _log_loss(summary, figures)
    coarse = _coarse_cells(figures)
    metrics["recoverable_log_loss"] = recoverable_log_loss(
        coarse, clip=s.clip, level=level, rng=_rng(s, 2)
    )
    metrics["brier"] = _brier(summary, figures)
    metrics["auroc"] = discrimination.auroc(cells, level=level)
    metrics["average_precision"] = discrimination.average_precision(cells, level=level)
    metrics["ece"] = binned.ece(figures.width, level=level, rng=_rng(s, 3))
    metrics["ece_equal_mass"] = binned.ece(figures.mass, level=level, rng=_rng(s, 4))
    metrics["mce"] = binned.mce(figures.width, level=level, rng=_rng(s, 5))
    metrics["rmsce"] = binned.rmsce(figures.width, level=level, rng=_rng(s, 6))
    metrics["debiased_ece"] = binned.debiased_ece(figures.mass, level=level)
    metrics["ecce_r"] = ecce_r(residuals, level=level, rng=_rng(s, 7))
    metrics["ecce_mad"] = ecce_mad(residuals, level=level, rng=_rng(s, 8))
    metrics["noise_floor"] = binned.noise_floor(figures.width)
    line = cox(cells, level=level)
    metrics["cox_slope"], metrics["cox_intercept"] = line.slope, line.intercept
    metrics["cox_test"] = line_test(figures.table, cells, rng=_rng(s, 11))
    metrics["spiegelhalter_z"] = spiegelhalter_z(cells)
    metrics["hosmer_lemeshow"] = hosmer_lemeshow(equal_mass(cells, residuals, 10))
    if task == "binary":
        metrics["observed_expected"] = observed_to_expected(cells, level=level)
        metrics["scaled_brier"] = scaled_brier(cells, level=level)
        metrics |= curve_errors(cells, residuals, level=level, rng=_rng(s, 12))
    corp = corp_estimates(residuals, rng=_rng(s, 9))
    metrics |= dict(zip(("corp_mcb", "corp_dsc", "corp_unc"), corp, strict=True))
    if summary.classes is not None:
        metrics["classwise_ece"] = classwise_ece(summary.classes, level=level, rng=_rng(s, 10))
    metrics |= _automated(figures, task)
    if figures.groups is not None:
        metrics = _of_groups(metrics, figures.groups)
    return metrics if task == "binary" else {k: _of_right(e) for k, e in metrics.items()}


INDEPENDENT = ("recoverable_log_loss", "classwise_ece")
"""Figures whose intervals and tests are those of independent rows."""


def _of_groups(metrics: dict[str, Estimate], groups: Clusters) -> dict[str, Estimate]:
    """Return figures without the intervals and tests that rows of groups do not allow."""
    few = len(groups) < FEWEST

    def kept(name: str, estimate: Estimate) -> Estimate:
        if name == "noise_floor" and few:
            return Estimate(value=None, reason=TOO_FEW)
        if estimate.low is None and estimate.p_value is None:
            return estimate
        if not few and name not in INDEPENDENT:
            freedom = float(len(groups) - 1) if estimate.t_df is None else estimate.t_df
            return estimate if estimate.low is None else replace(estimate, t_df=freedom)
        reason = TOO_FEW if few else DEPENDENT
        return Estimate(value=estimate.value, reason=reason, error_bound=estimate.error_bound)

    return {name: kept(name, estimate) for name, estimate in metrics.items()}


def _of_right(estimate: Estimate) -> Estimate:
    """Return a figure of right and wrong, whose labels these are to its reason."""
    reason = RIGHT.get(estimate.reason or "")
    return estimate if reason is None else replace(estimate, reason=reason)


def _coarse_cells(figures: TableFigures) -> Cells:
    table = figures.table.within(COARSE, level=12)
    return figures.cells if table is figures.table else cells_for(table, figures.settings)


def _level_figures(task: str, cells: Cells, level: float) -> dict[str, Estimate]:
    """Return accuracy, mean confidence and the like."""
    ones = discrimination.base_rate(cells, level=level)
    mean_score = scoring.mean_estimate(
        cells.p_by_label, weighed(cells), level=level, at_least=0.0, at_most=1.0
    )
    if task != "binary":
        return {"accuracy": ones, "mean_confidence": mean_score}
    confidence = scoring.mean_estimate(
        1.0 - cells.q, weighed(cells), level=level, at_least=0.5, at_most=1.0
    )
    return {
        "accuracy": discrimination.accuracy_at_half(cells, level=level),
        "mean_confidence": confidence,
        "mean_score": mean_score,
        "base_rate": ones,
    }


def _automated(figures: TableFigures, task: str) -> dict[str, Estimate]:
    """Return the errors among the surest rows, where they are wanted."""
    share = figures.settings.automated
    if share is None:
        return {}
    found = error_of_surest(figures.cells, share, by_side=task == "binary")
    return {"automated_error": found}


def _log_loss(summary: Summary, figures: TableFigures) -> Estimate:
    s = figures.settings
    cells = figures.cells if summary.truth is None else cells_for(summary.truth, s)
    losses = scoring.log_losses(cells, s.clip, both_ends=summary.truth is None)
    estimate = scoring.log_loss(losses, clip=s.clip, level=s.level)
    if summary.truth is not None and figures.groups is not None:
        if estimate.value is None:
            return estimate
        variance = scoring.variance_of(losses.loss, losses.sums.w, estimate.value)
        return _of_losses(estimate.value, figures, figures.groups, 0, variance, math.inf)
    return replace(estimate, error_bound=log_loss_bound(cells))


def _brier(summary: Summary, figures: TableFigures) -> Estimate:
    level = figures.settings.level
    if summary.classes is None:
        estimate = scoring.brier(figures.cells, level=level)
        return replace(estimate, error_bound=brier_bound(figures.cells))
    mean, error = summary.classes.brier_moments()
    if figures.groups is not None:
        rows = float(figures.cells.counts.sum())
        return _of_losses(mean, figures, figures.groups, 1, error**2 * rows, 2.0)
    sums = figures.residuals  # of the predicted class: a wrong one costs up to 2
    total = float(sums.w.sum())
    unit = float(sums.w2.sum()) / total
    if total < 2 * unit or not math.isfinite(error):
        return Estimate(value=mean, reason="one row has no interval")
    wrong = (total - min(float(sums.wy.sum()), float(sums.wp.sum()))) / unit
    half = normal_quantile(0.5 + level / 2) * error
    room = 2.0 * unseen_share(wrong, total / unit, level)
    return scoring.normal_with_room(mean, half, room, level, at_least=0.0, at_most=2.0)


def _of_losses(
    mean: float, figures: TableFigures, groups: Clusters, which: int, variance: float, most: float
) -> Estimate:
    """Return a mean loss of several classes with the interval of its groups.

    Args:
        mean: the loss.
        figures: of rows that belong together.
        groups: the rows.
        which: of the losses that were added up by group.
        variance: of the loss of a row.
        most: largest possible loss.
    """
    off, ends = groups.losses[:, which] - mean * groups.rows, {"at_least": 0.0, "at_most": most}
    level = figures.settings.level
    if not math.isfinite(variance):
        return Estimate(value=mean)
    return clustered_mean(mean, off, groups.rows, variance, level=level, **ends)


def gap_of(figures: TableFigures) -> Estimate:
    """Return mean score minus mean label of a table, with a normal interval."""
    r, cells, level = figures.residuals, figures.cells, figures.settings.level
    total = float(r.w.sum())
    value = -float(r.r.sum()) / total
    if figures.groups is not None and r.groups is not None:
        off = -r.groups.r.sum(axis=1) - value * figures.groups.rows
        variance = max(float(r.q.sum()) / float(r.w2.sum()) - value * value, 0.0)
        return clustered_mean(value, off, figures.groups.rows, variance, level=level)
    off = np.where([cells.above, ~cells.above], 1.0 - cells.q, cells.q) * [[1.0], [-1.0]]
    held = cells.w > 0
    off, sums = off[held] - value, weighed(cells).of(lambda x: x[held])
    spread = scoring.spread_of(off, sums, float(r.v0.sum()), level)
    spread += float((r.noise() - np.maximum(r.q, r.v0)).sum())
    effective = total * total / float(r.w2.sum())
    spread *= effective / (effective - 1.0) if effective >= 2 else 1.0
    half = normal_quantile(0.5 + level / 2) * math.sqrt(spread) / total
    return around(value, half, level, "normal")


def slice_figures(figures: TableFigures, task: str, number: int) -> dict[str, Estimate]:
    """Return the figures of one slice, from fewer simulations than the whole gets.

    The p-values of its two tests are extrapolated beyond the draws, so that they can be
    adjusted for many slices.
    """
    s, level, cells = figures.settings, figures.settings.level, figures.cells
    metrics = {"n": Estimate(value=float(cells.counts.sum()))}
    metrics |= _level_figures(task, cells, level)
    rng = _rng(s, 100 + number)
    metrics["smece"] = smece(
        cells,
        figures.residuals,
        level=level,
        rng=rng,
        draws=SLICE_DRAWS,
        extrapolate=True,
        most_points=SLICE_POINTS,
    )
    metrics["ece"] = binned.ece(figures.width, level=level, rng=rng)
    metrics["auroc"] = discrimination.auroc(cells, level=level)
    metrics |= _automated(figures, task)
    if task != "multiclass":  # there they are of all classes, which slices have no sums of
        losses = scoring.log_losses(cells, s.clip, both_ends=True)
        metrics["log_loss"] = scoring.log_loss(losses, clip=s.clip, level=level)
        metrics["brier"] = scoring.brier(cells, level=level)
    metrics["cox_slope"] = cox(cells, level=level).slope
    metrics["cox_test"] = line_test(figures.table, cells, rng=rng, draws=SLICE_DRAWS, fine=True)
    return metrics if figures.groups is None else _of_groups(metrics, figures.groups)
