"""What changed between two periods, against scipy, raw rows and a real case."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from calaudit.metrics.drift import PARTS, calibration_split, misfit, same_map, scores_moved
from calaudit.tables.score_table import ScoreTable
from tests.golden.cases import FOLDER


def cells(score, label):
    """Return the cells of rows."""
    return ScoreTable.of(np.asarray(score, float), np.asarray(label, np.uint8)).cells()


def drawn(rng, rows, shift=0.0, turn=0.0):
    """Return scores around a shift, and labels of a map that is turned."""
    z = rng.normal(shift, 1.2, rows)
    score = (1 / (1 + np.exp(-z))).round(4)
    return score, rng.random(rows) < 1 / (1 + np.exp(-(z + turn)))


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_distances_are_those_of_rows(shift):
    """KS and Wasserstein as scipy has them, PSI by numpy's deciles."""
    rng = np.random.default_rng(1)
    (a, y), (b, u) = drawn(rng, 900), drawn(rng, 1400, shift)
    found = scores_moved(cells(a, y), cells(b, u))
    ks = stats.ks_2samp(a, b, method="asymp")
    assert found.ks == pytest.approx(ks.statistic, abs=1e-12)
    assert found.ks_p == pytest.approx(ks.pvalue, abs=0.02)
    assert found.wasserstein == pytest.approx(stats.wasserstein_distance(a, b), abs=1e-12)
    edges = np.unique(np.quantile(a, np.linspace(0, 1, 11)))
    edges[0], edges[-1] = -np.inf, np.inf
    p, q = np.histogram(a, edges)[0] / 900, np.histogram(b, edges)[0] / 1400
    assert found.psi == pytest.approx(((p - q) * np.log(p / q)).sum(), abs=1e-12)
    assert found.psi_limit == pytest.approx(stats.chi2.ppf(0.95, 9) * (1 / 900 + 1 / 1400))
    assert (found.psi > found.psi_limit) == (shift > 0)


def test_a_tenth_without_rows_counts_half_a_row():
    """A PSI is finite."""
    rng = np.random.default_rng(2)
    a = rng.random(500)
    found = scores_moved(cells(a, a > 0.5), cells(a * 0.4, a > 0.5))
    assert np.isfinite(found.psi)
    assert found.psi > 1


def test_california_housing():
    """Figures of independent code on a real case."""
    path = FOLDER / "golden2.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    want = json.loads(path.read_text())[
        "california_housing reference (A) -> analysis (B), unpaired"
    ]
    sides = []
    for name in ("reference", "analysis"):
        frame = pd.read_csv(FOLDER / "california_housing" / f"{name}.csv")
        sides.append(cells(frame.score, frame.label))
    moved = scores_moved(*sides)
    for mine, other in (
        (moved.psi, "psi"), (moved.psi_chance, "psi_floor"), (moved.psi_limit, "psi_95"),
        (moved.ks, "ks"), (moved.wasserstein, "wasserstein"),
        (moved.wasserstein_chance, "wasserstein_floor"),
    ):  # fmt: skip
        assert mine == pytest.approx(want[other], rel=1e-9), other
    p, reason = same_map(*sides)
    least = min(want["equal_maps_spline4"]["p"], want["equal_maps_spline10"]["p"])
    assert reason == ""
    assert p == pytest.approx(2 * least, rel=1e-4)
    one, other = sides
    split = calibration_split(one, other, 15)
    assert split == pytest.approx(
        (
            want["ece_a"]["ece15"],
            want["counterfactual_ece_a_map_b_scores"],
            want["ece_b"]["ece15"],
        ),
        abs=1e-9,
    )


def test_what_cannot_be_told_has_a_reason():
    """Few rows of a label, few scores, a map that no spline follows."""
    rng = np.random.default_rng(3)
    a, y = drawn(rng, 60)
    assert same_map(cells(a, y), cells(a, y))[0] is None
    two = np.where(rng.random(400) < 0.5, 0.3, 0.7)
    assert same_map(cells(two, rng.random(400) < two), cells(two, rng.random(400) < two)) == (
        None,
        "too few different scores",
    )
    wild = rng.random(20_000)
    rates = np.where(np.floor(wild * 40) % 2 == 0, 0.2, 0.8)
    sides = [cells(wild, rng.random(20_000) < rates) for _ in range(2)]
    assert same_map(*sides) == (None, "the map is too uneven to be followed")


def test_misfit_is_pearsons_by_rows():
    """Of runs of as many rows; the weights may be of any size, and small first ones count."""
    rng = np.random.default_rng(6)
    fitted = np.sort(rng.random(2000))
    y = (rng.random(2000) < fitted**1.2).astype(float)
    runs = np.arange(2000) * PARTS // 2000
    table = [
        (np.sum((y - fitted)[runs == k]) ** 2 / np.sum((fitted * (1 - fitted))[runs == k]))
        for k in range(PARTS)
    ]
    expected = stats.chi2.sf(np.sum(table), PARTS - 2)
    assert misfit(fitted, 1 - y, y, 2) == pytest.approx(expected, rel=1e-9)
    for scale in (0.01, 100.0):
        squares = np.full(2000, scale**2)
        weighted = misfit(fitted, scale * (1 - y), scale * y, 2, squares)
        assert weighted == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
def test_size_and_power_of_the_test_of_one_map():
    """About 5 % where only the scores move, and more than half where the map turns by .3."""
    rng = np.random.default_rng(4)
    found = {}
    for name, shift, turn in (("moved", 0.8, 0.0), ("turned", 0.0, 0.3)):
        fired = 0
        for _ in range(200):
            p, _ = same_map(cells(*drawn(rng, 2000)), cells(*drawn(rng, 2000, shift, turn)))
            fired += p is not None and p < 0.05
        found[name] = fired / 200
    assert found["moved"] <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)
    assert found["turned"] >= 0.8
