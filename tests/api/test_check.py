"""``calaudit.check``: verdicts on data, and never a green one that was not earned."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calaudit
from calaudit import CheckReport, InputError, NotEnoughData, Report, SettingsError
from calaudit.api.checking import ARGUMENTS
from calaudit.api.checks.rule_settings import RULES
from calaudit.cli.configuration import SETTINGS
from calaudit.gate.rules import OF_FORECASTS
from tests.api.simulated import binary, multiclass, top_label

INCREASE = {"ece": 0.01}


def rows(n: int = 4000, seed: int = 0, *, slope: float = 1.0) -> pd.DataFrame:
    """Return binary predictions in two regions; with a slope under 1 they are overconfident."""
    p, y = binary(n, seed, slope=slope)
    region = np.where(np.arange(n) % 4 == 0, "north", "south")
    return pd.DataFrame({"row_id": np.arange(n), "score": p, "label": y, "region": region})


@pytest.fixture(scope="module")
def good() -> Report:
    """The report on calibrated predictions, by region."""
    return calaudit.evaluate(rows(), by="region")


@pytest.fixture(scope="module")
def worse() -> pd.DataFrame:
    """Overconfident predictions: their calibration error is 0.1."""
    return rows(seed=1, slope=0.4)


def texts(check: CheckReport) -> list[str]:
    """Return what is said about each rule."""
    return [result.text for result in check.results]


def test_passes(good: Report) -> None:
    """Other calibrated rows pass by wide margins; every rule has its figures."""
    check = calaudit.check(
        rows(seed=2), baseline=good, max_increase={"ece": 0.05, "log_loss": 0.05},
        max_decrease={"auroc": 0.05}, max_smece=0.05, min_accuracy=0.6, min_rows=4000,
    )  # fmt: skip
    assert check
    assert check.passed
    assert not check.failed
    assert check.status == "PASS"
    assert check.sentence == "PASS: all 6 rules hold."
    assert all(text.startswith("PASS ") for text in texts(check))
    assert [result.metric for result in check.results] == [
        "n", "ece", "log_loss", "auroc", "smece", "accuracy",
    ]  # fmt: skip
    assert (check.baseline, check.baseline_rows, check.rows) == ("the baseline", 4000, 4000)


def test_fails(good: Report, worse: pd.DataFrame) -> None:
    """Overconfident rows fail; failed rules come first, and every figure is that of a report."""
    check = calaudit.check(worse, baseline=good, max_increase=INCREASE, min_auroc=0.5)
    assert not check
    assert check.failed
    assert [result.status for result in check.results] == ["FAIL", "PASS"]
    report = calaudit.evaluate(worse)
    result = check.results[0]
    assert result.before == good.metrics["ece"].unbiased
    assert result.after == report.metrics["ece"].unbiased
    assert result.low is not None
    assert result.low > 0.01
    assert {c.metric: (c.before, c.after) for c in check.compared}["brier"] == (
        good.metrics["brier"], report.metrics["brier"],
    )  # fmt: skip


def test_inconclusive(good: Report) -> None:
    """A hundred rows settle nothing: no failure, no pass, and the rows that it would take."""
    check = calaudit.check(rows(100), baseline=good, max_increase=INCREASE)
    assert check
    assert not check.passed
    assert check.status == "INCONCLUSIVE"
    assert check.sentence == (
        "INCONCLUSIVE: nothing failed, but these rows cannot settle 1 of 1 rule."
    )
    assert re.search(
        r"with 100 rows the smallest change that can fail is about 0\.", texts(check)[0]
    )
    strict = calaudit.check(rows(100), baseline=good, max_increase=INCREASE, strict=True)
    assert not strict
    assert not strict.failed


def test_ways_to_give_a_baseline(good: Report, worse: pd.DataFrame, tmp_path: Path) -> None:
    """A report, its file and the old predictions give the same verdict."""
    path = tmp_path / "base.json"
    path.write_text(good.to_json())
    checks = [
        calaudit.check(worse, baseline=good, max_increase=INCREASE),
        calaudit.check(worse, baseline=path, max_increase=INCREASE),
        calaudit.check(worse, baseline=str(path), max_increase=INCREASE),
        calaudit.check(worse, against=rows(), max_increase=INCREASE),
    ]
    assert len({tuple(texts(check)) for check in checks}) == 1
    assert [check.baseline for check in checks] == [
        "the baseline", str(path), str(path), "the old data",
    ]  # fmt: skip


def test_arrays(good: Report) -> None:
    """Arrays in the order of scikit-learn can be checked."""
    p, y = binary(4000, 3)
    assert calaudit.check(y, p, baseline=good, max_increase={"ece": 0.05}).passed


@pytest.mark.parametrize("task", ["multiclass", "top-label"])
def test_other_tasks(task: str) -> None:
    """Several classes and stated confidences are judged as well, against their like."""
    made: list[dict[str, Any]] = []
    for seed, off in ((1, 1.0), (2, 1.0), (3, 2.5)):
        if task == "multiclass":
            _, p, y = multiclass(3000, seed=seed, temperature=off)
            made.append({"data": y, "y_prob": p})
        else:
            p, y = top_label(3000, seed, gap=(off - 1) / 10)
            made.append({"data": y, "y_prob": p, "task": task})
    baseline = calaudit.evaluate(**made[0])
    rules: dict[str, Any] = {"max_increase": {"ece": 0.04, "brier": 0.05}}
    same, other = (calaudit.check(**data, baseline=baseline, **rules) for data in made[1:])
    assert same.passed
    assert [result.status for result in other.results] == ["FAIL", "FAIL"]


def test_slices(good: Report) -> None:
    """A slice fails where the whole passes."""
    new = rows(seed=2)
    north = new["region"] == "north"
    new.loc[north, "score"] = 0.7 * new.loc[north, "score"] + 0.3
    whole = calaudit.check(new, baseline=good, max_increase={"smece": 0.05})
    assert not whole.failed
    check = calaudit.check(new, baseline=good, max_increase={"smece": 0.05}, by="region")
    assert [(r.status, r.value) for r in check.results if r.status == "FAIL"] == [("FAIL", "north")]
    assert texts(check)[0].startswith("FAIL unbiased smece where region = north 0.0")


def test_slices_without_a_counterpart(good: Report) -> None:
    """Slices that are new, gone or small are inconclusive, and never pass."""
    new = rows(seed=2)
    new["region"] = np.where(np.arange(len(new)) % 4 == 0, "west", "south")
    check = calaudit.check(new, baseline=good, max_increase={"ece": 0.05}, by="region")
    assert check.status == "INCONCLUSIVE"
    found = {result.value: result.text for result in check.results}
    assert found["west"].endswith(
        "ece where region = west: not compared, it is not in the baseline"
    )
    assert found["north"].endswith("not compared, the new file has no such rows")
    assert found["south"].startswith("PASS ")
    assert not calaudit.check(
        new, baseline=good, max_increase={"ece": 0.05}, by="region", strict=True
    )


def test_small_slice_is_judged_by_its_interval(good: Report) -> None:
    """A slice of 20 rows has so wide an interval that it can hardly pass."""
    new = rows(seed=2)
    new["region"] = np.where(np.arange(len(new)) < 20, "north", "south")
    check = calaudit.check(new, baseline=good, max_increase={"ece": 0.05}, by="region")
    found = {result.value: result.status for result in check.results}
    assert found == {None: "PASS", "north": "INCONCLUSIVE", "south": "PASS"}


NEVER_GREEN: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"baseline": "nowhere.json"}, SettingsError, "there is no baseline nowhere.json. Write one"),
    ({"baseline": "."}, InputError, "cannot be read"),
    ({"baseline": 5}, SettingsError, "a baseline is a report .*, not int"),
    ({}, SettingsError, "--max-increase ece=0.01 compares with something: give --baseline FILE"),
    ({"bins": 10}, InputError, "bins 15 there, 10 here"),
    ({"convention": "left"}, InputError, "convention right there, left here"),
    ({"clip": 1e-4}, InputError, "clip 2.22.* there, 0.0001 here"),
    ({"weight_kind": "frequency"}, InputError, "weight_kind importance there, frequency here"),
    ({"by": "row_id"}, InputError, "has no slices by row_id: write it anew with --by row_id"),
    ({"by": "nothing"}, InputError, "'nothing', which is not there"),
    ({"max_increase": {"classwise_ece": 0.1}}, SettingsError, "has no figure classwise_ece"),
    ({"max_increase": {"ecee": 0.1}}, SettingsError, r"did you mean ece\?"),
    ({"max_increase": None}, SettingsError, "there is no rule to check. To start"),
    ({"max_increase": {}}, SettingsError, "there is no rule to check. To start"),
    ({"max_increase": 0.01}, SettingsError, "max_increase maps figures to margins"),
    ({"max_increase": [["ece"]]}, SettingsError, "max_increase maps figures to margins"),
    ({"max_increase": ["ece=0.1", "ece=0.2"]}, SettingsError, "this rule is given twice"),
    ({"max_ecee": 0.1}, SettingsError, r"no rule or argument 'max_ecee' \(did you mean max_ece\?"),
    ({"bin": 10}, SettingsError, r"no rule or argument 'bin' \(did you mean bins\?\)"),
    ({"max_auroc": 0.9}, SettingsError, "of auroc more is better; write --min-auroc 0.9"),
    ({"rule_confidence": 0}, SettingsError, "the confidence is 0.5 to 0.999, not 0"),
    ({"rule_confidence": None}, SettingsError, "rule_confidence: None is not a number"),
    ({"min_rows": 0}, SettingsError, "min_rows is a number of rows, 1 or more, not 0"),
    ({"min_rows": "100"}, SettingsError, "min_rows is a number of rows, 1 or more, not '100'"),
    ({"min_rows": True}, SettingsError, "min_rows is a number of rows"),
    ({"id": "row_id"}, SettingsError, "give --against as well"),
    ({"against": rows(200)}, SettingsError, "not both"),
]


@pytest.mark.parametrize(("given", "error", "said"), NEVER_GREEN)
def test_never_a_false_green(
    good: Report, given: dict[str, Any], error: type[Exception], said: str
) -> None:
    """What cannot be judged is refused, with what to do; it is never passed over."""
    arguments: dict[str, Any] = {"max_increase": INCREASE, "baseline": good, **given}
    if not given:
        del arguments["baseline"]
    with pytest.raises(error, match=said):
        calaudit.check(rows(200), **arguments)


def test_another_kind_of_data(good: Report) -> None:
    """Predictions of another task or with other labels are refused."""
    _, p, y = multiclass(300)
    with pytest.raises(InputError, match=r"task binary there, multiclass here; classes 2 there, 4"):
        calaudit.check(y, p, baseline=good, max_increase=INCREASE)
    named = rows(300).assign(label=lambda f: np.where(f["label"] == 1, "spam", "mail"))
    with pytest.raises(InputError, match="such as 0, 1 for mail, spam"):
        calaudit.check(named, positive="spam", baseline=good, max_increase=INCREASE)
    with pytest.raises(InputError, match="rows unweighted there, weighted here"):
        calaudit.check(rows(300).assign(weight=2.0), baseline=good, max_increase=INCREASE)


def test_figures_that_cannot_be_computed(good: Report) -> None:
    """A rule on a figure that these rows do not have is refused, and says why."""
    ones = rows(300).assign(label=1)
    with pytest.raises(InputError, match=r"^--min-auroc 0.5 cannot be judged: auroc of the new "):
        calaudit.check(ones, min_auroc=0.5, positive="1")
    slices = rows(300)
    _, p, y = multiclass(300)
    with pytest.raises(SettingsError, match="cannot be judged by region: of slices there are acc"):
        calaudit.check(
            y, p, by={"region": slices["region"].to_numpy()}, max_brier=2.0,
        )  # fmt: skip


def test_what_cannot_be_judged_hides_no_failure() -> None:
    """A rule fails beside one on a figure that these rows do not have, which is said."""
    ones = rows(300).assign(label=1)
    check = calaudit.check(ones, min_auroc=0.5, max_ece=0.1, positive="1")
    assert [result.status for result in check.results] == ["FAIL", "INCONCLUSIVE"]
    assert re.fullmatch(
        r"INCONCLUSIVE --min-auroc 0.5 cannot be judged: auroc .* has no value \(every label .*\)",
        texts(check)[1],
    )
    assert calaudit.check(ones, min_auroc=0.5, min_rows=301, positive="1").failed
    with pytest.raises(InputError, match=r"--min-auroc 0\.5 cannot be judged"):
        calaudit.check(ones, min_auroc=0.5, max_ece=0.9, min_rows=300, positive="1")


def test_a_slice_without_a_figure_does_not_hide_its_reason() -> None:
    """Of the same rows too: a slice of one label has no AUROC that could be unchanged."""
    old = rows(600)
    old.loc[old["region"] == "north", "label"] = 1
    for given in ({"against": old}, {"baseline": calaudit.evaluate(old, by="region")}):
        options: Any = {"by": "region", "max_decrease": {"auroc": 0.01}, **given}
        found = {r.value: (r.status, r.text) for r in calaudit.check(old, **options).results}
        assert [found[value][0] for value in (None, "south", "north")] == [
            "PASS", "PASS", "INCONCLUSIVE"
        ]  # fmt: skip
        assert found["north"][1].endswith("not compared, every label is 1")


def test_the_same_predictions_beside_a_rule_of_its_own_figure(good: Report) -> None:
    """What is the same is unchanged, also where the baseline was written without that rule."""
    for baseline in (good, calaudit.evaluate(rows(), by="region", automated=0.3)):
        check = calaudit.check(
            rows(), baseline=baseline, by="region", max_increase={"ece": 0.0},
            min_automated="0.2=0.6",
        )  # fmt: skip
        changes = [result for result in check.results if result.relative]
        assert len(changes) == 3
        assert {(result.status, result.change) for result in changes} == {("PASS", 0.0)}


def test_no_rows() -> None:
    """An empty file passes nothing."""
    with pytest.raises(NotEnoughData):
        calaudit.check(rows(4).head(0), max_ece=1.0)


def test_fewest_rows() -> None:
    """Fewer rows than asked for fail, whatever the figures."""
    for n, status in ((99, "FAIL"), (100, "PASS")):
        check = calaudit.check(rows(n), min_rows=100)
        assert check.status == status
        assert texts(check) == [f"{status} rows {n} against at least 100"]
    dropped = rows(100)
    dropped.loc[7, "score"] = np.nan
    assert calaudit.check(dropped, min_rows=100, on_invalid="drop").failed


def damaged(document: dict[str, Any], how: str) -> str:
    """Return the text of a baseline that something happened to."""
    if how == "cut":
        return json.dumps(document)[:5000]
    if how == "no object":
        return "[]"
    if how == "conflict":
        return "<<<<<<< HEAD\n" + json.dumps(document)
    if how == "older":
        document["schema"] = "calaudit.report/0"
    if how == "newer":
        document["schema"] = "calaudit.report/2"
    if how == "foreign":
        document["schema"] = "else/1"
    if how == "figure":
        document["metrics"]["ece"]["low"] = "0.1"
    if how == "metrics":
        del document["metrics"]
    if how == "rows":
        document["intake"]["rows_used"] += 1
    if how == "table":
        document["table"]["ones"][0] += 1
    return json.dumps(document)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut", "not a calaudit report: it is not JSON"),
        ("conflict", "not a calaudit report: it is not JSON"),
        ("no object", 'its "schema" is not'),
        ("foreign", 'its "schema" is not'),
        ("older", "has schema .*report/0.*make the report again with this version"),
        ("newer", "has schema .*report/2"),
        ("figure", "metrics.ece.low should be a finite number"),
        ("metrics", "report.metrics is missing"),
        ("rows", "it is damaged: its table has other rows than its figures"),
        ("table", "the saved score table is damaged"),
    ],
)
def test_damaged_baselines(good: Report, tmp_path: Path, how: str, said: str) -> None:
    """A baseline that is cut, merged, of another version or contradictory is refused by name."""
    path = tmp_path / "base.json"
    path.write_text(damaged(json.loads(good.to_json()), how))
    with pytest.raises(InputError, match=rf"(?s)^{re.escape(str(path))}: .*{said}"):
        calaudit.check(rows(200), baseline=path, max_increase=INCREASE)


def test_another_kind_of_report(tmp_path: Path) -> None:
    """A report of calaudit threshold, or of a check, is no baseline."""
    p, y = binary(300)
    others: list[Any] = [
        calaudit.threshold(y, p, cost_fp=1, cost_fn=1),
        calaudit.check(y, p, max_ece=0.5),
    ]
    for other in others:
        path = tmp_path / "base.json"
        path.write_text(other.to_json())
        with pytest.raises(InputError, match="another report is needed"):
            calaudit.check(y, p, baseline=path, max_increase=INCREASE)
        with pytest.raises(SettingsError, match=f"not {type(other).__name__}"):
            calaudit.check(y, p, baseline=other, max_increase=INCREASE)


def test_notes(good: Report, tmp_path: Path) -> None:
    """Another version, scale or calibrator is no refusal, but is said."""
    path = tmp_path / "base.json"
    path.write_text(good.to_json().replace(good.calaudit, "0.0.1", 1))
    frame = rows(seed=2)
    logits = frame.assign(logit=np.log(frame["score"]) - np.log1p(-frame["score"]))
    frame = logits.drop(columns="score")
    fitted = calaudit.fit(*binary(500)[::-1])
    (tmp_path / "cal.json").write_text(fitted.to_json())

    def codes(data: Any, **more: Any) -> set[str]:
        check = calaudit.check(data, baseline=path, max_increase=INCREASE, **more)
        return {note.code for note in check.notes if note.code.startswith("baseline-")}

    assert codes(rows(seed=2)) == {"baseline-version"}
    assert codes(frame) == {"baseline-version", "baseline-scale"}
    calibrated = codes(rows(seed=2), calibrator=tmp_path / "cal.json")
    assert calibrated == {"baseline-version", "baseline-calibrator"}


@pytest.mark.parametrize(
    "name",
    [r for r in RULES if r[:4] in ("max_", "min_") and r[4:] not in OF_FORECASTS],
)
def test_every_rule_can_be_passed_and_failed(name: str) -> None:
    """For each rule on a figure there are rows that keep it and rows that break it."""
    if name in ("max_increase", "max_decrease"):
        return  # of these there are tests with baselines
    limits = {"max_log_loss": 0.63, "max_brier": 0.22, "max_mce": 0.22, "min_automated": "0.25=0.4",
              "min_scaled_brier": 0.05}  # fmt: skip
    limit = limits.get(name, 0.05 if name.startswith("max_") else 0.72)
    limit = 0.07 if name == "max_recoverable_log_loss" else limit
    sides: list[Any] = [rows(3000, seed=3), rows(3000, seed=3, slope=0.2)]
    if name == "max_classwise_ece":
        z, p, y = multiclass(3000, 5)
        wrong = np.exp(3 * z) / np.exp(3 * z).sum(axis=1, keepdims=True)
        found = [calaudit.check(y, q, max_classwise_ece=0.05).status for q in (p, wrong)]
    else:
        rule: Any = {name: limit}
        found = [calaudit.check(side, **rule).status for side in sides]
    assert found == ["PASS", "FAIL"]


def test_right_answers_stated_at_one_do_not_pass_a_log_loss() -> None:
    """That none of 1,000 was wrong leaves room for some: there is an interval, and it is not 0."""
    sure = pd.DataFrame({"confidence": np.ones(1000), "correct": np.ones(1000, int)})
    found = calaudit.check(sure, max_log_loss=0.01).results[0]
    assert found.status == "INCONCLUSIVE"
    assert (found.high or 0) > 0.01


def test_a_change_of_direction_is_noted() -> None:
    """Under- and overconfident models of equal calibration errors are told apart by a note."""
    before = calaudit.evaluate(rows(slope=1.8))
    for slope, noted in ((0.5, True), (1.8, False)):
        check = calaudit.check(rows(seed=2, slope=slope), baseline=before, max_ece=0.5)
        assert ("direction-changed" in {note.code for note in check.notes}) == noted


def test_the_same_calibrator_elsewhere(tmp_path: Path) -> None:
    """A calibrator that was moved to another folder is the same."""
    fitted = calaudit.fit(*binary(500)[::-1], method="platt")
    (tmp_path / "there").mkdir()
    paths = [tmp_path / "cal.json", tmp_path / "there" / "cal.json"]
    for path in paths:
        path.write_text(fitted.to_json())
    before = calaudit.evaluate(rows(), calibrator=paths[0])
    check = calaudit.check(rows(), baseline=before, max_increase={"ece": 0.05}, calibrator=paths[1])
    assert not [note for note in check.notes if note.code == "baseline-calibrator"]


def test_report_of_a_check(good: Report, worse: pd.DataFrame) -> None:
    """The JSON has every rule with its figures, settings and the order of the verdicts."""
    check = calaudit.check(
        worse, baseline=good, min_auroc=0.5, max_increase=INCREASE, strict=True,
    )  # fmt: skip
    document = json.loads(check.to_json())
    assert document["schema"] == "calaudit.check/1"
    assert document["settings"]["strict"] is True
    assert document["settings"]["rules"] == ["--min-auroc 0.5", "--max-increase ece=0.01"]
    assert [r["status"] for r in document["results"]] == ["FAIL", "PASS"]


def test_repr(good: Report, worse: pd.DataFrame) -> None:
    """In an assertion a report shows its sentence and the rules that did not pass, in a line."""
    check = calaudit.check(
        worse, baseline=good, max_increase={"ece": 0.01, "brier": 0.3}, min_auroc=0.67
    )
    first, *others = repr(check).split(" | ")
    assert first == "<calaudit check: FAIL: 1 of 3 rules failed."
    told = [each.split(" against")[0].rstrip("0123456789.,+-→[] ") for each in others]
    assert told == ["FAIL unbiased ece", "INCONCLUSIVE auroc"]
    passed = calaudit.check(rows(), min_rows=1)
    assert repr(passed) == "<calaudit check: PASS: the rule holds.>"


def test_repr_is_short(worse: pd.DataFrame) -> None:
    """However many rules and slices fail, pytest shows all of it: 240 characters of one line."""
    worse = worse.assign(part=[f"a very long name of a slice\n{i % 9}" for i in range(len(worse))])
    check = calaudit.check(worse, max_ece=0.001, max_smece=0.001, by="part")
    assert len(repr(check)) <= 240
    assert "\n" not in repr(check)
    assert repr(check).endswith(" more, see str()>")


PYTEST = """
import calaudit, numpy as np

