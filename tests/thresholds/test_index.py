"""Cutoffs by F1, Youden's J and balanced accuracy, and how far their own rows flatter them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_recall_curve, roc_curve

import calaudit
from calaudit.errors import SettingsError
from calaudit.thresholds.index import costs_of_index, index_of
from tests.api.decided import applied, calibrated

INDICES = ("f1", "youden", "balanced-accuracy")
DONE = np.array([[4.0, 2.0], [0.0, 0.0], [1.0, 3.0]])
"""Four true negatives, two misses, one false alarm, three hits."""


def test_by_hand() -> None:
    """F1 is 6/9; recall .6 less fpr .2 is .4; balanced accuracy is the mean of .6 and .8."""
    found = [float(index_of(name, DONE)) for name in INDICES]
    assert found == pytest.approx([6 / 9, 0.4, 0.7])


@pytest.mark.parametrize("name", INDICES)
def test_costs_are_the_slope_of_the_index(name: str) -> None:
    """A case more of an outcome changes the index by what the outcome costs, turned round."""
    table = costs_of_index(name, DONE).table()
    assert float((table * DONE).sum()) == pytest.approx(0.0, abs=1e-12)
    for action in (0, 2):
        for label in (0, 1):
            more = DONE.copy()
            more[action, label] += 1e-6
            slope = (float(index_of(name, more)) - float(index_of(name, DONE))) / 1e-6
            assert -table[action, label] / DONE.sum() == pytest.approx(slope, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_cutoff_is_that_of_scikit_learn(seed: int) -> None:
    """The best of all cutoffs by scikit-learn's curves, and the index there by its scores."""
    p, y = calibrated(700, seed, shift=-1.5)
    precision, recall, cut = precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    fpr, tpr, steps = roc_curve(y, p, drop_intermediate=False)
    best = calaudit.threshold(y, p, maximize="f1").recommended
    assert best is not None
    assert best.apparent_index == pytest.approx(f1.max(), rel=1e-12)
    assert f1_score(y, p >= best.act_from) == pytest.approx(f1.max(), rel=1e-12)
    assert np.array_equal(p >= best.act_from, p >= cut[f1[:-1].argmax()])
    best = calaudit.threshold(y, p, maximize="youden").recommended
    assert best is not None
    assert best.apparent_index == pytest.approx((tpr - fpr).max(), rel=1e-12)
    assert np.array_equal(p >= best.act_from, p >= steps[(tpr - fpr).argmax()])
    other = calaudit.threshold(y, p, maximize="balanced-accuracy").recommended
    assert other is not None
    assert other.act_from == best.act_from
    accuracy = balanced_accuracy_score(y, p >= best.act_from)
    assert other.apparent_index == pytest.approx(accuracy, rel=1e-12)


def test_weights_groups_and_prevalence() -> None:
    """Weighted rows, rows that belong together and another prevalence have it, too."""
    p, y = calibrated(1500, 5, shift=-1.0)
    w = np.random.default_rng(5).integers(1, 4, len(y)).astype(float)
    best = calaudit.threshold(y, p, sample_weight=w, maximize="f1").recommended
    assert best is not None
    weighted = f1_score(y, p >= best.act_from, sample_weight=w)
    assert best.apparent_index == pytest.approx(weighted, rel=1e-12)
    rows = np.repeat(np.arange(1500), 4)
    one: Any = calaudit.threshold(y, p, maximize="f1").recommended
    four: Any = calaudit.threshold(y[rows], p[rows], group=rows, maximize="f1").recommended
    wide = [each.index.high - each.index.low for each in (one, four)]
    assert wide[1] == pytest.approx(wide[0], rel=0.2)
    rare: Any = calaudit.threshold(y, p, maximize="f1", prevalence=0.05).recommended
    shifted = np.where(y == 1, 0.05 / y.mean(), 0.95 / (1 - y.mean()))
    want = f1_score(y, p >= rare.act_from, sample_weight=shifted)
    assert rare.apparent_index == pytest.approx(want, rel=1e-12)


def test_specificity_and_npv() -> None:
    """Both are shares of the counts of the printed cutoff."""
    p, y = calibrated(800, 7)
    option: Any = calaudit.threshold(y, p, cost_fp=1, cost_fn=3).recommended
    n = applied(option, p, y)
    assert option.rates["specificity"].value == pytest.approx(n["tn"] / (n["tn"] + n["fp"]))
    assert option.rates["npv"].value == pytest.approx(n["tn"] / (n["tn"] + n["fn"]))
    assert option.rates["specificity"].low == pytest.approx(1 - option.rates["fpr"].high)
    everything = calaudit.threshold(y, p, cost_fp=1, cost_fn=3).options
    named = {each.name: each for each in everything}
    assert named["act_on_all"].rates["npv"].reason == "nothing is let pass"


def test_told() -> None:
    """The sentence leads with the figure of rows that the cutoff was not chosen on."""
    p, y = calibrated(800, 8, shift=-1.0)
    report = calaudit.threshold(y, p, maximize="f1")
    assert "on rows that it was not chosen on" in report.sentence
    assert report.method == "largest index"
    best = report.recommended
    assert best is not None
    assert best.cross_fitted
    assert best.label == "the largest F1 on these rows"
    assert "F1 %" in str(report)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"cost_fp": 1, "cost_fn": 2}, "leave out --cost-fp"),
    ({"min_recall": 0.9}, "leave out --min-recall"),
    ({"max_review": "5%"}, "leave out --max-review"),
    ({"method": "empirical"}, "leave out --method"),
    ({"task": "top-label"}, "it is for binary scores"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_refused(given: dict[str, Any], said: str) -> None:
    """Whatever else says what is good is refused; left out, it works."""
    p, y = calibrated(300, 9)
    p = np.maximum(p, 0.5) if "task" in given else p
    with pytest.raises(SettingsError, match=said):
        calaudit.threshold(y, p, maximize="f1", **given)
    if "task" not in given:
        assert calaudit.threshold(y, p, maximize="f1").recommended


@pytest.mark.slow
@pytest.mark.parametrize("name", ["f1", "youden"])
@pytest.mark.parametrize(("mean", "rows"), [(-2.5, 300), (-2.5, 1000), (-1.0, 1000)])
def test_optimism(name: str, mean: float, rows: int) -> None:
    """Own rows flatter the index; cross-fitted it is no larger than what new cases show.

    The truth is that of the printed cutoff in a million cases. The interval at 95 % holds it.
    """
    scores = np.sort(expit(np.random.default_rng(99).normal(mean, 1.3, 1_000_000)))
    above = np.append(np.cumsum(scores[::-1])[::-1], 0.0)
    found = []
    for i in range(100):
        rng = np.random.default_rng([5, i])
        p = expit(rng.normal(mean, 1.3, rows))
        best: Any = calaudit.threshold(rng.random(rows) < p, p, maximize=name).recommended
        at = len(scores) if best.act_from is None else int(np.searchsorted(scores, best.act_from))
        tp, acted = above[at], len(scores) - at
        fp, positives = acted - tp, above[0]
        done = np.array([[len(scores) - positives - fp, positives - tp], [0, 0], [fp, tp]])
        true = float(index_of(name, done))
        held = best.index.low <= true <= best.index.high
        found.append((best.apparent_index - true, best.index.value - true, held))
    apparent, fitted, held = np.mean(found, axis=0)
    error = np.std([each[1] for each in found]) / 10
    assert apparent > 0.01
    assert fitted < 2 * error
    assert abs(fitted) < apparent
    assert held >= 0.89
