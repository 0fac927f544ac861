"""A table with more scores than cells, against the figures of the rows themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from calaudit.metrics.bins import bin_sums, equal_mass, residuals_of
from calaudit.metrics.bounds import brier_bound, log_loss_bound
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.discrimination import auroc
from calaudit.metrics.scoring import brier, log_losses
from calaudit.metrics.smooth import smece_value
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from calaudit.tables.keys import keys_of
from tests.naive import ece_of_groups, groups_of_quantiles
from tests.tables.distributions import DISTRIBUTIONS, labels_for

ROWS = 1_000_000
WITHIN = 1e-6
TIGHT = 1e-9
"""What the split of cells at the edges of bins promises: no error but that of summation."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=sorted(DISTRIBUTIONS))
def million(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A million rows of one distribution, and their table at the default cap."""
    rng = np.random.default_rng(20)
    p = DISTRIBUTIONS[request.param](rng, ROWS)
    y = labels_for(rng, p)
    binning = equal_width(15)
    table = ScoreTable.of(p, y, cuts=binning.cuts)
    cells = table.cells()
    return {
        "name": request.param,
        "p": p,
        "y": y,
        "binning": binning,
        "table": table,
        "cells": cells,
        "residuals": residuals_of(cells),
    }


def test_auroc(million, measured):
    """AUROC is within 1e-6 of scikit-learn's, and within the bound that is printed."""
    estimate = auroc(million["cells"], level=0.95)
    error = abs(estimate.value - roc_auc_score(million["y"], million["p"]))
    measured.note("table error: auroc", error, million["name"])
    # One level serves all scores: where an eighth of them lie within 1e-9 of each other and the
    # rest are spread out, what is inside that cell is lost, and the bound says so.
    assert error < WITHIN or million["name"] == "mixture"
    if million["table"].exact:
        assert estimate.error_bound is None
    else:
        assert error <= estimate.error_bound


def test_auroc_bound_holds_on_coarse_tables(million):
    """The bound also holds where the table is far too coarse for the figure."""
    exact = roc_auc_score(million["y"], million["p"])
    table = ScoreTable.of(million["p"], million["y"], cap=2200)
    if table.exact:
        pytest.skip("few distinct scores: the table stays exact")
    estimate = auroc(table.cells(), level=0.95)
    assert abs(estimate.value - exact) <= estimate.error_bound


def test_brier(million, measured):
    """The Brier score is within 1e-6, and within its bound."""
    p, y = million["p"], million["y"]
    error = abs(brier(million["cells"], level=0.95).value - ((p - y) ** 2).mean())
    measured.note("table error: brier", error, million["name"])
    assert error < WITHIN
    bound = brier_bound(million["cells"])
    assert bound is None or error <= bound + 1e-15


def test_log_loss(million, measured):
    """The log loss is within 1e-6, and within its bound."""
    p, y, clip = million["p"], million["y"], 2.0**-52
    q = np.clip(np.where(y == 1, p, 1.0 - p), clip, 1.0 - clip)
    exact = -np.log(q).mean()
    error = abs(log_losses(million["cells"]).mean() - exact)
    measured.note("table error: log_loss", error, million["name"])
    assert error < WITHIN
    bound = log_loss_bound(million["cells"])
    assert bound is None or error <= bound + 1e-12


def test_equal_width_ece(million, measured):
    """Equal-width ECE is exact at any size, because cells are split at the edges of bins."""
    p, y = million["p"], million["y"]
    group = np.maximum(np.searchsorted(np.linspace(0, 1, 16), p, side="left") - 1, 0)
    sums = bin_sums(million["cells"], million["residuals"], million["binning"])
    error = abs(ece_value(sums) - ece_of_groups(p, y, group))
    measured.note("table error: ece", error, million["name"])
    assert error < TIGHT


def test_equal_mass_ece(million, measured):
    """Equal-mass ECE is exact for bins of whole cells, which are quantile bins up to one cell.

    Against the quantiles of the rows it differs by the rows that such a cell puts on the other
    side of an edge, each of which counts twice at most.
    """
    p, y, cells = million["p"], million["y"], million["cells"]
    sums = equal_mass(cells, million["residuals"], 15)
    edges = np.append(sums.lower, sums.upper[-1])
    group_of_cell = np.clip(np.searchsorted(edges, cells.p, side="left") - 1, 0, len(edges) - 2)
    cell_of_row = np.searchsorted(cells.starts, keys_of(p), side="right") - 1
    assert abs(ece_value(sums) - ece_of_groups(p, y, group_of_cell[cell_of_row])) < TIGHT
    quantiles = groups_of_quantiles(p, 15)
    error = abs(ece_value(sums) - ece_of_groups(p, y, quantiles))
    measured.note("table error: ece_equal_mass", error, million["name"])
    if quantiles.max() + 2 == len(edges):  # heavy cells swallow edges, which renumbers the bins
        moved = quantiles != group_of_cell[cell_of_row]
        assert error <= 2.0 * np.abs(y - p)[moved].sum() / ROWS + TIGHT
        assert len(np.unique(cell_of_row[moved])) < len(edges)
        assert error < 2e-5


def test_smece(million, measured):
    """The smooth error is within 1e-6 of that of a table with a cell for every score."""
    exact = ScoreTable.of(million["p"], million["y"], cap=1 << 21)
    assert exact.exact
    cells = exact.cells()
    want = smece_value(cells, residuals_of(cells))
    error = abs(smece_value(million["cells"], million["residuals"]) - want)
    measured.note("table error: smece", error, million["name"])
    assert error < WITHIN
