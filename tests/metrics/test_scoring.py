"""Brier, log loss and the share of the worst rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from calaudit.metrics import scoring
from calaudit.metrics.normal import normal_quantile
from tests.metrics.tables import cells_of

EPS = 2.0**-52


def sample(seed: int, n: int = 400):
    """Return rows with exact zeros and ones, some of them wrong."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.3, 0.3, n)
    p[:20], p[20:40] = 0.0, 1.0
    return p, (rng.random(n) < p).astype(int) ^ (rng.random(n) < 0.05)


def test_by_hand():
    """Three rows worked by hand: Brier (.04 + .81 + .25)/3, log loss −(ln .8 + ln .1 + ln .5)/3."""
    cells = cells_of(np.array([0.2, 0.9, 0.5]), np.array([0, 0, 1]))
    assert scoring.brier(cells, level=0.95).value == pytest.approx(1.1 / 3, abs=1e-15)
    want = -(math.log(0.8) + math.log(0.1) + math.log(0.5)) / 3
    assert scoring.log_losses(cells).mean() == pytest.approx(want, abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_against_scikit_learn(seed):
    """Brier and log loss are scikit-learn's within 1e-12, zeros and ones included."""
    p, y = sample(seed)
    cells = cells_of(p, y)
    assert scoring.brier(cells, level=0.95).value == pytest.approx(
        brier_score_loss(y, p), abs=1e-12
    )
    assert scoring.log_losses(cells).mean() == pytest.approx(sklearn_log_loss(y, p), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_weighted_against_scikit_learn(seed):
    """The same with weights."""
    p, y = sample(seed)
    w = np.random.default_rng(seed).exponential(1.0, len(p))
    cells = cells_of(p, y, w)
    want = brier_score_loss(y, p, sample_weight=w)
    assert scoring.brier(cells, level=0.95).value == pytest.approx(want, abs=1e-12)
    want = sklearn_log_loss(y, p, sample_weight=w)
    assert scoring.log_losses(cells).mean() == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("clip", [2.220446049250313e-16, 1e-12, 1e-7, 0.01])
def test_clip(clip):
    """A clip at both ends, in float64, row by row."""
    p, y = sample(1)
    q = np.clip(p, clip, 1 - clip)
    want = -np.where(y == 1, np.log(q), np.log(1 - q)).mean()
    assert scoring.log_losses(cells_of(p, y), clip).mean() == pytest.approx(want, rel=1e-13)
    one_sided = -np.log(np.maximum(np.where(y == 1, p, 1 - p), clip)).mean()
    got = scoring.log_losses(cells_of(p, y), clip, both_ends=False).mean()
    assert got == pytest.approx(one_sided, rel=1e-13)


def test_infinite_losses_are_counted():
    """Without a clip the loss is infinite, and the rows that make it so are counted."""
    p, y = np.array([0.0, 0.0, 1.0, 0.4]), np.array([1, 0, 0, 1])
    losses = scoring.log_losses(cells_of(p, y), 0.0)
    assert losses.infinite == 2
    assert losses.mean() == math.inf
    estimate = scoring.log_loss(losses, clip=0.0, level=0.95)
    assert estimate.value is None
    assert estimate.reason is not None
    assert "2 rows" in estimate.reason
    weighted = scoring.log_losses(cells_of(p, y, np.array([0.0, 1.0, 0.0, 1.0])), 0.0)
    assert weighted.infinite == 0
    assert weighted.mean() == pytest.approx(-math.log(0.4) / 2)


@pytest.mark.parametrize("weighted", [False, True])
def test_interval(weighted):
    """The normal interval is that of a mean of losses, with Σw² for weights."""
    p, y = sample(2)
    w = np.random.default_rng(0).integers(1, 4, len(p)).astype(float)
    loss = (p - y) ** 2
    if not weighted:
        w = np.ones(len(p))
    mean = np.average(loss, weights=w)
    effective = w.sum() ** 2 / (w**2).sum()
    variance = (w**2 * (loss - mean) ** 2).sum() / w.sum() ** 2 * effective / (effective - 1)
    half = normal_quantile(0.95) * math.sqrt(variance)
    got = scoring.brier(cells_of(p, y, w if weighted else None), level=0.9)
    assert (got.low, got.high) == pytest.approx((mean - half, mean + half), rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_flip(seed):
    """Complementing scores and swapping labels leaves both scores unchanged."""
    p, y = sample(seed, 60)
    p = np.round(p, 6)
    a, b = cells_of(p, y), cells_of(1 - p, 1 - y)
    assert scoring.brier(a, level=0.95).value == pytest.approx(
        scoring.brier(b, level=0.95).value, abs=1e-14
    )
    assert scoring.log_losses(a).mean() == pytest.approx(scoring.log_losses(b).mean(), abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_integer_weights_are_repeated_rows(seed):
    """A weight of k counts as k equal rows."""
    p, y = sample(seed, 60)
    w = np.random.default_rng(seed).integers(0, 4, 60)
    w[0] = 1
    a, b = cells_of(p, y, w.astype(float)), cells_of(np.repeat(p, w), np.repeat(y, w))
    assert scoring.log_losses(a).mean() == pytest.approx(scoring.log_losses(b).mean(), abs=1e-12)
    assert scoring.worst_share(scoring.log_losses(a), 0.1) == pytest.approx(
        scoring.worst_share(scoring.log_losses(b), 0.1), abs=1e-12
    )


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.5])
def test_worst_share_against_sorted_rows(fraction):
    """The share of the worst rows is that of the sorted losses, the marginal row in part."""
    p, y = sample(4)
    q = np.clip(np.where(y == 1, p, 1 - p), EPS, 1 - EPS)
    loss = np.sort(-np.log(q))[::-1]
    whole = int(fraction * len(p))
    part = loss[:whole].sum() + (fraction * len(p) - whole) * loss[whole]
    got = scoring.worst_share(scoring.log_losses(cells_of(p, y)), fraction)
    assert got == pytest.approx(part / loss.sum(), rel=1e-12)


def test_worst_share_of_no_loss():
    """Where nothing is lost there is no share of it."""
    losses = scoring.log_losses(cells_of(np.array([0.0, 1.0]), np.array([0, 1])), 0.0)
    assert scoring.worst_share(losses) is None
