"""``calaudit evaluate``: what it asks of the API, and what it prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calaudit.cli import main
from calaudit.report.render_json import report_from_json
from tests.report.examples import multiclass


def test_defaults(calls) -> None:
    """Without options the API gets the defaults of the documentation."""
    assert main(["evaluate", "preds.parquet"]) == 0
    (data,), given = calls[0]
    assert data == ["preds.parquet"]
    assert callable(given.pop("progress"))
    assert given == {
        **dict.fromkeys(
            ("label", "score", "probs", "logits", "confidence", "correct", "prediction",
             "weight", "id", "positive", "classes", "task", "threads", "calibrator", "group",
             "labels", "where", "regions", "workers", "cluster", "axis", "grade")
        ),
        "by": (), "bins": None, "convention": "right", "level": 0.95, "seed": 0,
        "clip": 2.0**-52, "on_invalid": "refuse", "unanswered": "out", "worst": 0,
        "weight_kind": "importance", "out_of": 1.0, "allow_unmatched": False, "no_header": False,
        "samples": None, "judge": None,
    }  # fmt: skip


OPTIONS = [
    ("--label", "y", "label", "y"),
    ("--score", "p", "score", "p"),
    ("--probs", "p_", "probs", "p_"),
    ("--probs", "a,b, c", "probs", ("a", "b", "c")),
    ("--logits", 'z0,"z,1"', "logits", ("z0", "z,1")),
    ("--confidence", "c", "confidence", "c"),
    ("--correct", "ok", "correct", "ok"),
    ("--prediction", "guess", "prediction", "guess"),
    ("--weight", "w", "weight", "w"),
    ("--id", "name", "id", "name"),
    ("--by", "age", "by", ("age",)),
    ("--where", "age<18", "where", "age<18"),
    ("--positive", "yes", "positive", "yes"),
    ("--classes", "cat,dog", "classes", ("cat", "dog")),
    ("--classes", "cat", "classes", ("cat",)),
    ("--out-of", "10", "out_of", 10.0),
    ("--task", "top-label", "task", "top-label"),
    ("--bins", "equal-mass:20", "bins", "equal-mass:20"),
    ("--convention", "torchmetrics", "convention", "torchmetrics"),
    ("--axis", "log-odds", "axis", "log-odds"),
    ("--grade", "rating", "grade", "rating"),
    ("--level", "0.9", "level", 0.9),
    ("--seed", "7", "seed", 7),
    ("--clip", "1e-7", "clip", 1e-7),
    ("--on-invalid", "drop", "on_invalid", "drop"),
    ("--unanswered", "wrong", "unanswered", "wrong"),
    ("--worst", "10", "worst", 10),
    ("--threads", "2", "threads", 2),
    ("--weight-kind", "frequency", "weight_kind", "frequency"),
]


@pytest.mark.parametrize(("option", "text", "argument", "value"), OPTIONS)
def test_each_option_reaches_the_api(calls, option, text, argument, value) -> None:
    """Every option arrives under its name, as the type that the API takes."""
    assert main(["evaluate", "x.csv", option, text]) == 0
    assert calls[0][1][argument] == value


def test_several_files_are_one_data_set(calls) -> None:
    """Several files arrive as a list, in order; ``--by`` may be repeated."""
    assert main(["evaluate", "a.csv", "b/", "-", "--by", "x", "--by", "y"]) == 0
    assert calls[0][0] == (["a.csv", "b/", "-"],)
    assert calls[0][1]["by"] == ("x", "y")


def test_report_goes_to_stdout(calls, capsys) -> None:
    """People get the console report, and stderr stays empty."""
    assert main(["evaluate", "x.csv"]) == 0
    out, err = capsys.readouterr()
    assert "Overconfident: says 96.5 %" in out
    assert err == ""


def test_json_prints_the_report(calls, capsys) -> None:
    """With --json stdout is the JSON report and nothing else."""
    assert main(["evaluate", "x.csv", "--json"]) == 0
    assert report_from_json(capsys.readouterr().out) == multiclass()


def test_outputs_by_suffix(calls, capsys, tmp_path: Path) -> None:
    """Each output is written in the format of its suffix, and named on stderr."""
    one, two = tmp_path / "r.json", tmp_path / "r.TXT"
    assert main(["evaluate", "x.csv", "-o", str(one), "--output", str(two)]) == 0
    assert report_from_json(one.read_text(encoding="utf-8")) == multiclass()
    assert "Overconfident" in two.read_text(encoding="utf-8")
    assert f"wrote {one}" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == [two, one]


def test_quiet(calls, capsys, tmp_path: Path) -> None:
    """--quiet silences stderr, not the result."""
    assert main(["evaluate", "x.csv", "-q", "-o", str(tmp_path / "r.json")]) == 0
    out, err = capsys.readouterr()
    assert "Overconfident" in out
    assert err == ""


@pytest.mark.parametrize(
    ("what", "title"),
    [
        ([], "calaudit.report/1"),
        (["report"], "calaudit.report/1"),
        (["thresholds"], "calaudit.thresholds/1"),
        (["check"], "calaudit.check/1"),
        (["calibrator"], "calaudit.calibrator/1"),
    ],
)
def test_schema_is_printed(capsys, what: list[str], title: str) -> None:
    """``calaudit schema`` prints the schema as it is shipped, of the report unless told."""
    assert main(["schema", *what]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == title


def test_other_schemas_are_refused(capsys) -> None:
    """What has no schema is a wrong command line."""
    assert main(["schema", "table"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    kinds = [
        *("report", "thresholds", "check", "audit", "compare", "estimate", "forecast", "ood"),
        *("ensemble", "monitor", "calibrator"),
    ]
    assert ", ".join(map(repr, kinds)) in " ".join(err.split())
