"""The command in a report makes the report again."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.cli import main
from calaudit.report.arguments import NoCommand, listed
from calaudit.report.command import command_of
from calaudit.report.render_json import report_from_json
from calaudit.report.rendered import Rendered
from tests.cli.conftest import ROOT
from tests.report.checks import CHECKS
from tests.report.decisions import DECISIONS
from tests.report.examples import EXAMPLES

Again = Callable[..., tuple[Rendered, str]]

INFERRED = ("weight-inferred", "logits-inferred", "labels-minus-one")
"""Notes that say what was inferred: where the columns are named there is nothing to say."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MATRIX = {name: {"accept": float(k), "review": 9.0 - k} for k, name in enumerate(DIGITS)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the sample data and files that are made of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    for file in (ROOT / "sample_data").iterdir():
        if file.suffix in (".csv", ".parquet"):
            shutil.copy(file, tmp_path)
    rng = np.random.default_rng(0)
    p = rng.random(400)
    y = (rng.random(400) < p).astype(int)
    pairs = {"score, raw": np.log(p / (1 - p)), "the 'truth'": np.where(y == 1, "a,b", "c")}
    pq.write_table(pa.table(pairs), tmp_path / "odd name $x.parquet")
    lists = pa.FixedSizeListArray.from_arrays(pa.array(np.stack([1 - p, p], 1).ravel()), 2)
    pq.write_table(pa.table({"probs": lists, "label": y, "none": p}), tmp_path / "lists.parquet")
    columns = {"p_yes": p, "p_no": 1 - p, "p_value": np.where(y, "x", "y"), "ok": 2 * y - 1}
    pq.write_table(pa.table(columns), tmp_path / "pairs.parquet")
    pq.write_table(pa.table({"logit": np.log(p / (1 - p)), "label": 2 * y - 1, "weight": p + 1}),
                   tmp_path / "minus.parquet")  # fmt: skip
    for part in range(2):
        (tmp_path / "parts" / f"fold={part}").mkdir(parents=True)
        half = np.arange(part, 400, 2)
        pq.write_table(pa.table({"score": 10 * p[half], "label": y[half], "unit": half}),
                       tmp_path / "parts" / f"fold={part}" / "part.parquet")  # fmt: skip
    rows = [f"{name},{row['accept']},{row['review']}" for name, row in MATRIX.items()]
    (tmp_path / "costs.csv").write_text("\n".join(["truth,accept,review", *rows]))
    pq.write_table(pa.table({"score": rng.random(500) ** 2}), tmp_path / "production.parquet")
    return tmp_path


@pytest.fixture
def again(folder: Path, capsys: pytest.CaptureFixture[str]) -> Again:
    """Return a function that runs a command, and returns its report and that of `command_of`."""

    def made(words: list[str]) -> Rendered:
        capsys.readouterr()
        code = main([words[0], "--json", *words[1:]])
        out, err = capsys.readouterr()
        assert code in (0, 1, 4), err
        return report_from_json(out)

    def run(text: str) -> tuple[Rendered, str]:
        first = made(shlex.split(text))
        command = command_of(first)
        assert command is not None
        assert command.startswith("calaudit ")
        second = made(shlex.split(command)[1:])
        assert figures(second) == figures(first), command
        assert command_of(second) == command
        return first, command

    return run


def figures(report: Rendered) -> dict[str, Any]:
    """Return the report without what says how the columns were named."""
    document: dict[str, Any] = json.loads(report.to_json())
    parts = [document.get(name) for name in ("before", "after", "decision")]
    for values in [document, *(part for part in parts if part)]:
        values["settings"].pop("declared", None)
        for role in values.get("roles", ()):
            role.pop("inferred")
        if "notes" in values:
            values["notes"] = [n for n in values["notes"] if n["code"] not in INFERRED]
    if "calibrator" in document:
        certificate = document["calibrator"]["certificate"]
        remarks = [r for r in certificate["remarks"] if r["code"] not in INFERRED]
        certificate["remarks"] = remarks
    return document


