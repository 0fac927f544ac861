"""Forecasts of a number, from files to figures, against sums over raw rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import calaudit
from calaudit.errors import InputError, NotEnoughData, SettingsError
from tests.golden.cases import FOLDER
from tests.report.forecasts import members, narrow_intervals, normal, quantiles, rows

LAYOUTS = FOLDER.parent / "layouts"
HOME = pytest.mark.skipif(not LAYOUTS.is_dir(), reason="the folder of layouts is not here")


def value(report: Any, name: str) -> float:
    """Return a metric that must be there."""
    found: float | None = report.metrics[name].value
    assert found is not None
    return found


def test_intervals_against_raw_rows() -> None:
    """Coverage, its parts by slice and the factor are those of sums over the rows."""
    report, frame = narrow_intervals(), rows(900, 1, narrow=1.5)
    away = (frame["y"] - frame["mean"]).abs() / (1.645 * frame["std"])
    hit = away <= 1
    assert value(report, "coverage") == pytest.approx(hit.mean(), abs=1e-12)
    interval = stats.binomtest(int(hit.sum()), 900).proportion_ci(0.95, "exact")
    lead = report.intervals[0].coverage
    assert (lead.low, lead.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    assert value(report, "widening") == pytest.approx(np.sort(away)[809], rel=1e-6)
    assert report.status == "too narrow"
    assert "too narrow by a factor of 1.4" in report.sentence
    by_store = {s.value: s.coverage.value for s in report.slices}
    assert by_store == pytest.approx(hit.groupby(frame["store"]).mean().to_dict())
    assert sum(part.rows for part in report.by_width) == 900


def test_quantiles_against_raw_rows() -> None:
    """Shares below, pinball, WIS and CRPS are those of the raw rows; a shift is called a bias."""
    report, frame = quantiles(), rows(400, 2, shift=2.0)
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    q = frame["mean"].to_numpy()[:, None] + stats.norm.ppf(levels) * frame[["std"]].to_numpy()
    y = frame["y"].to_numpy()[:, None]
    loss = np.where(y >= q, levels * (y - q), (1 - levels) * (q - y))
    assert value(report, "mean_pinball") == pytest.approx(loss.mean())
    assert value(report, "wis") == pytest.approx(2 * loss.mean())
    ends, x = np.zeros((400, 1)), np.array([0, *levels, 1])
    crps = 2 * np.trapezoid(np.hstack([ends, loss, ends]), x, axis=1).mean()
    assert value(report, "crps") == pytest.approx(crps)
    assert [e.below.value for e in report.levels] == pytest.approx((y <= q).mean(axis=0))
    assert report.status == "biased"
    assert report.groups is not None
    assert report.groups.groups == 40


def test_normal_laws_and_ensembles() -> None:
    """Right laws are called right; members too far apart are too wide, with the fair CRPS."""
    assert normal().status == "calibrated"
    assert normal().metrics["kuiper"].p_value > 0.05  # type: ignore[operator]
    report = members()
    assert report.status == "too wide"
    assert report.intervals[0].stated == pytest.approx(11 / 13)


NAMES = {
    "percent": ("q05", "q50", "q95"), "levels": ("0.05", "0.5", "0.95"),
    "stem": ("y_q0.050", "y_q0.500", "y_q0.950"), "underscore": ("p5_0", "p50_0", "p95_0"),
    "sign": ("5%", "50%", "95%"), "R": ("X5.", "X50.", "X95."),
    "digits": ("q050", "q500", "q950"), "word": ("quantile_0.05", "quantile_0.5", "quantile_0.95"),
    "ordinal": ("5th_percentile", "50th_percentile", "95th_percentile"),
}  # fmt: skip


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_spellings_of_quantiles(names: tuple[str, ...], tmp_path: Path) -> None:
    """However levels are written, in CSV too, they are 0.05, 0.5 and 0.95."""
    frame = rows(60, 6)
    for name, z in zip(names, (-1.645, 0, 1.645), strict=True):
        frame[name] = frame["mean"] + z * frame["std"]
    path = tmp_path / "q.csv"
    frame.drop(columns=["mean", "std", "store"]).to_csv(path, index=False)
    found = [each.level for each in calaudit.forecast(path).levels]
    assert found == pytest.approx([0.05, 0.5, 0.95])


ENDS = {
    "statsforecast": ("A-lo-90", "A-hi-90"), "float": ("A-lo-90.0", "A-hi-90.0"),
    "R": ("Lo.90", "Hi.90"), "number first": ("90_lower", "90_upper"),
    "level": ("y_lower_0.9", "y_upper_0.9"), "joined": ("lower90", "upper90"),
}  # fmt: skip


@pytest.mark.parametrize("names", ENDS.values(), ids=ENDS)
def test_spellings_of_intervals(names: tuple[str, str]) -> None:
    """However ends are written, in any order of the columns, they state 0.9."""
    frame = rows(60, 7)
    ends = {names[1]: frame["mean"] + frame["std"], names[0]: frame["mean"] - frame["std"]}
    report = calaudit.forecast(pd.DataFrame({"y": frame["y"], **ends}))
    assert (report.intervals[0].stated, report.intervals[0].lower) == (0.9, names[0])


def test_levels_are_asked_for_and_alpha_is_the_miss_rate() -> None:
    """What an interval states is never assumed; the advice of the refusal works."""
    frame = rows(80, 8)
    given = {"y": frame["y"], "lower": frame["mean"] - 5, "upper": frame["mean"] + 5, "alpha": 0.1}
    data = pd.DataFrame(given)
    with pytest.raises(InputError, match=r"stands nowhere.*--stated 0.9"):
        calaudit.forecast(data)
    assert calaudit.forecast(data, stated=["90%"]).intervals[0].stated == 0.9
    with pytest.raises(SettingsError, match="between 0 and 1"):
        calaudit.forecast(data, stated=[90])


def test_quantiles_named_as_ends_state_what_lies_between() -> None:
    """From the 2.5 % to the 97.5 % quantile 95 % are stated; of ends of two levels it is asked."""
    frame = rows(80, 21)
    ends = {"2.5%": -6.0, "97.5%": 6.0, "lo_80": -4.0, "hi_90": 5.0}
    data = frame[["y"]].assign(**{name: frame["mean"] + d for name, d in ends.items()})
    report = calaudit.forecast(data, lower=["2.5%"], upper=["97.5%"])
    assert report.intervals[0].stated == pytest.approx(0.95)
    with pytest.raises(InputError, match="stands nowhere"):
        calaudit.forecast(data, lower=["lo_80"], upper=["hi_90"])


def test_a_few_misses_on_one_side_are_no_bias() -> None:
    """One miss above and none below says nothing of a bias; many do."""
    frame = rows(80, 22)
    y, wide = frame["mean"].copy(), {"lower": frame["mean"] - 9, "upper": frame["mean"] + 9}
    y[0] += 20
    assert (
        "Truths lie" not in calaudit.forecast(pd.DataFrame({"y": y, **wide}), stated=0.5).sentence
    )
    y[:30] += 20
    assert (
        "Truths lie above" in calaudit.forecast(pd.DataFrame({"y": y, **wide}), stated=0.9).sentence
    )


def test_prophet_pairs_about_other_things_are_left_alone() -> None:
    """Of Prophet's pairs that of yhat is about y; alone, that of the trend is refused."""
    frame = rows(80, 9)
    ends = {f"{n}_{s}": frame["mean"] + d for n in ("trend", "yhat")
            for s, d in (("lower", -5), ("upper", 5))}  # fmt: skip
    data = pd.DataFrame({"y": frame["y"], "yhat": frame["mean"], **ends})
    assert calaudit.forecast(data, stated=[0.8]).intervals[0].lower == "yhat_lower"
    with pytest.raises(InputError, match="are of 'trend', and not of what came true"):
        calaudit.forecast(data.drop(columns=["yhat_lower", "yhat_upper"]), stated=[0.8])


