"""How honest the costs of decisions are: optimism, cross-fitting, and coverage of intervals.

Models: balanced; rare (3 % positives); overconfident in a way that no line on the logits mends.
The true cost of a policy is an integral over the population.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest

from calaudit.thresholds.costs import Costs
from calaudit.thresholds.crossfit import in_sample
from calaudit.thresholds.policy import Policy
from calaudit.thresholds.prevalence import label_factors
from tests.simulation.decisions import MODELS, Run, decided, ladder_from
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

RUNS = {300: 300, 1000: 250, 10_000: 130}
COSTS = {"one cutoff": Costs(fp=1, fn=20), "reviews": Costs(fp=1, fn=20, review=0.5)}
RULES = ("calibrated", "empirical")

OPTIMISM = {300: (0.10, 0.23), 1000: (0.04, 0.10), 10_000: (0.01, 0.02)}
"""Of the empirical minimum where both labels are frequent; where one is rare it is larger."""

PESSIMISM = {300: 0.08, 1000: 0.03, 10_000: 0.015}
"""What cross-fitting may add, for policies that are chosen on four fifths of the rows."""


@cache
def runs_of(name: str, costs: str, n: int) -> dict[str, list[Run]]:
    """Return all runs of both rules on the same samples."""
    seed = seed_of("decision costs", name, costs, n)
    runs = [decided(MODELS[name], n, COSTS[costs], [seed, i]) for i in range(RUNS[n])]
    return {rule: [run[rule] for run in runs] for rule in RULES}


def means(runs: list[Run]) -> tuple[Any, Any, Any]:
    """Return true, apparent and reported costs of each run."""
    parts = [(run.true, run.apparent.value, run.estimate.value) for run in runs]
    return tuple(np.array(part, np.float64) for part in zip(*parts, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize("n", list(RUNS))
@pytest.mark.parametrize("costs", list(COSTS))
@pytest.mark.parametrize("name", list(MODELS))
def test_honesty(name: str, costs: str, n: int, measured: Any) -> None:
    """The minimum flatters itself, the reported cost does not, and its interval covers."""
    found = runs_of(name, costs, n)
    where = f"{name}, {costs}, {n}"
    for rule in RULES:
        true, apparent, reported = means(found[rule])
        optimism = measured.note(f"optimism {rule}, {where}", 1 - apparent.mean() / true.mean(), "")
        if rule == "empirical":
            least, most = OPTIMISM[n]
            assert optimism >= least
            assert optimism <= (2.5 * most if name == "rare" else most), where
        off = reported / true.mean() - true / true.mean()
        error = 2 * off.std() / math.sqrt(len(off))
        measured.note(f"cross-fitted off {rule}, {where}", off.mean(), f"± {error:.3f}")
        assert -0.01 - error <= off.mean() <= PESSIMISM[n] + error, where
        coverage = float(np.mean([run.covered for run in found[rule]]))
        measured.note(f"coverage {rule}, {where}", coverage, f"{len(true)} samples")
        two_errors = [2 * math.sqrt(c * (1 - c) / len(true)) for c in (0.92, 0.98)]
        assert 0.92 - two_errors[0] <= coverage <= 0.98 + two_errors[1], f"{rule}, {where}"


@pytest.mark.parametrize("n", [300, 1000])
@pytest.mark.parametrize("costs", list(COSTS))
@pytest.mark.parametrize("name", list(MODELS))
def test_calibrated_rule_with_few_rows(name: str, costs: str, n: int, measured: Any) -> None:
    """Up to 1,000 rows calibrating first is no dearer in truth than the empirical minimum."""
    found = runs_of(name, costs, n)
    excess = means(found["calibrated"])[0] - means(found["empirical"])[0]
    share = measured.note(
        f"calibrated dearer, {name}, {costs}, {n}",
        excess.mean() / means(found["empirical"])[0].mean(), "",
    )  # fmt: skip
    assert share <= 0.0


@pytest.mark.parametrize("prevalence", [None, 0.01, 0.4])
@pytest.mark.parametrize("n", [300, 3000])
@pytest.mark.parametrize("name", ["balanced", "rare"])
def test_given_cutoffs(name: str, n: int, prevalence: float | None, measured: Any) -> None:
    """The interval of the cost of given cutoffs covers, also where the prevalence is given."""
    model, costs, runs = MODELS[name], Costs(fp=1, fn=20, review=0.5, tp=-2), 800
    cuts = [0.05, 0.6]
    s, positives, negatives = model.population
    a, b = np.searchsorted(s, cuts)
    done = np.array([[x[a], x[b] - x[a], x[-1] - x[b]] for x in (negatives, positives)]).T
    share = done[:, 1].sum()
    shift = (1.0, 1.0) if prevalence is None else label_factors(share, prevalence)
    true = 1000 * float((costs.table() * done * shift).sum())
    rng = np.random.default_rng(seed_of("given", name, n, prevalence))
    held = 0
    for _ in range(runs):
        ladder = ladder_from(*model.draw(rng, n))
        rate = ladder.below[1, -1] / ladder.total
        low, high = (int(np.searchsorted(ladder.sample.p, cut)) for cut in cuts)
        factors = (1.0, 1.0) if prevalence is None else label_factors(rate, prevalence)
        found = in_sample(Policy(low=low, high=high), ladder.sample).cost(
            costs, 0.95, factors=factors
        )
        assert found.low is not None
        assert found.high is not None
        held += found.low <= true <= found.high
    coverage = measured.note(f"coverage given cutoffs, {name}, {n}, {prevalence}", held / runs, "")
    assert 0.92 <= coverage <= 0.98
