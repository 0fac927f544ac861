"""Sets of classes, from files to figures, against sums over raw rows and cases by hand."""

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
from calaudit.metrics.conformal import guaranteed
from tests.golden.cases import FOLDER

LAYOUTS = FOLDER.parent / "layouts"
HOME = pytest.mark.skipif(not LAYOUTS.is_dir(), reason="the folder of layouts is not here")
NAMES = ["ant", "bee", "cow", "dog", "elk"]


def drawn(n: int = 400, seed: int = 0) -> tuple[Any, Any]:
    """Return (n,) classes of five and (n, 5) which of them are in each set."""
    rng = np.random.default_rng(seed)
    y, inside = rng.integers(0, 5, n), rng.random((n, 5)) < 0.3
    inside[np.arange(n), y] = rng.random(n) < 0.9
    return y, inside


def frame(y: Any, inside: Any, **more: Any) -> pd.DataFrame:
    """Return labels beside lists of classes."""
    sets = [np.flatnonzero(row).tolist() for row in inside]
    return pd.DataFrame({"label": y, "prediction_set": sets, **more})


def value(report: Any, name: str) -> float:
    """Return a metric that must be there."""
    found: float | None = report.metrics[name].value
    assert found is not None
    return found


def write(folder: Path, form: str, y: Any, inside: Any) -> Path:
    """Write the same sets in one of the forms that files have them in."""
    lists = [np.flatnonzero(row).tolist() for row in inside]
    path = folder / f"{form}.csv"
    texts = {
        "json": [json.dumps(each) for each in lists],
        "bare": [" ".join(map(str, each)) or "[]" for each in lists],
        "commas": [", ".join(map(str, each)) or "[]" for each in lists],
        "python": [str(set(each)) for each in lists],
        "numpy": [str(np.array(each, int)) for each in lists],
    }
    if form in texts:
        pd.DataFrame({"label": y, "prediction_set": texts[form]}).to_csv(path, index=False)
    elif form in ("flags", "words"):
        cells = pd.DataFrame(inside if form == "words" else inside.astype(int))
        cells.add_prefix("set_").assign(label=y).to_csv(path, index=False)
    elif form == "parquet":
        frame(y, inside).to_parquet(path := folder / "lists.parquet")
    elif form in ("jsonl", "json flags"):
        kept = lists if form == "jsonl" else inside.astype(int).tolist()
        rows = [{"label": int(a), "prediction_set": b} for a, b in zip(y, kept, strict=True)]
        path = folder / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        array = inside if form == "matrix" else np.stack([inside, inside | ~inside], axis=2)
        np.savez(path := folder / f"{form}.npz", y_true=y, y_ps=array)
    return path


FORMS = ("json", "bare", "commas", "python", "numpy", "flags", "words", "parquet", "jsonl",
         "json flags", "matrix")  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_file_shows_what_raw_rows_do(form: str, tmp_path: Path) -> None:
    """Figures of all forms are those of sums over the rows."""
    y, inside = drawn()
    report = calaudit.forecast(write(tmp_path, form, y, inside), stated=0.9)
    hit, size = inside[np.arange(400), y], inside.sum(axis=1)
    assert report.kind == "sets"
    expected = {
        "coverage": hit.mean(), "set_size": size.mean(), "empty_sets": (size == 0).mean(),
        "singletons": (size == 1).mean(), "singleton_accuracy": hit[size == 1].mean(),
        "full_sets": (size == 5).mean(),
    }  # fmt: skip
    assert {name: value(report, name) for name in expected} == pytest.approx(expected)
    ends = stats.binomtest(int(hit.sum()), 400).proportion_ci(0.95, "exact")
    lead = report.intervals[0].coverage
    assert (lead.low, lead.high) == pytest.approx((ends.low, ends.high), abs=1e-9)
    by_class = {part.value: part.coverage.value for part in report.by_class}
    assert by_class == pytest.approx({str(k): hit[y == k].mean() for k in range(5)})
    by_size = {part.value: part.rows for part in report.by_width}
    assert by_size == {str(k): (size == k).sum() for k in range(1, 5)}


def test_levels_of_one_array(tmp_path: Path) -> None:
    """Each level of MAPIE's (row, class, level) is told of; sets of all classes hold all."""
    y, inside = drawn()
    path = write(tmp_path, "levels", y, inside)
    report = calaudit.forecast(path, stated=[0.9, 0.99])
    assert [each.width for each in report.intervals] == [inside.sum(axis=1).mean(), 5.0]
    assert report.intervals[1].coverage.value == 1.0
    with pytest.raises(InputError, match=r"--stated 0.9,0.95"):
        calaudit.forecast(path)


