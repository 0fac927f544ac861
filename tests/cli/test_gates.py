"""Several named gates in one configuration, run together or one by one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from calaudit.cli import main
from tests.cli.pipeline import suites, titles, write_predictions
from tests.report.junit_rules import breaches

CONFIG = """
[check]
max_ece = 0.05

[gate.churn]
data = "churn.csv"

[gate.fraud]
data = ["fraud.csv"]
by = "region"
max_ece = 0.08

[gate.risk]
data = "risk.csv"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three models: one calibrated, one not, one of few rows; and a broken file."""
    folder = tmp_path_factory.mktemp("gates")
    write_predictions(folder / "fraud.csv", 3000, 1)
    write_predictions(folder / "churn.csv", 3000, 2, 0.4)
    write_predictions(folder / "risk.csv", 200, 3)
    (folder / "broken.csv").write_text("score,label\n0.5,1\n1.5,0\n")
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with those files and the gates."""
    for file in made.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "calaudit.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_all_are_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each gate is judged by its own rules and those of all, and a list at the end has them."""
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    for said in ("churn: FAIL: 1 of 1", "fraud: PASS: all 3 rules", "risk: INCONCLUSIVE: "):
        assert said in out
    assert out.split("3 gates")[1].split() == [
        "FAIL", "churn", "PASS", "fraud", "INCONCLUSIVE", "risk",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [("fraud", (), 0), ("churn", (), 1), ("risk", (), 0), ("risk", ("--strict",), 4)],
)
def test_one_by_name(here: Path, name: str, more: tuple[str, ...], code: int) -> None:
    """--name runs one of them, and options win over what it says."""
    assert main(["check", "--name", name, "-q", *more, "-o", "v.json"]) == code
    found = json.loads((here / "v.json").read_text())
    assert found["name"] == name
    assert [each["path"] for each in found["inputs"]] == [f"{name}.csv"]


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"churn": "churn.csv", "fraud": "broken.csv"}, 1),
        ({"churn": "fraud.csv", "fraud": "broken.csv"}, 3),
        ({"churn": "fraud.csv"}, 0),
    ],
)
def test_the_worst_is_said(here: Path, capsys, others: dict[str, str], code: int) -> None:
    """A gate that is refused hides no verdict of the others, and a failure comes before it."""
    text = CONFIG
    for name, file in others.items():
        text = text.replace(f"{name}.csv", file)
    (here / "calaudit.toml").write_text(text)
    assert main(["check"]) == code
    out, err = capsys.readouterr()
    assert "risk: INCONCLUSIVE" in out
    assert ("error: fraud: broken.csv: " in err) == ("fraud" in others)


