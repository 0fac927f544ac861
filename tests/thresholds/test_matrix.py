"""Decisions under a cost matrix against a loop over the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from calaudit.thresholds.matrix import CostMatrix, MatrixSums

CLASSES = ("a", "b", "c")


def rows(seed: int, n: int = 60) -> tuple[Any, Any, Any]:
    """Return probabilities, classes and weights of rows."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([0.7, 0.7, 0.7], n)
    truth = np.array([rng.choice(3, p=row) for row in p], np.int64)
    return p, truth, rng.integers(1, 5, n).astype(float)


def sums_of(matrix: CostMatrix, p: Any, truth: Any, w: Any) -> MatrixSums:
    """Return the sums of rows."""
    sums = MatrixSums(matrix)
    sums.add(p, p.argmax(axis=1), truth, w)
    return sums


MATRICES = st.builds(
    lambda seed, decisions: CostMatrix(
        np.random.default_rng(seed).integers(0, 9, (3, len(decisions))).astype(np.float64),
        CLASSES,
        decisions,
    ),
    st.integers(0, 10**6),
    st.sampled_from([("a", "b", "c"), ("c", "ask", "a", "b"), ("hold", "release")]),
)


@settings(max_examples=100, deadline=None)
@given(MATRICES, st.integers(0, 10**6), st.booleans())
def test_loop(matrix: CostMatrix, seed: int, weighted: bool) -> None:
    """Counts, costs, promised costs and the saving are those of a loop over the rows."""
    p, truth, w = rows(seed)
    each = w if weighted else np.ones(len(truth))
    cost = matrix.cost
    paid: dict[str, list[float]] = {"cheapest": [], "top": []}
    promised = {"cheapest": 0.0, "top": 0.0}
    counts = np.zeros((2, *cost.shape))
    for row, k, weight in zip(p, truth, each, strict=True):
        expected = [sum(row[j] * cost[j, d] for j in range(3)) for d in range(cost.shape[1])]
        choices = {"cheapest": min(range(len(expected)), key=expected.__getitem__)}
        if "a" in matrix.decisions:
            choices["top"] = matrix.decisions.index(CLASSES[int(row.argmax())])
        for i, (rule, d) in enumerate(choices.items()):
            paid[rule].append(cost[k, d])
            promised[rule] += weight * expected[d]
            counts[i, k, d] += weight
    sums = sums_of(matrix, p, truth, w if weighted else None)
    assert_allclose(sums.w, counts)
    for i, rule in enumerate(paid):
        if paid[rule]:
            mean = 1000 * np.average(paid[rule], weights=each)
            assert sums.cost(i, 0.95).value == pytest.approx(mean, rel=1e-12, abs=1e-9)
            assert sums.promised[i] == pytest.approx(promised[rule])
    saving = sums.saving(0.95)
    if not paid["top"]:
        assert saving.value is None
        return
    d = np.array(paid["top"]) - np.array(paid["cheapest"])
    mean = np.average(d, weights=each)
    error = np.sqrt((each**2 * (d - mean) ** 2).sum()) / each.sum()
    assert (saving.value, saving.high) == pytest.approx(
        (1000 * mean, 1000 * (mean + 1.959964 * error)), rel=1e-6, abs=1e-9
    )


@settings(max_examples=50, deadline=None)
@given(MATRICES, st.integers(0, 10**6), st.integers(0, 60))
def test_parts_add_up(matrix: CostMatrix, seed: int, at: int) -> None:
    """The sums of two parts are those of the whole."""
    p, truth, w = rows(seed)
    whole = sums_of(matrix, p, truth, w)
    both = sums_of(matrix, p[:at], truth[:at], w[:at]).merge(
        sums_of(matrix, p[at:], truth[at:], w[at:])
    )
    for name in ("w", "w2", "promised", "difference"):
        assert_allclose(getattr(both, name), getattr(whole, name), rtol=1e-12, atol=1e-9)
    assert both.total == whole.total == w.sum()


def test_frequency_is_expansion() -> None:
    """Rows that stand for several have the intervals of so many rows."""
    p, truth, w = rows(3)
    matrix = CostMatrix(
        np.random.default_rng(3).integers(0, 9, (3, 3)).astype(float), CLASSES, CLASSES
    )
    counted = MatrixSums(matrix, frequency=True)
    counted.add(p, p.argmax(axis=1), truth, w)
    again = np.repeat(np.arange(len(w)), w.astype(int))
    expanded = sums_of(matrix, p[again], truth[again], None)
    for rule in (0, 1):
        one, two = counted.cost(rule, 0.95), expanded.cost(rule, 0.95)
        assert (one.low, one.high) == pytest.approx((two.low, two.high), rel=1e-12)
    one, two = counted.saving(0.95), expanded.saving(0.95)
    assert (one.low, one.high) == pytest.approx((two.low, two.high), rel=1e-9)


def test_single_by_hand() -> None:
    """Of 6 a, 3 b and 1 c, asking always costs 2 each; its interval is a point."""
    cost = np.array([[0.0, 4, 9, 2], [4, 0, 9, 2], [9, 9, 0, 2]])
    matrix = CostMatrix(cost, CLASSES, (*CLASSES, "ask"))
    truth = np.repeat([0, 1, 2], [6, 3, 1])
    sums = sums_of(matrix, np.eye(3)[truth], truth, None)
    best, w, estimate = sums.single(0.95)
    # Always a costs 3·4 + 9 = 21, always b 6·4 + 9 = 33, always c 81, to ask 20.
    assert matrix.decisions[best] == "ask"
    assert_allclose(w[:, 3], [6, 3, 1])
    assert (estimate.value, estimate.low, estimate.high) == (2000.0, 2000.0, 2000.0)
    assert sums.cost(0, 0.95).value == 0.0
    assert matrix.own is not None
    assert matrix.own.tolist() == [0, 1, 2]


def test_calibrated_probabilities_keep_their_promise() -> None:
    """On many rows drawn from the probabilities the cost is the promised one, and the smallest."""
    p, truth, _ = rows(1, 20_000)
    cost = np.array([[0.0, 4, 9, 2], [4, 0, 9, 2], [9, 9, 0, 2]])
    sums = sums_of(CostMatrix(cost, CLASSES, (*CLASSES, "ask")), p, truth, None)
    found: Any = sums.cost(0, 0.999)
    others: list[Any] = [sums.cost(1, 0.95).value, sums.single(0.95)[2].value]
    saving: Any = sums.saving(0.95)
    assert found.low <= 1000 * sums.promised[0] / 20_000 <= found.high
    assert found.value < min(others)
    assert saving.low > 0
