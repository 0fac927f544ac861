"""Binning conventions against per-row code written from each rule, edges included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calaudit.errors import SettingsError
from calaudit.metrics.bins import bin_sums, equal_mass, residuals_of
from calaudit.metrics.calibration_error import ece, ece_value, noise_floor, rmsce
from calaudit.options.choices import CONVENTIONS
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width
from calaudit.tables.keys import keys_of
from tests.naive import ece_of_groups, groups_of_quantiles

Answer = tuple[list[int], int | None]


def bin_of_row(p: float, bins: int, convention: str) -> int:
    """Return the bin of one score by the words of the convention; -1 where it has none."""
    edges = np.linspace(0.0, 1.0, bins if convention == "mapie" else bins + 1)
    count = len(edges) - 1
    if convention in ("left", "netcal"):
        return min(sum(bool(p >= edge) for edge in edges[1:]), count - 1)
    if convention == "torchmetrics":
        return sum(bool(p >= edge) for edge in torch_like_edges(bins, np.float64)[1:])
    if p == 0.0 and convention in ("guo", "calzone"):
        return -1
    if convention == "mapie":
        return 0 if p == 0.0 else 1 + sum(bool(p > edge) for edge in edges[1:])
    return sum(bool(p > edge) for edge in edges[1:])


def torch_like_edges(bins: int, kind: Any) -> list[float]:
    """Return the edges of torch.linspace in long arithmetic: i·step, or 1 − (bins − i)·step."""
    step = int(float(kind(1) / kind(bins)) * 2.0**80)  # exact: a power of two times the step
    edges = []
    for i in range(bins + 1):
        whole = step * i if i < (bins + 1) // 2 else 2**80 - step * (bins - i)
        edges.append(float(kind(whole / 2**80)))
    return edges


def naive_ece(p: Any, y: Any, bins: int, convention: str) -> float:
    """Return the ECE of a convention, row by row."""
    group = np.array([bin_of_row(score, bins, convention) for score in p])
    n = float((group >= 0).sum() if convention == "calzone" else len(p))
    return ece_of_groups(p, y, group, n=n)


def our_ece(p: Any, y: Any, bins: int, convention: str, dtype: str = "float64") -> float:
    """Return the ECE of a convention from a table that was cut for it."""
    binning = equal_width(bins, convention, dtype)
    cells = ScoreTable.of(p, y, cuts=binning.cuts).cells()
    return ece_value(bin_sums(cells, residuals_of(cells), binning))


def edge_scores(bins: int) -> Any:
    """Return every edge of the bins, its neighbours in floating point, and the same in float32."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    near = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, 1)])
    single = edges.astype(np.float32)
    wide = np.concatenate([single, np.nextafter(single, np.float32(0)), [np.float32(0.3)]])
    return np.clip(np.concatenate([near, wide.astype(np.float64)]), 0.0, 1.0)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("bins", [2, 3, 7, 10, 15, 20, 50])
def test_scores_on_edges(convention, bins):
    """Each score on an edge, or a bit beside it, falls where the convention says."""
    p = edge_scores(bins)
    binning = equal_width(bins, convention)
    got = binning.bin_of(keys_of(p))
    want = [bin_of_row(score, bins, convention) for score in p]
    assert got.tolist() == want


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("kind", ["two decimals", "float32", "edges", "saturated"])
def test_ece_of_each_convention(convention, kind):
    """The ECE of a table equals that of a loop over rows, whatever the convention."""
    rng = np.random.default_rng(4)
    p = {
        "two decimals": np.round(rng.random(2000), 2),
        "float32": rng.random(2000).astype(np.float32).astype(np.float64),
        "edges": rng.choice(edge_scores(10), 2000),
        "saturated": np.round(rng.beta(0.1, 0.1, 2000), 3),
    }[kind]
    y = (rng.random(2000) < p**1.5).astype(int)
    for bins in (10, 15):
        assert our_ece(p, y, bins, convention) == pytest.approx(
            naive_ece(p, y, bins, convention), abs=1e-14
        )


def test_conventions_differ_on_rounded_scores():
    """On two-decimal scores the rules are really different rules, not names for one."""
    rng = np.random.default_rng(0)
    p = np.round(rng.random(5000), 2)
    y = (rng.random(5000) < p**1.3).astype(int)
    kinds = ("right", "left", "calzone", "mapie")
    values = {convention: our_ece(p, y, 10, convention) for convention in kinds}
    assert len({round(value, 9) for value in values.values()}) == len(kinds), values


@pytest.mark.parametrize(
    ("convention", "by_hand"),
    [
        ("right", (1.0 + 0.1 + 1.0) / 4),  # bins {0}, {.9}, {1, 1}
        ("left", (1.0 + 0.9) / 4),  # {0}, {.9, 1, 1}
        ("torchmetrics", (1.0 + 0.1 + 1.0) / 4),  # {0}, {.9}, {1, 1}
        ("guo", (0.1 + 1.0) / 4),  # {.9}, {1, 1}; 0 in no bin, n = 4
        ("calzone", (0.1 + 1.0) / 3),  # {.9}, {1, 1}; n = 3
        ("mapie", (1.0 + 0.9) / 4),  # nine bins: {0}, then (8/9, 1] = {.9, 1, 1}
    ],
)
def test_by_hand(convention, by_hand):
    """Scores 0, 0.9, 1, 1 with labels 1, 1, 0, 1 in ten bins, worked by hand."""
    p, y = np.array([0.0, 0.9, 1.0, 1.0]), np.array([1, 1, 0, 1])
    assert our_ece(p, y, 10, convention) == pytest.approx(by_hand, abs=1e-15)


