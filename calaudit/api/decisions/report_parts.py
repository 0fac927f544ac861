"""What a decision report shows beside its options: guarantees, curves, slices."""

from __future__ import annotations

from typing import Any

import numpy as np

from calaudit.api.decisions.cutoff_figures import Trial, counts_of
from calaudit.api.decisions.opened import Request
from calaudit.api.decisions.recommending import Recommended
from calaudit.api.decisions.tables import SliceActions
from calaudit.api.decisions.units import Unit
from calaudit.calibrators.fit_points import Sample
from calaudit.metrics.estimate import Estimate
from calaudit.report.threshold_report import CostPoint, Guarantee, RiskPoint, SliceOutcome
from calaudit.tables.keys import ONE_KEY
from calaudit.tables.score_table import ScoreTable
from calaudit.thresholds.constraints import Constraints, Permitted
from calaudit.thresholds.costs import ACT, PASS
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.risk_coverage import risk_coverage

POINTS = 200
"""Points of the curves in the report."""


def guarantees_of(limits: Constraints, allowed: Permitted) -> tuple[Guarantee, ...]:
    """Return the limits, and how the rungs that they allow are shown to keep them."""
    if limits.confidence is None:
        return tuple(
            Guarantee(limit=name, value=value, confidence=None)
            for name, value in limits.given.items()
        )
    return tuple(
        Guarantee(
            limit=name,
            value=getattr(limits, name.removesuffix("_passing")),
            confidence=limits.confidence,
            rows_needed=None if shown.grouped else shown.least,
            rows=None if shown.grouped else shown.available,
            tests=shown.tried,
            groups=shown.available if shown.grouped else None,
        )
        for name, shown in allowed.shown.items()
    )


def _spread(rungs: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.unique(np.linspace(0, rungs - 1, min(POINTS, rungs)).round().astype(np.intp))


def cost_curve(trial: Trial) -> tuple[CostPoint, ...]:
    """Return the cost of single cutoffs, evenly spread over the cases."""
    problem = trial.problem
    if problem.costs is None or not problem.two_sided:
        return ()
    ladder, c = trial.ladder.scaled(problem.factors), problem.costs.table()
    rungs = np.searchsorted(ladder.reached, np.linspace(0, ladder.total, POINTS))
    rungs = np.unique(np.append(rungs, [0, len(ladder)]))
    cost = 1000.0 * (c[PASS] @ ladder.below + c[ACT] @ ladder.above) / ladder.total
    acted, caught = ladder.above.sum(axis=0), ladder.above[1]
    points = []
    for rung, cutoff in zip(rungs, trial.unit.cutoffs(trial.table, list(rungs)), strict=True):
        points.append(
            CostPoint(
                cutoff=cutoff,
                cost=float(cost[rung]),
                precision=float(caught[rung] / acted[rung]) if acted[rung] > 0 else None,
                recall=float(caught[rung] / caught[0]),
                act_share=float(acted[rung] / ladder.total),
            )
        )
    return tuple(points)


def risks_of(
    table: ScoreTable, sample: Sample, unit: Unit, *, level: float
) -> tuple[Estimate, tuple[RiskPoint, ...]]:
    """Return the area under the risk–coverage curve, and the curve.

    Args:
        table: of confidences, and whether the prediction was right.
        sample: the rows of the table, their weights as they are meant.
        unit: of the confidences.
        level: of the interval.
    """
    curve = risk_coverage(sample.w, sample.w2, level=level, groups=sample.groups)
    at = _spread(len(curve.cells))
    numbers = unit.cutoffs(table, list(curve.cells[at]))
    points = (
        RiskPoint(cutoff=c or 0.0, coverage=float(curve.coverage[i]), risk=float(curve.risk[i]))
        for i, c in zip(at, numbers, strict=True)
    )
    return curve.area, tuple(points)


def slice_outcomes(request: Request, trial: Trial, found: Recommended) -> tuple[SliceOutcome, ...]:
    """Return what the recommended cutoffs do to each slice: one more pass over the rows."""
    if not request.predictions.by:
        return ()
    low, high = (_key_at(trial.table, rung) for rung in (found.policy.low, found.policy.high))
    split = _split_keys(trial.table, found.policy)
    group = request.predictions.group
    actions = request.read(lambda: SliceActions(request.viewer, low, high, split, group))
    costs, level = trial.problem.costs, trial.level
    size = trial.size
    results = []
    for (column, value), raw in sorted(actions.outcomes().items()):
        outcome = trial.meant(raw).scaled(trial.problem.factors)
        results.append(
            SliceOutcome(
                column=request.predictions.by[column],
                value=value,
                rows=round(float(outcome.counts.sum())),
                counts=counts_of(outcome, size),
                rates=outcome.rates(level),
                cost=None if costs is None else outcome.cost(costs, level),
            )
        )
    columns, cuts = request.predictions.by, request.predictions.layout.cuts

    def rank(s: SliceOutcome) -> tuple[Any, ...]:
        own = cuts[s.column].place(s.value) if s.column in cuts else -_badness(s)
        return columns.index(s.column), own, s.value

    return tuple(sorted(results, key=rank))


def _badness(outcome: SliceOutcome) -> float:
    """Return what slices are sorted by: what a case costs, or how often decisions are wrong."""
    figure = outcome.cost if outcome.cost is not None else outcome.rates["error"]
    return figure.value or 0.0


def _key_at(table: ScoreTable, rung: int) -> int:
    return int(table.starts[rung]) if rung < len(table) else ONE_KEY + 1


def _split_keys(table: ScoreTable, policy: Policy) -> tuple[int, int, float, int] | None:
    if policy.split is None:
        return None
    last = _key_at(table, policy.split + 1) - 1
    rest = PASS if policy.split < policy.low else ACT
    return int(table.starts[policy.split]), last, policy.split_share, rest
