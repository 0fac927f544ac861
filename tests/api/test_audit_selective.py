"""Selective automation from a table that was read, against the rows themselves."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

import calaudit
from calaudit.api.audits.acceptances import LIMITS, confidence_table
from calaudit.errors import NotEnoughData
from calaudit.tables.builder import TableBuilder
from calaudit.tables.keys import keys_of
from calaudit.tables.score_table import ScoreTable, floor_to
from tests.api.simulated import binary, multiclass, top_label

N = 6000


def test_the_table_of_confidences_is_that_of_the_rows() -> None:
    """Folded about one half, an exact table has a cell for every max(p, 1 − p).

    In float64 1 − 0.43 is a bit above 0.57, and both are one confidence, from the lower on.
    """
    rng = np.random.default_rng(2)
    p = np.round(rng.beta(0.4, 0.6, N), 2)
    y = (rng.random(N) < p).astype(np.uint8)
    folded = confidence_table(ScoreTable.of(p, y), binary=True)
    sure, right = np.maximum(p, 1.0 - p), (p >= 0.5) == (y == 1)
    whole, at = np.unique(np.rint(sure * 100).astype(int), return_inverse=True)
    lowest = np.array([sure[at == i].min() for i in range(len(whole))])
    assert len(whole) < len(np.unique(sure))
    assert np.array_equal(folded.starts, keys_of(lowest))
    assert np.array_equal(folded.counts, [np.bincount(at, ~right), np.bincount(at, right)])


def test_a_compressed_table_keeps_its_edges() -> None:
    """Folded cells are those of the same edges on either side of one half, rows and all."""
    rng = np.random.default_rng(2)
    p = rng.beta(0.4, 0.6, N)
    p[:5], p[5:9] = 0.0, 1.0
    y = (rng.random(N) < p).astype(np.uint8)
    table = ScoreTable.of(p, y, cap=300)
    folded = confidence_table(table, binary=True)
    sure, right = np.maximum(p, 1.0 - p), (p >= 0.5) == (y == 1)
    assert not table.exact
    assert np.array_equal(folded.starts, np.unique(floor_to(keys_of(sure), table.level)))
    above = [keys_of(sure) >= start for start in folded.starts]
    for label, kind in ((0, ~right), (1, right)):
        reached = folded.counts[label][::-1].cumsum()[::-1]
        assert reached.tolist() == [int((kind & chosen).sum()) for chosen in above]


def test_certainties_that_float64_cannot_tell_are_one() -> None:
    """Tails of 1e-20 and 1e-30 are both a probability of 1, and in one cell."""
    table = TableBuilder()
    q, above = np.array([1e-20, 1e-30, 1e-3]), np.array([True, True, True])
    table.add_tails(q, above, np.array([1, 0, 1], np.uint8))
    folded = confidence_table(table.table(), binary=False)
    assert folded.counts.tolist() == [[0, 1], [1, 1]]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_limits_hold_as_they_say(task: str) -> None:
    """Coverage and errors are those of the rows from the cutoff on, and a binomial test passes."""
    fit = np.arange(N) < N / 2
    if task == "binary":
        scores, y = binary(N, slope=2.0)
        found = calaudit.audit(y, scores, split=fit)
    else:
        scores, _, y = multiclass(N, temperature=0.5)
        found = calaudit.audit(y, scores, split=fit, scale="logit")
    assert found.selective is not None
    calibrator = calaudit.load_calibrator(json.dumps(found.calibrator))
    p, truth = calibrator.apply(scores[~fit]), y[~fit]
    if task == "binary":
        sure, right = np.maximum(p, 1.0 - p), (p >= 0.5) == (truth == 1)
    else:
        sure, right = p.max(axis=1), p.argmax(axis=1) == truth
    assert [a.max_error for a in found.selective.acceptances] == list(LIMITS)
    some = [a for a in found.selective.acceptances if a.cutoff is not None]
    assert some
    for acceptance in some:
        accepted = sure >= acceptance.cutoff
        wrong, n = int((~right[accepted]).sum()), int(accepted.sum())
        assert acceptance.coverage.value == pytest.approx(n / len(sure), abs=1e-12)
        assert acceptance.error.value == pytest.approx(wrong / n, abs=1e-12)
        assert binom.cdf(wrong, n, acceptance.max_error) <= 0.05
    coverages = [a.coverage.value or 0.0 for a in found.selective.acceptances]
    assert coverages == sorted(coverages)
    for acceptance in found.selective.acceptances:
        assert (acceptance.cutoff is None) == bool(acceptance.reason)


@pytest.mark.parametrize("task", ["top-label", "multiclass"])
def test_an_audit_promises_what_threshold_promises(task: str) -> None:
    """On the same rows and scores each limit has one cutoff, or is refused by both."""
    if task == "top-label":
        scores, y = top_label(N, gap=0.02)
        how: dict[str, Any] = {"task": "top-label"}
    else:
        scores, _, y = multiclass(N, temperature=0.5)
        how = {"scale": "logit"}
    fit = np.arange(N) < N / 2
    found = calaudit.audit(y, scores, split=fit, **how)
    assert found.selective is not None
    used = None
    if found.after is not None:
        used = calaudit.load_calibrator(json.dumps(found.calibrator))
    promised = []
    for acceptance in found.selective.acceptances:
        limit = acceptance.max_error
        try:
            same = calaudit.threshold(
                y[~fit], scores[~fit], max_error=limit, calibrator=used, **how
            )
        except NotEnoughData:
            assert acceptance.cutoff is None
            continue
        assert same.recommended is not None
        assert acceptance.cutoff == pytest.approx(same.recommended.act_from, rel=1e-9)
        assert acceptance.coverage == same.recommended.rates["act_share"]
        promised.append(limit)
    assert 0 < len(promised) < len(LIMITS)


def test_the_area_is_the_mean_risk_over_all_rows() -> None:
    """AURC is the mean, over the rows in the order of confidence, of the share that is wrong."""
    rng = np.random.default_rng(4)
    p = rng.permutation(np.linspace(0.001, 0.999, 2000))
    y = (rng.random(2000) < 0.5 + 0.8 * (p - 0.5)).astype(int)
    fit = np.arange(2000) < 1000
    found = calaudit.audit(y, p, split=fit, method="identity")
    assert found.selective is not None
    sure, right = np.maximum(p, 1 - p)[~fit], ((p >= 0.5) == (y == 1))[~fit]
    order = np.argsort(-sure, kind="stable")
    wrong = np.cumsum(~right[order])
    area = float((wrong / np.arange(1, 1001)).mean())
    assert found.selective.aurc.value == pytest.approx(area, rel=0.02)
    assert found.selective.curve[-1].coverage == 1.0
    assert found.selective.curve[-1].risk == pytest.approx((~right).mean())


def test_weights_that_are_no_counts_promise_nothing() -> None:
    """Weighted rows show what they keep themselves; counted rows keep their guarantee."""
    p, y = binary(N, slope=1.0)
    weight = np.repeat([1.0, 2.0, 3.0], N // 3)
    loose = calaudit.audit(y, p, sample_weight=weight * 0.5, method="identity").selective
    sure = calaudit.audit(
        y, p, sample_weight=weight, weight_kind="frequency", method="identity",
        split=np.arange(len(y)) % 2 == 0,
    ).selective  # fmt: skip
    assert loose is not None
    assert sure is not None
    assert {a.guarantee for a in loose.acceptances} == {None}
    assert {a.guarantee for a in sure.acceptances} == {0.95}
    for acceptance in loose.acceptances:
        if acceptance.cutoff is not None:
            assert acceptance.error.value is not None
            assert acceptance.error.value <= acceptance.max_error + 1e-9


def test_rounding_of_a_calibrator_divides_no_ties() -> None:
    """0.05 and 0.95 stand for one confidence after a temperature as before it.

    Of the 400 rows at 0.05 there are 6 wrong and of those at 0.95 101: together 13.4 %, so that no
    cutoff keeps 10 %, though one that took the first alone would.
    """
    scores, labels = [], []
    for score, ones in ((0.05, 6), (0.95, 299), (0.2, 80), (0.8, 300), (0.4, 160), (0.6, 240)):
        scores += [score] * 400
        labels += [1] * ones + [0] * (400 - ones)
    p, y = np.array(scores * 2), np.array(labels * 2)
    fitted = np.arange(len(p)) < len(p) // 2
    found = calaudit.audit(y, p, split=fitted, method="temperature")
    assert found.after is not None
    assert found.selective is not None
    plain = calaudit.audit(y, p, split=fitted, method="identity").selective
    assert plain is not None
    assert found.selective.aurc.value == pytest.approx(plain.aurc.value, rel=1e-12)
    assert [a.cutoff is None for a in found.selective.acceptances if a.max_error <= 0.1] == [
        True
    ] * 5