def test_a_case_by_hand() -> None:
    """Five rows: two hits of four sets and an empty one, that is a miss."""
    data = pd.DataFrame(
        {"label": list("abcab"), "sets": [["a"], ["b", "c"], ["a", "b"], [], ["c"]]}
    )
    report = calaudit.forecast(data, stated=0.8)
    found = {name: value(report, name) for name in ("coverage", "set_size", "empty_sets")}
    assert found == {"coverage": 0.4, "set_size": 1.2, "empty_sets": 0.2}
    assert value(report, "singleton_accuracy") == 0.5
    assert report.by_class == ()


def test_the_level_is_asked_for_and_alpha_is_the_miss_rate() -> None:
    """A level stands in the file, or is stated; never both otherwise, and of one value."""
    data = frame(*drawn())
    with pytest.raises(InputError, match=r"stands nowhere.*--stated 0.9"):
        calaudit.forecast(data)
    assert calaudit.forecast(data.assign(alpha=0.1)).intervals[0].stated == 0.9
    named = data.assign(confidence_level=0.8)
    assert calaudit.forecast(named).intervals[0].stated == 0.8
    with pytest.raises(SettingsError, match=r"contradicts 'alpha', 0.1 there"):
        calaudit.forecast(data.assign(alpha=0.1), stated=0.8)
    assert calaudit.forecast(data.assign(alpha=0.9), stated=0.9).intervals[0].stated == 0.9
    with pytest.raises(InputError, match="stands nowhere"):
        calaudit.forecast(data.assign(alpha=0.9))  # the level by that name, or 10 %
    both = pd.concat([data.assign(alpha=0.1), data.assign(alpha=0.2)])
    with pytest.raises(InputError, match=r"--where alpha=0.1"):
        calaudit.forecast(both, stated=0.9)
    assert calaudit.forecast(both, stated=0.9, where="alpha=0.1").intake.rows_used == 400


def test_labels_and_sets_that_are_spelled_apart() -> None:
    """Numbers moved by one are refused; what the message advises works."""
    y, inside = drawn()
    moved = frame(y + 1, inside)
    with pytest.raises(InputError, match="moved by one") as caught:
        calaudit.forecast(moved, stated=0.9)
    assert "--classes 1..5=0..4" in str(caught.value)
    right = calaudit.forecast(moved, stated=0.9, classes=["1..5=0..4"])
    assert value(right, "coverage") == inside[np.arange(400), y].mean()
    words = [[f"LABEL_{k}" for k in row] for row in moved["prediction_set"]]
    prefixed = calaudit.forecast(moved.assign(label=y, prediction_set=words), stated=0.9)
    assert value(prefixed, "coverage") == value(right, "coverage")


def test_names_of_flags() -> None:
    """Columns name their classes after the prefix; others are named in order."""
    y, inside = drawn()
    flags = pd.DataFrame(inside, columns=[f"in {name}" for name in NAMES])
    data = flags.assign(label=np.array(NAMES)[y])
    report = calaudit.forecast(data, sets="in ", stated=0.9)
    assert value(report, "coverage") == inside[np.arange(400), y].mean()
    flags.columns = [f"set_{k}" for k in range(5)]
    named = calaudit.forecast(flags.assign(label=data["label"]), stated=0.9, classes=NAMES)
    assert value(named, "coverage") == value(report, "coverage")


def test_what_is_refused_row_by_row() -> None:
    """A missing set is none, and an empty one is; strangers and missing labels are told."""
    y, inside = drawn()
    data = frame(y, inside).astype({"label": object})
    data.at[0, "prediction_set"] = None
    data.at[1, "prediction_set"] = [0, None]
    data.loc[2, "label"] = None
    with pytest.raises(InputError) as caught:
        calaudit.forecast(data, stated=0.9)
    for told in ("set is missing", "class in the set is missing", "the label is missing"):
        assert told in str(caught.value)
    report = calaudit.forecast(data, stated=0.9, on_invalid="drop")
    assert report.intake.refused == {"missing-label": 1, "missing-set": 1, "unknown-class": 1}
    assert report.intake.rows_used == 397
    flags = pd.DataFrame(inside).add_prefix("set_").assign(label=y)
    flags.loc[3, "label"] = 17
    with pytest.raises(InputError, match="not one of the classes"):
        calaudit.forecast(flags, stated=0.9)
    with pytest.raises(NotEnoughData, match="no rows"):
        calaudit.forecast(frame(y, inside, day="mon"), stated=0.9, where="day=sun")


