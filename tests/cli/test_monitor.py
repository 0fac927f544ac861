"""`calaudit monitor` as a user and a scheduler run it: exit codes, outputs, the command again."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from calaudit.cli import main
from tests.cli.again import assert_made_again
from tests.cli.conftest import ROOT

PAGE = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of good weeks, of one that waits for a label, and of weeks that are off."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(6)
    week = np.repeat(np.arange(6), 300)
    z = rng.normal(0, 1.3, len(week))
    frame = pd.DataFrame({"id": np.arange(len(week)), "score": 1 / (1 + np.exp(-z))})
    frame["date"] = (np.datetime64("2025-09-01") + 7 * week).astype(str)
    frame["label"] = (rng.random(len(week)) < frame["score"]).astype(int)
    frame.to_parquet("preds.parquet")
    for number in (36, 37):
        frame[week == number - 36].to_parquet(f"week-{number}.parquet")
    off = frame.assign(label=(rng.random(len(week)) < 1 / (1 + np.exp(-z - 1))).astype(int))
    off.to_csv("off.csv", index=False)
    late = frame.copy()
    late["label"] = late["label"].astype("Int64").where(late.index != 350)
    late.to_csv("late.csv", index=False)
    frame[["id", "label"]].to_csv("outcomes.csv", index=False)
    frame.drop(columns="label").to_csv("scored.csv", index=False)
    return tmp_path


def test_exit_codes(folder: Path) -> None:
    """0 no alarm, 1 alarm, 2 usage, 3 refused; too little to tell is 0, and 4 under --strict."""
    codes = {
        "preds.parquet --time date": 0,
        "off.csv --time date": 1,
        "preds.parquet --time date --every never": 2,
        "absent.csv --time date": 3,
        "week-36.parquet": 0,
        "week-36.parquet --strict": 4,
        "preds.parquet --time date --strict": 0,
    }
    for words, code in codes.items():
        assert main(["monitor", *words.split(), "-q"]) == code, words


WAYS = (
    "preds.parquet --time date",
    "preds.parquet --time date --every 500 --tolerance 0.01 --alpha 0.01 --matters 0.1",
    "late.csv --time date --closed 2025-W37 --strict",
    "week-36.parquet week-37.parquet --group batch",
    "scored.csv --labels outcomes.csv --id id --time date --every month --release 2",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(folder: Path, words: str) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    named = [*shlex.split(words), "--label", "label", "--score", "score"]
    assert_made_again(folder, "monitor", *named, codes=(0, 4))


def test_every_format(folder: Path, capsys: Any) -> None:
    """Files of every kind with an alarm, JSON on standard output, and the saved report again."""
    names = ["r.json", "r.html", "r.md", "r.txt", "r.svg"]
    outputs = [word for name in names for word in ("-o", name)]
    assert main(["monitor", "off.csv", "--time", "date", "-q", *outputs, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == json.loads((folder / "r.json").read_text())
    assert "Alarm" in (folder / "r.md").read_text()
    assert "Evidence" in (folder / "r.svg").read_text()
    assert main(["report", "r.json", "-q"]) == 0
    assert "Alarm" in capsys.readouterr().out
    assert main(["schema", "monitor"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "calaudit.monitor/1"


def test_a_job_carries_its_state(folder: Path, capsys: Any) -> None:
    """A new file a run; the same one is refused, and the state alone shows what it holds."""
    for name, code in (("week-36", 0), ("week-37", 0), ("week-37", 3)):
        words = [f"{name}.parquet", "--state", "monitor.cal", "--time", "date", "-q"]
        assert main(["monitor", *words]) == code
    assert "nothing is counted twice" in capsys.readouterr().err
    assert main(["monitor", "--state", "monitor.cal", "-q"]) == 0
    assert "after 2 batches of 600 rows" in capsys.readouterr().out


def test_the_commands_of_the_page_run(folder: Path) -> None:
    """What docs/monitoring.md tells people to schedule works as it stands there."""
    (folder / "runs").mkdir()
    for name in ("preds.parquet", "outcomes.csv", "scored.csv"):
        (folder / "runs" / name).write_bytes((folder / name).read_bytes())
    commands = re.findall(
        r"^ *(?:- run: |\$ |.*&& )?(calaudit (?:monitor|evaluate|threshold) [^\n#]*)", PAGE, re.M
    )
    assert len(commands) >= 6
    for command in dict.fromkeys(each.strip() for each in commands):
        words = shlex.split(command.partition("||")[0].removesuffix('",'))
        assert main([*words[1:], "-q"]) == 0, command
        if "--state" in words:
            Path(words[words.index("--state") + 1]).unlink()
