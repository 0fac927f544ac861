"""Evidence and running means of batches, against raw rows."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logit

from calaudit.metrics.batch_means import running_means
from calaudit.metrics.evidence import Evidence, log_ratio
from calaudit.tables.binning import equal_width
from calaudit.tables.score_table import CAP, ScoreTable

CUTS = equal_width(10).cuts


def drawn(rng, rows, turn=0.0):
    """Return scores on a grid of which each has a cell, and labels of a map that is turned."""
    p = rng.choice(np.array([0.02, 0.07, 0.13, 0.25, 0.38, 0.5, 0.62, 0.71, 0.86, 0.97]), rows)
    return p, (rng.random(rows) < expit(logit(p) + turn)).astype(np.uint8)


def naive(batches, tolerance):
    """Return the log of the evidence after each batch, from raw rows."""
    e, found = np.zeros(4), []
    for t, (p, y) in enumerate(batches):
        if t:
            for k, (begin, line) in enumerate([(0, 1), (0, 0), (t - 10, 1), (t - 10, 0)]):
                rows = batches[max(begin, 0) : t]
                x, u = (np.concatenate(each) for each in zip(*rows, strict=True))
                q = platt(x, u, p) if line else shifted(x, u, p)
                near = np.clip(q, np.maximum(p - tolerance, 0), np.minimum(p + tolerance, 1))
                e[k] += np.log(np.where(y == 1, q / near, (1 - q) / (1 - near))).sum()
        found.append(np.log(np.exp(e).mean()))
    return np.array(found)


def platt(x, u, p):
    """Return the scores of a logistic regression with a ridge of 10 to the identity."""

    def loss(beta):
        s = beta[0] + beta[1] * logit(x)
        return -(u * np.log(expit(s)) + (1 - u) * np.log(expit(-s))).sum() + 5 * (
            beta[0] ** 2 + (beta[1] - 1) ** 2
        )

    a, b = minimize(loss, [0.0, 1.0], method="BFGS", options={"gtol": 1e-7}).x
    return expit(a + b * logit(p))


def shifted(x, u, p):
    """Return the scores with the logit of each of ten bins shifted."""
    of = [np.ceil(each * 10).astype(int) for each in (x, p)]
    shift = {
        b: (u - x)[of[0] == b].sum() / ((x * (1 - x))[of[0] == b].sum() + 4) for b in range(1, 11)
    }
    return expit(logit(p) + np.array([shift[b] for b in of[1]]))


@pytest.mark.parametrize("tolerance", [0.0, 0.02])
def test_evidence_is_that_of_raw_rows(tolerance):
    """Sixteen batches, of which the ring lets six go."""
    rng = np.random.default_rng(3)
    batches = [drawn(rng, 150, 0.25) for _ in range(16)]
    state, found = Evidence(), []
    for p, y in batches:
        state = state.after(ScoreTable.of(p, y, cuts=CUTS), tolerance)
        found.append(state.log)
    assert found[0] == 0.0
    assert found == pytest.approx(naive(batches, tolerance), abs=2e-5)
    assert found[-1] > 1


def _recapped(table):
    """Return a table that merges with those of the usual cap."""
    return replace(table, cap=CAP)


def test_finer_tables_give_the_same_evidence():
    """However scores were counted, evidence is the same to the last bit."""
    rng = np.random.default_rng(4)
    p = rng.random((3, 4000))
    y = (rng.random((3, 4000)) < p**1.2).astype(np.uint8)
    states = []
    for cap in (1 << 17, 3000):
        state = Evidence()
        for scores, labels in zip(p, y, strict=True):
            state = state.after(_recapped(ScoreTable.of(scores, labels, cuts=CUTS, cap=cap)), 0.02)
        states.append(state.logs)
    assert states[0] == states[1]


def test_the_ratio_has_a_mean_of_at_most_one_within_the_tolerance():
    """At both edges of the null, at any score and for any that was learnt."""
    z, s = (x.ravel() for x in np.meshgrid(np.linspace(-6, 6, 41), np.linspace(-7, 7, 51)))
    for tolerance in (0.0, 0.02):
        zero, one = np.exp(log_ratio(z, s, tolerance))
        for edge in (-tolerance, tolerance):
            truth = np.clip(expit(z) + edge, 0, 1)
            assert (truth * one + (1 - truth) * zero).max() <= 1 + 1e-9


def test_a_certain_score_that_is_wrong_is_bounded_by_the_tolerance():
    """A score of 0 with y = 1: finite evidence, and counted where the tolerance is 0."""
    p, y = np.array([0.0, 1.0, 0.5] * 20), np.array([0, 1, 0] * 19 + [1, 0, 1], np.uint8)
    for tolerance, clipped in ((0.0, 80), (0.02, 0)):
        state = Evidence()
        for _ in range(2):
            state = state.after(ScoreTable.of(p, y, cuts=CUTS), tolerance)
        assert np.isfinite(state.logs).all()
        assert state.clipped == clipped
    assert np.abs(log_ratio(np.array([-27.0]), np.array([3.0]), 0.02)[1]) < np.log(1 / 0.02)


def test_running_means_by_hand():
    """The limits of the formula, from the tenth batch of a band on."""
    rng = np.random.default_rng(5)
    means = rng.normal(0.1, 0.02, (14, 3))
    means[2, 1] = np.nan
    found = running_means(means, 0.05)
    t, eta = 14, 1 / 15
    want = means[:, 0].std(ddof=1) * np.sqrt(
        (t * eta + 1) / (t**2 * eta) * 2 * np.log(np.sqrt(t * eta + 1) / (0.05 / 3))
    )
    assert found.half[-1, 0] == pytest.approx(want, abs=1e-12)
    assert found.mean[-1] == pytest.approx(np.nanmean(means, axis=0), abs=1e-12)
    assert np.isfinite(found.half).sum(axis=0).tolist() == [5, 4, 5]
    assert found.beyond(0.02).argmax() == 9
    assert not found.beyond(0.2).any()