def test_a_flag_that_is_no_flag_is_refused() -> None:
    """A column of a class is not passed over, with all rows of that class, for one value in it."""
    y, inside = drawn()
    flags = {f"set_{name}": inside[:, k].astype(int) for k, name in enumerate(NAMES)}
    data = pd.DataFrame({"label": np.array(NAMES)[y], **flags, "set_size": inside.sum(axis=1)})
    assert calaudit.forecast(data, stated=(0.9,)).metrics["set_size"].value == inside.sum() / len(y)
    with pytest.raises(SettingsError, match="another order than their columns"):
        calaudit.forecast(data, stated=(0.9,), classes=NAMES[::-1])
    data.loc[4, "set_ant"] = 2
    with pytest.raises(InputError, match="'set_ant' is to hold 0 or 1"):
        calaudit.forecast(data, stated=(0.9,))


def test_sets_as_python_prints_them(tmp_path: Path) -> None:
    """Tuples are sets as lists are."""
    cells = ["(0,)", "(0, 1)", "()"] * 20
    frame = pd.DataFrame({"label": [0, 1, 2] * 20, "set": cells})
    frame.to_csv(tmp_path / "tuples.csv", index=False)
    report = calaudit.forecast(tmp_path / "tuples.csv", stated=(0.9,))
    assert value(report, "coverage") == pytest.approx(2 / 3)


def test_empty_cells_of_text_are_no_empty_sets(tmp_path: Path) -> None:
    """An empty cell is refused, and [] in its place is the empty set."""
    path = tmp_path / "bare.csv"
    path.write_text("label,sets\n" + "1,1 2\n2,2\n1,2\n" * 20 + "1,\n")
    with pytest.raises(InputError, match=r"without any class is written \[\]"):
        calaudit.forecast(path, stated=0.9)
    path.write_text(path.read_text().removesuffix("1,\n") + "1,[]\n")
    assert value(calaudit.forecast(path, stated=0.9), "empty_sets") == 1 / 61


def test_names_with_blanks_are_not_taken_apart(tmp_path: Path) -> None:
    """Where labels have blanks, cells without brackets are one class, or parted by marks."""
    path = tmp_path / "blanks.csv"
    path.write_text("label,prediction_set\n" + "New York,New York;Rome\nRome,Rome\n" * 20)
    report = calaudit.forecast(path, stated=0.9)
    assert (value(report, "coverage"), value(report, "set_size")) == (1.0, 1.5)


def test_a_class_twice_counts_once() -> None:
    """Sizes are of different classes, and repeats are told."""
    data = pd.DataFrame({"label": [0, 1, 2] * 20, "sets": [[0, 0], [1, 2], [0]] * 20})
    report = calaudit.forecast(data, stated=0.9)
    assert value(report, "set_size") == pytest.approx(4 / 3)
    assert [note.code for note in report.notes] == ["classes-repeat"]


def test_lists_that_can_be_two_things_are_refused() -> None:
    """[0, 1] is both classes, or a flag of the second; probabilities are no sets."""
    data = pd.DataFrame({"label": [0, 1] * 20, "sets": [[1, 0], [0, 1]] * 20})
    with pytest.raises(InputError, match="true or false for each class"):
        calaudit.forecast(data, stated=0.9)
    flags = [[bool(a), bool(b)] for a, b in data["sets"]]
    assert value(calaudit.forecast(data.assign(sets=flags), stated=0.9), "coverage") == 1.0
    words = [[str(a), str(b)] for a, b in data["sets"]]
    assert (
        value(calaudit.forecast(data.assign(sets=[w[:1] for w in words]), stated=0.9), "coverage")
        == 0
    )


def test_probabilities_in_the_place_of_sets_are_refused(tmp_path: Path) -> None:
    """An array of shares is told from flags."""
    y, inside = drawn()
    np.savez(tmp_path / "p.npz", y=y, y_ps=inside * 0.5)
    with pytest.raises(InputError, match="true or false for each class"):
        calaudit.forecast(tmp_path / "p.npz", stated=0.9)