def test_two_models_are_asked_about() -> None:
    """Of two models in columns, or in rows, one is to be named; the name leads on."""
    frame = rows(80, 10)
    ends = {f"{m}-{s}-90": frame["mean"] + d for m in ("ETS", "Naive")
            for s, d in (("hi", 5), ("lo", -5))}  # fmt: skip
    data = pd.DataFrame({"y": frame["y"], **ends})
    with pytest.raises(InputError, match="--model ETS"):
        calaudit.forecast(data)
    assert calaudit.forecast(data, model="Naive").intervals[0].lower == "Naive-lo-90"
    long = pd.DataFrame(
        {"y": frame["y"], "lower": frame["mean"] - 5, "upper": frame["mean"] + 5,
         "model": np.where(np.arange(80) < 40, "a", "b")}
    )  # fmt: skip
    with pytest.raises(InputError, match=r"by 'model': a, b.*--where model=a"):
        calaudit.forecast(long, stated=[0.9])
    assert calaudit.forecast(long, stated=[0.9], model="b").intake.rows_used == 40
    with pytest.raises(NotEnoughData):
        calaudit.forecast(long, stated=[0.9], model="c")


def test_long_form_is_the_wide_one() -> None:
    """A row a quantile, in any order, gives the figures of a column a quantile."""
    frame = rows(60, 11).assign(case=range(60)).drop(columns="store")
    levels = (0.1, 0.5, 0.9)
    wide = frame.assign(
        **{f"{x}": frame["mean"] + stats.norm.ppf(x) * frame["std"] for x in levels}
    )
    wide = wide.drop(columns=["mean", "std"])
    long = wide.melt(["y", "case"], var_name="quantile", value_name="value")
    long["quantile"] = long["quantile"].astype(float)
    one = calaudit.forecast(wide)
    other = calaudit.forecast(long.sample(frac=1, random_state=0))
    assert value(other, "crps") == pytest.approx(value(one, "crps"))
    assert other.intake.rows_used == 60
    percent = calaudit.forecast(long.assign(quantile=(100 * long["quantile"]).round()))
    assert value(percent, "crps") == pytest.approx(value(one, "crps"))
    with pytest.raises(InputError, match="two rows are of the level"):
        calaudit.forecast(pd.concat([long, long[:1]]))
    with pytest.raises(InputError, match="not every level"):
        calaudit.forecast(long[1:])
    assert calaudit.forecast(long[1:], on_invalid="drop").intake.rows_used == 59


