"""Slices that are cut of a column: periods of dates, bins of numbers, sides of a condition."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import calaudit
from calaudit.errors import CalauditError, InputError, SettingsError
from calaudit.predictions import Intake, Roles, open_predictions
from calaudit.report.command import command_of

ROWS = 3000


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Rows of fourteen months, with amounts and counts of which most are 0."""
    rng = np.random.default_rng(3)
    seconds = rng.integers(0, 420 * 86_400, ROWS)
    score = rng.random(ROWS)
    frame = pd.DataFrame(
        {
            "date": pd.Timestamp("2024-12-20") + pd.to_timedelta(seconds, unit="s"),
            "score": score.round(3),
            "label": (rng.random(ROWS) < score).astype(int),
            "amount": np.exp(rng.normal(3, 1, ROWS)).round(2),
            "count": np.where(rng.random(ROWS) < 0.6, 0, rng.integers(1, 101, ROWS)),
        }
    )
    frame.loc[10:29, "date"] = pd.NaT
    frame.loc[50:79, "amount"] = np.nan
    return frame


FORMATS = ("csv", "parquet", "zoned.parquet", "day.parquet", "jsonl", "arrow", "frame")


def _written(frame: pd.DataFrame, form: str, folder: Path) -> Any:
    """Return the frame as a file or an object of some format."""
    path = folder / f"rows.{form}"
    if form == "frame":
        return frame
    if form == "csv":
        frame.to_csv(path, index=False)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    elif form == "zoned.parquet":
        zone = frame["date"].dt.tz_localize("America/New_York", ambiguous=True,
                                            nonexistent="shift_forward")  # fmt: skip
        frame.assign(date=zone).to_parquet(path)
    elif form == "day.parquet":
        frame.assign(date=frame["date"].dt.date).to_parquet(path)
    elif form == "arrow":
        frame.to_feather(path)
    else:
        frame.to_parquet(path)
    return str(path)


def _read(data: Any, by: str) -> dict[str, int]:
    """Return how many rows each slice has, in their order, without an evaluation."""
    with open_predictions(data, roles=Roles(by=(by,))) as opened:
        intake = Intake()
        chunks = [chunk for unit in opened.units() for chunk in unit.chunks(intake)]
        opened.finish(intake)
        texts = [np.array(c.slices[0].values)[c.slices[0].codes] for c in chunks]
        values, counts = np.unique(np.concatenate(texts), return_counts=True)
        found = dict(zip(values.tolist(), counts.tolist(), strict=True))
        return {value: found[value] for value in sorted(found, key=opened.layout.cuts[by].place)}


def _rows(report: Any, column: str) -> dict[str, int]:
    return {s.value: s.rows for s in report.slices if s.column == column}


@pytest.mark.parametrize("form", FORMATS)
def test_months_are_the_same_from_every_format(
    frame: pd.DataFrame, form: str, tmp_path: Path
) -> None:
    """Rows are counted by the month that stands there, in order of time, those without last."""
    wanted = frame["date"].dt.strftime("%Y-%m").value_counts().sort_index().to_dict()
    found = _read(_written(frame, form, tmp_path), "date:month")
    assert found == wanted | {"(missing)": 20}
    assert list(found) == [*wanted, "(missing)"]


def test_a_report_has_periods_in_order_of_time(frame: pd.DataFrame, tmp_path: Path) -> None:
    """Not the most miscalibrated first, and it says how dates were cut."""
    report = calaudit.evaluate(_written(frame, "csv", tmp_path), by="date:quarter")
    values = [s.value for s in report.slices]
    assert values == [*sorted(values[:-1]), "(missing)"]
    assert "slices-by-period" in [note.code for note in report.notes]


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("year", lambda t: f"{t:%Y}"),
        ("quarter", lambda t: f"{t:%Y}-Q{(t.month + 2) // 3}"),
        ("week", lambda t: f"{t:%G}-W{t:%V}"),
        ("day", lambda t: f"{t:%Y-%m-%d}"),
        ("hour", lambda t: f"{t:%Y-%m-%d %H}:00"),
    ],
)
def test_periods_against_the_calendar_of_python(frame: pd.DataFrame, unit: str, name: Any) -> None:
    """Each row is in the period that Python's own calendar says."""
    some = frame.dropna(subset="date")
    wanted = some["date"].map(name).value_counts().sort_index()
    found = _read(some, f"date:{unit}")
    assert found == wanted.to_dict()
    assert list(found) == list(wanted.index)


