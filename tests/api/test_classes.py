"""Each class of a multiclass report against the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import calaudit
from calaudit.api.reports.class_results import LISTED
from calaudit.api.reports.reliability_bins import DRAWN, SMALL_BINS
from calaudit.metrics.normal import wilson
from tests.api.simulated import multiclass


def weights(n: int, kind: str | None) -> dict[str, Any]:
    """Return the arguments for weighted rows, or for rows without weights."""
    if kind is None:
        return {}
    w = np.random.default_rng(n).integers(0, 5, n)
    return {"sample_weight": w, "weight_kind": kind}


@pytest.mark.parametrize("kind", [None, "importance", "frequency"])
def test_the_mean_is_the_classwise_ece(kind: str | None) -> None:
    """The mean of the ECE of all classes is classwise_ece of the report."""
    _, p, y = multiclass(1500, 7, temperature=2.0)
    report = calaudit.evaluate(y, p, **weights(1500, kind))
    assert len(report.by_class) == 7
    mean = np.mean([c.ece.value for c in report.by_class])
    assert mean == pytest.approx(report.metrics["classwise_ece"].value, rel=1e-9)


@pytest.mark.parametrize("kind", [None, "importance", "frequency"])
def test_a_class_is_a_binary_score(kind: str | None) -> None:
    """Figures and bins of a class are those of its probability as a binary score."""
    _, p, y = multiclass(1500, 5, temperature=2.0)
    more = weights(1500, kind)
    report = calaudit.evaluate(y, p, **more)
    for c in report.by_class:
        k = int(c.name)
        alone = calaudit.evaluate((y == k).astype(int), p[:, k], bins=15, **more)
        assert c.mean_score == pytest.approx(alone.metrics["mean_score"].value, rel=1e-9)
        assert c.observed == pytest.approx(alone.metrics["base_rate"].value, rel=1e-9)
        assert c.weight == pytest.approx(sum(b.ones for b in alone.histogram), rel=1e-9)
        ece = alone.metrics["ece"]
        assert c.ece.value == pytest.approx(ece.value, rel=1e-9)
        assert c.ece.noise_floor == pytest.approx(ece.noise_floor, rel=1e-9)
        # The interval comes from other draws of the same sums.
        assert c.ece.high == pytest.approx(ece.high, rel=0.1)
        for got, want in zip(c.bins, [b for b in alone.bins if b.rows], strict=True):
            assert (got.lower, got.upper, got.rows) == (want.lower, want.upper, want.rows)
            for name in ("weight", "mean_score", "observed", "low", "high"):
                assert getattr(got, name) == pytest.approx(getattr(want, name), abs=1e-9), name
            assert (got.band_low, got.band_high) == (None, None)


def test_the_worst_first() -> None:
    """A class whose probability is off comes first, before larger ones that are not."""
    _, p, y = multiclass(4000, 6)
    y[(y == 3) & (np.random.default_rng(0).random(4000) < 0.6)] = 2
    report = calaudit.evaluate(y, p)
    assert {c.name for c in report.by_class[:2]} == {"2", "3"}
    excess = [(c.ece.value or 0) - (c.ece.noise_floor or 0) for c in report.by_class]
    assert excess == sorted(excess, reverse=True)


def test_many_classes() -> None:
    """Of many classes 50 are listed and the first 12 drawn; all are counted."""
    _, p, y = multiclass(3000, 80)
    report = calaudit.evaluate(y, p)
    assert (len(report.classes), len(report.by_class)) == (80, LISTED)
    assert [bool(c.bins) for c in report.by_class] == [True] * DRAWN + [False] * (LISTED - DRAWN)
    assert all(c.ece.low is not None for c in report.by_class)


def test_a_class_that_never_occurs() -> None:
    """A class without rows has an observed share of 0 and still an error."""
    _, p, y = multiclass(600, 4)
    y[y == 1] = 0
    c = next(c for c in calaudit.evaluate(y, p).by_class if c.name == "1")
    assert (c.weight, c.observed) == (0.0, 0.0)
    assert c.ece.value == pytest.approx(p[:, 1].mean(), rel=1e-9)


def test_certain_predictions() -> None:
    """Where every probability is 0 or 1 there is no chance in it, and no interval fails."""
    y = np.arange(90) % 3
    report = calaudit.evaluate((y + (np.arange(90) < 9)) % 3, np.eye(3)[y])
    assert all(0 <= (c.ece.value or 0) <= 0.2 for c in report.by_class)
    assert report.to_json()


def test_many_bins_are_joined() -> None:
    """However many bins the report has, those of a class are few, and hold the same rows."""
    _, p, y = multiclass(2000, 3)
    report = calaudit.evaluate(y, p, bins=1000)
    for c in report.by_class:
        assert len(c.bins) <= SMALL_BINS
        k = int(c.name)
        inner = np.array([b.upper for b in c.bins[:-1]])
        place = np.searchsorted(inner, p[:, k], side="left")
        assert [b.rows for b in c.bins] == np.bincount(place, minlength=len(c.bins)).tolist()
        rate = np.bincount(place, y == k) / np.bincount(place)
        low, high = wilson(rate, np.bincount(place).astype(float), 0.95)
        assert [b.low for b in c.bins] == pytest.approx(low.tolist(), abs=1e-9)
        assert [b.high for b in c.bins] == pytest.approx(high.tolist(), abs=1e-9)


def test_other_tasks_have_none() -> None:
    """Binary scores have no classes to compare."""
    assert calaudit.evaluate([0, 1] * 30, [0.2, 0.7] * 30).by_class == ()
