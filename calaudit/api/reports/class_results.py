"""Each class of multiclass predictions against all others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.reports.reliability_bins import DRAWN, small_bins
from calaudit.metrics.bins import BinSums, filled
from calaudit.metrics.calibration_error import ece
from calaudit.metrics.classwise import bins_of_class, ece_by_class, noise_floor_by_class
from calaudit.metrics.clustered import DEPENDENT
from calaudit.metrics.estimate import Estimate
from calaudit.report.evaluation_report import ClassResult
from calaudit.tables.multiclass import ClassSums

LISTED = 50
"""Classes that a report lists; ``Report.classes`` names all."""

BUDGET = 600_000
"""Random numbers behind the intervals of all classes; with many bins there are fewer draws."""


def classes_of(
    sums: ClassSums, names: tuple[str, ...], settings: Settings, *, grouped: bool = False
) -> tuple[ClassResult, ...]:
    """Return the worst classes, at most 50, with bins of the first 12.

    The worst is the one with the largest ECE above its noise floor, so that classes do not come
    first for having few rows or common ones for having more to be wrong by. The ECE of a class
    is over all rows, so that their mean over all classes is ``classwise_ece``. With ``grouped``,
    of rows that belong together, there are no intervals and no tests.
    """
    excess = ece_by_class(sums) - noise_floor_by_class(sums)
    worst = np.argsort(-excess, kind="stable")[:LISTED].tolist()
    bins = [bins_of_class(sums, k) for k in worst]
    draws = int(np.clip(BUDGET // sum(int(b.used.sum()) for b in bins), 59, 399))
    found = tuple(
        _result(names[k], k, each, settings, draws, drawn=rank < DRAWN)
        for rank, (k, each) in enumerate(zip(worst, bins, strict=True))
    )
    return tuple(_without_intervals(each) for each in found) if grouped else found


def _without_intervals(found: ClassResult) -> ClassResult:
    error = Estimate(value=found.ece.value, reason=DEPENDENT)
    bins = tuple(replace(each, low=None, high=None) for each in found.bins)
    return replace(found, ece=error, bins=bins)


def _result(
    name: str, k: int, bins: BinSums, settings: Settings, draws: int, *, drawn: bool
) -> ClassResult:
    total, s = bins.denominator, bins.sums
    rng = np.random.default_rng([settings.seed, 60, k])
    return ClassResult(
        name=name,
        weight=float(s.wy.sum()),
        mean_score=min(float(s.wp.sum()) / total, 1.0),
        observed=float(s.wy.sum()) / total,
        ece=ece(filled(bins), level=settings.level, rng=rng, draws=draws),
        bins=small_bins(bins, settings) if drawn else (),
    )
