"""The same figures for each slice, with one error rate for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from calaudit.api.reports.evaluation_settings import Settings
from calaudit.api.reports.figures import TableFigures, gap_of, slice_figures
from calaudit.api.reports.reliability_bins import DRAWN, small_bins
from calaudit.api.reports.verdicts import joint_test, judgement_of
from calaudit.errors import SettingsError
from calaudit.metrics.beta import beta_cdf, default_rate
from calaudit.metrics.estimate import Estimate
from calaudit.metrics.model_set import holm
from calaudit.predictions.layout import Layout
from calaudit.predictions.melted import LABEL_NAME, ROW
from calaudit.report.evaluation_report import FEWEST_ROWS, GradeResult, SliceResult
from calaudit.tables.binning import Binning
from calaudit.tables.groups import GroupTable
from calaudit.tables.score_table import ScoreTable
from calaudit.tables.summary import Summary

FEW = 10
"""Outcomes of either kind below which a label among several gets no verdict."""


def slices_of(
    summary: Summary,
    layout: Layout,
    settings: Settings,
    binning: Binning,
    kind: str,
    *,
    group: str | None = None,
) -> tuple[SliceResult, ...]:
    """Return the slices, each column's most clearly miscalibrated first, periods and bins in order.

    A slice is judged as the whole is, by the same two tests, with the chance of any false
    call over all slices held at 1 − level (`step_down`). Slices below 50 rows, and labels with
    fewer than 10 outcomes of either kind, are marked and not judged. Of the first 12 that are
    not small there are bins, of the ``kind`` that the report shows. The rows of one label are
    independent where ``group``, whose rows belong together, is the row that labels are of.
    """
    by, cuts = layout.by, layout.cuts
    keys = sorted(summary.slices)

    def figures_for(key: tuple[int, str]) -> TableFigures | None:
        single = group == ROW and by[key[0]] == LABEL_NAME
        groups = None if single else summary.slice_groups.get(key)
        return _figures(summary.slices[key], settings, binning, groups)

    # One at a time: with groups the arrays of each are large.
    found = [_found(figures_for(key), summary.task, number) for number, key in enumerate(keys)]
    tests = [
        None if each.small(by[key[0]]) else joint_test(each.metrics)[0]
        for key, each in zip(keys, found, strict=True)
    ]
    adjusted = iter(step_down([p for p in tests if p is not None]))
    results = [
        _result(
            (by[key[0]], key[1]),
            summary,
            summary.slices[key],
            each,
            settings.level,
            next(adjusted) if p is not None else None,
        )
        for key, each, p in zip(keys, found, tests, strict=True)
    ]
    order = {column: i for i, column in enumerate(by)}

    def rank(r: SliceResult) -> tuple[Any, ...]:
        own = cuts[r.column].place(r.value) if r.column in cuts else _rank(r)
        return order[r.column], own, r.value

    ranked = sorted(results, key=rank)
    drawn = [i for i, result in enumerate(ranked) if not result.small][:DRAWN]
    of_slice = {(by[key[0]], key[1]): key for key in keys}
    for i in drawn:
        figures = figures_for(of_slice[ranked[i].column, ranked[i].value])
        if figures is not None:
            ranked[i] = replace(ranked[i], bins=small_bins(figures, settings, kind))
    return tuple(ranked)


def _figures(
    table: ScoreTable, settings: Settings, binning: Binning, groups: GroupTable | None
) -> TableFigures | None:
    """Return the arrays of a slice, or None where its rows have no weight."""
    if table.weights is not None and float(table.weights.w.sum()) <= 0:
        return None
    return TableFigures(table, settings, binning, groups)


@dataclass(frozen=True, slots=True)
class _Found:
    """Figures of a slice, and rows that they are of; without weight none, and no rate."""

    metrics: dict[str, Estimate]
    gap: Estimate
    rate: float | None
    rows: int
    groups: int | None = None

    def small(self, column: str) -> bool:
        """Whether it is too small to be judged; a label also by its outcomes of either kind."""
        rarer = 0.0 if self.rate is None else min(self.rate, 1 - self.rate) * self.rows
        return self.rows < FEWEST_ROWS or (column == LABEL_NAME and rarer < FEW)


def _found(figures: TableFigures | None, task: str, number: int) -> _Found:
    if figures is None:
        nothing = Estimate(value=None, reason="the weights of its rows sum to 0")
        return _Found({"smece": nothing}, nothing, None, 0)
    metrics = slice_figures(figures, task, number)
    rate = float(figures.residuals.wy.sum()) / float(figures.residuals.w.sum())
    groups = None if figures.groups is None else len(figures.groups)
    return _Found(metrics, gap_of(figures), rate, int(metrics["n"].value or 0), groups)


def _result(
    name: tuple[str, str],
    summary: Summary,
    table: ScoreTable,
    found: _Found,
    level: float,
    p_value: float | None,
) -> SliceResult:
    status, size = "unknown", "unknown"
    small = found.small(name[0])
    if found.rate is not None and not small:
        given = summary.task, found.metrics, found.gap, found.rate
        judged = judgement_of(*given, level=level, p_value=p_value)
        status, size = judged.status, judged.size
    return SliceResult(
        column=name[0],
        value=name[1],
        rows=table.rows if found.rate is None else found.rows,
        small=small,
        status=status,
        size=size,
        p_value=p_value,
        metrics=found.metrics,
        groups=found.groups,
    )


def _rank(result: SliceResult) -> tuple[bool, float, float]:
    """Small slices last; else by the lower end of smECE's interval, which luck cannot lift."""
    smece = result.metrics["smece"]
    return result.small, -(smece.low or 0.0), -(smece.unbiased or 0.0)