@pytest.mark.parametrize("text", [True, False])
def test_years_before_1970_are_no_later_than_they_are(text: bool) -> None:
    """The last second of a year belongs to it, also where time counts backwards."""
    dates = ["1969-12-31T23:59:59.9", "1960-01-01T00:00:00.0", "1970-01-01T00:00:00.0"] * 20
    column = dates if text else pd.to_datetime(dates)
    frame = pd.DataFrame({"date": column, "score": [0.2, 0.5, 0.7] * 20, "label": [0, 1, 1] * 20})
    found = _read(frame, "date:year")
    assert found == {"1960": 20, "1969": 20, "1970": 20}


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl", "frame"])
def test_bins_hold_about_as_many_rows_between_round_ends(
    frame: pd.DataFrame, form: str, tmp_path: Path
) -> None:
    """The names tell the ends, the counts are those between them, and none is far off a fifth."""
    report = calaudit.evaluate(_written(frame, form, tmp_path), by="amount:5")
    found = _rows(report, "amount:5")
    edges = report.settings["edges"]["amount:5"]
    known = frame["amount"].dropna()
    counts = np.bincount(np.searchsorted(edges, known, side="right"), minlength=5)
    assert [*found.values()] == [*counts, 30]
    assert np.abs(counts / len(known) - 0.2).max() < 0.041
    assert all(len(f"{edge:g}") <= 2 for edge in edges)
    names = [f"{a:g} to under {b:g}" for a, b in pairwise(edges)]
    assert [*found] == [f"under {edges[0]:g}", *names, f"{edges[-1]:g} and over", "(missing)"]


def test_bins_keep_equal_numbers_together(frame: pd.DataFrame) -> None:
    """A value with more rows than a bin has one alone, and the others are no slivers."""
    report = calaudit.evaluate(frame, by="count:5")
    found = _rows(report, "count:5")
    assert found["under 1"] == (frame["count"] == 0).sum()
    assert [*found] == ["under 1", "1 to under 50", "50 and over"]
    [note] = [note for note in report.notes if note.code == "slices-by-number"]
    assert note.figures == {"kind": "fewer", "column": "count", "bins": 3, "asked": 5}


