"""Forecasts beside others of the same rows: differences against sums over raw rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit.errors import InputError, SettingsError
from tests.golden.cases import FOLDER
from tests.report.forecasts import rows

LAYOUTS = FOLDER.parent / "layouts"


def laws(n: int, seed: int, narrow: float) -> pd.DataFrame:
    """Return normal laws of the same truths, of another spread."""
    frame = rows(n, seed)[["y", "mean", "std"]]
    return frame.assign(std=frame["std"] / narrow)


def by_metric(report: Any) -> dict[str, Any]:
    """Return the differences from the only other by metric."""
    return {each.metric: each for each in report.against}


def test_differences_are_those_of_raw_rows() -> None:
    """Mean and interval of the CRPS are those of Student's t on differences of rows."""
    good, bad = laws(400, 1, 1.0), laws(400, 1, 2.0)
    report = calaudit.forecast(bad, against=[good])
    crps = []
    for frame in (bad, good):
        z = (frame["y"] - frame["mean"]) / frame["std"]
        pdf, cdf = stats.norm.pdf(z), stats.norm.cdf(z)
        crps.append(frame["std"] * (z * (2 * cdf - 1) + 2 * pdf - np.pi**-0.5))
    found = by_metric(report)["crps"]
    d = (crps[0] - crps[1]).to_numpy()
    assert (found.value, found.before) == pytest.approx((crps[0].mean(), crps[1].mean()))
    low, high = stats.t.interval(0.95, 399, d.mean(), stats.sem(d))
    ends = (found.difference.value, found.difference.low, found.difference.high)
    assert ends == pytest.approx((d.mean(), low, high), rel=1e-9)
    assert "By their CRPS they are worse than the others" in report.sentence
    other = calaudit.forecast(good, against=[bad])
    assert by_metric(other)["crps"].difference.value == pytest.approx(-d.mean())
    assert "better" in other.sentence
    same = calaudit.forecast(good, against=[good.assign(mean=good["mean"] + 1e-9)])
    assert "cannot tell" in same.sentence


def test_levels_and_kinds_that_differ() -> None:
    """Only what both state alike is compared; of intervals of other levels nothing is."""
    frame = rows(200, 2)
    y, mean = frame["y"], frame["mean"]
    ends = pd.DataFrame({"y": y, "lower": mean - 4, "upper": mean + 4})
    wide = pd.DataFrame({"y": y, "q10": mean - 3, "q50": mean, "q90": mean + 3})
    more = wide.assign(q25=mean - 1, q75=mean + 1)
    assert {*by_metric(calaudit.forecast(wide, against=[more]))} == {"coverage", "interval_score"}
    alike = by_metric(calaudit.forecast(wide, against=[wide.assign(q50=mean + 1)]))
    assert {"wis", "mean_pinball"} <= {*alike}
    assert alike["wis"].value == pytest.approx(2 * alike["mean_pinball"].value)
    with pytest.raises(SettingsError, match="nothing can be compared"):
        calaudit.forecast(frame[["y", "mean", "std"]], against=[wide.drop(columns="q50")])
    with pytest.raises(SettingsError, match="nothing can be compared"):
        calaudit.forecast(
            ends.rename(columns={"lower": "lo_80", "upper": "hi_80"}),
            against=[ends.rename(columns={"lower": "lo_90", "upper": "hi_90"})],
        )


def test_the_same_forecasts_in_another_form_are_neither_better_nor_worse() -> None:
    """Quantiles of a law have no CRPS beside that of the law, and rounding is no difference."""
    law = laws(300, 3, 1.0)
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    q = {f"q{p}": law["mean"] + law["std"] * stats.norm.ppf(p) for p in levels}
    quantiles = pd.DataFrame({"y": law["y"], **q})
    found = by_metric(calaudit.forecast(quantiles, against=[law]))
    assert found.keys() == {"coverage", "interval_score"}
    assert found["interval_score"].difference.value == 0
    fewer = quantiles[["y", "q0.05", "q0.5", "q0.95"]]
    assert "crps" not in by_metric(calaudit.forecast(quantiles, against=[fewer]))


def test_other_rows_are_refused() -> None:
    """A truth that differs, or fewer rows, is named by its row."""
    good, bad = laws(100, 3, 1.0), laws(100, 3, 2.0)
    bad.loc[41, "y"] += 1
    with pytest.raises(InputError, match="row 42 of those used"):
        calaudit.forecast(good, against=[bad])
    with pytest.raises(InputError, match="row 51 of those used"):
        calaudit.forecast(good, against=[good[:50]])


def test_groups_widen_and_several_hold_at_once() -> None:
    """Rows that belong together count as groups; of two others each interval is wider."""
    rng, frame = np.random.default_rng(4), laws(600, 4, 1.0)
    g = np.arange(600) // 20
    frame["y"] += 3 * rng.standard_normal(30)[g]
    bad = frame.assign(mean=frame["mean"] + 2)

    def width(**options: Any) -> float:
        found = by_metric(calaudit.forecast(frame.assign(g=g), **options))["crps"].difference
        return float(found.high - found.low)

    assert width(against=[bad], group="g") > 1.5 * width(against=[bad])
    several = calaudit.forecast(frame, against=[bad, bad.assign(std=9.0)]).against[0].difference
    assert several.level == pytest.approx(0.975)


@pytest.mark.skipif(not LAYOUTS.is_dir(), reason="the folder of layouts is not here")
def test_two_models_in_one_file() -> None:
    """The other model is named; scores are those of the golden figures of the layout."""
    path = LAYOUTS / "statsforecast_cv.csv"
    report = calaudit.forecast(path, model="AutoETS", against=["SeasonalNaive"])
    found = by_metric(report)["interval_score"]
    assert (found.value, found.before) == pytest.approx((19.5113, 23.8244), rel=1e-5)


def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of a report with others makes it again."""
    from tests.cli.again import assert_made_again

    monkeypatch.chdir(tmp_path)
    laws(200, 5, 1.0).to_csv("a.csv", index=False)
    laws(200, 5, 1.5).to_csv("b.csv", index=False)
    assert_made_again(tmp_path, "forecast", "a.csv", "--against", "b.csv", "--label", "y")