def graded(
    slices: Sequence[SliceResult], summary: Summary, grade: str | None, level: float
) -> tuple[GradeResult, ...] | None:
    """Return the slices that are grades, by rising stated PD; None where no column is named.

    Raises:
        SettingsError: the tests are none for such rows.
    """
    if grade is None:
        return None
    found = [s for s in slices if s.column == grade]
    single = summary.task == "binary" and summary.table.weights is None and summary.groups is None
    if not (found and single):
        raise SettingsError(
            "--grade tests a binary --score on independent rows that count once: leave --group "
            "out, say --weight none; of arrays it names one of --by"
        )
    found.sort(key=lambda s: s.metrics["mean_score"].value or 0.0)
    stated = [s.metrics["mean_score"].value or 0.0 for s in found]
    bad = [round(s.rows * (s.metrics["base_rate"].value or 0.0)) for s in found]
    exact = [beta_cdf(p, d, s.rows - d + 1.0) if d else 1.0  # P(X ≥ d) of a binomial X
             for p, d, s in zip(stated, bad, found, strict=True)]  # fmt: skip
    return tuple(
        GradeResult(
            grade=s.value, rows=s.rows, stated=pd, defaults=d,
            observed=default_rate(d, s.rows, pd, level), binomial=p, adjusted=joint,
            light="red" if joint < 0.01 else "yellow" if joint < 0.05 else "green",
        )
        for s, pd, d, p, joint in zip(found, stated, bad, exact, holm(np.array(exact)).tolist(),
                                      strict=True)
    )  # fmt: skip


def step_down(p_values: list[float]) -> list[float]:
    """Return p-values adjusted for the smallest of several, step by step.

    The smallest of m is held against the smallest of m independent ones, the next against
    m − 1, and so on. Slices of one column share no rows and are independent; slices that
    overlap are positively dependent, for which it is conservative (Šidák 1967; Holm 1979).

    >>> [round(p, 4) for p in step_down([0.0005, 0.84, 0.045])]
    [0.0015, 0.84, 0.088]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for step, i in enumerate(order):
        alone = min(p_values[i], 1.0 - 1e-16)
        highest = max(highest, -math.expm1((len(order) - step) * math.log1p(-alone)))
        adjusted[i] = min(highest, 1.0)
    return adjusted