def test_groups_and_slices() -> None:
    """With groups intervals are Korn and Graubard's, and no guarantee is claimed."""
    y, inside = drawn(900, 3)
    data = frame(y, inside, site=np.arange(900) // 30, kind=np.where(y > 2, "rare", "usual"))
    report = calaudit.forecast(data, stated=0.9, group="site", by="kind", calibration_rows=500)
    assert report.intervals[0].coverage.method == "Korn–Graubard"
    assert report.metrics["guaranteed"].reason == "no guarantee for rows that belong together"
    hit = pd.Series(inside[np.arange(900), y])
    found = {part.value: part.coverage.value for part in report.slices}
    assert found == pytest.approx(hit.groupby(data["kind"]).mean().to_dict())
    single = inside.sum(axis=1) == 1
    assert value(report, "singleton_accuracy") == pytest.approx(hit[single].mean())
    assert calaudit.forecast(data, stated=0.9, group="label").groups is not None


def test_a_class_that_is_held_too_rarely_is_named() -> None:
    """A right total hides it; classes at once tell it."""
    y, inside = drawn(2000, 4)
    rng = np.random.default_rng(5)
    inside[np.arange(2000), y] = rng.random(2000) < np.where(y == 3, 0.7, 0.95)
    report = calaudit.forecast(frame(y, inside), stated=0.9)
    assert report.status == "calibrated"
    assert "Of 5 classes" in report.sentence
    assert ": 3 with 68 %" in report.sentence
    low = [part.value for part in report.by_class if part.off and (part.coverage.high or 1) < 0.9]
    assert low == ["3"]


@pytest.mark.parametrize(("share", "status", "words"), [
    (0.7, "too narrow", "Sets hold too little"), (0.99, "too wide", "Sets hold too much"),
])  # fmt: skip
def test_words(share: float, status: str, words: str) -> None:
    """Too little and too much are told, with what they hold."""
    y, inside = drawn(1500, 6)
    inside[np.arange(1500), y] = np.random.default_rng(7).random(1500) < share
    report = calaudit.forecast(frame(y, inside), stated=0.9)
    assert (report.status, report.lead.startswith(words)) == (status, True)
    assert f"hold {100 * value(report, 'coverage'):.1f} %" in report.lead


@pytest.mark.parametrize(("n", "m"), [(30, 200), (500, 100), (2000, 5000)])
def test_the_guarantee_is_beta_binomial(n: int, m: int) -> None:
    """Its middle 95 % is SciPy's."""
    k = int(np.ceil((n + 1) * 0.9))
    found = guaranteed(0.9, n, m, 0.95)
    low, high = stats.betabinom(m, k, n + 1 - k).ppf([0.025, 0.975]) / m
    assert (found.value, found.low, found.high) == pytest.approx((k / (n + 1), low, high))
    assert guaranteed(0.9, 8, m, 0.95).reason == "0.9 takes 9 such rows"
    with pytest.raises(SettingsError, match="1 or more, not -3"):
        calaudit.forecast(frame(*drawn()), stated=(0.9,), calibration_rows=-3)


def test_evaluate_leads_to_the_command(tmp_path: Path) -> None:
    """A file of sets holds no scores."""
    y, inside = drawn()
    for form in ("json", "flags", "jsonl", "matrix"):
        with pytest.raises(InputError, match=r"look like sets.*calaudit forecast"):
            calaudit.evaluate(write(tmp_path, form, y, inside))


def test_what_can_be_no_sets() -> None:
    """The label itself, records, and lists of lists are refused; without rows there is nothing."""
    data = frame(*drawn())
    with pytest.raises(SettingsError, match="it is one of the two"):
        calaudit.forecast(data, sets="label", label="label", stated=0.9)
    for cell in ([{"a": 1}], {"a": 1}, [[1]]):
        odd = data.assign(prediction_set=[cell] * len(data))
        with pytest.raises(InputError, match="neither numbers nor text"):
            calaudit.forecast(odd, sets="prediction_set", stated=0.9)
    with pytest.raises(InputError, match="which is not there"):
        calaudit.forecast(data, sets="nope", stated=0.9)
    with pytest.raises(NotEnoughData, match="no rows"):
        calaudit.forecast(data.iloc[:0], sets="prediction_set", stated=0.9)


def test_sets_are_not_recalibrated(tmp_path: Path) -> None:
    """An offset is one of numbers, and a file that could be written is not."""
    with pytest.raises(SettingsError, match="--recalibrate is for columns"):
        calaudit.forecast(frame(*drawn()), stated=0.9, recalibrate=tmp_path / "o.json")
    with pytest.raises(SettingsError, match="those of --sets"):
        calaudit.forecast(pd.DataFrame({"y": [1.0], "lower": 0.0, "upper": 2.0}), classes=["a"])


@HOME
def test_the_file_of_a_tool() -> None:
    """Sets that MAPIE made, with their miss rate beside them."""
    golden = json.loads((LAYOUTS / "golden.json").read_text())
    figures = next(g for g in golden if g["file"] == "conformal_sets.jsonl")["figures"]
    report = calaudit.forecast(LAYOUTS / "conformal_sets.jsonl")
    assert report.intervals[0].stated == 0.9
    assert value(report, "coverage") == pytest.approx(figures["cov_90"], abs=1e-12)
    assert value(report, "set_size") == pytest.approx(figures["mean_size"], abs=1e-12)
    assert value(report, "empty_sets") * 250 == figures["empty"]
    assert value(report, "singletons") * 250 == pytest.approx(figures["singletons"])
