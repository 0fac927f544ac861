"""Short ways from rows to what metrics take."""

from __future__ import annotations

from typing import Any

from calaudit.metrics.bins import BinSums, Residuals, bin_sums, equal_mass, residuals_of
from calaudit.tables import Cells, ScoreTable
from calaudit.tables.binning import equal_width


def cells_of(p: Any, y: Any, w: Any = None, bins: int = 15) -> Cells:
    """Return the cells of rows, cut for equal-width bins."""
    return ScoreTable.of(p, y, w, cuts=equal_width(bins).cuts).cells()


def widths(p: Any, y: Any, w: Any = None, bins: int = 15) -> BinSums:
    """Return equal-width bins of rows."""
    cells = cells_of(p, y, w, bins)
    return bin_sums(cells, residuals_of(cells), equal_width(bins))


def masses(p: Any, y: Any, w: Any = None, bins: int = 15) -> BinSums:
    """Return equal-mass bins of rows."""
    cells = cells_of(p, y, w)
    return equal_mass(cells, residuals_of(cells), bins)


def residuals(p: Any, y: Any, w: Any = None) -> Residuals:
    """Return the residual sums of the cells of rows."""
    return residuals_of(cells_of(p, y, w))
