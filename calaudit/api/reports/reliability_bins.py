"""The reliability bins of a report, of its slices and of its classes."""

from __future__ import annotations

import numpy as np

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.reports.figures import TableFigures
from calaudit.metrics.bins import BinSums, distinct, joined
from calaudit.metrics.inversion import middle, null_residuals
from calaudit.report.evaluation_report import Bin

CROWDED = 0.95
"""Share of the rows in one equal-width bin from which the table shows equal-mass bins."""

FEW_SCORES = 20
FEW_ROWS_A_SCORE = 5
"""With at most so many distinct scores, and some rows for each, every score is a bin."""

SMALL, MOST_SMALL = 0.1, 0.9
"""With such a share of binary scores below it, reliability is drawn over log-odds."""

BAND_DRAWS = 999

DRAWN = 12
"""Slices, and classes, of which a report holds bins: what small multiples can show."""

SMALL_BINS = 20
"""Bins of one of these, at most, whatever their number in the report."""


def shown_bins(figures: TableFigures) -> tuple[BinSums, str]:
    """Return the bins of the reliability table and their kind.

    Unless the user chose: a bin for every score where there are few, as when a model states
    its confidence in words; bins of equal mass where nearly all rows fall into one bin of
    equal width, as with rare events; else bins of equal width.
    """
    if figures.settings.equal_mass:
        return figures.mass, "equal-mass"
    width, cells = figures.width, figures.cells
    if figures.settings.bins_given:
        return width, "equal-width"
    if cells.exact and len(cells) <= FEW_SCORES < figures.table.rows / FEW_ROWS_A_SCORE:
        return _of_kind(figures, "distinct"), "distinct"
    share = float(width.sums.w.max(initial=0.0)) / max(float(width.sums.w.sum()), 1e-300)
    if share > CROWDED and len(figures.mass.sums.w) > 1:
        return figures.mass, "equal-mass"
    return width, "equal-width"


def _of_kind(figures: TableFigures, kind: str) -> BinSums:
    if kind == "distinct":
        return distinct(figures.cells, figures.residuals)
    return figures.mass if kind == "equal-mass" else figures.width


def axis_for(figures: TableFigures, task: str) -> str | None:
    """Return what reliability is drawn over; None for scores as they are, where nobody chose."""
    cells, given = figures.cells, figures.settings.axis
    small = float(cells.total[cells.p < SMALL].sum()) >= MOST_SMALL * float(cells.total.sum())
    return given or ("log-odds" if task == "binary" and small else None)


def reliability_bins(bins: BinSums, settings: Settings, *, band: bool = True) -> tuple[Bin, ...]:
    """Return bins with Wilson intervals, and with the consistency band where it is wanted."""
    s = bins.sums
    weight = np.where(s.w > 0, s.w, 1.0)
    rate, score = np.clip(s.wy / weight, 0.0, 1.0), s.wp / weight
    low, high = s.rates(settings.level)
    band_low, band_high = _band(bins, score, weight, settings) if band else (None, None)

    def held(values: np.ndarray | None, b: int) -> float | None:
        there = values is not None and s.rows[b] > 0 and s.w[b] > 0
        return float(values[b]) if values is not None and there else None

    return tuple(
        Bin(
            lower=float(bins.lower[b]),
            upper=float(bins.upper[b]),
            rows=int(s.rows[b]),
            weight=float(s.w[b]),
            mean_score=held(score, b),
            observed=held(rate, b),
            low=held(low, b),
            high=held(high, b),
            band_low=held(band_low, b),
            band_high=held(band_high, b),
        )
        for b in range(len(s.w))
    )


def _band(
    bins: BinSums, score: np.ndarray, weight: np.ndarray, settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """Return between which rates a calibrated model would be observed."""
    rng = np.random.default_rng([settings.seed, 50])
    drawn = null_residuals(bins.sums, rng, BAND_DRAWS, rates=True)
    return middle(score + drawn / weight, settings.level)


def small_bins(
    bins: TableFigures | BinSums, settings: Settings, kind: str = "equal-width"
) -> tuple[Bin, ...]:
    """Return the filled bins of a slice or a class, without bands, few enough to be one of many."""
    sums = bins if isinstance(bins, BinSums) else _of_kind(bins, kind)
    found = reliability_bins(joined(sums, SMALL_BINS), settings, band=False)
    return tuple(each for each in found if each.observed is not None)