@pytest.mark.parametrize("distinct", [20_000, 70_000])
def test_edges_depend_on_no_order_and_no_division(distinct: int, tmp_path: Path) -> None:
    """Rows in another order and in several files give the same slices."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"score": rng.random(distinct), "amount": rng.normal(0, 1e3, distinct)})
    frame["label"] = (rng.random(distinct) < frame["score"]).astype(int)
    found = []
    for at, order in enumerate([np.arange(distinct), rng.permutation(distinct)]):
        folder = tmp_path / str(at)
        folder.mkdir()
        for i, part in enumerate(np.array_split(order, 1 + 2 * at)):
            frame.iloc[part].to_parquet(folder / f"{i}.parquet", row_group_size=9000)
        found.append(_read(str(folder), "amount:7"))
    assert found[0] == found[1]
    assert np.abs(np.cumsum([*found[0].values()]) / distinct - np.arange(1, 8) / 7).max() < 0.016


def test_a_column_of_exactly_that_name_wins(frame: pd.DataFrame) -> None:
    """Where there is a column called date:month, its values are the slices."""
    named = frame.assign(**{"date:month": np.where(np.arange(ROWS) % 2, "odd", "even")})
    assert _rows(calaudit.evaluate(named, by="date:month"), "date:month") == {
        "even": ROWS // 2, "odd": ROWS // 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("amount:month", "'amount' holds numbers, which may count seconds"),
        ("date:5", "'date' holds none"),
        ("amount:fife", "dates are cut by hour, day, week, month"),
        ("amuont:5", "Did you mean amount"),
        ("amount:1", "into 2 to 100 bins"),
    ],
)
def test_what_cannot_be_cut_is_refused(frame: pd.DataFrame, by: str, told: str) -> None:
    """A date of numbers, a number of dates, and what is no cut at all: with what to say."""
    with pytest.raises((InputError, SettingsError), match=told) as refused:
        calaudit.evaluate(frame, by=by)
    assert len(str(refused.value)) < 250


def test_a_text_that_is_no_date_is_refused_with_its_row(tmp_path: Path) -> None:
    """The column, the row, the cell and how to write dates; such rows can be dropped."""
    days = [f"2025-03-{1 + i % 28:02}" for i in range(200)]
    days[120] = "31.3.2025"
    days[121] = "2025-02-30"
    table = pa.table({"date": days, "score": [0.2, 0.7] * 100, "label": [0, 1] * 100})
    with pytest.raises(InputError) as refused:
        calaudit.evaluate(table, by="date:month")
    told = str(refused.value)
    assert "row 121, date: 31.3.2025" in told
    assert "row 122, date: 2025-02-30" in told
    assert "2025-03-31" in told
    report = calaudit.evaluate(table, by="date:month", on_invalid="drop")
    assert _rows(report, "date:month") == {"2025-03": 198}


def test_thresholds_show_periods_in_order_of_time(frame: pd.DataFrame) -> None:
    """The slices of a recommendation come in the order of an evaluation."""
    found = calaudit.threshold(frame, cost_fp=1, cost_fn=2, by="date:quarter")
    values = [s.value for s in found.slices]
    assert values == [*sorted(values[:-1]), "(missing)"]
    assert sum(s.rows for s in found.slices) == ROWS


def test_a_check_keeps_the_bins_of_its_baseline(frame: pd.DataFrame) -> None:
    """Slices are compared with those of the same ends, though the new file has other numbers."""
    baseline = calaudit.evaluate(frame, by="amount:3")
    new = frame.assign(amount=frame["amount"] * 1.5)
    rules: Any = {"max_increase": {"ece": 0.2}, "by": "amount:3"}
    by_report = calaudit.check(new, baseline=baseline, **rules)
    assert {r.value for r in by_report.results if r.column} == {s.value for s in baseline.slices}
    against = calaudit.check(new, against=frame, **rules)
    for found in (by_report, against):
        assert not [r for r in found.results if r.status == "inconclusive"]


CONDITIONS = [
    ("date<2025-07-01", lambda f: f["date"] < "2025-07-01"),
    ("date <= 2025-06-30", lambda f: f["date"].dt.floor("D") <= "2025-06-30"),
    ("date>2025-06-30", lambda f: f["date"].dt.floor("D") > "2025-06-30"),
    ("date>=2025-06-30T12:00", lambda f: f["date"] >= "2025-06-30 12:00"),
    ("amount<20", lambda f: f["amount"] < 20),
    ("amount>=20.5", lambda f: f["amount"] >= 20.5),
    ("count<=0", lambda f: f["count"] <= 0),
]


@pytest.mark.parametrize(("split", "holds"), CONDITIONS)
@pytest.mark.parametrize("form", ["csv", "zoned.parquet"])
def test_a_fit_on_one_side_of_a_condition(
    frame: pd.DataFrame, split: str, holds: Any, form: str, tmp_path: Path
) -> None:
    """As many rows are fitted and held out as pandas counts; a day with no time is all of it."""
    whole = frame.dropna()
    fitted = calaudit.fit(_written(whole, form, tmp_path), split=split, method="temperature")
    count = int(holds(whole).sum())
    certificate = fitted.certificate
    assert (certificate.rows, certificate.checks[0].rows) == (count, len(whole) - count)
    assert certificate.split == f"rows with {split}"


def test_an_audit_on_one_side_says_so_and_its_command_does(
    frame: pd.DataFrame, tmp_path: Path
) -> None:
    """Both sides are counted in words, and the command of the report divides in the same way."""
    whole = frame.dropna()
    report = calaudit.audit(_written(whole, "csv", tmp_path), split="date<2025-07-01")
    count = int((whole["date"] < "2025-07-01").sum())
    told = f"{count:,} rows with date<2025-07-01, judged on the {len(whole) - count:,} others"
    assert told in str(report)
    assert "--split 'date<2025-07-01'" in (command_of(report) or "")


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ("date<1999-01-01", "no row has date<1999-01-01"),
        ("date>1999-01-01", "no row to judge on"),
        ("date<2025-07-01Z", "date<2025-07-01Z"),
        ("date<2025-07-01T00:00Z", "leave the zone out"),
        ("date<2025", "'date' holds none"),
        ("amount<2025-07-01", "'amount' holds numbers"),
        ("label<1", "negative"),
        ("amount", "COLUMN=VALUE"),
    ],
)
def test_a_condition_that_divides_nothing_is_refused(
    frame: pd.DataFrame, split: str, told: str
) -> None:
    """Empty sides, sides of one class, and what is compared with something else."""
    with pytest.raises(CalauditError, match=re.escape(told)):
        calaudit.fit(frame.dropna(), split=split)


def test_rows_without_the_value_are_on_no_side(frame: pd.DataFrame) -> None:
    """They are refused and counted, and can be dropped."""
    with pytest.raises(InputError, match=r"(?s)20 rows: .*on-no-side.*row 11, date"):
        calaudit.fit(frame, split="date<2025-07-01")
    fitted = calaudit.fit(frame, split="date<2025-07-01", on_invalid="drop", method="temperature")
    known = frame["date"].dropna()
    assert fitted.certificate.rows == (known < "2025-07-01").sum()
    assert fitted.certificate.checks[0].rows == (known >= "2025-07-01").sum()


def test_a_column_with_a_sign_in_its_name_can_be_a_split(frame: pd.DataFrame) -> None:
    """What stands behind the sign is no number, so that it belongs to the name."""
    named = frame.assign(**{"count>50": np.where(frame["count"] > 50, "many", "few")})
    fitted = calaudit.fit(named, split="count>50=many", method="temperature")
    assert fitted.certificate.rows == (frame["count"] > 50).sum()


@pytest.mark.parametrize("fault", ["one", "other"])
def test_a_held_out_side_of_one_class_is_refused(fault: str) -> None:
    """Neither side of a split in time can be of one class: nothing could be compared."""
    rng = np.random.default_rng(8)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(400), unit="D")
    frame = pd.DataFrame({"date": days, "score": rng.random(400)})
    frame["label"] = (rng.random(400) < frame["score"]).astype(int)
    late = frame["date"] >= "2025-08-01"
    frame.loc[late if fault == "other" else ~late, "label"] = 0
    with pytest.raises(CalauditError, match="one class"):
        calaudit.fit(frame, split="date<2025-08-01", method="temperature")
