"""Cutoffs from rows that belong together: folds, costs, rates and limits are those of groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit.calibrators.cross_fitted import deal_groups
from calaudit.calibrators.fit_points import sample_of
from calaudit.errors import NotEnoughData
from calaudit.tables import ScoreTable
from calaudit.thresholds.costs import Costs
from calaudit.thresholds.crossfit import difference, in_sample
from calaudit.thresholds.guarantee import Sets, shown_rungs
from calaudit.thresholds.policy import Policy
from tests.api.test_groups import by_group, cluster_t, korn_graubard, rows

COSTS: Any = {"cost_fp": 1, "cost_fn": 4}


def decided(*data: Any, **options: Any) -> Any:
    """Return the report."""
    return calaudit.threshold(*data, **options)


def grouped_sample(y: Any, p: Any, group: Any) -> Any:
    """Return a sample of scores that are cells of their own, with its groups."""
    sample = sample_of(ScoreTable.of(p, y).cells())
    cell = np.unique(p, return_inverse=True)[1]
    groups = np.zeros((group.max() + 1, 2, len(sample.p)))
    np.add.at(groups, (group, y, cell), 1.0)
    object.__setattr__(sample, "groups", groups)
    return sample


@pytest.fixture(scope="module")
def made() -> tuple[Any, Any, Any]:
    """Labels, scores of two decimals, and groups."""
    y, p, group = rows(3, groups=30)
    return y, p, group


@pytest.fixture(scope="module")
def found(made: Any) -> Any:
    """Return the report."""
    y, p, group = made
    return decided(y, p, group=group, by={"part": group % 2}, **COSTS)


def test_costs_have_the_intervals_of_groups(made, found):
    """CR2 with Satterthwaite's degrees of freedom, of the costs of single rows."""
    y, p, group = made
    options = {option.name: option for option in found.options}
    for name, cost in (("act_on_all", 1.0 - y), ("cutoff_half", np.where(p >= 0.5, 1 - y, 4 * y))):
        mean, error, df = cluster_t(cost, group)
        half = stats.t.ppf(0.975, df) * error
        got = options[name].cost
        assert got.value == pytest.approx(1000 * mean, rel=1e-9)
        assert (got.low, got.high) == pytest.approx(
            (1000 * (mean - half), 1000 * (mean + half)), rel=1e-6
        )


def test_rates_have_the_intervals_of_groups(made, found):
    """Korn & Graubard 1998, of all rows and of a slice."""
    y, p, group = made
    acted = p >= found.recommended.act_from
    codes = np.unique(group[acted], return_inverse=True)[1]
    low, high = korn_graubard(y[acted].astype(float), codes)
    rate = found.recommended.rates["precision"]
    assert (rate.low, rate.high) == pytest.approx((low, high), rel=1e-7)
    part = acted & (group % 2 == 1)
    codes = np.unique(group[part], return_inverse=True)[1]
    low, high = korn_graubard(y[part].astype(float), codes)
    (slice_,) = (each for each in found.slices if each.value == "1")
    assert (slice_.rates["precision"].low, slice_.rates["precision"].high) == pytest.approx(
        (low, high), rel=1e-7
    )


def test_differences_are_paired_by_group(made):
    """What one policy costs more than another, from single rows."""
    y, p, group = made
    sample = grouped_sample(y, p, group)
    low, high = (int(np.searchsorted(sample.p, x)) for x in (0.2, 0.6))
    one, other = (in_sample(Policy(low=k, high=k), sample) for k in (low, high))
    costs = Costs(fp=1.0, fn=4.0)
    got = difference(one, other, costs, (1.0, 1.0), 0.95)
    paid = [np.where(p >= sample.p[k], 1 - y, 4 * y) for k in (low, high)]
    mean, error, df = cluster_t(paid[0] - paid[1], group)
    half = stats.t.ppf(0.975, df) * error
    assert got.value == pytest.approx(1000 * mean, rel=1e-9)
    assert (got.low, got.high) == pytest.approx(
        (1000 * (mean - half), 1000 * (mean + half)), rel=1e-5
    )