def test_invalid_rows_are_refused_or_dropped() -> None:
    """A truth or an end that is missing is named by row; dropped rows are counted."""
    frame = rows(80, 12)
    data = pd.DataFrame({"y": frame["y"], "mean": frame["mean"], "std": frame["std"]})
    data.loc[6, "y"], data.loc[9, "std"] = np.nan, -1.0
    with pytest.raises(InputError, match=r"2 of 80 rows.*row 7.*spread is below 0 \(row 10"):
        calaudit.forecast(data)
    assert calaudit.forecast(data, on_invalid="drop").intake.rows_used == 78


def two_models(path: Path) -> Path:
    """Write intervals of two models in turn, of which one cell is no number; return the file."""
    i = np.arange(200)
    frame = pd.DataFrame(
        {
            "y": i, "lower_90": (i - 1).astype(str), "upper_90": i + 1, "model": ["a", "b"] * 100,
            "date": pd.date_range("2025-01-01", periods=200).strftime("%Y-%m-%d"),
        }
    )  # fmt: skip
    frame.loc[150, "lower_90"] = "x"
    frame.to_csv(path / "models.csv", index=False)
    return path / "models.csv"


def test_a_bad_row_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    """Whichever rows are chosen, and although its column holds text by one cell."""
    path = two_models(tmp_path)
    with pytest.raises(InputError, match=r"1 row: .* \(row 151, column 'lower_90': x\)"):
        calaudit.forecast(path, model="a")
    assert calaudit.forecast(path, model="a", on_invalid="drop").intake.rows_used == 99
    assert calaudit.forecast(path, model="b").intake.rows_used == 100
    ends = pd.read_csv(path).assign(lower_90=0.0)
    ends.loc[7, "upper_90"] = np.nan
    with pytest.raises(InputError, match=r"\(row 8, column 'upper_90': \(empty\)\)"):
        calaudit.forecast(ends, model="b")
    long = pd.DataFrame(
        [(u, q, u + q, u, "ab"[u % 2]) for u in range(50) for q in (0.1, 0.5, 0.9)],
        columns=["unit", "quantile", "value", "y", "model"],
    )
    long.loc[121, "quantile"] = 0.1
    with pytest.raises(InputError, match=r"two rows are of the level 0.1 .*\(row 121 is one"):
        calaudit.forecast(long, model="a")


