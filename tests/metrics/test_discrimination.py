"""AUROC, average precision and accuracy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score

from calaudit.metrics.discrimination import accuracy_at_half, auroc, average_precision, base_rate
from calaudit.metrics.normal import normal_quantile
from calaudit.tables import ScoreTable
from tests.metrics.tables import cells_of
from tests.naive import delong

LEVEL = 0.95


def sample(seed: int, n: int = 300, decimals: int = 2):
    """Return tied scores that order the labels to some degree."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.random(n), decimals)
    return p, (rng.random(n) < 0.2 + 0.5 * p).astype(int)


def test_by_hand():
    """Positives .8, .4 against negatives .4, .1: three wins and a tie of four pairs."""
    cells = cells_of(np.array([0.8, 0.4, 0.4, 0.1]), np.array([1, 1, 0, 0]))
    assert auroc(cells, level=LEVEL).value == pytest.approx(3.5 / 4)
    # Thresholds .8 (precision 1, recall ½) and .4 (precision ⅔, recall 1).
    assert average_precision(cells, level=LEVEL).value == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert accuracy_at_half(cells, level=LEVEL).value == pytest.approx(3 / 4)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weighted", [False, True])
def test_against_scikit_learn(seed, weighted):
    """Ties and weights give scikit-learn's figures within 1e-12."""
    p, y = sample(seed)
    w = np.random.default_rng(seed).exponential(1.0, len(p)) if weighted else None
    cells = cells_of(p, y, w)
    assert auroc(cells, level=LEVEL).value == pytest.approx(
        roc_auc_score(y, p, sample_weight=w), abs=1e-12
    )
    assert average_precision(cells, level=LEVEL).value == pytest.approx(
        average_precision_score(y, p, sample_weight=w), abs=1e-12
    )
    assert accuracy_at_half(cells, level=LEVEL).value == pytest.approx(
        accuracy_score(y, p >= 0.5, sample_weight=w), abs=1e-12
    )


@pytest.mark.parametrize("decimals", [1, 2, 12])
def test_delong(decimals):
    """The variance behind the interval is DeLong's, computed from all pairs."""
    p, y = sample(5, decimals=decimals)
    value, variance = delong(p, y)
    half = normal_quantile(0.975) * math.sqrt(variance) / (value * (1 - value))
    centre = math.log(value / (1 - value))
    got = auroc(cells_of(p, y), level=LEVEL)
    want = [1 / (1 + math.exp(-(centre + sign * half))) for sign in (-1, 1)]
    assert (got.value, got.low, got.high) == pytest.approx((value, *want), rel=1e-10)


def test_average_precision_variance_is_the_jackknife():
    """The infinitesimal jackknife agrees with leaving out each row in turn, for many rows."""
    p, y = sample(6, n=400)
    full = average_precision_score(y, p)
    left = [average_precision_score(np.delete(y, i), np.delete(p, i)) for i in range(len(p))]
    variance = (len(p) - 1) / len(p) * ((np.array(left) - np.mean(left)) ** 2).sum()
    got = average_precision(cells_of(p, y), level=LEVEL)
    assert got.low is not None
    assert got.high is not None
    logits = [math.log(x / (1 - x)) for x in (got.low, got.high)]
    error = (logits[1] - logits[0]) / 2 / normal_quantile(0.975) * full * (1 - full)
    assert error == pytest.approx(math.sqrt(variance), rel=0.03)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_relabelling_scores_leaves_the_order(seed):
    """A monotone change of the scores leaves AUROC and average precision as they were."""
    p, y = sample(seed, 80)
    y[:2] = (0, 1)
    a, b = cells_of(p, y), cells_of(p**3 / 2, y)
    for figure in (auroc, average_precision):
        assert figure(a, level=LEVEL) == figure(b, level=LEVEL)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_flip(seed):
    """Complementing scores or swapping labels turns AUROC into 1 − AUROC; both, into itself."""
    p, y = sample(seed, 80)
    y[:2] = (0, 1)
    value = auroc(cells_of(p, y), level=LEVEL).value
    assert value is not None
    assert auroc(cells_of(1 - p, 1 - y), level=LEVEL).value == pytest.approx(value, abs=1e-14)
    assert auroc(cells_of(p, 1 - y), level=LEVEL).value == pytest.approx(1 - value, abs=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_integer_weights_are_repeated_rows(seed):
    """A weight of k counts as k equal rows."""
    p, y = sample(seed, 80)
    w = np.random.default_rng(seed).integers(0, 3, 80)
    y[:2], w[:2] = (0, 1), (1, 1)
    a, b = cells_of(p, y, w.astype(float)), cells_of(np.repeat(p, w), np.repeat(y, w))
    for figure in (auroc, average_precision, accuracy_at_half):
        assert figure(a, level=LEVEL).value == pytest.approx(
            figure(b, level=LEVEL).value, abs=1e-13
        )


@pytest.mark.parametrize("level", [0, 2, 5])
def test_bound_on_the_error_of_coarse_tables(level):
    """At any level the exact AUROC lies within the printed bound, which shrinks with the level."""
    p, y = sample(7, n=5000, decimals=12)
    table = ScoreTable.of(p, y)
    got = auroc(table.coarsened(level).cells(), level=LEVEL)
    assert got.error_bound is not None
    assert abs(got.value - roc_auc_score(y, p)) <= got.error_bound
    finer = auroc(table.coarsened(level + 3).cells(), level=LEVEL)
    assert finer.error_bound is not None
    assert finer.error_bound < got.error_bound
    assert auroc(table.cells(), level=LEVEL).error_bound is None


@pytest.mark.parametrize(("label", "reason"), [(0, "every label is 0"), (1, "every label is 1")])
def test_one_class(label, reason):
    """With one class there is no pair to order, which is said."""
    cells = cells_of(np.array([0.1, 0.6]), np.array([label, label]))
    for figure in (auroc, average_precision):
        assert figure(cells, level=LEVEL).value is None
        assert figure(cells, level=LEVEL).reason == reason


def test_proportion():
    """Without weights Wilson's interval; of importance weights only their ratios matter."""
    p, y = np.full(100, 0.2), np.arange(100) < 30
    plain = base_rate(cells_of(p, y), level=LEVEL)
    want = stats.binomtest(30, 100).proportion_ci(LEVEL, method="wilson")
    assert (plain.low, plain.high) == pytest.approx((want.low, want.high), abs=1e-12)
    three = base_rate(cells_of(p, y, np.full(100, 3.0)), level=LEVEL)
    assert (three.low, three.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
