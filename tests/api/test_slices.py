"""Slices: one error rate for all of them, and no verdict on a few rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import calaudit
from calaudit.api.reports.slice_results import step_down
from calaudit.errors import InputError
from calaudit.metrics.normal import two_sided_p
from tests.api.simulated import binary, top_label


def test_one_slice_is_not_adjusted() -> None:
    """A single p-value stays as it is, and none are none."""
    assert step_down([0.03]) == pytest.approx([0.03], rel=1e-12)
    assert step_down([]) == []


def test_step_down_against_simulation() -> None:
    """Adjusted p-values are the shares of draws in which the smallest of those left is smaller."""
    p = [0.005, 0.27, 0.045, 0.76, 0.016]
    draws = np.random.default_rng(0).random((400_000, 5))
    order = np.argsort(p)
    highest, wanted = 0.0, np.empty(5)
    for step, i in enumerate(order):
        left = draws[:, order[step:]].min(axis=1)
        highest = max(highest, float(np.mean(left <= p[i])))
        wanted[i] = highest
    assert step_down(p) == pytest.approx(wanted.tolist(), abs=0.003)


def test_step_down_keeps_the_order_and_its_bounds() -> None:
    """Smaller p-values stay smaller, none shrinks, and all lie in [0, 1]."""
    p = np.array([1.0, 0.0, 1e-300, 0.04, 1.0, 0.039])
    adjusted = np.array(step_down(p.tolist()))
    assert ((adjusted >= p) & (adjusted <= 1)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert adjusted[2] == pytest.approx(5e-300, rel=1e-9)


def test_small_slices_get_figures_but_no_verdict() -> None:
    """Below 50 rows a slice is marked and does not count among those judged."""
    p, y = binary(1000, 1)
    group = np.where(np.arange(1000) < 49, "few", "many")
    report = calaudit.evaluate(y, p, by={"g": group})
    few = next(s for s in report.slices if s.value == "few")
    many = next(s for s in report.slices if s.value == "many")
    assert (few.small, few.status, few.p_value, few.rows) == (True, "unknown", None, 49)
    assert few.metrics["ece"].value is not None
    assert (many.small, many.status) == (False, "calibrated")
    assert many.p_value is not None
    assert [s.value for s in report.slices] == ["many", "few"]


def test_the_bad_slice_is_found() -> None:
    """Slices that are off are called so, first in their column, and the others are not."""
    confidence, right = top_label(6000, 2)
    group = np.arange(6000) % 6
    off = group == 4
    rng = np.random.default_rng(3)
    right[off] = rng.random(off.sum()) < confidence[off] - 0.15
    low = group == 2
    right[low] = rng.random(low.sum()) < np.minimum(confidence[low] + 0.1, 1)
    report = calaudit.evaluate(right, confidence, task="top-label", by={"g": group})
    status = {s.value: s.status for s in report.slices}
    assert status == {"4": "overconfident", "2": "underconfident", **dict.fromkeys(
        ("0", "1", "3", "5"), "calibrated")}  # fmt: skip
    assert {s.value for s in report.slices[:2]} == {"2", "4"}


def test_figures_of_a_slice_are_those_of_its_rows() -> None:
    """A slice has the plain figures that its rows have by themselves."""
    p, y = binary(900, 5)
    group = np.arange(900) % 3
    for s in calaudit.evaluate(y, p, by={"g": group}).slices:
        held = group == int(s.value)
        alone = calaudit.evaluate(y[held], p[held])
        for name, estimate in s.metrics.items():
            assert estimate.value == pytest.approx(alone.metrics[name].value, rel=1e-12), name


@pytest.mark.parametrize("bins", [None, "equal-mass:8", "10"])
def test_bins_of_a_slice_are_those_of_its_rows(bins: str | None) -> None:
    """A slice has the filled bins that its rows have by themselves, without bands."""
    p, y = binary(900, 5)
    group = np.arange(900) % 3
    for s in calaudit.evaluate(y, p, by={"g": group}, bins=bins).slices:
        held = group == int(s.value)
        alone = calaudit.evaluate(y[held], p[held], bins=bins).bins
        want = [replace(b, band_low=None, band_high=None) for b in alone if b.rows]
        assert list(s.bins) == want


def test_bins_of_stated_scores() -> None:
    """Where the report shows every score, its slices do, too."""
    _, y = binary(600, 5)
    p = np.array([0.1, 0.5, 0.9])[np.arange(600) % 3]
    report = calaudit.evaluate(y, p, by={"g": np.arange(600) // 300})
    assert report.settings["bins_shown"] == "distinct"
    assert [[b.lower for b in s.bins] for s in report.slices] == [[0.1, 0.5, 0.9]] * 2


def test_bins_of_the_first_slices_only() -> None:
    """The first 12 that are not small have bins: what small multiples can show."""
    p, y = binary(4000, 5)
    group = np.where(np.arange(4000) < 30, 99, np.arange(4000) % 20)
    report = calaudit.evaluate(y, p, by={"g": group})
    assert [bool(s.bins) for s in report.slices] == [True] * 12 + [False] * 9
    assert report.slices[-1].small


def test_slices_without_weight() -> None:
    """Rows of weight 0 are no evidence: a slice of them is not listed, and a note says so."""
    p, y = binary(300, 6)
    group = np.arange(300) % 3
    report = calaudit.evaluate(y, p, sample_weight=(group != 1).astype(float), by={"g": group})
    assert [s.value for s in sorted(report.slices, key=lambda s: s.value)] == ["0", "2"]
    assert report.metrics["n"].value == 200
    assert "weightless-rows" in {note.code for note in report.notes}


def test_missing_values_are_a_slice() -> None:
    """Rows without a value are not lost."""
    p, y = binary(120, 7)
    group = np.array(["a", None, "b"] * 40, dtype=object)
    report = calaudit.evaluate(y, p, by={"g": group})
    assert {s.value: s.rows for s in report.slices} == {"a": 40, "b": 40, "(missing)": 40}


def test_too_many_slices_are_refused() -> None:
    """A column of ids is no slice column."""
    p, y = binary(1500, 8)
    with pytest.raises(InputError, match="more than 1000 distinct values"):
        calaudit.evaluate(y, p, by={"key": np.arange(1500)})


def family_wise(families: int, rows: int) -> float:
    """Return how often any of 129 overlapping slices of calibrated rows is called off.

    Each family has 43 columns of three values drawn independently, so that every row is in 43
    slices. The p-values are those of mean gaps, to save the other figures.
    """
    rng = np.random.default_rng(11)
    calls = 0
    for _ in range(families):
        p = rng.beta(2, 2, rows)
        residual = (rng.random(rows) < p) - p
        found: list[float] = []
        for _ in range(43):
            group = rng.integers(0, 3, rows)
            z = np.bincount(group, residual, 3) / np.sqrt(np.bincount(group, p * (1 - p), 3))
            found += [two_sided_p(float(one)) for one in z]
        calls += min(step_down(found)) <= 0.05
    return calls / families


def test_many_overlapping_slices() -> None:
    """Of 129 overlapping slices of a calibrated model hardly ever is one called off."""
    assert family_wise(300, 1500) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.slow
def test_many_overlapping_slices_end_to_end() -> None:
    """The same through evaluate: false calls in at most 5 % of data sets, and 2 standard errors."""
    families, calls = 20, 0
    for seed in range(families):
        p, y = binary(1500, 1000 + seed)
        rng = np.random.default_rng(seed)
        by = {f"c{i}": rng.integers(0, 3, 1500) for i in range(43)}
        slices = calaudit.evaluate(y, p, by=by).slices
        assert len(slices) == 129
        calls += any(s.status not in ("calibrated", "unknown") for s in slices)
    assert calls / families <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / families)