def test_rows_by_a_condition(tmp_path: Path) -> None:
    """As everywhere: on a date or a number, and a value that is no such is refused."""
    path = two_models(tmp_path)
    for where, rows_used in (
        ("date<2025-02-01", 15),
        ("upper_90 > 101", 50),
        ("date=2025-01-02", 1),
    ):
        assert calaudit.forecast(path, model="b", where=where).intake.rows_used == rows_used
    with pytest.raises(InputError, match=r"200 rows: text stands .*\(row 1, column 'model'"):
        calaudit.forecast(path, model="b", where="model<3")
    with pytest.raises(SettingsError, match="--where is COLUMN=VALUE"):
        calaudit.forecast(path, model="b", where="date")


def test_no_factor_where_every_truth_is_the_middle() -> None:
    """Any width would hold them all, and nothing is said to be off by a factor."""
    y = np.arange(200.0)
    report = calaudit.forecast(pd.DataFrame({"y": y, "lower_90": y - 1, "upper_90": y + 1}))
    assert report.status == "too wide"
    assert "factor" not in report.sentence
    with np.errstate(all="raise"):
        large = pd.DataFrame({"y": y * 1e200, "lower_90": y * 1e200 - 1e190, "upper_90": 1e203})
        assert calaudit.forecast(large).intervals[0].coverage.value == 1.0


def test_a_bias_that_both_ends_do_not_show() -> None:
    """Where as many truths lie above as below, no numbers are given that contradict it."""
    y = np.arange(60.0)
    frame = pd.DataFrame({"y": y, **{f"q{n}": y - 0.3 + 10 * (n - 50) / 100 for n in (10, 50, 90)}})
    report = calaudit.forecast(frame)
    assert "Truths lie above what is forecast. " in report.sentence


def test_names_that_values_contradict_are_refused() -> None:
    """Lower ends above the upper ones are not lower ends; q1, q5, q9 have no one meaning."""
    frame = rows(80, 13)
    ends = {"lower": frame["mean"] + 5, "upper": frame["mean"] - 5}
    with pytest.raises(InputError, match="lies above 'upper'"):
        calaudit.forecast(pd.DataFrame({"y": frame["y"], **ends}), stated=[0.9])
    many = {f"q{k}": frame["mean"] + k for k in (1, 5, 9)}
    with pytest.raises(InputError, match="does not show in their names"):
        calaudit.forecast(pd.DataFrame({"y": frame["y"], **many}))


def test_censored_outcomes_are_refused_by_both_commands() -> None:
    """Times to events of competing causes need other methods, and a score is no way round."""
    rng = np.random.default_rng(14)
    data = pd.DataFrame(
        {"time_months": rng.exponential(20, 90), "event": rng.integers(0, 3, 90),
         "cif_cause1_24m": rng.random(90), "cif_cause2_24m": rng.random(90)}
    )  # fmt: skip
    for command in (calaudit.forecast, calaudit.evaluate):
        with pytest.raises(InputError, match="censored"):
            command(data)


