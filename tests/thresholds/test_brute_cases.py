"""The cheapest policy against every cutoff and band, on every real series of two labels."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from calaudit.errors import NotEnoughData
from calaudit.thresholds.constraints import Constraints
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.problem import Impossible, Problem
from tests.golden import cases
from tests.thresholds.rows import Rows, cheapest, keeps, ladder_from, price

pytestmark = pytest.mark.cases

SERIES = {case.name: case for case in cases.binary()}
MOST = 120
"""Distinct scores up to which every pair of cutoffs is tried."""

PROBLEMS: list[tuple[Costs, dict[str, float], float | None]] = [
    (Costs(fp=1, fn=20), {}, None),
    (Costs(fp=1, fn=1, tp=-2, tn=-0.5), {}, None),
    (Costs(fp=5, fn=2, review=0.5), {}, None),
    (Costs(fp=1, fn=7, tp=-1, review=0.3), {}, 0.05),
    (Costs(fp=3, fn=4, review=0), {}, 0.2),
    (Costs(fp=1, fn=2, review=0.4), {"max_error": 0.2}, None),
    (Costs(fp=1, fn=9, review=0.2), {"max_error": 0.15, "min_recall": 0.8}, 0.5),
    (Costs(fp=1, fn=9, review=0.5), {"max_fpr": 0.1, "min_recall": 0.9}, None),
    (Costs(fp=1, fn=20), {"min_precision": 0.7}, None),
    (Costs(fp=20, fn=1), {"min_recall": 0.6, "max_fpr": 0.5}, None),
]


@cache
def rows_of(name: str) -> tuple[Any, Any, Rows, Any]:
    """Return scores and labels of a series, rounded where too many scores differ."""
    rows = SERIES[name].rows()
    s, y = np.asarray(rows["p"], np.float64), np.asarray(rows["y"], np.int64)
    if len(np.unique(s)) > MOST:
        s = np.round(s, 2)
    return s, y, Rows.of(s, y), ladder_from(s, y)


@pytest.mark.parametrize("two_sided", [True, False], ids=["binary", "accepting"])
@pytest.mark.parametrize("name", SERIES)
def test_every_band(name: str, two_sided: bool) -> None:
    """No cutoff, band or split cell is cheaper; where none is found, none is allowed."""
    _, _, rows, ladder = rows_of(name)
    for costs, limits, capacity in PROBLEMS:
        reviews = costs.review is not None
        if not two_sided and (not reviews or set(limits) - {"max_error"}):
            continue
        best = cheapest(
            rows, costs, limits=limits, capacity=capacity, reviews=reviews, two_sided=two_sided
        )
        problem = Problem(
            costs=costs, limits=Constraints(**limits), capacity=capacity, reviews=reviews,
            two_sided=two_sided,
        )  # fmt: skip
        where = f"{costs} {limits} {capacity}"
        try:
            done = rows.done(problem.empirical(ladder))
        except Impossible:
            assert best == np.inf, where
            continue
        assert float(price(done, costs)) == pytest.approx(best, rel=1e-9, abs=1e-9), where
        assert keeps(done, limits), where


@pytest.mark.parametrize("name", SERIES)
def test_every_score(name: str) -> None:
    """Unrounded: the cheapest band is that of a running minimum over the sorted rows."""
    read = SERIES[name].rows()
    s, y = np.asarray(read["p"], np.float64), np.asarray(read["y"], np.int64)
    order = np.argsort(s, kind="stable")
    s, y = s[order], y[order]
    starts = np.append(np.flatnonzero(np.diff(s, prepend=-1)), len(s))
    positives = np.concatenate([[0], np.cumsum(y)])[starts]
    negatives = starts - positives
    ladder = ladder_from(s, y)
    for fp, fn, review in ((1.0, 20.0, None), (1.0, 5.0, 0.5), (8.0, 1.0, 0.2), (1.0, 1.0, 0.45)):
        best, low_best = np.inf, np.inf
        for t, p, n in zip(starts.tolist(), positives.tolist(), negatives.tolist(), strict=True):
            above = fp * (negatives[-1] - n)
            if review is None:
                best = min(best, fn * p + above)
                continue
            low_best = min(low_best, fn * p - review * t)
            best = min(best, low_best + review * t + above)
        costs = Costs(fp=fp, fn=fn, review=review)
        policy = Problem(costs=costs, reviews=review is not None).empirical(ladder)
        low, high = starts[policy.low], starts[policy.high]
        cost = fn * y[:low].sum() + (review or 0.0) * (high - low) + fp * (1 - y[high:]).sum()
        assert cost == pytest.approx(best, rel=1e-12), (fp, fn, review)


@pytest.mark.parametrize("name", SERIES)
def test_calibrated_rule(name: str) -> None:
    """Calibrating and cutting by the costs is never cheaper on the rows than the cheapest."""
    _, _, rows, ladder = rows_of(name)
    for costs, limits, capacity in PROBLEMS:
        if limits:
            continue
        reviews = costs.review is not None
        problem = Problem(costs=costs, capacity=capacity, reviews=reviews)
        try:
            done = rows.done(problem.calibrated(ladder))
        except NotEnoughData:
            return
        best = float(price(rows.done(problem.empirical(ladder)), costs))
        assert float(price(done, costs)) >= best - 1e-9 * abs(best)
        room = np.inf if capacity is None else capacity * len(rows.y)
        assert done[1].sum() <= room * (1 + 1e-9) if reviews else done[1].sum() == 0
