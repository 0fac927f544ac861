"""Monitoring as it is run: false alarms over many looks, delays, and the naive rules."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr
from scipy.stats import binom

from calaudit.metrics.batch_means import running_means
from calaudit.metrics.evidence import BINNING, Evidence, expected_batches
from calaudit.tables.score_table import ScoreTable
from tests.measured import Measured

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "40"))
ROWS, ALPHA = 200, 0.05
ALARM = -math.log(ALPHA)
Floats = NDArray[np.float64]
Law = Callable[[Floats], Floats]


def moved(p: Floats, by: float) -> Floats:
    """Return scores with their logits moved."""
    found: Floats = expit(logit(p) + by)
    return found


CHANGES: dict[str, Law] = {
    "logit + 0.3": partial(moved, by=0.3),
    "T = 1.5": lambda p: expit(logit(p) / 1.5),
    "bump": lambda p: np.clip(p + 0.15 * np.exp(-(((p - 0.35) / 0.12) ** 2)), 0, 1),
}


def same(p: Floats) -> Floats:
    """Return the scores: all is well."""
    return p


def edge(p: Floats) -> Floats:
    """Return the edge of the tolerance."""
    return np.minimum(p + 0.02, 1.0)


def batch(rng: Any, law: Law, rho: float = 0.0) -> tuple[Floats, NDArray[np.uint8]]:
    """Return a batch; with rho its scores and outcomes depend on each other, each law as it is."""
    common = rng.standard_normal(2)
    tau = 0.3 if rho else 0.0
    score = ndtr(math.sqrt(tau) * common[0] + math.sqrt(1 - tau) * rng.standard_normal(ROWS))
    p = np.clip(score, 1e-3, 1 - 1e-3)
    u = ndtr(math.sqrt(rho) * common[1] + math.sqrt(1 - rho) * rng.standard_normal(ROWS))
    return p, (u < law(p)).astype(np.uint8)


def looked_at(
    seed: int, looks: int, law: Law, tolerance: float, *, good: int = 0, rho: float = 0.0
) -> int | None:
    """Return the batch of the alarm, counted from 1; None where there is none."""
    rng, state = np.random.default_rng([17, seed]), Evidence()
    for look in range(looks):
        p, y = batch(rng, same if look < good else law, rho)
        state = state.after(ScoreTable.of(p, y, cuts=BINNING.cuts), tolerance)
        if state.log >= ALARM:
            return look + 1
    return None


def means_beyond(
    seed: int, looks: int, law: Law, tolerance: float, *, bands: int = 3, rho: float = 0.0
) -> int | None:
    """Return the batch after which means are beyond; None where they never are."""
    rng = np.random.default_rng([18, seed])
    means = np.full((looks, bands), np.nan)
    for look in range(looks):
        p, y = batch(rng, law, rho)
        at = np.minimum((p * bands).astype(int), bands - 1)
        n = np.bincount(at, minlength=bands)
        means[look] = np.bincount(at, y - p, bands) / np.where(n > 0, n, np.nan)
    found = np.flatnonzero(running_means(means, ALPHA).beyond(tolerance))
    return int(found[0]) + 1 if len(found) else None


def naive(seed: int, looks: int, law: Law, rule: str) -> int | None:
    """Return the batch at which a rule without a memory of its looks fires."""
    rng = np.random.default_rng([19, seed])
    r = v = 0.0
    for look in range(looks):
        p, y = batch(rng, law)
        each, spread = float((y - p).sum()), float((p * (1 - p)).sum())
        r, v = r + each, v + spread
        z = {"p < .05": each / math.sqrt(spread) / 1.96, "3 sigma": each / math.sqrt(spread) / 3,
             "all rows, p < .05": r / math.sqrt(v) / 1.96}[rule]  # fmt: skip
        if abs(z) > 1:
            return look + 1
    return None


def share(found: list[int | None]) -> float:
    """Return the share of runs with an alarm."""
    return sum(each is not None for each in found) / len(found)


def delay(found: list[int | None]) -> float:
    """Return the median batch of the alarm; runs without one count as longer."""
    return float(np.median([math.inf if each is None else each for each in found]))


def at_most(hits: float, total: int, rate: float) -> bool:
    """Whether so many alarms are no evidence (at 0.1 %) of a rate above this."""
    return bool(round(hits * total) <= binom.ppf(0.999, total, rate))


@pytest.mark.parametrize(("law", "tolerance"), [(same, 0.0), (edge, 0.02)])
def test_few_false_alarms(law: Law, tolerance: float, measured: Measured) -> None:
    """At tolerance 0 and at the edge of 0.02 at most alpha in 60 looks; fewer cannot be told."""
    found = [looked_at(seed, 60, law, tolerance) for seed in range(25)]
    measured.note(f"monitor false alarms tolerance {tolerance:g}", share(found), "60 looks")
    assert at_most(share(found), 25, ALPHA)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_found(name: str, measured: Measured) -> None:
    """Each of the three changes, at the tolerance that is usual; a bump takes longest."""
    found = [looked_at(seed, 60, CHANGES[name], 0.02) for seed in range(20)]
    wanted = {"logit + 0.3": 12, "T = 1.5": 9, "bump": 30}[name]
    assert measured.note(f"monitor delay {name}", delay(found), "tolerance 0.02") <= wanted


def test_the_delay_that_is_told_is_about_right(measured: Measured) -> None:
    """What is expected after ten good batches of a mean shift, against what happens."""
    for shift in (0.5, 0.8):
        rng, state = np.random.default_rng(20), Evidence()
        for _ in range(10):
            p, y = batch(rng, same)
            state = state.after(ScoreTable.of(p, y, cuts=BINNING.cuts), 0.02)
        grid = np.linspace(0.0005, 0.9995, 1000)
        mean = float((expit(logit(grid) + shift) - grid).mean())
        told = expected_batches(state, ROWS, mean, 0.02, ALPHA)
        law = partial(moved, by=shift)
        found = [looked_at(seed, 60, law, 0.02, good=10) for seed in range(15)]
        late = delay([None if each is None else each - 10 for each in found])
        assert told is not None
        measured.note("monitor delay, told over found", told / late, f"logit + {shift}")
        assert 0.6 <= told / late <= 1.7


@pytest.mark.simulate
def test_the_table(measured: Measured) -> None:
    """False alarms over 200 looks and delays, with dependent rows and the naive rules."""

    def note(name: str, value: float) -> float:
        return measured.note(f"monitor table: {name}", value, f"{REPLICATES} replicates")

    seeds = range(REPLICATES)
    alarms: dict[str, tuple[Law, float, float]] = {
        "tolerance 0": (same, 0.0, 0.0), "tolerance 0.02": (same, 0.02, 0.0),
        "edge of 0.02": (edge, 0.02, 0.0), "rho 0.03, tolerance 0": (same, 0.0, 0.03),
        "rho 0.03, tolerance 0.02": (same, 0.02, 0.03),
        "rho 0.1, tolerance 0.02": (same, 0.02, 0.1),
    }  # fmt: skip
    for name, (truth, tolerance, rho) in alarms.items():
        hits = share([looked_at(s, 200, truth, tolerance, rho=rho) for s in seeds])
        note(f"false alarms, {name}", hits)
        assert rho or at_most(hits, REPLICATES, ALPHA), name
    for rho in (0.0, 0.03, 0.1):
        hits = share([means_beyond(s, 150, same, 0.0, rho=rho) for s in range(300)])
        note(f"false alarms, means, rho {rho:g}", hits)
        assert at_most(hits, 300, 0.06), rho
    for rule in ("p < .05", "3 sigma", "all rows, p < .05"):
        note(f"false alarms, {rule}", share([naive(s, 200, same, rule) for s in seeds]))
    for name, law in CHANGES.items():
        for tolerance in (0.0, 0.02):
            found = [looked_at(s, 100, law, tolerance) for s in seeds]
            note(f"delay, {name}, tolerance {tolerance:g}", delay(found))
        found = [means_beyond(s, 150, law, 0.0, rho=0.03) for s in seeds]
        note(f"delay, {name}, means, rho 0.03", delay(found))
        note(f"found, {name}, means, rho 0.03", share(found))
        note(f"delay, {name}, 3 sigma", delay([naive(s, 200, law, "3 sigma") for s in seeds]))
    for name in ("logit + 0.3", "T = 1.5"):
        found = [looked_at(s, 150, CHANGES[name], 0.0, good=50) for s in seeds]
        early = [each is not None and each <= 50 for each in found]
        note(f"early, {name} after 50", sum(early) / len(early))
        late = [None if e is None else e - 50 for e in found if e is None or e > 50]
        note(f"delay, {name} after 50, tolerance 0", delay(late))
