"""Simulated coverage, size and power of intervals and tests on models with a known truth.

Cells: scores uniform, or those of a confident five-class network; calibrated, or with a true
error of 0.02; 500, 5,000 and 50,000 rows. The truths come from 200,000 quantiles of the
population (see `models`), not from a large sample.
"""

from __future__ import annotations

import math

import pytest

from tests.measured import Measured
from tests.simulation.models import MODELS
from tests.simulation.simulate import (
    REPLICATES,
    Cell,
    calibration_cell,
    smooth_cell,
    true_smooth_figures,
)

pytestmark = pytest.mark.slow

ROWS = (500, 5_000, 50_000)
CALIBRATED = [name for name in MODELS if name.endswith(", calibrated")]
LEAST, MOST = 0.91, 0.999
TWO_ERRORS = 2 * math.sqrt(0.05 * 0.95 / REPLICATES)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        # Of the largest only the miscalibrated, whose points are looked at there.
        pytest.param(
            name,
            rows,
            marks=[pytest.mark.simulate] * (rows == max(ROWS) and name in CALIBRATED),
        )
        for name in MODELS
        for rows in ROWS
    ],
)
def test_calibration_errors(name, rows, measured):
    """Intervals cover the true errors; floors, size and points are what they claim to be."""
    cell = calibration_cell(name, rows)
    check_coverage(cell, measured)
    if name in CALIBRATED:
        check_noise_floors(cell, measured)
        size = measured.note(f"size smece, {name}", cell.rejected("smece"), f"{rows} rows")
        assert size <= 0.05 + TWO_ERRORS
    elif rows == 50_000:
        check_points(cell)
    if (name, rows) in POWER:
        check_power(cell, *POWER[name, rows], measured)


def check_coverage(cell: Cell, measured: Measured) -> None:
    """Assert the coverage of test inversion, and of the closed form, which is wide near 0."""
    truths = {
        "ece": cell.model.binned_error(15),
        "ece_equal_mass": cell.model.binned_error(15),
        "smece": cell.model.smooth_error(),
        "debiased": math.sqrt(cell.model.squared_error(16)),
    }
    for figure, truth in truths.items():
        coverage = cell.coverage(figure, truth)
        measured.note(f"coverage {figure}, {cell.model.name}, {cell.rows}", coverage, "")
        most = 1.0 if figure == "debiased" else MOST
        assert LEAST <= coverage <= most, f"{figure}: {coverage}"


def check_noise_floors(cell: Cell, measured: Measured) -> None:
    """Assert that floors are the mean errors of calibrated data sets, within 8 %."""
    for figure in ("ece", "ece_equal_mass", "smece"):
        off = abs(cell.mean(figure, "noise_floor") / cell.mean(figure) - 1)
        measured.note(f"noise floor off, {figure}", off, f"{cell.model.name}, {cell.rows} rows")
        assert off < 0.08, f"{figure}: {off}"


def check_points(cell: Cell) -> None:
    """Assert that median-unbiased points centre on the truth."""
    truths = {"ece": cell.model.binned_error(15), "smece": cell.model.smooth_error()}
    for figure, truth in truths.items():
        below = [e.unbiased is not None and e.unbiased < truth for e in cell.estimates[figure]]
        assert 0.3 < sum(below) / len(below) < 0.7, figure
        assert cell.mean(figure, "unbiased") == pytest.approx(truth, abs=8e-4), figure


POWER: dict[tuple[str, int], tuple[float, float]] = {
    # An overconfident network is caught about every second time.
    ("top-label, overconfident", 500): (0.40, 0.60),
    # Neither a slope, a shift nor cumulative sums show this one.
    ("uniform, bump", 5_000): (0.66, 0.86),
}
"""Least and most power of the smECE test, around the 50 % and 76 % of the design."""


def check_power(cell: Cell, least: float, most: float, measured: Measured) -> None:
    """Assert the power of the smECE test, which is above that of binned ECE and of ECCE-R."""
    power = cell.rejected("smece")
    measured.note(f"power smece, {cell.model.name}, {cell.rows}", power, "")
    assert least <= power <= most
    assert power > cell.rejected("ece")
    assert power > cell.rejected("ecce_r")


@pytest.mark.parametrize("rows", [500, 5_000])
@pytest.mark.parametrize("name", list(MODELS))
def test_closed_form_intervals(name, rows, measured):
    """Brier, log loss, AUROC, average precision, accuracy and Cox cover their population values."""
    cell = smooth_cell(name, rows)
    for figure, truth in true_smooth_figures(cell.model).items():
        coverage = cell.coverage(figure, truth)
        measured.note(f"coverage {figure}", coverage, f"{name}, {rows} rows")
        # With hardly a row out of order the rule of three makes room for some that were not seen.
        most = 0.99 if figure == "average_precision" else 0.98
        assert 0.92 <= coverage <= most, f"{figure}: {coverage}"