def test_a_given_prevalence_leaves_the_mix_of_labels_out(made):
    """The cost at it is of two means, and the noise of a group that of its rows about these."""
    y, p, group = made
    rate = 0.1
    found = decided(y, p, group=group, prevalence=rate, **COSTS)
    (half,) = (option for option in found.options if option.name == "cutoff_half")
    cost = np.where(p >= 0.5, 1.0 - y, 4.0 * y)
    factor = np.where(y == 1, rate / y.mean(), (1 - rate) / (1 - y.mean()))
    off = factor * (cost - np.where(y == 1, cost[y == 1].mean(), cost[y == 0].mean()))
    size = by_group(factor, group)
    u, n = by_group(off, group), size.sum()
    error = np.sqrt((u**2 / (1 - size / n)).sum()) / n
    assert half.cost.value == pytest.approx(1000 * (factor * cost).sum() / n, rel=1e-9)
    assert (half.cost.high - half.cost.low) / 2000 / error == pytest.approx(
        stats.t.ppf(0.975, 29), rel=0.03
    )


def test_folds_are_of_whole_groups(made):
    """Each group lies in one fold, and the folds are all rows, about equally many each."""
    y, p, group = made
    sample = grouped_sample(y, p, group)
    folds, places = deal_groups(sample, np.random.default_rng(1))
    for k, fold in enumerate(folds):
        mine = places[group] == k
        assert fold.w.sum() == mine.sum()
        assert np.array_equal(fold.counts.sum(axis=1), np.bincount(y[mine], minlength=2))
    sizes = [fold.total for fold in folds]
    assert max(sizes) - min(sizes) <= np.bincount(group).max()


