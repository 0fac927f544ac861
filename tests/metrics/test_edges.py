"""Every figure on every degenerate data set: a figure or a reason, never NaN, never a crash."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from calaudit.errors import NotEnoughData
from calaudit.metrics import calibration_error as binned
from calaudit.metrics import (
    clinical,
    cumulative,
    discrimination,
    recalibration,
    scoring,
    significance,
)
from calaudit.metrics.classwise import classwise_ece
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.smooth import smece
from calaudit.options.choices import CONVENTIONS
from calaudit.predictions.chunk import Chunk
from calaudit.tables import ScoreTable, SummaryBuilder
from calaudit.tables.binning import equal_width
from tests.metrics.edges import EDGES
from tests.metrics.tables import cells_of, masses, residuals, widths

LEVEL = 0.95


def rng() -> np.random.Generator:
    """Return a generator in a known state."""
    return np.random.default_rng(1)


def _cox(p: Any, y: Any, w: Any) -> list[Estimate]:
    line = recalibration.cox(cells_of(p, y, w), level=LEVEL)
    return [line.slope, line.intercept]


def _log_loss(p: Any, y: Any, w: Any) -> list[Estimate]:
    cells = cells_of(p, y, w)
    return [
        scoring.log_loss(scoring.log_losses(cells, clip), clip=clip, level=LEVEL)
        for clip in (2.0**-52, 1e-7, 0.0)
    ]


Figure = Callable[[Any, Any, Any], list[Estimate]]

FIGURES: dict[str, Figure] = {
    "ece": lambda p, y, w: [binned.ece(widths(p, y, w), level=LEVEL, rng=rng())],
    "ece_equal_mass": lambda p, y, w: [binned.ece(masses(p, y, w), level=LEVEL, rng=rng())],
    "mce": lambda p, y, w: [binned.mce(widths(p, y, w), level=LEVEL, rng=rng())],
    "rmsce": lambda p, y, w: [binned.rmsce(widths(p, y, w), level=LEVEL, rng=rng())],
    "debiased": lambda p, y, w: [binned.debiased_ece(masses(p, y, w), level=LEVEL)],
    "smece": lambda p, y, w: [smece(cells_of(p, y, w), residuals(p, y, w), level=LEVEL, rng=rng())],
    "ecce_r": lambda p, y, w: [cumulative.ecce_r(residuals(p, y, w), level=LEVEL, rng=rng())],
    "ecce_mad": lambda p, y, w: [cumulative.ecce_mad(residuals(p, y, w), level=LEVEL, rng=rng())],
    "brier": lambda p, y, w: [scoring.brier(cells_of(p, y, w), level=LEVEL)],
    "log_loss": _log_loss,
    "auroc": lambda p, y, w: [discrimination.auroc(cells_of(p, y, w), level=LEVEL)],
    "average_precision": lambda p, y, w: [
        discrimination.average_precision(cells_of(p, y, w), level=LEVEL)
    ],
    "accuracy": lambda p, y, w: [discrimination.accuracy_at_half(cells_of(p, y, w), level=LEVEL)],
    "cox": _cox,
    "spiegelhalter": lambda p, y, w: [significance.spiegelhalter_z(cells_of(p, y, w))],
    "hosmer_lemeshow": lambda p, y, w: [
        significance.hosmer_lemeshow(masses(p, y, w, 10)),
        significance.hosmer_lemeshow(widths(p, y, w, 10), fitted=True),
    ],
    "observed_expected": lambda p, y, w: [
        clinical.observed_to_expected(cells_of(p, y, w), level=LEVEL)
    ],
    "scaled_brier": lambda p, y, w: [clinical.scaled_brier(cells_of(p, y, w), level=LEVEL)],
    "net_benefit": lambda p, y, w: [
        each for _, each, _ in clinical.net_benefits(cells_of(p, y, w), level=LEVEL)
    ],
    "curve": lambda p, y, w: list(
        clinical.curve_errors(
            cells_of(p, y, w), residuals(p, y, w), level=LEVEL, rng=rng()
        ).values()
    ),
    "corp": lambda p, y, w: list(recalibration.corp_estimates(residuals(p, y, w), rng=rng())),
}


def check(estimate: Estimate) -> None:
    """Assert that an estimate is whole: finite numbers in order, or a reason."""
    numbers = {field.name: getattr(estimate, field.name) for field in fields(estimate)}
    for name, number in numbers.items():
        if isinstance(number, float):
            assert math.isfinite(number), f"{name} is {number}"
    if estimate.value is None:
        assert estimate.reason
    assert (estimate.low is None) == (estimate.high is None)
    if estimate.low is not None and estimate.high is not None:
        assert estimate.low <= estimate.high
        assert estimate.level is not None
        assert estimate.method
    if estimate.p_value is not None:
        assert 0.0 <= estimate.p_value <= 1.0
    if estimate.noise_floor is not None:
        assert estimate.noise_floor >= 0.0


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_on_every_edge(figure, rows):
    """A figure is finite with its interval in order, or absent with a reason."""
    for estimate in FIGURES[figure](*rows):
        check(estimate)


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_probabilities_and_errors_stay_in_their_range(rows):
    """Errors, scores and shares lie in [0, 1], their intervals too."""
    for figure in ("ece", "ece_equal_mass", "mce", "rmsce", "smece", "ecce_r", "ecce_mad", "brier"):
        for estimate in FIGURES[figure](*rows):
            for number in (estimate.value, estimate.low, estimate.high, estimate.unbiased):
                assert number is None or -1e-15 <= number <= 1 + 1e-12, figure


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_every_convention_on_every_edge(convention, rows):
    """No convention divides by a bin, or a file, that it left empty."""
    from calaudit.metrics.bins import bin_sums, residuals_of

    p, y, w = rows
    binning = equal_width(10, convention)
    cells = ScoreTable.of(p, y, w, cuts=binning.cuts).cells()
    check(binned.ece(bin_sums(cells, residuals_of(cells), binning), level=LEVEL, rng=rng()))


@pytest.mark.parametrize("rows", EDGES.values(), ids=EDGES.keys())
def test_reliability_curve(rows):
    """The curve rises, and it and its band lie in [0, 1]."""
    found = recalibration.reliability_curve(residuals(*rows), level=LEVEL, rng=rng())
    columns = np.stack([found.score, found.rate, found.low, found.high])
    assert ((columns >= 0) & (columns <= 1)).all()
    assert (np.diff(columns) >= -1e-12).all()
    assert len(found.piece) == columns.shape[1] > 0


def test_coarse_tables_are_as_robust():
    """The same figures of a table with several scores in a cell, with and without weights."""
    generator = rng()
    p = np.concatenate([[0.0, 1.0], generator.random(3000)])
    y = (generator.random(3002) < p).astype(int)
    for w in (None, generator.choice([0.0, 1.0], 3002)):
        cells = ScoreTable.of(p, y, w, cap=100).cells()
        assert not cells.exact
        assert (np.diff(cells.p) >= 0).all()
        check(discrimination.auroc(cells, level=LEVEL))
        check(scoring.brier(cells, level=LEVEL))
        check(recalibration.cox(cells, level=LEVEL).slope)


@pytest.mark.parametrize("weights", [None, np.zeros(0)])
def test_no_rows(weights):
    """An empty table has no figures, and says so in an error of our own."""
    with pytest.raises(NotEnoughData, match="no rows"):
        ScoreTable.of(np.zeros(0), np.zeros(0), weights).cells()


def test_no_weight():
    """Rows whose weights are all 0 count for nothing, and that is said."""
    with pytest.raises(NotEnoughData, match="weights"):
        ScoreTable.of(np.array([0.1, 0.9]), np.array([0, 1]), np.zeros(2)).cells()


@pytest.mark.parametrize("kind", ["one row", "certain", "certain and wrong", "uniform", "weighted"])
def test_classwise(kind):
    """Classwise ECE survives certain and uniform distributions."""
    eye = np.eye(3)
    rows: dict[str, tuple[Any, Any, Any]] = {
        "one row": (np.array([[0.2, 0.3, 0.5]]), np.array([1]), None),
        "certain": (eye[[0, 1, 2, 0]], np.array([0, 1, 2, 0]), None),
        "certain and wrong": (eye[[0, 1, 2, 0]], np.array([1, 2, 0, 2]), None),
        "uniform": (np.full((9, 3), 1 / 3), np.arange(9) % 3, None),
        "weighted": (eye[[0, 1, 2, 0]], np.array([0, 1, 1, 0]), np.array([0.0, 1.0, 2.0, 0.5])),
    }
    p, y, w = rows[kind]
    builder = SummaryBuilder("multiclass", "probability", n_classes=3, binning=equal_width(15))
    builder.add(Chunk(p, y, w))
    sums = builder.summary().classes
    assert sums is not None
    estimate = classwise_ece(sums, level=LEVEL, rng=rng())
    check(estimate)
    mean, error = sums.brier_moments()
    assert 0.0 <= mean <= 2.0
    assert error >= 0.0
