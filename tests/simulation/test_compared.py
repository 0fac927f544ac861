"""Comparisons of models: coverage of their intervals, and error rates of what is said of many.

Two models see an outcome through noise that they share in part, so that each is calibrated by
itself; a third says the same as one of them with logits half as large again.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit, ndtr
from scipy.stats import binom

import calaudit
from calaudit.api.comparisons.copies import broken
from calaudit.api.comparisons.differences import difference_of
from calaudit.metrics.model_set import all_pairs, losses_of, model_set
from calaudit.metrics.murphy import elementary_scores, murphy_band
from calaudit.metrics.paired import Rows, auroc_difference, mean_difference
from tests.measured import Measured
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "40"))
LEAST = 0.91
"""Coverage that every interval of 95 % has."""

FIGURES = ("log_loss", "brier", "auroc", "accuracy", "ece", "smece", "mean_confidence")
MANY = 1_000_000
DESIGNS = {
    "same view": ("a", "b", 0.9),
    "other view": ("a", "b", 0.0),
    "overconfident": ("a", "bold", 0.9),
    "both overconfident": ("bold", "bolder", 0.9),
}
"""Models, and how much of the noise the first two share."""


def draw(rng: Any, n: int, shared: float) -> pd.DataFrame:
    """Return labels and the scores of all models."""
    u, common, *own = rng.standard_normal((4, n))
    frame = {"y": (u + 0.7 * rng.standard_normal(n) > 0).astype(int)}
    for name, noise in zip("ab", own, strict=True):
        x = u + 0.5 * (math.sqrt(shared) * common + math.sqrt(1 - shared) * noise)
        frame[name] = ndtr(x / 1.25 / math.sqrt(0.25 / 1.25 + 0.49))
    frame["bold"] = expit(1.5 * logit(frame["a"]))
    frame["bolder"] = expit(1.6 * logit(frame["b"]))
    return pd.DataFrame(frame)


@cache
def truths(design: str) -> dict[str, float]:
    """Return the differences in a population; of calibrated models calibration errors are 0."""
    one, two, shared = DESIGNS[design]
    frame = draw(np.random.default_rng(99), MANY, shared)
    found = {}
    for name in (one, two):
        metrics = calaudit.evaluate(frame["y"], frame[name]).metrics
        found[name] = {f: metrics[f].value or 0.0 for f in FIGURES}
        if name in ("a", "b"):
            found[name] |= {"ece": 0.0, "smece": 0.0}
    truth = {f: found[two][f] - found[one][f] for f in FIGURES}
    if design == "overconfident":  # which ranks as the other does
        truth |= {"auroc": 0.0, "accuracy": 0.0}
    return truth


def hold(hits: int, total: int, least: float) -> bool:
    """Whether so many hits are no evidence (at 0.1 %) of a rate below ``least``."""
    return bool(hits >= binom.ppf(0.001, total, least))


@pytest.mark.parametrize(
    ("design", "rows"),
    [
        pytest.param(
            design, n, id=f"{design} {n}",
            marks=[] if n == 1000 and "over" in design[:4] else [pytest.mark.simulate],
        )
        for design in DESIGNS
        for n in (300, 1000, 5000)
    ],
)  # fmt: skip
def test_intervals_cover(design: str, rows: int, measured: Measured) -> None:
    """Each interval of the difference holds the difference of the population."""
    one, two, shared = DESIGNS[design]
    truth = truths(design)
    rng = np.random.default_rng(seed_of("compared", design, rows))
    hits = dict.fromkeys(FIGURES, 0)
    for _ in range(REPLICATES):
        report = calaudit.compare(draw(rng, rows, shared), label="y", scores=[one, two])
        for figure, d in report.of(two).items():
            if figure in hits and d.estimate.low is not None and d.estimate.high is not None:
                hits[figure] += d.estimate.low <= truth[figure] <= d.estimate.high
    for figure, n in hits.items():
        measured.note(f"misses of Δ {figure}", 1 - n / REPLICATES, f"{design} {rows}")
        assert hold(n, REPLICATES, LEAST), (figure, n)


@pytest.mark.parametrize(
    ("models", "rows", "reps"),
    [(5, 300, 400), pytest.param(10, 2000, 400, marks=pytest.mark.simulate)],
)
def test_many_models(models: int, rows: int, reps: int, measured: Measured) -> None:
    """Of equal models hardly any pair is told apart, and the set keeps all that are the best."""
    rng = np.random.default_rng(seed_of("many", models, rows))
    weights = Rows(np.ones(rows))
    wrong = kept = 0
    for i in range(reps):
        x = rng.standard_normal(rows)
        losses = (x + rng.standard_normal((models, rows))) ** 2
        losses[-1] += 0.4  # the others are tied
        found = losses_of(losses, weights)
        pairs = all_pairs(found, np.random.default_rng(i), level=0.95, draws=2000)
        alike = (pairs.first < models - 1) & (pairs.second < models - 1)
        wrong += bool((pairs.p[alike] <= 0.05).any())
        kept += bool((model_set(found, np.random.default_rng(i), 2000)[:-1] > 0.05).all())
    measured.note("some equal pair told apart", wrong / reps, f"{models} models, {rows} rows")
    measured.note("a best model lost", 1 - kept / reps, f"{models} models, {rows} rows")
    assert hold(reps - wrong, reps, 1 - 0.075)
    assert hold(kept, reps, 0.94)


@pytest.mark.parametrize(
    ("rows", "reps"), [(300, 200), pytest.param(2000, 400, marks=pytest.mark.simulate)]
)
def test_the_murphy_band_covers_jointly(rows: int, reps: int, measured: Measured) -> None:
    """The band holds the whole difference of the population."""
    frame = draw(np.random.default_rng(98), MANY, 0.9)
    y, w = frame["y"].to_numpy() == 1, np.ones(MANY)
    costs = [elementary_scores(frame[m].to_numpy(), y, w) for m in ("a", "bold")]
    truth = costs[1] - costs[0]
    rng = np.random.default_rng(seed_of("murphy", rows))
    hits = 0
    for i in range(reps):
        some = draw(rng, rows, 0.9)
        pair: Any = (some["a"].to_numpy(), some["bold"].to_numpy())
        band = murphy_band(
            pair, some["y"].to_numpy() == 1, Rows(np.ones(rows)), np.random.default_rng(i),
            level=0.95,
        )  # fmt: skip
        held = ~np.isnan(band.low)
        hits += bool(((band.low <= truth) & (truth <= band.high))[held].all())
    measured.note("the Murphy band misses", 1 - hits / reps, f"{rows} rows")
    assert hold(hits, reps, LEAST)


def test_grouped_intervals_cover(measured: Measured) -> None:
    """Rows of 60 groups that go together: intervals of groups hold, those of rows do not."""
    rng = np.random.default_rng(seed_of("compared groups"))
    groups, size, reps = 60, 20, 400
    hits = {"grouped": 0, "rows": 0}
    for _ in range(reps):
        group = np.repeat(np.arange(groups), size)
        p = rng.uniform(0.1, 0.9, groups * size)
        # The second model is off by the same amount in all of a group, as often up as down.
        other = expit(logit(p) + 0.8 * rng.standard_normal(groups)[group])
        for name, together in (("grouped", group), ("rows", None)):
            rows = Rows(np.ones(len(p)), group=together)
            e = mean_difference(other - p, rows, level=0.95)  # 0, by symmetry
            assert e.low is not None
            assert e.high is not None
            hits[name] += e.low <= 0.0 <= e.high
    measured.note("misses of a difference of groups", 1 - hits["grouped"] / reps, "60 x 20")
    measured.note("misses of that of their rows", 1 - hits["rows"] / reps, "60 x 20")
    assert hold(hits["grouped"], reps, LEAST)
    assert hits["rows"] < 0.8 * reps


def rowwise(frame: pd.DataFrame, models: tuple[str, str], group: Any = None) -> dict[str, Any]:
    """Return what is found of rows alone, without the reports of both models."""
    rows = Rows(np.ones(len(frame)), group=group)
    y = frame["y"].to_numpy() == 1
    parts = []
    for name in models:
        p = frame[name].to_numpy()
        q = np.where(y, p, 1 - p)
        right = (p >= 0.5) == y
        parts.append({"score": p, "accuracy": right, "brier": (1 - q) ** 2, "log_loss": -np.log(q)})
    a, b = parts
    found = {
        name: difference_of(name, a, b, rows, level=0.95)
        for name in ("log_loss", "brier", "accuracy")
    }
    found["auroc"] = auroc_difference((a["score"], b["score"]), (y, y), rows, level=0.95)
    copies = broken("b", a, b, rows, task="binary", level=0.95)
    return found | {d.metric: d.estimate for d in copies}


@pytest.mark.parametrize(("rows", "reps", "size"), [(300, 150, 0), (5000, 50, 0), (1200, 100, 20)])
def test_intervals_of_rows_cover(rows: int, reps: int, size: int, measured: Measured) -> None:
    """Of few rows, of many, and in groups of a size: each interval holds the population's."""
    for design in ("same view", "overconfident"):
        one, two, shared = DESIGNS[design]
        everyone = draw(np.random.default_rng(97), MANY, shared)
        truth = {name: e.value for name, e in rowwise(everyone, (one, two)).items()}
        rng = np.random.default_rng(seed_of("rows", design, rows))
        hits: Counter[str] = Counter()
        known: Counter[str] = Counter()
        for _ in range(reps):
            group = np.arange(rows) // size if size else None
            for name, e in rowwise(draw(rng, rows, shared), (one, two), group).items():
                if e.low is not None and e.high is not None:
                    known[name] += 1
                    hits[name] += e.low <= truth[name] <= e.high
        for name, n in known.items():
            measured.note(f"misses of {name}, by row", 1 - hits[name] / n, f"{design} {rows}")
            assert hold(hits[name], n, LEAST), (design, name, hits[name], n)
