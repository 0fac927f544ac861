"""``calaudit forecast`` as a user runs it: outputs, and the command that makes it again."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from calaudit.cli import main
from calaudit.options.commands import ForecastOptions
from calaudit.options.declaration import defaults
from tests.cli.again import assert_made_again
from tests.report import sets
from tests.report.forecasts import rows


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with normal laws, intervals and quantiles."""
    folder = tmp_path_factory.mktemp("forecast")
    frame = rows(300, 20).assign(group=lambda f: f.index // 5)
    frame.to_csv(folder / "laws.csv", index=False)
    mean, std = frame.pop("mean"), frame.pop("std")
    frame.assign(lower=mean - std, upper=mean + std).to_csv(folder / "ends.csv", index=False)
    quantiles = {f"q{k}": mean + z * std for k, z in ((10, -1.28), (50, 0), (90, 1.28))}
    frame.assign(**quantiles).to_parquet(folder / "quantiles.parquet")
    sets.rows(300, 21).to_parquet(folder / "sets.parquet")
    return folder


WAYS = (
    "laws.csv",
    "laws.csv --mean mean --std std --label y --level 0.9 --seed 3",
    "ends.csv --stated 0.9 --by store --on-invalid drop",
    "ends.csv --lower lower --upper upper --stated 70%",
    "quantiles.parquet --group group --where store=one",
    "quantiles.parquet --quantiles q10,q50,q90 --stated 0.1,0.5,0.9",
    "ends.csv --stated 0.9 --recalibrate offset.json --guarantee 0.95",
    "sets.parquet --stated 0.8,0.9 --by store --calibration-rows 500",
    "sets.parquet --sets wide_set --classes cat=cat,dog=dog,eel=eel,fox=fox --stated 90%",
)


@pytest.mark.parametrize("words", WAYS)
def test_the_command_of_a_report_makes_it_again(
    files: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """What the report says in its provenance gives the same report, byte by byte."""
    monkeypatch.chdir(files)
    assert_made_again(files, "forecast", *shlex.split(words))


def test_every_format(files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Pages and each picture are written; the answer is first in the terminal."""
    monkeypatch.chdir(files)
    outputs = [word for s in ("html", "md", "txt", "svg") for word in ("-o", f"r.{s}")]
    assert main(["forecast", "quantiles.parquet", *outputs]) == 0
    assert "intervals that say 80 % hold" in " ".join(capsys.readouterr().out.split())
    for name in ("pit", "widths"):
        assert main(["forecast", "laws.csv", "-q", "--picture", name, "-o", f"{name}.svg"]) == 0
        assert "<svg" in (files / f"{name}.svg").read_text()
    assert "Quantiles" in (files / "r.html").read_text()
    words = ["sets.parquet", "--stated", "0.8,0.9", "-q", "--picture", "by-class"]
    assert main(["forecast", *words, "-o", "by-class.svg"]) == 0


def test_defaults() -> None:
    """Nothing is taken for granted of what intervals state."""
    assert defaults(ForecastOptions) == {
        "label": None, "lower": None, "upper": None, "stated": None, "mean": None, "std": None,
        "quantiles": None, "members": None, "sets": None, "classes": None,
        "calibration_rows": None, "model": None, "by": (), "on_invalid": "refuse",
        "no_header": False, "against": (), "recalibrate": None, "guarantee": None,
        "group": None, "where": None, "level": 0.95, "seed": 0,
        "progress": None,
    }  # fmt: skip


def test_recalibrate_apply_and_export(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """What one command writes the next one takes, as the message says."""
    monkeypatch.chdir(files)
    assert main(["forecast", "ends.csv", "--stated", "0.9", "--recalibrate", "o.json"]) == 0
    said = capsys.readouterr()
    assert "then hold %" in said.out
    assert "calaudit apply o.json DATA" in said.err
    assert main(["apply", "o.json", "ends.csv", "-o", "new.csv"]) == 0
    assert "replaced lower, upper (calibrated forecasts)" in capsys.readouterr().err
    assert main(["apply", "o.json", "ends.csv", "-o", "x.csv", "--prior", "0.1"]) == 2
    assert "--prior is for scores" in capsys.readouterr().err
    assert main(["export", "o.json", "--to", "sql", "-o", "o.sql"]) == 0
    assert 'AS "lower"' in (files / "o.sql").read_text()
    assert main(["forecast", "ends.csv", "--stated", "0.9", "--guarantee", "0.9"]) == 2
    assert main(["forecast", "ends.csv", "--stated", "0.9", "--recalibrate", "ends.csv"]) == 2