def test_evaluate_leads_to_forecast() -> None:
    """A file of forecasts is no file of scores, and evaluate says which command it is for."""
    with pytest.raises(InputError, match="calaudit forecast"):
        calaudit.evaluate(rows(80, 15)[["y", "mean", "std"]])


def test_groups_of_one_row_and_their_names() -> None:
    """Each row its own group gives about the plain intervals; rows in blocks give wider ones."""
    frame = rows(600, 16).drop(columns="store")
    one = calaudit.forecast(frame)
    each = calaudit.forecast(frame.assign(g=np.arange(600)), group="g")
    a, b = (r.metrics["coverage"] for r in (one, each))
    assert (b.low, b.high) == pytest.approx((a.low, a.high), abs=0.003)


@HOME
def test_layouts_of_tools() -> None:
    """Figures of the files that tools write are those of plain numpy."""
    stored = json.loads((LAYOUTS / "golden.json").read_text())
    right = {each["file"]: each["figures"] for each in stored}
    asked: dict[str, dict[str, Any]] = {
        "mapie_split_intervals.npz": {"stated": [0.8, 0.95]},
        "mapie_cqr_intervals.csv": {"stated": [0.9]},
        "sklearn_gbr_quantiles.csv": {}, "sklearn_gp_mean_std.csv": {},
        "regression_ensemble_members.csv": {}, "gluonts_quantiles.csv": {},
        "statsforecast_cv.csv": {"model": "AutoETS"},
    }  # fmt: skip
    for name, options in asked.items():
        report, figures = calaudit.forecast(LAYOUTS / name, **options), right[name]
        prefix = "AutoETS_" if "model" in options else ""
        for each in report.intervals:
            key = f"{prefix}cov_{100 * each.stated:.0f}"
            if key in figures:
                assert each.coverage.value == pytest.approx(figures[key], abs=1e-6)
            winkler = key.replace("cov", "winkler")
            if winkler in figures:
                assert each.score.value == pytest.approx(figures[winkler], rel=1e-5)
        for level in report.levels:
            key = f"below_{level.column}"
            if key in figures:
                assert level.below.value == pytest.approx(figures[key], abs=1e-6)
        if "mean_pinball" in figures:
            assert value(report, "mean_pinball") == pytest.approx(figures["mean_pinball"], rel=1e-5)
        if "crps_fair" in figures or "crps" in figures:
            expected = figures.get("crps_fair", figures.get("crps"))
            assert value(report, "crps") == pytest.approx(expected, rel=1e-5)
    with pytest.raises(InputError, match="censored"):
        calaudit.forecast(LAYOUTS / "competing_risks.csv")
    with pytest.raises(InputError, match="--model SeasonalNaive"):
        calaudit.forecast(LAYOUTS / "statsforecast_cv.csv")


@HOME
def test_the_hub_in_long_form(cases: Path) -> None:
    """The long form of the forecast hub gives the golden figures, by date."""
    golden = json.loads((cases / "golden2.json").read_text())["covid_quantiles"]["by"]
    report = calaudit.forecast(
        cases / "covid_quantiles" / "data.parquet", model="EuroCOVIDhub-ensemble",
        where="target_type=Cases", group="target_end_date",
    )  # fmt: skip
    right = golden["Cases / EuroCOVIDhub-ensemble"]
    assert value(report, "wis") == pytest.approx(right["wis"], rel=1e-9)
    assert value(report, "crps") == pytest.approx(right["crps_trapezoid"], rel=1e-9)
    for each in report.intervals:
        known = right["coverage"].get(f"{each.stated:g}")
        if known is not None:
            ends = [each.coverage.low, each.coverage.high]
            assert ends == pytest.approx(known["korn_graubard_by_date"], rel=1e-9)
            score = right["interval_score"][f"{each.stated:g}"]
            assert each.score.value == pytest.approx(score, rel=1e-9)
    assert sum(each.ties for each in report.levels) == right["ties_with_a_quantile"]
