"""Cross-fitted costs against folds made of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from calaudit.errors import NotEnoughData
from calaudit.thresholds.constraints import Constraints
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.crossfit import (
    FEW,
    REPEATS,
    Deals,
    cross_fitted,
    deals_of,
    difference,
    in_sample,
)
from calaudit.thresholds.ladder import Ladder
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.problem import Problem
from tests.thresholds.rows import Rows, ladder_from, price

COSTS = Costs(fp=1.0, fn=6.0, review=0.4)
PROBLEM = Problem(costs=COSTS, reviews=True)


def data(n: int, seed: int, weighted: bool = False) -> tuple[Any, Any, Any]:
    """Return rows with ties."""
    rng = np.random.default_rng(seed)
    s = np.round(rng.random(n), 2)
    y = (rng.random(n) < s).astype(int)
    return s, y, rng.integers(1, 4, n).astype(float) if weighted else None


def rows_of_fold(ladder: Ladder, fold: Any) -> tuple[Any, Any]:
    """Return one row for each count of a fold: its rung, and its label."""
    cells = np.arange(len(ladder))
    rung = np.concatenate([np.repeat(cells, fold.counts[k]) for k in (0, 1)])
    label = np.repeat([0, 1], fold.counts.sum(axis=1))
    return rung, label


SHOWN = replace(PROBLEM, limits=Constraints(max_error=0.25, confidence=0.9))

CHOICES: dict[str, Callable[[Ladder], Policy]] = {
    "empirical": PROBLEM.empirical,
    "calibrated": PROBLEM.calibrated,
    "guarantee": SHOWN.empirical,
}


@pytest.mark.parametrize("method", CHOICES)
def test_folds_of_rows(method: str) -> None:
    """Each fold is decided by a policy of the rows of the others, and all rows are, once a deal."""
    s, y, _ = data(400, 1)
    ladder = ladder_from(s, y)
    deals = deals_of(ladder.sample, 0)

    choose = CHOICES[method]
    tried = cross_fitted(choose, ladder, deals, Policy(low=0, high=0))
    total, cells = 0.0, np.arange(len(ladder))
    for fold in deals.folds:
        rung, label = rows_of_fold(ladder, fold)
        rest = ladder.sample.counts - fold.counts
        # The policy on the other rows, as a table of them alone would give it.
        p = ladder.sample.p
        held = np.concatenate([np.repeat(cells, rest[k]) for k in (0, 1)])
        policy = choose(ladder_from(p[held], np.repeat([0, 1], rest.sum(axis=1))))
        kept = np.flatnonzero(rest.sum(axis=0))
        # The rungs of that table are those of the cells that are left in it.
        cut = np.append(kept, len(cells))
        done = np.where(rung >= cut[policy.high], 2, np.where(rung >= cut[policy.low], 1, 0))
        # A row between two cells that are left lies above the lower and below the upper of them.
        for k in (policy.low, policy.high):
            if k > 0:
                between = (rung > kept[k - 1]) & (rung < cut[k])
                done = np.where(between, -1, done)
        assert (done >= 0).mean() > 0.9
        table = COSTS.table()
        sure = done >= 0
        fold_cost = tried.costs(COSTS, np.arange(len(cells)))[deals.folds.index(fold)]
        assert_allclose(fold_cost[label, rung][sure], table[done, label][sure])
        total += float(fold_cost[label, rung].sum())
    cost = tried.cost(COSTS, 0.95)
    assert cost.value == pytest.approx(1000 * total / len(deals.folds) * 5 / 400)
    assert tried.outcome.counts.sum() == pytest.approx(400)


def test_deals() -> None:
    """Few rows are dealt five times, many once; each deal has all the rows, and a seed its own."""
    s, y, w = data(300, 2, weighted=True)
    sample = ladder_from(s, y, w).sample
    deals = deals_of(sample, 4)
    assert (deals.repeats, len(deals.folds)) == (REPEATS, 5 * REPEATS)
    for deal in range(REPEATS):
        folds = deals.folds[5 * deal : 5 * deal + 5]
        assert_allclose(sum(f.counts for f in folds), sample.counts)
        assert_allclose(sum(f.w for f in folds), sample.w)
    again, other = deals_of(sample, 4), deals_of(sample, 5)
    pairs = zip(deals.folds, again.folds, strict=True)
    assert all((a.counts == b.counts).all() for a, b in pairs)
    assert any((a.counts != b.counts).any() for a, b in zip(deals.folds, other.folds, strict=True))
    s, y, _ = data(FEW + 1, 3)
    assert deals_of(ladder_from(s, y).sample, 4).repeats == 1


def test_one_policy_is_not_widened() -> None:
    """A policy that no row had a say in costs what it costs on the rows."""
    s, y, _ = data(400, 5)
    ladder = ladder_from(s, y)
    policy = Policy(low=30, high=60)
    tried = in_sample(policy, ladder.sample)
    found = tried.cost(COSTS, 0.95)
    assert found.value == pytest.approx(2.5 * float(price(Rows.of(s, y).done(policy), COSTS)))
    assert found == tried.outcome.cost(COSTS, 0.95)
    fixed = cross_fitted(lambda _: policy, ladder, deals_of(ladder.sample, 0), policy)
    same = fixed.cost(COSTS, 0.95)
    assert (same.value, same.low, same.high) == pytest.approx((found.value, found.low, found.high))


def test_dependence_widens() -> None:
    """A policy that changes from fold to fold has a wider interval, by half of its jackknife."""
    s, y, _ = data(300, 6)
    ladder = ladder_from(s, y)
    deals = deals_of(ladder.sample, 0)
    tried = cross_fitted(PROBLEM.empirical, ladder, deals, Policy(low=0, high=0))
    found: Any = tried.cost(COSTS, 0.95)
    plain: Any = tried.outcome.cost(COSTS, 0.95)
    each = []
    for shares in tried.shares:
        policy_cost = COSTS.table()[:, :, None] * np.einsum("am,lm->alm", shares, ladder.sample.w)
        each.append(1000 * policy_cost.sum() / 300)
    by_deal = np.array(each).reshape(deals.repeats, 5)
    jackknife = 0.8 * by_deal.var(axis=1).mean() * 5
    widened = np.hypot(found.value - plain.low, 1.959964 * np.sqrt(jackknife / 2))
    assert jackknife > 0
    assert found.low == pytest.approx(found.value - widened, rel=1e-6)
    assert found.value == plain.value


@pytest.mark.parametrize("weighted", [False, True])
def test_difference_by_rows(weighted: bool) -> None:
    """What one policy costs more than another is the mean over rows, with its paired error."""
    s, y, w = data(500, 7, weighted)
    ladder = ladder_from(s, y, w)
    one, two = Policy(low=20, high=50), Policy(low=40, high=40)
    by = np.where(y == 1, 1.5, 0.75) if weighted else np.ones(500)
    factors = (0.75, 1.5) if weighted else (1.0, 1.0)
    found = difference(
        in_sample(one, ladder.sample), in_sample(two, ladder.sample), COSTS, factors, 0.95
    )
    rung = np.searchsorted(np.unique(s), s)
    costs = [
        COSTS.table()[np.where(rung >= p.high, 2, np.where(rung >= p.low, 1, 0)), y]
        for p in (one, two)
    ]
    d = costs[0] - costs[1]
    weight = by * (1.0 if w is None else w)
    mean = (weight * d).sum() / weight.sum()
    spread = (weight**2 * (d - mean) ** 2).sum()
    error = np.sqrt(spread) / weight.sum()
    assert found.value == pytest.approx(1000 * mean)
    assert found.high == pytest.approx(1000 * (mean + 1.959964 * error), rel=1e-6)


def test_spare() -> None:
    """Where the rows of the other folds allow no policy, the one of all rows is tried instead."""
    s, y, _ = data(100, 8)
    ladder = ladder_from(s, y)

    def none(rows: Ladder) -> Policy:
        raise NotEnoughData("too few")

    deals = deals_of(ladder.sample, 0)
    spare = Policy(low=10, high=10)
    tried = cross_fitted(none, ladder, Deals(deals.folds, deals.repeats), spare)
    assert_allclose(tried.shares, np.broadcast_to(spare.shares(len(ladder)), tried.shares.shape))
