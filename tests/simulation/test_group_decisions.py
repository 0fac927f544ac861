"""Promises, gates and costs of rows that belong together, with and without their groups."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

import calaudit
from calaudit.api.checks.cases import cases_of
from calaudit.gate.judging import judge
from calaudit.gate.rules import Rule
from calaudit.thresholds.guarantee import Sets, shown_rungs
from tests.measured import Measured
from tests.simulation.simulate import seed_of
from tests.simulation.test_groups import OUTCOMES, SCORES, draw, truths

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "16"))
RUNS = 100
LIMIT, DELTA = 0.05, 0.05
LAYOUTS = [
    pytest.param(60, 40, id="60 x 40"),
    pytest.param(20, 100, id="20 x 100", marks=pytest.mark.simulate),
    pytest.param(400, 25, id="400 x 25", marks=pytest.mark.simulate),
]


def scatter(runs: int) -> float:
    """Return two standard errors of a share of 5 %."""
    return 2 * math.sqrt(0.05 * 0.95 / runs)


@pytest.mark.parametrize(("groups", "size"), LAYOUTS)
def test_limits(groups: int, size: int, measured: Measured) -> None:
    """A limit is broken in 5 % of the samples at most; of single rows it is beside that."""
    rng = np.random.default_rng(seed_of("group limits", groups, size))
    group = np.repeat(np.arange(groups), size)
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for _ in range(RUNS):
        common = rng.standard_normal((2, groups))[:, group]
        alone = rng.standard_normal((2, len(group)))
        u, v = (
            ndtr(math.sqrt(rho) * a + math.sqrt(1 - rho) * b)
            for rho, a, b in zip((SCORES, OUTCOMES), common, alone, strict=True)
        )
        says = 0.77 + 0.23 * np.cbrt(u)
        order = np.argsort(-says)
        rungs = np.linspace(0, len(group), 401).astype(int)[1:]
        each = np.zeros((groups, len(rungs)))
        at = np.searchsorted(rungs, np.arange(len(group)), side="right")
        np.add.at(each, (group[order], at), 1.0)
        bad = np.zeros_like(each)
        np.add.at(bad, (group[order], at), (v >= says)[order].astype(float))
        cases, wrong = np.cumsum(each, axis=1), np.cumsum(bad, axis=1)
        total = wrong.sum(axis=0).astype(int)
        for name, by_group in (("groups", (cases, wrong)), ("rows", None)):
            shown = shown_rungs(Sets.of(rungs, total, by_group), limit=LIMIT, confidence=1 - DELTA)
            largest = int(rungs[shown.passed].max(initial=0))
            cutoff = says[order][largest - 1] if largest else 1.0
            # u is uniform: the mean error above a cutoff is that of 0.23 (1 − ∛u) from u on.
            least = ((cutoff - 0.77) / 0.23) ** 3
            mean = 0.75 * (1 - least ** (4 / 3)) / (1 - least) if least < 1 else 1.0
            error = 0.23 * (1 - mean)
            found[name].append((largest / len(group), error > LIMIT))
    broken = {name: float(np.mean([b for _, b in each])) for name, each in found.items()}
    share = {name: float(np.mean([s for s, _ in each])) for name, each in found.items()}
    where = f"limit of {groups} groups of {size}"
    measured.note(f"broken, {where}", broken["groups"], f"single rows {broken['rows']:.3f}")
    measured.note(f"accepted, {where}", share["groups"], f"single rows {share['rows']:.3f}")
    assert broken["groups"] <= DELTA + scatter(RUNS)
    assert share["groups"] > 0.3  # an oracle accepts 0.93


@pytest.mark.parametrize(("groups", "size"), LAYOUTS)
def test_gates(groups: int, size: int, measured: Measured) -> None:
    """At the truth a rule fails in 5 % of the files at most, alone and since a baseline."""
    rng = np.random.default_rng(seed_of("group gates", groups, size))
    calm, keen = truths(1.0), truths(1.6)
    alone = {"ece": keen["ece"], "brier": keen["brier"], "log_loss": keen["log_loss"]}
    rules = [Rule(kind="max", metric=m, limit=x) for m, x in alone.items()]
    rules += [
        Rule(kind="max_increase", metric=m, limit=alone[m] - {"ece": 0.0, **calm}[m] * (m != "ece"))
        for m in ("ece", "brier")
    ]
    failed: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for _ in range(REPLICATES):
        files = [draw(rng, groups, size, unequal=False, slope=slope) for slope in (1.0, 1.6)]
        for name in ("groups", "rows"):
            more: list[Any] = [{"group": g} if name == "groups" else {} for _, _, g in files]
            old, new = (
                calaudit.evaluate(y, p, **how) for (y, p, _), how in zip(files, more, strict=True)
            )
            for result in judge(cases_of(rules, old, new, None, "old"), failed=True):
                failed[name, result.rule].append(result.status == "FAIL")
    where = f"at the truth, {groups} groups of {size}"
    for rule in {rule for _, rule in failed}:
        rates = [float(np.mean(failed[name, rule])) for name in ("groups", "rows")]
        measured.note(
            f"fails {rule.rpartition('=')[0] or rule.split()[0]} {where}",
            rates[0],
            f"single rows {rates[1]:.3f}",
        )
        assert rates[0] <= 0.05 + 1.5 * scatter(REPLICATES), rule


@pytest.mark.parametrize(("groups", "size"), LAYOUTS)
def test_costs(groups: int, size: int, measured: Measured) -> None:
    """The interval of the recommended cutoff's cost holds what it costs on new cases."""
    rng = np.random.default_rng(seed_of("group costs", groups, size))
    held: dict[str, list[bool]] = defaultdict(list)
    for _ in range(REPLICATES):
        y, p, group = draw(rng, groups, size, unequal=False, slope=1.0)
        for name, more in (("groups", {"group": group}), ("rows", {})):
            option = calaudit.threshold(y, p, cost_fp=1, cost_fn=4, **more).recommended
            assert option is not None
            assert option.cost is not None
            t = min(max(option.act_from or 0.98, 0.02), 0.98)
            above = (0.98 - t) - (0.98**2 - t**2) / 2
            truth = 1000 * (above + 4 * (t**2 - 0.02**2) / 2) / 0.96
            assert option.cost.low is not None
            assert option.cost.high is not None
            held[name].append(option.cost.low <= truth <= option.cost.high)
    share = {name: float(np.mean(each)) for name, each in held.items()}
    where = f"{groups} groups of {size}"
    measured.note(f"cost holds, {where}", share["groups"], f"single rows {share['rows']:.3f}")
    assert share["groups"] >= 0.91 - 1.5 * scatter(REPLICATES)
