"""Weighted rows: coverage of intervals, size and power of tests, and what gates do at the truth.

Six designs whose weights know of the label, of the score, of a stratum with another error rate, or
of nothing. The truths are those of the population that the weights lead back to.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from calaudit.gate.judging import Case, judge
from calaudit.gate.rules import Rule
from calaudit.metrics.discrimination import base_rate
from calaudit.report.check_report import FAIL, PASS
from tests.measured import Measured
from tests.simulation.simulate import seed_of
from tests.simulation.weighted import (
    DESIGNS,
    REPLICATES,
    Design,
    Rows,
    bins_held,
    closed_figures,
    off,
    p_values,
    simulated_figures,
    table_figures,
)

pytestmark = [pytest.mark.slow, pytest.mark.simulate]

LEAST, MOST = 0.92, 0.98
SIZE = 0.07

LIMITS = {"a heavy stratum": 0.88}
"""What `share_interval` says of bins in which few heavy rows decide, and does not reach."""


def chance(draws: int, rate: float = 0.05) -> float:
    """Return three standard errors of a rate over some draws: dozens of rates are looked at."""
    return 3.0 * math.sqrt(rate * (1.0 - rate) / draws)


@pytest.mark.parametrize("state", ["calibrated", "too high"])
@pytest.mark.parametrize("name", list(DESIGNS))
def test_intervals(name: str, state: str, measured: Measured) -> None:
    """Scores, shares, costs, ranking figures, lines and bins have intervals that hold the truth."""
    design = DESIGNS[name] if state == "calibrated" else off(DESIGNS[name])
    rng = np.random.default_rng(seed_of("weighted", name, state))
    held: dict[str, list[bool]] = defaultdict(list)
    bins: list[bool] = []
    for _ in range(REPLICATES):
        figures = table_figures(design.draw(rng))
        for figure, e in closed_figures(design, figures).items():
            if e.low is not None and e.high is not None:
                held[figure].append(e.low <= design.truth[figure] <= e.high)
        bins += bins_held(design, figures)
    for figure, each in held.items():
        covered = float(np.mean(each))
        measured.note(f"coverage {figure}, {name}, {state}", covered, f"{len(each)} draws")
        if len(each) >= 0.5 * REPLICATES:
            assert LEAST - chance(len(each)) <= covered <= MOST + chance(len(each)), figure
    covered = measured.note(f"coverage bins, {name}, {state}", float(np.mean(bins)), "")
    assert covered >= LIMITS.get(name, LEAST) - chance(len(bins))


@pytest.mark.parametrize("name", list(DESIGNS))
def test_size(name: str, measured: Measured) -> None:
    """Calibrated scores are called so, and the intervals of calibration errors hold 0."""
    design = DESIGNS[name]
    rng = np.random.default_rng(seed_of("size", name))
    rejected: dict[str, list[bool]] = defaultdict(list)
    draws = REPLICATES // 2
    for _ in range(draws):
        found = simulated_figures(table_figures(design.draw(rng)), rng)
        for test, p in p_values(found).items():
            rejected[test].append(p <= 0.05)
        for figure in ("smece", "ece"):
            rejected[f"0 outside, {figure}"].append((found[figure].low or 0.0) > 0.0)
    for test, each in rejected.items():
        size = measured.note(f"size {test}, {name}", float(np.mean(each)), f"{draws} draws")
        assert size <= SIZE + chance(draws, SIZE), test


ODDS = {
    "negatives kept at 2 %": 0.85,
    "scores below 0.1 kept at 2 %": 0.9,
    "hard negatives kept": 0.8,
}
"""Odds of label 1 over those that scores say, of files in which that is hard to see."""


@pytest.mark.parametrize("name", list(ODDS))
def test_power(name: str, measured: Measured) -> None:
    """Where common negatives are thinned out, what is kept shows what is wrong as all rows do."""
    design = replace(DESIGNS[name], odds=ODDS[name])
    rng = np.random.default_rng(seed_of("power", name))
    draws = REPLICATES // 3

    def power(draw: object) -> float:
        return float(np.mean([rejects(draw(rng), rng) for _ in range(draws)]))  # type: ignore[operator]

    kept = measured.note(f"power, {name}", power(design.draw), f"odds {ODDS[name]}")
    whole = measured.note(f"power of the full file, {name}", power(design.full), "")
    if name == "negatives kept at 2 %":  # elsewhere rows that tell much are left out
        assert kept >= whole - 0.2 - chance(draws, 0.5)
    found = [rejects(off(DESIGNS[name]).draw(rng), rng) for _ in range(10)]
    assert all(found)


def rejects(rows: Rows, rng: np.random.Generator) -> bool:
    """Return whether the verdict is that scores are off."""
    return p_values(simulated_figures(table_figures(rows), rng))["verdict"] <= 0.05


def rare_heavy(rng: np.random.Generator) -> Rows:
    """Return 2,000 confidences, about ten of them of 0.5 and weighted 20, the others of 0.999."""
    p = np.where(rng.random(2_000) < 0.005, 0.5, 0.999)
    y = (rng.random(2_000) < p).astype(np.int64)
    return p, y, np.where(p == 0.5, 20.0, 1.0)


def truth_of_rare_heavy() -> float:
    """Return the accuracy that the confidences of `rare_heavy` promise, which is the true one."""
    return (0.005 * 20 * 0.5 + 0.995 * 0.999) / (0.005 * 20 + 0.995)


@pytest.mark.parametrize("confidence", [0.95, 0.99])
@pytest.mark.parametrize("file", ["ten heavy rows", "a heavy stratum", "negatives kept at 2 %"])
def test_gates_at_the_truth(file: str, confidence: float, measured: Measured) -> None:
    """A rule at the true share neither fails nor passes more often than stated."""
    design: Design | None = DESIGNS.get(file)
    truth = truth_of_rare_heavy() if design is None else design.truth["base_rate"]
    rule = Rule(kind="min", metric="accuracy", limit=truth, confidence=confidence)
    rng = np.random.default_rng(seed_of("gate", file))
    draws = 4 * REPLICATES
    statuses = []
    for _ in range(draws):
        figures = table_figures(rare_heavy(rng) if design is None else design.draw(rng))
        estimate = base_rate(figures.cells, level=0.95)
        statuses.append(judge([Case(rule, estimate, None, 2_000)])[0].status)
    for status in (FAIL, PASS):
        rate = float(np.mean([found == status for found in statuses]))
        measured.note(f"{status} at the truth, {file}, {confidence}", rate, f"{draws} draws")
        allowed = 1.0 - confidence
        assert rate <= allowed + chance(draws, allowed)