def test_a_wrong_setting_is_of_one_gate(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in one gate is said, and the others are judged."""
    (here / "calaudit.toml").write_text(CONFIG.replace("by =", "bye ="))
    assert main(["check"]) == 1
    out, err = capsys.readouterr()
    assert "error: fraud: calaudit.toml: [gate.fraud]: there is no setting 'bye'" in err
    assert out.split("3 gates")[1].split()[2:4] == ["REFUSED", "fraud"]


def test_files_have_the_name(here: Path) -> None:
    """Each gate has files of its own, whose suites, headings and markers name it."""
    assert main(["check", "-q", "-o", "v.md", "-o", "v.xml", "-o", "v.json"]) == 1
    for name in ("churn", "fraud", "risk"):
        markdown = (here / f"v-{name}.md").read_text(encoding="utf-8").splitlines()
        assert markdown[0] == f"<!-- calaudit check {name} -->"
        assert f"calaudit: {name}: " in markdown[2]
        assert [*suites((here / f"v-{name}.xml").read_text())] == [f"calaudit check {name}"]
        assert json.loads((here / f"v-{name}.json").read_text())["name"] == name
    assert not (here / "v.md").exists()


def test_one_junit_document(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed, the gates are suites of one document, and no case of one is one of another."""
    assert main(["check", "--format", "junit"]) == 1
    text = capsys.readouterr().out
    assert breaches(text) == []
    failures = {name: suite["failures"] for name, suite in suites(text).items()}
    assert failures == {
        "calaudit check churn": "1", "calaudit check fraud": "0", "calaudit check risk": "0",
    }  # fmt: skip
    assert 'classname="calaudit.churn.ece"' in text


def test_annotations_name_the_gate(here: Path, capsys, monkeypatch) -> None:
    """The title of an annotation says which gate it is of; the summary has all of them."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    assert main(["check"]) == 1
    assert titles(capsys.readouterr().out) == [
        ("error", "calaudit churn: FAIL ece"),
        ("warning", "calaudit risk: INCONCLUSIVE"),
        ("notice", "calaudit fraud"),
    ]
    summary = (here / "summary.md").read_text(encoding="utf-8")
    assert summary.count("### ") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fraud.csv",), "DATA is about one gate, and there are 3: add --name churn"),
        (("--baseline", "b.json"), "--baseline is about one gate"),
        (("--json",), "--json is about one gate"),
        (("--name", "frad"), "there is no gate 'frad' (did you mean fraud?)"),
        (("--name", "zzz"), "there is no gate 'zzz'; there are: churn, fraud, risk;"),
    ],
)
def test_what_is_of_one_gate(here: Path, capsys, arguments: tuple[str, ...], said: str) -> None:
    """What only one gate can have is refused for all of them."""
    assert main(["check", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_data_of_the_only_gate(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is one gate, its data can be given; where there is none, [check] has its own."""
    (here / "calaudit.toml").write_text("[check]\nmax_ece = 0.05\n[gate.fraud]\n")
    assert main(["check", "fraud.csv"]) == 0
    assert main(["check"]) == 2
    assert "Missing argument DATA" in capsys.readouterr().err
    (here / "calaudit.toml").write_text("[check]\nmax_ece = 0.05\ndata = 'fraud.csv'\n")
    assert main(["check"]) == 0


def test_baselines_of_each(here: Path) -> None:
    """Each gate writes its own baseline, by evaluate or by --update-baseline: the same bytes."""
    text = CONFIG.replace("[gate.risk]", 'baseline = "fraud.json"\n[gate.risk]\nmin_rows = 1')
    text = text.replace('by = "region"', 'by = "region"\nmax_increase = { ece = 0.05 }')
    (here / "calaudit.toml").write_text(text)
    assert main(["evaluate", "--name", "fraud", "-q", "-o", "fraud.json"]) == 0
    before = (here / "fraud.json").read_bytes()
    assert b'"region"' in before
    assert main(["check", "--name", "fraud", "--update-baseline"]) == 0
    assert (here / "fraud.json").read_bytes() == before


def test_evaluate_takes_one(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several gates are not one data set; options win over those of the gate."""
    assert main(["evaluate", "--config", "calaudit.toml"]) == 2
    assert "has several gates: add --name churn" in capsys.readouterr().err
    assert main(["evaluate", "--name", "fraud", "--json", "--bins", "10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["bins"] == "10"
    assert {each["column"] for each in found["slices"]} == {"region"}
    assert main(["evaluate", "churn.csv", "--name", "fraud", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["inputs"][0]["path"] == "churn.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gate.'a b']\n", "'a b' is no name of a gate"),
        ("[gate.'-->']\n", "is no name of a gate"),
        ("[gate.'../x']\n", "is no name of a gate"),
        ("[gate.Fraud]\n[gate.fraud]\n", "fraud and Fraud differ in case only"),
        ("[gate]\nfraud = 3\n", "[gate.fraud] is not a table"),
        ("gate = 3\n", "is not a table of gates"),
        ("[gates.fraud]\n", "there is no section 'gates' (did you mean gate?)"),
    ],
)
def test_names_that_are_refused(here: Path, capsys, text: str, said: str) -> None:
    """A name must be able to stand in a file name and in a comment."""
    (here / "calaudit.toml").write_text(text)
    assert main(["check", "fraud.csv", "--max-ece", "0.1"]) == 2
    assert said in capsys.readouterr().err


def test_two_gates_write_no_baseline_twice(here: Path, capsys) -> None:
    """A baseline that two gates would write is refused for the second."""
    (here / "calaudit.toml").write_text(CONFIG.replace("[check]", '[check]\nbaseline = "b.json"'))
    assert main(["check", "--update-baseline"]) == 1
    assert "error: fraud: b.json is the baseline of churn, too" in capsys.readouterr().err
