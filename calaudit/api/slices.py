"""The same figures for each slice, with one error rate for all of them."""

from __future__ import annotations

import math

from calaudit.api.figures import TableFigures, slice_figures
from calaudit.api.settings import Settings
from calaudit.metrics.normal import two_sided_p
from calaudit.report.model import SliceResult
from calaudit.tables.binning import Binning
from calaudit.tables.summary import Summary

__all__ = ["max_t", "slices_of"]

SMALL = 50
"""Rows below which a slice gets figures but no verdict."""


def slices_of(
    summary: Summary, by: tuple[str, ...], settings: Settings, binning: Binning
) -> tuple[SliceResult, ...]:
    """Return the slices, each column's most clearly miscalibrated first.

    A slice is called off when its mean gap is too large for chance, with the chance of any
    false call over all slices held at 1 − level (`max_t`). Slices below 50 rows are marked
    and not judged.
    """
    keys = sorted(summary.slices)
    gaps, judged = [], []
    for key in keys:
        figures = TableFigures(summary.slices[key], settings, binning)
        residual, variance = float(figures.residuals.r.sum()), float(figures.residuals.v0.sum())
        gaps.append(residual / math.sqrt(variance) if variance > 0 else 0.0)
        judged.append(int(figures.cells.counts.sum()) >= SMALL)
    p_values = iter(max_t([g for g, j in zip(gaps, judged, strict=True) if j]))
    results = []
    for number, key in enumerate(keys):
        table = summary.slices[key]
        p_value = next(p_values) if judged[number] else None
        results.append(
            SliceResult(
                column=by[key[0]],
                value=key[1],
                rows=table.rows,
                small=not judged[number],
                status=_status(summary.task, p_value, gaps[number], settings.level),
                p_value=p_value,
                metrics=slice_figures(table, settings, binning, summary.task, number),
            )
        )
    order = {column: i for i, column in enumerate(by)}
    return tuple(sorted(results, key=lambda r: (order[r.column], _rank(r), r.value)))


def _rank(result: SliceResult) -> tuple[bool, float]:
    """Small slices last; else by the lower end of smECE's interval, which luck cannot lift."""
    low = result.metrics["smece"].low
    return result.small, -(low or 0.0)


def _status(task: str, p_value: float | None, gap: float, level: float) -> str:
    if p_value is None:
        return "unknown"
    if p_value > 1.0 - level:
        return "calibrated"
    if task == "binary":
        return "miscalibrated"
    return "underconfident" if gap > 0 else "overconfident"


def max_t(z_values: list[float]) -> list[float]:
    """Return p-values adjusted for the largest of several normal statistics, step by step.

    Step-down: the largest |z| of m is held against the largest of m standard normals, the
    next against the largest of m − 1, and so on. Slices of one column share no rows, so that
    the maximum has a closed form; slices that overlap are positively dependent, for which it
    is conservative (Šidák 1967; Westfall & Young 1993).

    >>> [round(p, 4) for p in max_t([3.5, 0.2, -2.0])]
    [0.0014, 0.8415, 0.0889]
    """
    order = sorted(range(len(z_values)), key=lambda i: -abs(z_values[i]))
    adjusted = [1.0] * len(z_values)
    highest = 0.0
    for step, i in enumerate(order):
        alone = two_sided_p(z_values[i])
        joint = -math.expm1((len(order) - step) * math.log1p(-min(alone, 1.0 - 1e-16)))
        highest = max(highest, joint)
        adjusted[i] = min(highest, 1.0)
    return adjusted
