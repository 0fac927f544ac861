"""Classwise ECE from streamed sums, against one class at a time from its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from calaudit.metrics import calibration_error as binned
from calaudit.metrics.classwise import classwise_ece, ece_by_class
from calaudit.predictions.chunk import Chunk
from calaudit.tables import SummaryBuilder
from calaudit.tables.binning import equal_width
from calaudit.tables.multiclass import ClassSums
from tests.metrics.tables import widths


def sample(n: int = 800, k: int = 4) -> tuple[Any, Any]:
    """Return probabilities with exact zeros, and labels drawn from something like them."""
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.full(k, 0.3), n)
    p[p < 1e-3] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    y = np.array([rng.choice(k, p=0.8 * row + 0.2 / k) for row in p])
    return p, y


def sums_of(p: Any, y: Any, w: Any = None) -> ClassSums:
    """Return the streamed sums."""
    builder = SummaryBuilder(
        "multiclass", "probability", n_classes=p.shape[1], binning=equal_width(15)
    )
    for part in np.array_split(np.arange(len(p)), 3):
        builder.add(Chunk(p[part], y[part], None if w is None else w[part]))
    sums = builder.summary().classes
    assert sums is not None
    return sums


def test_by_hand():
    """Two rows of two classes: class 0 has gaps .7 − 1 and .4 − 0, class 1 their mirror."""
    p, y = np.array([[0.7, 0.3], [0.4, 0.6]]), np.array([0, 1])
    assert ece_by_class(sums_of(p, y)) == pytest.approx([0.35, 0.35])


@pytest.mark.parametrize("weighted", [False, True])
def test_each_class_against_the_rest(weighted):
    """The ECE of a class is that of its probability as a binary score."""
    p, y = sample()
    w = np.random.default_rng(0).exponential(1.0, len(y)) if weighted else None
    want = [
        binned.ece_value(widths(np.ascontiguousarray(p[:, k]), (y == k).astype(int), w))
        for k in range(4)
    ]
    np.testing.assert_allclose(ece_by_class(sums_of(p, y, w)), want, atol=1e-12)


def test_many_classes_all_unlikely():
    """Where every probability is in the first bin, that bin holds all of them."""
    p = np.full((60, 30), 1 / 30)
    y = np.arange(60) % 30
    np.testing.assert_allclose(ece_by_class(sums_of(p, y)), 0.0, atol=1e-15)
    assert sums_of(p, y).w[:, 0].tolist() == [60.0] * 30


def test_interval_and_floor():
    """The floor is the mean of the classes' floors, and the interval holds the unbiased point."""
    p, y = sample()
    got = classwise_ece(sums_of(p, y), level=0.95, rng=np.random.default_rng(1))
    floors = [
        binned.noise_floor(widths(np.ascontiguousarray(p[:, k]), (y == k).astype(int))).value or 0.0
        for k in range(4)
    ]
    assert got.noise_floor == pytest.approx(np.mean(floors), rel=1e-9)
    assert got.low is not None
    assert got.high is not None
    assert got.unbiased is not None
    assert got.value is not None
    assert got.low <= got.unbiased <= got.high
    assert got.unbiased <= got.value


@pytest.mark.parametrize("weighted", [False, True])
def test_brier(weighted):
    """The Brier score is the full sum over classes, and its error that of a mean."""
    p, y = sample()
    w = np.random.default_rng(0).exponential(1.0, len(y)) if weighted else np.ones(len(y))
    loss = ((p - np.eye(4)[y]) ** 2).sum(axis=1)
    mean, error = sums_of(p, y, w if weighted else None).brier_moments()
    want = np.average(loss, weights=w)
    effective = w.sum() ** 2 / (w**2).sum()
    variance = (w**2 * (loss - want) ** 2).sum() / w.sum() ** 2 * effective / (effective - 1)
    assert mean == pytest.approx(want, abs=1e-12)
    assert error == pytest.approx(np.sqrt(variance), rel=1e-8)