COMMANDS = [
    "evaluate breast_cancer.csv",
    "evaluate breast_cancer.csv --bins equal-mass:8 --convention left --level 0.9 --seed 3",
    "evaluate spam_filter.csv --positive spam --by dollar --id id --worst 4",
    "evaluate fraud_queue.parquet --by channel --by amount --bins 15",
    "evaluate doctor_visits.csv --by health --id id",
    "evaluate doctor_visits.csv --weight none --clip 0.001",
    "evaluate doctor_visits.csv --weight-kind frequency",
    "evaluate digits_probs.csv",
    "evaluate digits_probs.csv --probs prob_ --by split --worst 3",
    "evaluate digits_probs.csv --classes zero,one,two,three,four,five,six,seven,eight,nine",
    "evaluate digits_logits.parquet --logits logit_ --bins 40",
    "evaluate digits_logits.parquet --classes a,b,c,d,e,f,g,h,i,j",
    "evaluate digits_toplabel.csv",
    "evaluate digits_toplabel.csv --score confidence --task top-label",
    "evaluate 'odd name $x.parquet' --logits '\"score, raw\"' --label \"the 'truth'\" "
    "--positive a,b",
    "evaluate lists.parquet",
    "evaluate lists.parquet --classes bad,good --label label --positive good",
    "evaluate pairs.parquet --label ok --probs p_no,p_yes --classes=-1,1",
    "evaluate pairs.parquet --label ok --probs p_yes,p_no --classes 1,-1 --positive 1",
    "evaluate minus.parquet",
    "evaluate parts --out-of 10 --by fold",
    "evaluate 'parts/*/*.parquet' --out-of 10 --task binary --on-invalid drop",
    "threshold spam_filter.csv --positive spam --cost-fp 10 --cost-fn 1 --current 0.5",
    "threshold fraud_queue.parquet --cost-fp 5 --cost-fn 200 --cost-review 2.5 --by channel "
    "--max-review 200 --per-day 10000",
    "threshold fraud_queue.parquet --cost-fp 5 --cost-fn 200 --max-review 3.3333333333333333% "
    "--method empirical --benefit-tp 1",
    "threshold fraud_queue.parquet --cost-fp 5 --cost-fn 200 --prevalence 0.7% --level 0.9",
    "threshold fraud_queue.parquet --cost-fp 5 --cost-fn 200 --prevalence production.parquet",
    "threshold breast_cancer.csv --min-precision 0.9 --guarantee 0.9",
    "threshold breast_cancer.csv --max-error 0.05 --guarantee none --seed 4",
    "threshold minus.parquet --min-recall 0.9 --guarantee none --current=-1.5",
    "threshold breast_cancer.csv --min-recall 90% --max-fpr 0.7e1% --guarantee 95%",
    "threshold doctor_visits.csv --cost-fp 1 --cost-fn 2",
    "threshold digits_toplabel.csv --cost-error 10 --cost-review 1",
    "threshold digits_logits.parquet --max-error 0.05 --per-class",
    "threshold digits_probs.csv --cost-matrix costs.csv --on-invalid drop",
    "check breast_cancer.csv --max-ece 0.05 --min-auroc 0.9 --min-rows 100",
    "check digits_probs.csv --max-ece 0.06 --min-accuracy 0.9 --rule-confidence 0.9 --strict "
    "--by split",
    "check spam_filter.csv --positive spam --against spam_filter.csv --id id "
    "--max-increase log-loss=0.005@0.99 --max-increase ece=0.1 --max-decrease auroc=1e-3",
    "audit breast_cancer.csv --method platt",
    "audit breast_cancer.csv --holdout 60% --max-error 7% --confidence 92.5%",
    "audit digits_probs.csv --split split=validation --by split --worst 0 --bins 10",
    "audit doctor_visits.csv --holdout 0.4 --group health --by health --id id --floor 1e-9",
    "audit digits_logits.parquet --max-error 0.05 --guarantee none --method temperature",
    "audit digits_probs.csv --split split=test --cost-matrix costs.csv",
    "audit fraud_queue.parquet --cost-fp 5 --cost-fn 200 --max-review 200 --per-day 10000 "
    "--prevalence 2% --current 0.5 --cutoffs empirical --method isotonic --no-mix",
    "audit breast_cancer.csv --guarantee 80%",
    "audit parts/fold=1 --calibration 'parts/fold=0/*.parquet' --out-of 10 --seed 2",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_the_same_report(text: str, again: Again) -> None:
    """Run as a user would, the command of a report makes the same report."""
    _, command = again(text)
    assert "\n" not in command


def test_every_role_is_named(again: Again) -> None:
    """Columns that were inferred stand in the command, and settings that are usual do not."""
    assert again("evaluate doctor_visits.csv")[1] == (
        "calaudit evaluate doctor_visits.csv --label label --score score --weight weight"
    )
    assert again("evaluate digits_probs.csv --seed 0")[1] == (
        "calaudit evaluate digits_probs.csv --label label --probs prob_"
    )


def test_calibrator(again: Again) -> None:
    """The file of a calibrator is named, in evaluations, decisions and checks."""
    assert main(["fit", "spam_filter.csv", "--positive", "spam", "-o", "cal.json", "-q"]) == 0
    for text in (
        "evaluate spam_filter.csv --positive spam --calibrator cal.json",
        "threshold spam_filter.csv --positive spam --cost-fp 9 --cost-fn 1 --calibrator cal.json",
        "check spam_filter.csv --positive spam --calibrator cal.json --max-ece 0.1",
    ):
        assert "--calibrator cal.json" in again(text)[1]


def test_baseline(again: Again, folder: Path) -> None:
    """A check names its baseline; one that writes it cannot be repeated."""
    assert main(["evaluate", "breast_cancer.csv", "-o", "base line.json", "-q"]) == 0
    more = "--baseline 'base line.json' --max-increase ece=0.01"
    assert "--baseline 'base line.json'" in again(f"check breast_cancer.csv {more}")[1]
    report = calaudit.check(
        "breast_cancer.csv", baseline="base line.json", max_increase={"ece": 0.01}
    )
    assert command_of(report) is not None
    updated = replace(report, settings=report.settings | {"update_baseline": True})
    assert command_of(updated) is None


def test_configured_check(again: Again, folder: Path) -> None:
    """Rules and settings of a configuration file are in the command, which does without it."""
    lines = ["[check]", "max-ece = 0.05", 'bins = "equal-mass:9"', "seed = 4", "strict = true"]
    (folder / "calaudit.toml").write_text("\n".join(lines))
    first, command = again("check breast_cancer.csv --seed 0")
    for words in ("--max-ece 0.05", "--bins equal-mass:9", "--seed 0", "--strict"):
        assert words in command
    (folder / "calaudit.toml").unlink()
    assert figures(again(command.removeprefix("calaudit "))[0]) == figures(first)


def test_what_no_command_makes(folder: Path) -> None:
    """Data in memory, objects of Python and rules that are no options give no command."""
    y, p = [0, 1, 1, 0, 1] * 20, [0.2, 0.7, 0.3, 0.6, 0.8] * 20
    table = pa.table({"label": y, "score": p})
    calibrator = calaudit.fit(y, p, method="platt")
    baseline = calaudit.evaluate("breast_cancer.csv")
    rows = "breast_cancer.csv"
    for report in (
        calaudit.evaluate(y, p),
        calaudit.evaluate(table),
        calaudit.evaluate(rows, calibrator=calibrator),
        calaudit.threshold(y, p, cost_fp=1, cost_fn=2),
        calaudit.threshold(rows, cost_fp=1, cost_fn=2, calibrator=calibrator),
        calaudit.threshold("digits_probs.csv", cost_matrix=MATRIX),
        calaudit.audit(np.tile(y, 9), np.tile(p, 9)),
        calaudit.audit("digits_probs.csv", split="split=test", cost_matrix=MATRIX),
        calaudit.audit(rows).before,
        calaudit.check(rows, max_mce=0.9),
        calaudit.check(rows, max_ece=0.9, max_brier={"limit": 0.9, "confidence": 0.9}),
        calaudit.check(rows, baseline=baseline, max_increase={"ece": 0.1}),
    ):
        assert command_of(report) is None


@pytest.mark.parametrize("path", ["a\nb.csv", "/dev/fd/63", "\u202efile.csv"])
def test_names_that_stand_in_no_line(path: str) -> None:
    """A pipe, an end of line or a mark that reverses the text gives no command."""
    report = calaudit.evaluate(ROOT / "sample_data" / "breast_cancer.csv")
    assert command_of(report) is not None
    inputs = tuple(replace(each, path=path) for each in report.inputs)
    assert command_of(replace(report, inputs=inputs)) is None


def test_a_file_that_looks_like_an_option(again: Again, folder: Path) -> None:
    """Data whose name begins with a dash comes after two dashes."""
    (folder / "breast_cancer.csv").rename(folder / "--bins.csv")
    assert again("evaluate --label label -- --bins.csv")[1].endswith(" -- --bins.csv")


def test_a_column_that_looks_like_a_level(folder: Path) -> None:
    """``threshold`` takes a number for its guarantee, so that no column can be named so."""
    table = pa.table({"0.9": np.linspace(0.5, 1, 300), "right": np.arange(300) % 4 > 0})
    pq.write_table(table, folder / "top.parquet")
    more: dict[str, Any] = {"confidence": "0.9", "correct": "right"}
    assert command_of(calaudit.evaluate("top.parquet", **more)) is not None
    report = calaudit.threshold("top.parquet", **more, cost_error=9, cost_review=1)
    assert command_of(report) is None


@pytest.mark.parametrize("name", [*EXAMPLES, *DECISIONS, *CHECKS])
def test_reports_that_do_not_tell(name: str) -> None:
    """A report that does not say how its columns were declared gives no command."""
    report = (EXAMPLES | DECISIONS | CHECKS)[name]()
    assert command_of(report) is None


def test_listed() -> None:
    """Names are quoted where they must be, and refused where no list can hold them."""
    assert listed(['say "a"', "b, c", "d"]) == '"say ""a""","b, c",d'
    for bad in (["a", " b"], ["a\r", "b"]):
        with pytest.raises(NoCommand):
            listed(bad)
