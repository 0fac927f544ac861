"""Forecasts recalibrated: fitted, saved, applied to every format, and exported."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit.calibrators.forecast_calibrator import ForecastCalibrator, load_forecast_calibrator
from calaudit.errors import InputError, NotEnoughData, SettingsError
from tests.golden.cases import FOLDER
from tests.report.forecasts import rows

LAYOUTS = FOLDER.parent / "layouts"


def made(data: Any, **options: Any) -> ForecastCalibrator:
    """Return the calibrator fitted on data."""
    found = calaudit.forecast(data, recalibrate=True, **options).recalibration
    assert found is not None
    return found


def ends(n: int, seed: int, wide: float = 1.0) -> pd.DataFrame:
    """Return intervals about a mean, of which the spread is known."""
    frame = rows(n, seed)
    low, high = frame["mean"] - wide * frame["std"], frame["mean"] + wide * frame["std"]
    return pd.DataFrame({"y": frame["y"], "lower": low, "upper": high})


def test_the_offset_is_the_order_statistic() -> None:
    """By hand: of 9 rows that miss by 1 to 9 the offset of 90 % is 9, and of 80 % it is 8."""
    y = np.arange(1.0, 10.0)
    data = pd.DataFrame({"y": y, "lower": -1.0, "upper": 0.0})
    found = made(data, stated=[0.9])
    assert found.apply(np.zeros((1, 2))).tolist() == [[-9.0, 9.0]]
    assert made(data, stated=[0.8]).guarantees[0].upper == 8.0
    assert found.guarantees[0].coverage == pytest.approx(0.9)
    with pytest.raises(NotEnoughData, match=r"needs 9 rows \(n ≥ 1/α − 1\)"):
        made(data[:8], stated=[0.9])
    with pytest.raises(NotEnoughData, match="needs 29 rows"):
        made(data, stated=[0.9], guarantee=0.95)
    assert made(ends(29, 1), stated=[0.9], guarantee="95%").confidence == 0.95


def test_normal_laws_are_taken_at_order_statistics() -> None:
    """Of z-scores the ranks 5 and 95 of 99 are the new ends, beside the old columns."""
    frame = rows(99, 2)[["y", "mean", "std"]]
    z = np.sort((frame["y"] - frame["mean"]) / frame["std"])
    found = made(frame)
    assert list(found.sums) == ["lower_90", "upper_90"]
    assert found.apply(np.array([[5.0, 2.0]])) == pytest.approx(
        np.array([[5 + 2 * z[4], 5 + 2 * z[94]]])
    )
    with pytest.raises(NotEnoughData, match=r"needs 19 rows \(n ≥ 2/α − 1\)"):
        made(frame[:18])
    with pytest.raises(SettingsError, match="of a variance its root"):
        made(frame.assign(variance=frame.pop("std") ** 2))


def test_quantiles_move_in_pairs() -> None:
    """Each central pair has its own offset; the median stays."""
    frame, levels = rows(199, 3, narrow=0.5), (0.05, 0.25, 0.5, 0.75, 0.95)
    data = frame[["y"]].assign(
        **{f"{x}": frame["mean"] + stats.norm.ppf(x) * frame["std"] for x in levels}
    )
    found = made(data)
    new = found.apply(data[list(found.columns)].to_numpy())
    y = data["y"].to_numpy()
    assert ((new[:, 0] <= y) & (y <= new[:, 4])).sum() == 180
    assert ((new[:, 1] <= y) & (y <= new[:, 3])).sum() == 100
    assert new[:, 2].tolist() == data["0.5"].tolist()
    with pytest.raises(SettingsError, match="pair up round the middle"):
        made(data[["y", "0.25", "0.95"]])


FORMATS = ("csv", "tsv", "parquet", "feather", "jsonl", "npz")


def stored(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame in the format that the suffix says."""
    if path.suffix == ".npz":
        np.savez(path, **{name: frame[name].to_numpy() for name in frame})
    elif path.suffix == ".jsonl":
        frame.to_json(path, orient="records", lines=True, double_precision=15)
    elif path.suffix in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
    else:
        getattr(frame, f"to_{path.suffix[1:]}")(path)
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_written_with_new_ends(suffix: str, tmp_path: Path) -> None:
    """A written file holds k of n truths of the fit, and its other columns as they were."""
    frame = ends(200, 4).assign(note=np.arange(200.0))
    path, saved = stored(frame, tmp_path / f"a.{suffix}"), tmp_path / "offset.json"
    calaudit.forecast(path, stated=[0.9], recalibrate=saved)
    done = calaudit.apply(saved, path, tmp_path / f"b.{suffix}")
    assert (done.rows_written, done.written) == (200, ("lower", "upper"))
    report = calaudit.forecast(tmp_path / f"b.{suffix}", stated=[0.9])
    assert report.metrics["coverage"].value == pytest.approx(181 / 200)
    calaudit.apply(saved, path, tmp_path / f"c.{suffix}", suffix="_new")
    both = calaudit.forecast(
        tmp_path / f"c.{suffix}", stated=[0.9], lower=["lower_new"], upper=["upper_new"]
    )
    assert both.metrics["coverage"].value == pytest.approx(181 / 200)


