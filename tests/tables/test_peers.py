"""Conventions and metrics against the tools they are named after, on the same rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from calaudit.metrics.bins import bin_sums, residuals_of
from calaudit.metrics.calibration_error import ece_value
from calaudit.metrics.significance import spiegelhalter_z
from calaudit.metrics.smooth import smece_value
from calaudit.tables import ScoreTable
from calaudit.tables.binning import equal_width

pytestmark = pytest.mark.peers


def samples() -> dict[str, tuple[Any, Any]]:
    """Return rows with scores on edges, at 0 and 1, rounded and not."""
    rng = np.random.default_rng(17)
    p = {
        "two decimals": np.round(rng.random(5000), 2),
        "one decimal": np.round(rng.random(2000), 1),
        "continuous": rng.random(3000),
        "float32": rng.random(3000).astype(np.float32).astype(np.float64),
        "saturated": np.round(rng.beta(0.2, 0.2, 3000), 2),
    }
    return {
        name: (score, (rng.random(len(score)) < score**1.3).astype(int))
        for name, score in p.items()
    }


SAMPLES = samples()

rows = pytest.mark.parametrize("name", list(SAMPLES))
bins = pytest.mark.parametrize("bins", [10, 15])


def ours(name: str, bins: int, convention: str, dtype: str = "float64") -> float:
    """Return our ECE of a sample."""
    p, y = SAMPLES[name]
    binning = equal_width(bins, convention, dtype)
    cells = ScoreTable.of(p, y, cuts=binning.cuts).cells()
    return ece_value(bin_sums(cells, residuals_of(cells), binning))


@rows
@bins
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_torchmetrics(name, bins, dtype):
    """The phantom bin at 1, and edges as torch rounds them in either precision."""
    torch = pytest.importorskip("torch")
    peer = pytest.importorskip("torchmetrics.functional.classification")
    p, y = SAMPLES[name]
    if dtype == "float32":
        p = p.astype(np.float32)
        binning = equal_width(bins, "torchmetrics", dtype)
        cells = ScoreTable.of(p, y, cuts=binning.cuts).cells()
        got = ece_value(bin_sums(cells, residuals_of(cells), binning))
    else:
        got = ours(name, bins, "torchmetrics")
    want = float(peer.binary_calibration_error(torch.tensor(p), torch.tensor(y), n_bins=bins))
    # In float32 the peer adds thousands of rows in float32.
    assert got == pytest.approx(want, abs=1e-12 if dtype == "float64" else 2e-5)


@rows
@bins
def test_netcal(name, bins):
    """Left-closed bins with 1 in the last."""
    peer = pytest.importorskip("netcal.metrics")
    p, y = SAMPLES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = peer.ECE(bins).measure(p, y)
    assert ours(name, bins, "netcal") == pytest.approx(float(want), abs=1e-12)


@rows
@bins
def test_mapie(name, bins):
    """One bin less than asked for, and one for exact 0."""
    peer = pytest.importorskip("mapie.metrics.calibration")
    p, y = SAMPLES[name]
    want = peer.expected_calibration_error(y, p, num_bins=bins, split_strategy="uniform")
    assert ours(name, bins, "mapie") == pytest.approx(want, abs=1e-12)


@rows
@bins
def test_calzone(name, bins):
    """Exact 0 is left out of the bins and of the denominator."""
    peer = pytest.importorskip("calzone.metrics")
    utils = pytest.importorskip("calzone.utils")
    p, y = SAMPLES[name]
    both = np.column_stack([1 - p, p])
    rate, score, _, count = utils.reliability_diagram(y, both, num_bins=bins, class_to_plot=1)
    want, _ = peer.calculate_ece_mce(rate, score, count)
    assert ours(name, bins, "calzone") == pytest.approx(float(want), abs=1e-12)
    z = peer.spiegelhalter_z_test(y, both, class_to_calculate=1)[0]
    assert spiegelhalter_z(ScoreTable.of(p, y).cells()).value == pytest.approx(float(z), rel=1e-9)


@rows
@bins
def test_uncertainty_calibration(name, bins):
    """Right-closed bins, ours by default."""
    peer = pytest.importorskip("calibration")
    p, y = SAMPLES[name]
    want = peer.get_ece(p, y, num_bins=bins, mode="marginal")
    assert ours(name, bins, "right") == pytest.approx(float(want), abs=1e-10)


@rows
@bins
def test_scikit_learn(name, bins):
    """The bins of sklearn.calibration_curve, which gives no weights: they are counted here."""
    peer = pytest.importorskip("sklearn.calibration")
    p, y = SAMPLES[name]
    rate, score = peer.calibration_curve(y, p, n_bins=bins)
    group = np.maximum(np.searchsorted(np.linspace(0, 1, bins + 1), p, side="left") - 1, 0)
    count = np.bincount(group, minlength=bins)
    want = (count[count > 0] * np.abs(rate - score)).sum() / len(p)
    assert ours(name, bins, "sklearn") == pytest.approx(float(want), abs=1e-12)


@rows
@bins
def test_relplot(name, bins):
    """Relplot's binned error is left-closed; bins by multiplication may move a score on an edge."""
    peer = pytest.importorskip("relplot.metrics")
    p, y = SAMPLES[name]
    if name in ("one decimal", "two decimals", "saturated"):
        p = np.clip(p + 1e-9, 0, 1 - 1e-9)  # off the edges, which it computes as multiples
        binning = equal_width(bins, "left")
        cells = ScoreTable.of(p, y, cuts=binning.cuts).cells()
        got = ece_value(bin_sums(cells, residuals_of(cells), binning))
    else:
        got = ours(name, bins, "left")
    assert got == pytest.approx(float(peer.binnedECE(p, y, nbins=bins)), abs=1e-9)


def test_relplot_smooth_error():
    """The smooth error is relplot's to the precision of its search, away from 0 and 1."""
    peer = pytest.importorskip("relplot.metrics")
    rng = np.random.default_rng(1)
    for n in (300, 2000):
        p = 0.1 + 0.8 * rng.random(n)
        y = (rng.random(n) < p**1.3).astype(int)
        cells = ScoreTable.of(p, y).cells()
        got = smece_value(cells, residuals_of(cells))
        assert got == pytest.approx(peer.smECE(p, y), abs=2e-3)