def test_limits_are_tested_by_groups():
    """Each set by as many independent rows as its groups are worth (Korn & Graubard 1998)."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(40), 20)
    wrong = rng.random(800) < np.where(rng.random(40) < 0.15, 0.3, 0.01)[group]
    order = rng.permutation(800)
    each = np.zeros((40, 800))
    each[group[order], np.arange(800)] = 1.0
    cases, bad = np.cumsum(each, axis=1), np.cumsum(each * wrong[order], axis=1)
    sets = Sets.of(np.arange(1, 801), bad.sum(axis=0).astype(int), (cases, bad))
    at, delta = 499, 0.01
    rows_, hits = cases[:, at], bad[:, at]
    share, n, g = hits.sum() / 500, 500, int((rows_ > 0).sum())
    spread = ((hits - share * rows_)[rows_ > 0] ** 2).sum() * g / (g - 1)
    ratio = stats.norm.isf(delta) / stats.t.isf(delta, g - 1)
    n_eff = n / max(spread / (share * (1 - share) * n), 1.0) * ratio**2
    high = stats.beta.ppf(1 - delta, share * n_eff + 1, n_eff - share * n_eff)
    assert sets.chance(at, high * 1.001, delta) < delta < sets.chance(at, high * 0.999, delta)
    assert n_eff < 400
    # The smallest sets have too few groups, and none of a set without errors counts twice.
    assert not sets.enough(8, 0.5, 0.5)
    assert Sets.of(sets.cases, 0 * sets.wrong, (cases, 0 * bad)).worth(at, delta) == (g, 0.0)
    shown = shown_rungs(sets, limit=0.15, confidence=0.95)
    assert shown.grouped
    assert shown.available == 40


def test_rows_that_are_each_a_group_are_independent(made):
    """Then costs and limits are the plain ones, or nearly."""
    y, p, _ = rows(4, groups=40)
    alone = np.arange(len(y))
    for options in (COSTS, {"max_error": 0.25, "current": 0.5}):
        plain = decided(y, p, **options)
        grouped = decided(y, p, group=alone, **options)
        acted = [x.recommended.rates["act_share"].value for x in (plain, grouped)]
        assert acted[0] == pytest.approx(acted[1], abs=0.06)
        if options is COSTS:
            one, other = (x.options[-1].cost for x in (plain, grouped))
            assert one.high - one.low == pytest.approx(other.high - other.low, rel=0.05)


def test_the_order_of_rows_files_and_threads_changes_nothing(made, tmp_path: Path):
    """Nor the format: 7 in Parquet is "7" in CSV."""
    y, p, group = made
    frame = pd.DataFrame({"label": y, "score": p, "user": group, "part": group % 2})
    frame.to_csv(tmp_path / "whole.csv", index=False)
    mixed = frame.sample(frac=1, random_state=1)
    parts = [str(tmp_path / f"part-{part}.parquet") for part in range(3)]
    for part, path in enumerate(parts):
        mixed[part::3].to_parquet(path)
    options: Any = {"label": "label", "score": "score", "group": "user", "by": "part", **COSTS}
    one = decided(str(tmp_path / "whole.csv"), threads=1, **options)
    more = decided(parts, threads=3, **options)
    assert one.options == more.options
    assert one.slices == more.slices
    assert one.groups == more.groups
    assert one.groups is not None
    assert one.groups.groups == 30


def test_few_groups(made):
    """Fewer than five have no interval, and fewer than ten show no limit."""
    y, p, group = made
    few = decided(y, p, group=group % 4, **COSTS)
    assert few.recommended.cost.low is None
    assert few.recommended.rates["precision"].low is None
    assert few.plateaus == ()
    assert "unknown" not in few.sentence
    assert "There are no intervals from fewer than 5 groups" in str(few)
    with pytest.raises(NotEnoughData, match=r"takes at least 10 groups of .*; there are 8"):
        decided(y, p, group=group % 8, max_error=0.3)
    with pytest.raises(NotEnoughData, match="takes at least 10 groups of positives; there are 8"):
        decided(y, p, group=group % 8, min_recall=0.5)


def test_what_is_said(made):
    """Groups are what counts."""
    y, p, group = made
    found = decided(y, p, group=group, min_recall=0.8)
    assert "in 30 groups by group" in str(found)
    (guarantee,) = found.guarantees
    assert (guarantee.groups, guarantee.rows, guarantee.rows_needed) == (30, None, None)
    assert "of 30 groups" in str(found)


@pytest.fixture(scope="module")
def classes() -> tuple[Any, Any, Any]:
    """Labels, probabilities of three classes, and groups that differ."""
    rng = np.random.default_rng(5)
    group = np.arange(900) % 30
    p = rng.dirichlet(np.ones(3), 900)
    p = p * np.exp(rng.normal(0, 0.6, (30, 3)))[group]
    p /= p.sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > rng.random((900, 1))).argmax(axis=1)
    return y, p, group


def test_a_cost_matrix_has_the_noise_of_groups(classes):
    """Costs of rules, and what one saves against another, from single rows."""
    y, p, group = classes
    cost = np.array([[0.0, 1.0, 5.0], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])
    names = {str(a): {str(b): cost[a, b] for b in range(3)} for a in range(3)}
    found = decided(y, p, group=group, cost_matrix=names)
    cheapest, top = cost[y, (p @ cost).argmin(axis=1)], cost[y, p.argmax(axis=1)]
    rules = {rule.name: rule.cost for rule in found.matrix.rules}
    for got, paid in (
        (rules["expected_cost"], cheapest), (rules["argmax"], top),
        (found.matrix.saving, top - cheapest),
    ):  # fmt: skip
        mean, error, df = cluster_t(paid, group)
        half = stats.t.ppf(0.975, df) * error
        assert got.value == pytest.approx(1000 * mean, rel=1e-9)
        assert (got.low, got.high) == pytest.approx(
            (1000 * (mean - half), 1000 * (mean + half)), rel=1e-6
        )
    assert found.groups.groups == 30


def test_cutoffs_by_class_have_the_noise_of_groups(classes):
    """Korn & Graubard's interval of the errors of each class."""
    y, p, group = classes
    found = decided(y, p, group=group, per_class=True, cost_error=1, cost_review=0.4)
    for k, each in enumerate(found.by_class):
        taken = (p.argmax(axis=1) == k) & (p.max(axis=1) >= each.act_from)
        wrong = (y[taken] != k).astype(float)
        low, high = korn_graubard(wrong, np.unique(group[taken], return_inverse=True)[1])
        assert (each.rates["error"].low, each.rates["error"].high) == pytest.approx(
            (low, high), rel=1e-6
        )