rng = np.random.default_rng(0)
p = rng.random(2000)
y = (rng.random(2000) < np.clip(2 * p - 0.5, 0, 1)).astype(int)

def test_short():
    assert calaudit.check(y, p, max_ece=0.05)

def test_long():
    verdict = calaudit.check(y, p, max_ece=0.05)
    assert verdict, str(verdict)
"""


def test_in_an_assertion_of_pytest(tmp_path: Path) -> None:
    """A failed assertion shows the figures of the rule that failed, in both ways to write it."""
    (tmp_path / "test_gate.py").write_text(PYTEST)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_gate.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": "", "COLUMNS": "200", "PYTHONPATH": str(Path(calaudit.__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 1
    short, _, long = done.stdout.partition("test_long")
    rule = r"FAIL unbiased ece 0\.1\d\d \[0\.1\d\d, 0\.1\d\d\] against at most 0\.05"
    assert re.search(rf"assert <calaudit check: FAIL: 1 of 1 rule failed\. \| {rule}>", short)
    assert re.search(r"FAILED test_gate.py::test_long - AssertionError: \S+ FAIL: 1 of 1", long)
    told = rule.removeprefix("FAIL ")
    assert re.search(rf"E +Rules\nE +verdict +what was found\nE +\S+ FAIL +{told}", long)


def test_settings_of_every_way_in() -> None:
    """A configuration takes what the function takes, but for what only Python has."""
    only_python = {"y_true", "sample_weight", "scale", "worst", "progress", "edges"}
    assert set(SETTINGS) == ARGUMENTS - only_python
