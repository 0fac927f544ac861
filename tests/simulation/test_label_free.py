"""What is expected of rows without labels: do its intervals hold what labels then show?

Scores are σ(1.3 z + 0.2) where labels are 1 with probability σ(z): Platt scaling of 2,000 labelled
rows has the right form. Batches are of the same law, of others with the same map, and of maps that
have changed, where an interval that rests on the map can only be wrong.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from calaudit.calibrators.curve_errors import curve_covariance, curve_features
from calaudit.calibrators.fit_points import Sample, sample_of
from calaudit.calibrators.platt import fit_platt
from calaudit.metrics.judges import Paired, powered_share
from calaudit.metrics.label_free import (
    Expected,
    atc_accuracy,
    expected_auroc,
    expected_mean,
    expected_recall,
    right_if,
)
from calaudit.tables import ScoreTable
from tests.measured import Measured
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "120"))
FEW = min(REPLICATES, 40)
LABELLED = 2000
LEAST = 0.91

LAWS = {
    "same law": (0.0, 1.5, lambda z: z),
    "scores move": (0.8, 1.2, lambda z: z),
    "harder scores": (0.0, 0.7, lambda z: z),
    "wrong form": (0.0, 0.7, lambda z: np.where(z > 0, z, 0.4 * z)),
    "T x 1.3": (0.0, 1.5, lambda z: z / 1.3),
    "logit - 0.5": (0.0, 1.5, lambda z: z - 0.5),
}
"""Mean and spread of z in the batch, and the logit of a label of 1 there."""

SAME_MAP = ("same law", "scores move", "harder scores")
COSTS = np.array([[0.0, 4.0], [0.6, 0.6], [1.0, 0.0]])


def points(z: np.ndarray, y: np.ndarray) -> Sample:
    """Return the rows as points."""
    return sample_of(ScoreTable.of(expit(1.3 * z + 0.2), y).cells(), floor=1e-3)


def batch(law: str, n: int, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """Return labelled rows and a batch with the labels that it will have."""
    middle, spread, truth = LAWS[law]
    z = rng.normal(0.0, 1.5, LABELLED)
    old = truth(z) if law == "wrong form" else z
    labelled = points(z, (rng.random(LABELLED) < expit(old)).astype(int))
    z = rng.normal(middle, spread, n)
    return labelled, points(z, (rng.random(n) < expit(truth(z))).astype(int))


def once(law: str, n: int, rng: np.random.Generator) -> dict[str, tuple[Any, float]]:
    """Return each interval, and what labels show."""
    labelled, new = batch(law, n, rng)
    line = fit_platt(labelled)
    x, c = curve_features(line, new.z), curve_covariance(line, labelled)
    ones = new.w[1]
    rows = Expected(new.w.sum(axis=0), new.p, line.logits(new.p, new.z), x, c)
    right, positive = right_if(new.p, binary=True), np.stack([0 * new.p, 0 * new.p + 1])
    done = np.where(new.p >= 0.6, 2, np.where(new.p >= 0.3, 1, 0))
    cost = COSTS[done].T
    seen = {name: float((v * new.w).sum()) / n for name, v in
            (("accuracy", right), ("base rate", positive), ("cost", cost))}  # fmt: skip
    seen["auroc"] = float(roc_auc_score(np.r_[0 * new.p, 0 * new.p + 1], np.r_[new.p, new.p],
                                        sample_weight=np.r_[new.w[0], ones]))  # fmt: skip
    seen["precision"] = float(ones[done == 2].sum()) / float(new.w[:, done == 2].sum())
    seen["recall"] = float(ones[done > 0].sum()) / float(ones.sum())
    alone = Expected(rows.n, rows.p, rows.z, rows.x, 0 * c)
    found = {
        "accuracy": expected_mean(rows, right, level=0.95),
        "base rate": expected_mean(rows, positive, level=0.95),
        "cost": expected_mean(rows, cost, level=0.95),
        "auroc": expected_auroc(rows, level=0.95, rng=rng),
        "precision": expected_mean(rows, positive, level=0.95, chosen=done == 2),
        "recall": expected_recall(rows, done > 0, level=0.95),
        "accuracy, labels alone": expected_mean(alone, right, level=0.95),
    }
    seen["accuracy, labels alone"] = seen["accuracy"]
    sure = [np.maximum(s.p, 1 - s.p) for s in (labelled, new)]
    known = float((right_if(labelled.p, binary=True) * labelled.w).sum()) / LABELLED
    atc, _ = atc_accuracy(sure[0], labelled.w.sum(axis=0), known, sure[1], rows.n)
    kept: dict[str, tuple[Any, float]] = {name: (e, seen[name]) for name, e in found.items()}
    kept["bias"] = (found["accuracy"].value, seen["accuracy"])
    kept["bias of ATC"] = (atc, seen["accuracy"])
    # One row in ten has a label, drawn at random: the prediction-powered accuracy.
    drawn = rng.binomial(new.counts, 0.1).astype(float)
    q = right[0] + (right[1] - right[0]) * rows.q
    own = Paired.of(drawn, right, np.stack([q, q]))
    rest = rows.n - drawn.sum(axis=0)
    rare = min(float((drawn * right).sum()), float((drawn * (1 - right)).sum()))
    sums = (float(rest.sum()), float(rest @ q), float(rest @ (q * q)))
    kept["accuracy, by labels"] = (powered_share(own, sums, rare, level=0.95), population(law))
    return kept


@cache
def population(law: str) -> float:
    """Return the accuracy of all rows of a law."""
    middle, spread, truth = LAWS[law]
    z = np.random.default_rng(0).normal(middle, spread, 2_000_000)
    return float(np.where(expit(1.3 * z + 0.2) >= 0.5, expit(truth(z)), expit(-truth(z))).mean())


def table(law: str, n: int, measured: Measured, replicates: int = REPLICATES) -> dict[str, float]:
    """Return the coverage of each interval, and the bias of figures."""
    rng = np.random.default_rng(seed_of("label-free", law, n))
    runs = [once(law, n, rng) for _ in range(replicates)]
    found: dict[str, float] = {}
    for name in runs[0]:
        pairs = [run[name] for run in runs]
        if name.startswith("bias"):
            found[name] = float(np.mean([value - truth for value, truth in pairs]))
        else:
            found[name] = float(np.mean([e.low <= truth <= e.high for e, truth in pairs]))
        where = f"{replicates} replicates"
        measured.note(f"without labels, {law}, {n}: {name}", found[name], where)
    return found


def holds(coverage: float, replicates: int = REPLICATES) -> bool:
    """Whether so many hits are no evidence (at 0.1 %) of a rate below `LEAST`."""
    return bool(round(coverage * replicates) >= binom.ppf(0.001, replicates, LEAST))


FIGURES = (
    "accuracy", "base rate", "cost", "auroc", "precision", "recall", "accuracy, by labels",
)  # fmt: skip


@pytest.mark.parametrize("law", ["scores move"])
def test_intervals_hold_where_the_map_is_the_same(law: str, measured: Measured) -> None:
    """What labels show lies in every interval as often as is said, although scores have moved."""
    found = table(law, 500, measured)
    assert [name for name in FIGURES if not holds(found[name])] == []
    assert abs(found["bias"]) < 0.01


def test_a_changed_map_is_not_seen(measured: Measured) -> None:
    """Where the map has changed the interval is wrong, as the report says: nothing can show it."""
    found = table("T x 1.3", 5000, measured, FEW)
    assert found["accuracy"] < 0.4
    assert found["bias"] > 0.02
    assert holds(found["accuracy, by labels"], FEW)  # which do not rest on the map


@pytest.mark.simulate
@pytest.mark.parametrize("n", [500, 5000])
@pytest.mark.parametrize("law", LAWS)
def test_every_law(law: str, n: int, measured: Measured) -> None:
    """The whole table: where the map is the same every interval holds, at both sizes."""
    found = table(law, n, measured)
    if law in SAME_MAP:
        assert [name for name in FIGURES if not holds(found[name])] == []
        assert abs(found["bias"]) < 0.01
    assert holds(found["accuracy, by labels"])
