"""Members of simulated ensembles: the bias of what they disagree on, and intervals of its use.

Logits of K classes are N(0, 1) a row, and each member adds noise of its own; labels are drawn from
the softmax of the row's logits. Where noise differs from row to row, disagreement tells errors.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy
from sklearn.metrics import roc_auc_score

from calaudit.metrics.ensembles import disagreement, error_auroc
from calaudit.metrics.paired import Rows, auroc_difference, mean_difference
from tests.measured import Measured
from tests.simulation.simulate import seed_of

pytestmark = pytest.mark.slow

REPLICATES = int(os.environ.get("CALAUDIT_REPLICATES", "400"))
K = 10

BIAS = {
    0.27: ("0.03", {2: (-51, -1), 5: (-20, -0.5), 30: (-4, -0.1)}),
    0.93: ("0.30", {2: (-55, -10), 5: (-23, -4), 30: (-4, -0.7)}),
    1.88: ("0.82", {2: (-60, -20), 5: (-28, -10), 30: (-5, -1.7)}),
}
"""Noise → true information, and by members the bias in percent, plain and corrected: figures of
independent code."""


@pytest.mark.parametrize("noise", BIAS)
def test_bias_by_members(noise: float, measured: Measured) -> None:
    """Plain information is too small by 1/M and more; what the correction leaves is as told."""
    rng = np.random.default_rng(seed_of("information", str(noise), K))
    n, many = 3000, 2000
    z = rng.normal(size=(n, K))
    total, expected = np.zeros((n, K)), np.zeros(n)
    for _ in range(many):
        p = softmax(z + rng.normal(0, noise, z.shape), axis=1)
        total, expected = total + p / many, expected + entropy(p, axis=1) / many
    true = float((entropy(total, axis=1) - expected).mean())
    named, bias = BIAS[noise]
    assert true == pytest.approx(float(named), rel=0.15)
    for members, sought in bias.items():
        p = softmax(z + rng.normal(0, noise, (members, *z.shape)), axis=-1)
        found = disagreement(p.mean(axis=0), entropy(p, axis=-1).mean(axis=0), members)
        for name, percent in zip(("", "_corrected"), sought, strict=True):
            seen = 100 * (float(found[f"mutual_information{name}"].mean()) / true - 1)
            measured.note(f"bias of information{name}, {named}, {members} members", seen, named)
            assert seen == pytest.approx(percent, abs=3)


def drawn(law: str, n: int, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Return 1 − the largest probability of the mean of 4, their information, and errors."""
    z = rng.normal(0, 2, (n, 3))
    spread = rng.choice([0.2, 3.0], (n, 1)) if law == "unlike noise" else 1.0
    truth = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
    p = softmax(z + spread * rng.normal(size=(4, n, 3)), axis=-1)
    mean = p.mean(axis=0)
    found = disagreement(mean, entropy(p, axis=-1).mean(axis=0), 4)
    return 1 - mean.max(axis=1), found["mutual_information"], mean.argmax(axis=1) != truth


@cache
def population(law: str) -> tuple[float, float, float]:
    """Return both AUROCs and the mean information of all rows of a law."""
    top, information, wrong = drawn(law, 1_000_000, np.random.default_rng(0))
    return (
        roc_auc_score(wrong, top), roc_auc_score(wrong, information), float(information.mean())
    )  # fmt: skip


@pytest.mark.parametrize("n", [300, 1000])
@pytest.mark.parametrize("law", ["like noise", "unlike noise"])
def test_intervals_of_use(law: str, n: int, measured: Measured) -> None:
    """The difference, AUROCs for errors and mean information: 91 to 99.9 % hold the truth."""
    rng = np.random.default_rng(seed_of("use of disagreement", law, n))
    top, by_information, mean = population(law)
    rows = Rows(np.ones(n))
    held: dict[str, list[bool]] = {}
    for _ in range(REPLICATES):
        one, two, wrong = drawn(law, n, rng)
        for name, truth, found in (
            ("difference", by_information - top,
             auroc_difference((one, two), (wrong, wrong), rows, level=0.95)),
            ("largest probability", top, error_auroc(one, wrong, rows, level=0.95)),
            ("information", by_information, error_auroc(two, wrong, rows, level=0.95)),
            ("mean information", mean, mean_difference(two, rows, level=0.95)),
        ):  # fmt: skip
            held.setdefault(name, []).append((found.low or 0.0) <= truth <= (found.high or 0.0))
    for name, hits in held.items():
        measured.note(f"use of disagreement, {law}, {n}: {name}", float(np.mean(hits)), law)
        assert 0.91 <= np.mean(hits) <= 0.999, name
