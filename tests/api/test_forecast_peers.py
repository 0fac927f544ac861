"""Forecasts and sets against the tools that score them, on the files that these tools wrote."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from tests.api.test_sets import LAYOUTS, drawn, frame, value

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not LAYOUTS.is_dir(), reason="the folder of layouts is not here"),
]

CLOSE = 1e-12
"""Relative difference that sums in another order leave."""


def test_sets_against_mapie() -> None:
    """Coverage, mean size, and the smallest coverage by size are MAPIE's."""
    peer = pytest.importorskip("mapie.metrics.classification")
    tool = pd.read_json(LAYOUTS / "conformal_sets.jsonl", lines=True)
    inside = np.array([[k in row for k in range(10)] for row in tool["prediction_set"]])
    for y, held in ((tool["label"].to_numpy(), inside), drawn(3000, 1)):
        report = calaudit.forecast(frame(y, held), stated=0.9)
        deep = held[:, :, None]
        coverage = float(np.ravel(peer.classification_coverage_score(y, deep))[0])
        size = float(np.ravel(peer.classification_mean_width_score(deep))[0])
        assert value(report, "coverage") == pytest.approx(coverage, rel=CLOSE)
        assert value(report, "set_size") == pytest.approx(size, rel=CLOSE)
    by_size = np.ravel(peer.classification_ssc(y, deep))  # one of each size, from 0 to 5
    found = {part.value: part.coverage.value for part in report.by_width}
    assert [found[str(k)] for k in (1, 2, 3, 4)] == pytest.approx(list(by_size[1:5]), rel=CLOSE)


def test_intervals_against_mapie() -> None:
    """Coverage, width and the Winkler score of both files that MAPIE wrote."""
    peer = pytest.importorskip("mapie.metrics.regression")
    arrays = np.load(LAYOUTS / "mapie_split_intervals.npz")
    report = calaudit.forecast(LAYOUTS / "mapie_split_intervals.npz", stated=[0.8, 0.95])
    compared = [(report, arrays["y_true"], arrays["y_pis"], [0.8, 0.95])]
    table = pd.read_csv(LAYOUTS / "mapie_cqr_intervals.csv")
    report = calaudit.forecast(LAYOUTS / "mapie_cqr_intervals.csv", stated=0.9)
    ends = table[["lower", "upper"]].to_numpy()[:, :, None]
    compared.append((report, table["y_true"].to_numpy(), ends, [0.9]))
    for report, y, pis, levels in compared:
        covered = np.ravel(peer.regression_coverage_score(y, pis))
        widths = np.ravel(peer.regression_mean_width_score(pis))
        for k, (each, stated) in enumerate(zip(report.intervals, levels, strict=True)):
            score = peer.regression_mwi_score(y, pis[:, :, [k]], stated)
            assert each.coverage.value == pytest.approx(covered[k], rel=CLOSE)
            assert each.width == pytest.approx(widths[k], rel=CLOSE)
            assert each.score.value == pytest.approx(score, rel=CLOSE)


def scored(name: str) -> tuple[Any, Any]:
    """Return the module of scoringrules and a file's table."""
    return pytest.importorskip("scoringrules"), pd.read_csv(LAYOUTS / name)


def test_quantiles_against_scoringrules() -> None:
    """Pinball and interval scores are the same; its weighted score is known to be wrong."""
    peer, table = scored("sklearn_gbr_quantiles.csv")
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    y, q = table["y"].to_numpy(), table[["q05", "q25", "q50", "q75", "q95"]].to_numpy()
    report = calaudit.forecast(LAYOUTS / "sklearn_gbr_quantiles.csv")
    pinball = np.mean([peer.quantile_score(y, q[:, k], t) for k, t in enumerate(levels)])
    assert value(report, "mean_pinball") == pytest.approx(pinball, rel=CLOSE)
    for each, (i, j) in zip(
        sorted(report.intervals, key=lambda e: -e.stated), ((0, 4), (1, 3)), strict=True
    ):
        score = np.mean(peer.interval_score(y, q[:, i], q[:, j], 1 - each.stated))
        assert each.score.value == pytest.approx(score, rel=CLOSE)
    # By the definition (Bracher et al. 2021): ½|y − m| and α/2 of each interval score, over K + ½.
    parts = [(1 - e.stated) / 2 * (e.score.value or 0.0) for e in report.intervals]
    wis = (0.5 * np.abs(y - q[:, 2]).mean() + sum(parts)) / 2.5
    assert value(report, "wis") == pytest.approx(wis, rel=CLOSE)
    theirs = peer.weighted_interval_score(
        y, q[:, 2], q[:, [1, 0]], q[:, [3, 4]], np.array([0.5, 0.1])
    ).mean()
    assert theirs != pytest.approx(wis, rel=0.01)  # it adds the median in the place of |y − m|
    assert theirs + 0.5 * (np.abs(y - q[:, 2]) - q[:, 2]).mean() / 2.5 == pytest.approx(wis)


def test_laws_and_ensembles_against_scoringrules() -> None:
    """The CRPS of normal laws, and the fair one of members, are the same."""
    peer, table = scored("sklearn_gp_mean_std.csv")
    crps = peer.crps_normal(table["y_true"], table["mean"], table["std"]).mean()
    report = calaudit.forecast(LAYOUTS / "sklearn_gp_mean_std.csv")
    assert value(report, "crps") == pytest.approx(crps, rel=1e-9)
    peer, table = scored("regression_ensemble_members.csv")
    members = table.filter(like="member_").to_numpy()
    fair = peer.crps_ensemble(table["obs"].to_numpy(), members, estimator="fair").mean()
    report = calaudit.forecast(LAYOUTS / "regression_ensemble_members.csv")
    assert value(report, "crps") == pytest.approx(fair, rel=CLOSE)
