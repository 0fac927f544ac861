"""The histogram of a report."""

from __future__ import annotations

from calaudit.metrics.histogram import histogram_of
from calaudit.report.evaluation_report import HistogramBin
from calaudit.tables.cells import Cells


def histogram_bins(cells: Cells) -> tuple[HistogramBin, ...]:
    """Return the scores of cells by outcome; weights are in the unit of the cells."""
    found = histogram_of(cells)
    zeros, ones = found.weight
    return tuple(
        HistogramBin(lower=lower, upper=upper, zeros=zero, ones=one)
        for lower, upper, zero, one in zip(
            found.lower.tolist(), found.upper.tolist(), zeros.tolist(), ones.tolist(), strict=True
        )
    )
