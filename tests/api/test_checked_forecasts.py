"""Rules on forecasts of a number: coverage and interval score, alone and against a baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit.cli import main
from calaudit.errors import InputError, SettingsError
from tests.cli.again import assert_made_again
from tests.report.forecasts import rows


def ends(n: int, seed: int, z: float) -> pd.DataFrame:
    """Return intervals of z standard deviations each way, with a column of slices."""
    frame = rows(n, seed)
    low, high = frame["mean"] - z * frame["std"], frame["mean"] + z * frame["std"]
    parts = np.where(np.arange(n) % 2, "odd", "even")
    return pd.DataFrame({"y": frame["y"], "lower": low, "upper": high, "part": parts})


def test_absolute_rules() -> None:
    """Right intervals pass, narrow ones fail, and few rows settle nothing; bounds are told."""
    good, bad = ends(1000, 1, 1.645), ends(1000, 1, 0.8)
    asked: dict[str, Any] = {"stated": [0.9], "min_coverage": 0.85, "max_interval_score": 11.5}
    assert calaudit.check(good, **asked).passed
    found = calaudit.check(bad, **asked)
    assert {r.metric: r.status for r in found.results} == {
        "coverage": "FAIL", "interval_score": "FAIL",
    }  # fmt: skip
    few = calaudit.check(good[:30], stated=[0.9], min_coverage=0.85).results[0]
    assert few.status == "INCONCLUSIVE"
    assert few.rows_needed is not None
    assert few.low is not None
    assert few.high is not None
    assert few.low < 0.85 < few.high
    assert found.task == "forecast"


def test_rules_on_slices_and_groups() -> None:
    """Coverage is judged on each slice, all of them as one; groups widen what is told."""
    frame = ends(600, 2, 1.645)
    frame.loc[frame["part"] == "odd", "upper"] -= 3 * (frame["upper"] - frame["lower"]) / 4
    found = calaudit.check(frame, stated=[0.9], min_coverage=0.85, by="part")
    status = {r.value: r.status for r in found.results}
    assert status["odd"] == "FAIL"
    assert status["even"] != "FAIL"
    with pytest.raises(SettingsError, match="of slices there are coverage"):
        calaudit.check(frame, stated=[0.9], max_interval_score=5.0, by="part")
    asked: dict[str, Any] = {"stated": [0.9], "min_coverage": 0.5}
    one = calaudit.check(frame, **asked).results[0]
    grouped = calaudit.check(frame.assign(g=np.arange(600) // 30), **asked, group="g").results[0]
    assert one.low is not None
    assert grouped.low is not None
    assert grouped.low < one.low


def test_against_a_baseline(tmp_path: Path) -> None:
    """A worse score fails against the margin, the same file is unchanged, others are refused."""
    good, bad, path = ends(1000, 3, 1.645), ends(1000, 4, 1.0), tmp_path / "base.json"
    base = calaudit.forecast(good, stated=[0.9])
    path.write_text(base.to_json())
    asked: dict[str, Any] = {"stated": [0.9], "max_increase": {"interval_score": 0.3}}
    assert calaudit.check(bad, **asked, baseline=path).failed
    assert calaudit.check(bad, **asked, against=good).failed
    assert "unchanged" in calaudit.check(good, **asked, baseline=base).results[0].text
    other = calaudit.forecast(good, stated=[0.8])
    with pytest.raises(InputError, match="intervals that state 80 % there"):
        calaudit.check(bad, **asked, baseline=other)
    laws = rows(100, 5)[["y", "mean"]]
    few = laws[["y"]].assign(q10=laws["mean"] - 3, q50=laws["mean"], q90=laws["mean"] + 3)
    more = few.assign(q25=laws["mean"] - 1, q75=laws["mean"] + 1)
    with pytest.raises(InputError, match=r"levels 0.1, 0.25, 0.5, 0.75, 0.9 there"):
        calaudit.check(few, baseline=calaudit.forecast(more), max_increase={"wis": 0.1})
    path.write_text(calaudit.evaluate([0, 1] * 50, [0.2, 0.8] * 50).to_json())
    with pytest.raises(InputError, match="another report is needed"):
        calaudit.check(bad, **asked, baseline=path)


def test_scores_of_laws_are_ruled_on() -> None:
    """CRPS of normal laws and WIS of quantiles have rules of their own."""
    frame = rows(500, 5)[["y", "mean", "std"]]
    assert calaudit.check(frame, max_crps=2.0).passed
    assert calaudit.check(frame, max_crps=0.1).failed
    wide = frame[["y"]].assign(q10=frame["mean"] - 3, q50=frame["mean"], q90=frame["mean"] + 3)
    assert calaudit.check(wide, max_wis=5.0, max_mean_pinball=2.0).passed
    with pytest.raises(SettingsError, match="has no figure wis"):
        calaudit.check(frame, max_wis=2.0)


def test_what_does_not_go_together() -> None:
    """Rules on scores and on forecasts, arrays and ids are refused in words."""
    frame = ends(100, 6, 1.0)
    with pytest.raises(SettingsError, match="has no figure ece"):
        calaudit.check(frame, stated=[0.9], min_coverage=0.5, max_ece=0.1)
    with pytest.raises(SettingsError, match="stated is for rules on forecasts"):
        calaudit.check(frame, stated=[0.9], max_ece=0.1)
    with pytest.raises(SettingsError, match="in columns"):
        calaudit.check(frame["y"], frame["lower"], min_coverage=0.5)
    with pytest.raises(InputError, match="stands nowhere"):
        calaudit.check(frame, min_coverage=0.5)


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Exit codes, a baseline written anew, a gate of a configuration, and the command again."""
    monkeypatch.chdir(tmp_path)
    ends(400, 7, 1.645).to_csv("good.csv", index=False)
    ends(400, 8, 0.8).to_csv("bad.csv", index=False)
    rule = ["--stated", "0.9", "--max-increase", "interval_score=1"]
    assert main(["check", "good.csv", *rule, "--baseline", "b.json", "--update-baseline"]) == 0
    assert json.loads(Path("b.json").read_text())["schema"] == "calaudit.forecast/1"
    assert main(["check", "bad.csv", *rule, "--baseline", "b.json"]) == 1
    Path("calaudit.toml").write_text(
        '[gate.sales]\ndata = "good.csv"\nstated = "0.9"\n'
        "min_coverage = 0.7\nmax_interval_score = 20\n"
    )
    assert main(["check", "--name", "sales"]) == 0
    Path("calaudit.toml").unlink()
    words = ("check", "good.csv", "--stated", "0.9", "--min-coverage", "0.7")
    assert_made_again(tmp_path, *words)
    assert "coverage" in capsys.readouterr().out