@pytest.mark.parametrize("name", [("netcal", "left"), ("sklearn", "right")])
def test_names_of_peers(name):
    """A peer's name stands for the rule that it follows."""
    p = np.round(np.random.default_rng(1).random(500), 1)
    y = (p > 0.4).astype(int)
    assert our_ece(p, y, 10, name[0]) == our_ece(p, y, 10, name[1])


@pytest.mark.parametrize("bins", [3, 7, 10, 15, 30, 999])
def test_torch_edges(bins):
    """Edges of the torchmetrics convention are torch's in both precisions."""
    for dtype, kind in (("float64", np.float64), ("float32", np.float32)):
        binning = equal_width(bins, "torchmetrics", dtype)
        assert [*binning.lower] == torch_like_edges(bins, kind)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(list(np.round(np.linspace(0, 1, 41), 3))), min_size=1, max_size=60),
    st.integers(1, 20),
    st.sampled_from(CONVENTIONS),
)
@example([0.0], 1, "calzone")  # no row is left: the denominator is 0
def test_bins_hold_every_row_once(p, bins, convention):
    """Bins add up to all rows, less those that the convention itself drops."""
    bins = max(bins, 2) if convention == "mapie" else bins
    binning = equal_width(bins, convention)
    y = np.arange(len(p)) % 2
    cells = ScoreTable.of(np.array(p), y, cuts=binning.cuts).cells()
    sums = bin_sums(cells, residuals_of(cells), binning)
    dropped = sum(score == 0 for score in p) if convention in ("guo", "calzone") else 0
    assert sums.sums.rows.sum() == len(p) - dropped
    assert sums.denominator == len(p) - (dropped if convention == "calzone" else 0)
    assert len(sums.lower) == len(sums.upper) == len(binning)


def test_all_rows_dropped():
    """Where every score is exactly 0, guo gives 0 and calzone nothing, with the reason.

    Guo's bins are empty and n is that of all rows. The code of calzone (0.1.0) divides by the rows
    in its bins, and gives NaN.
    """
    p, y = np.zeros(3), np.array([0, 1, 1])
    cells = ScoreTable.of(p, y).cells()
    guo, calzone = (bin_sums(cells, residuals_of(cells), equal_width(10, name))
                    for name in ("guo", "calzone"))  # fmt: skip
    rng = np.random.default_rng(0)
    assert [f(guo, level=0.95, rng=rng).value for f in (ece, rmsce)] == [0.0, 0.0]
    for found in [*(f(calzone, level=0.95, rng=rng) for f in (ece, rmsce)), noise_floor(calzone)]:
        assert found.value is None
        assert found.reason == "the convention leaves out every row: all scores are 0"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([1, 2, 3, 6]))
def test_equal_mass_follows_the_quantiles_of_the_rows(seed, bins, decimals):
    """Equal-mass bins are those between numpy's quantiles, with ties kept whole."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(0.5, 2.0, 300), decimals)
    y = (rng.random(300) < p).astype(int)
    cells = ScoreTable.of(p, y).cells()
    want = ece_of_groups(p, y, groups_of_quantiles(p, bins))
    assert ece_value(equal_mass(cells, residuals_of(cells), bins)) == pytest.approx(want, abs=1e-13)


def test_equal_mass_does_not_depend_on_the_order_of_ties():
    """Rows with equal scores stay together: sorting the file by label changes nothing."""
    rng = np.random.default_rng(9)
    p = np.round(rng.random(1000), 1)
    y = (rng.random(1000) < p).astype(int)
    by_label = np.lexsort((y, p))
    values = []
    for order in (np.arange(1000), by_label):
        cells = ScoreTable.of(p[order], y[order]).cells()
        values.append(ece_value(equal_mass(cells, residuals_of(cells), 15)))
    assert values[0] == values[1]


@pytest.mark.parametrize("scale", [1e-6, 0.01, 0.5])
def test_equal_mass_bins_do_not_depend_on_the_scale_of_small_weights(scale):
    """Weights that sum to 1 make the same bins as weights that sum to n."""
    rng = np.random.default_rng(2)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(int)
    plain = ScoreTable.of(p, y).cells()
    want = equal_mass(plain, residuals_of(plain), 10)
    cells = ScoreTable.of(p, y, np.full(200, scale)).cells()
    got = equal_mass(cells, residuals_of(cells), 10)
    np.testing.assert_allclose(got.upper, want.upper, rtol=1e-12)
    assert ece_value(got) == pytest.approx(ece_value(want), rel=1e-12)


@pytest.mark.parametrize(
    ("bins", "convention"), [(0, "right"), (1, "mapie"), (10_001, "left"), (10, "middle")]
)
def test_impossible_bins_are_refused(bins, convention):
    """Too few or too many bins, or an unknown rule, is a settings error."""
    with pytest.raises(SettingsError):
        equal_width(bins, convention)
