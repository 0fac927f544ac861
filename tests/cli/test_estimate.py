"""``calaudit estimate`` as a user runs it: outputs, and the command that makes it again."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

import calaudit
from calaudit.cli import main
from tests.api.test_estimate import NEW, OLD, SCORES
from tests.cli.again import assert_made_again


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with labelled rows, others, a calibrator and saved cutoffs."""
    folder = tmp_path_factory.mktemp("estimate")
    OLD.to_csv(folder / "old.csv", index=False)
    SCORES.assign(row=range(len(SCORES))).to_csv(folder / "new.csv", index=False)
    NEW.to_parquet(folder / "labelled.parquet")
    (folder / "cal.json").write_text(calaudit.fit(OLD, method="platt").to_json())
    calaudit.threshold(OLD, cost_fp=1, cost_fn=4).save(folder / "cutoffs.json")
    return folder


WAYS = (
    "new.csv --reference old.csv",
    "new.csv --reference cal.json --score score --level 0.9",
    "new.csv --reference old.csv --by date:month --by place --seed 3 --method beta",
    "new.csv --reference old.csv --thresholds cutoffs.json --matters 0.1",
    "labelled.parquet --reference old.csv --labelled label --label label --positive 1 --id date",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(
    files: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    monkeypatch.chdir(files)
    assert_made_again(files, "estimate", *shlex.split(words))


def test_every_format(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Pages and a picture are written; the terminal says on what it all rests."""
    monkeypatch.chdir(files)
    outputs = [word for s in ("html", "md", "txt", "svg") for word in ("-o", f"r.{s}")]
    assert main(["estimate", "new.csv", "--reference", "old.csv", *outputs]) == 0
    out = capsys.readouterr().out
    assert out.lstrip().startswith("? If calibration transfers, accuracy should come out at")
    assert "Accuracy by ATC" in out
    assert all("If calibration transfers" in (files / f"r.{s}").read_text() for s in ("html", "md"))


def test_it_never_passes_a_gate(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Its report is no baseline and no evaluation: check refuses it."""
    monkeypatch.chdir(files)
    assert main(["estimate", "new.csv", "--reference", "old.csv", "-q", "-o", "e.json"]) == 0
    assert main(["check", "labelled.parquet", "--baseline", "e.json"]) in (2, 3)
    assert "e.json" in capsys.readouterr().err
    assert main(["estimate", "new.csv"]) == 2
    assert "--reference" in capsys.readouterr().err