def test_parts_of_arrays_are_not_written(tmp_path: Path) -> None:
    """MAPIE's array (row, end, level) is read, and what to do is said where it is to be written."""
    rng, path = np.random.default_rng(5), tmp_path / "a.npz"
    pis = np.stack([np.full((150, 2), [-1.0, -2.0]), np.full((150, 2), [1.0, 2.0])], axis=1)
    pis = pis * rng.uniform(0.9, 1.1, (150, 1, 1))
    np.savez(path, y_true=rng.normal(size=150), y_pred=np.zeros(150), y_pis=pis)
    calibrator = made(path, stated=[0.8, 0.95])
    with pytest.raises(InputError, match="part of an array"):
        calaudit.apply(calibrator, path, tmp_path / "b.npz")


def test_rows_without_a_forecast(tmp_path: Path) -> None:
    """They are refused by row, dropped, or kept without one; other columns must be there."""
    frame = ends(60, 6)
    calibrator = made(frame, stated=[0.9])
    frame.loc[6, "upper"] = np.nan
    path = stored(frame, tmp_path / "a.csv")
    with pytest.raises(InputError, match="row 7"):
        calaudit.apply(calibrator, path, tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()
    for policy, left in (("drop", 59), ("keep", 60)):
        done = calaudit.apply(calibrator, path, tmp_path / "b.csv", on_invalid=policy)
        assert (done.invalid, len(pd.read_csv(tmp_path / "b.csv"))) == (1, left)
    with pytest.raises(InputError, match="names the column 'upper'"):
        calaudit.apply(calibrator, stored(frame[["y", "lower"]], tmp_path / "c.csv"), "d.csv")
    with pytest.raises(SettingsError, match=r"score is for scores"):
        calaudit.apply(calibrator, path, tmp_path / "b.csv", score="lower")


def test_saved_and_loaded(tmp_path: Path) -> None:
    """It is read again to the last bit; what is damaged, or of a later version, is not."""
    frame, path = ends(99, 8), tmp_path / "cal.json"
    report = calaudit.forecast(frame, stated=[0.9], recalibrate=path)
    assert load_forecast_calibrator(path) == report.recalibration
    values = json.loads(path.read_text())
    damaged: tuple[dict[str, Any], ...] = (
        {"schema": "calaudit.forecast-calibrator/2"},
        {"rows": "many"},
        {"columns": []},
    )
    for change in damaged:
        path.write_text(json.dumps(values | change))
        with pytest.raises(InputError, match=r"cal\.json"):
            calaudit.apply(path, stored(frame, tmp_path / "a.csv"), tmp_path / "b.csv")


def test_rows_that_depend_take_the_guarantee_away(tmp_path: Path) -> None:
    """Groups, repeated series and dates are said, in the report, the file and by apply."""
    frame = ends(90, 9)
    plain = calaudit.forecast(frame, stated=[0.9], recalibrate=True)
    assert plain.recalibration is not None
    assert plain.recalibration.exchangeable
    cases: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"shop": np.arange(90) // 9}, {"group": "shop"}),
        ({"unique_id": np.arange(90) // 9}, {}),
        ({"ds": pd.date_range("2025-01-01", periods=90)}, {}),
    )
    for more, options in cases:
        report = calaudit.forecast(frame.assign(**more), stated=[0.9], recalibrate=True, **options)
        assert "no-guarantee" in {note.code for note in report.notes}
        assert "not guaranteed here" in report.sentence
        assert report.recalibration is not None
        assert not report.recalibration.exchangeable
    path = stored(frame, tmp_path / "a.csv")
    assert (
        "not guaranteed" in calaudit.apply(report.recalibration, path, tmp_path / "b.csv").notes[0]
    )


def test_exports_do_what_apply_does() -> None:
    """Python and SQL give the new ends of rows; the bare value is the offset."""
    frame = ends(120, 10).rename(columns={"lower": "A-lo-90", "upper": "A-hi-90"})
    calibrator = made(frame)
    values = frame[["A-lo-90", "A-hi-90"]].to_numpy()
    expected = calibrator.apply(values)
    names: dict[str, Any] = {}
    exec(str(calaudit.export(calibrator, "python").content), names)
    assert np.stack(names["recalibrate"](*values.T), axis=1) == pytest.approx(expected, abs=1e-12)
    with sqlite3.connect(":memory:") as connection:
        frame.to_sql("t", connection, index=False)
        query = f"SELECT {calaudit.export(calibrator, 'sql').content!s} FROM t"
        assert pd.read_sql(query, connection).to_numpy() == pytest.approx(expected, abs=1e-12)
    with pytest.raises(SettingsError, match=r"python \(numpy\) and sql"):
        calaudit.export(calibrator, "onnx")
    laws = made(rows(99, 11)[["y", "mean", "std"]])
    assert 'AS "lower_90"' in str(calaudit.export(laws, "sql").content)


def test_what_cannot_be_recalibrated_is_said() -> None:
    """Members, long forms and lone options are refused with what to do."""
    frame = rows(60, 12)
    members = {f"member_{k}": frame["mean"] + k for k in range(5)}
    with pytest.raises(SettingsError, match="of members their quantiles"):
        made(frame[["y"]].assign(**members))
    with pytest.raises(SettingsError, match="recalibrate"):
        calaudit.forecast(ends(60, 13), stated=[0.9], guarantee=0.95)
    with pytest.raises(InputError, match="calaudit forecast, which also recalibrates"):
        calaudit.fit(rows(80, 15)[["y", "mean", "std"]])


@pytest.mark.peers
def test_the_offset_is_that_of_mapie() -> None:
    """MAPIE's conformalized quantile regression moves the same ends by the same offset."""
    pytest.importorskip("mapie")
    from mapie.regression import ConformalizedQuantileRegressor
    from sklearn.ensemble import GradientBoostingRegressor

    rng = np.random.default_rng(14)
    x = rng.uniform(-2, 2, (900, 1))
    y = x[:, 0] ** 2 + rng.normal(0, 0.3 + np.abs(x[:, 0]))
    models = [
        GradientBoostingRegressor(loss="quantile", alpha=a, n_estimators=50).fit(x[:400], y[:400])
        for a in (0.05, 0.95, 0.5)
    ]
    peer = ConformalizedQuantileRegressor(models, confidence_level=0.9, prefit=True)
    peer.conformalize(x[400:700], y[400:700])
    _, intervals = peer.predict_interval(x[700:], symmetric_correction=True)
    low, high = (m.predict(x[400:700]) for m in models[:2])
    calibrator = made(pd.DataFrame({"y": y[400:700], "lower": low, "upper": high}), stated=[0.9])
    plain = np.stack([m.predict(x[700:]) for m in models[:2]], axis=1)
    assert calibrator.apply(plain) == pytest.approx(intervals[:, :, 0], abs=1e-9)
