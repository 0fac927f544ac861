"""``calaudit fit`` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from calaudit.calibrators import load_calibrator
from calaudit.cli import main
from tests.calibrators.simulated import binary

ROOT = Path(__file__).parents[2]
DIGITS = str(ROOT / "sample_data" / "digits_logits.parquet")


@pytest.fixture
def scores(tmp_path) -> str:
    """Return a CSV file of binary scores."""
    z, y = binary(1500, 2.0)
    path = tmp_path / "scores.csv"
    arrow_csv.write_csv(pa.table({"y": y, "p": 1 / (1 + np.exp(-z))}), path)
    return str(path)


def test_fit_writes_a_calibrator(tmp_path, capsys, monkeypatch) -> None:
    """The certificate goes to stdout, the file is written, and stderr says so."""
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "cal.json"
    assert main(["fit", DIGITS, "--split", "split=validation", "-o", str(path)]) == 0
    shown = capsys.readouterr()
    assert "Temperature scaling: T = 2.40" in shown.out
    assert "On 899 held-out rows" in shown.out
    assert "Cross-fitted on the 898 fit rows" in shown.out
    assert "chosen" in shown.out or "<- chosen" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert f"wrote {path}" in shown.err
    assert load_calibrator(path).method == "temperature"


def test_json(scores, capsys) -> None:
    """--json prints the calibrator and nothing else."""
    assert main(["fit", scores, "--label", "y", "--score", "p", "--json", "-q"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["schema"] == "calaudit.calibrator/1"
    assert shown.err == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--method", "beta"], {"method": "beta"}),
        (["--floor", "1e-6"], {"floor": 1e-6}),
    ],
)
def test_options_reach_the_calibrator(scores, tmp_path, options, expected) -> None:
    """What is asked for is in the file."""
    path = tmp_path / "cal.json"
    assert main(["fit", scores, "--label", "y", "--score", "p", "-o", str(path), *options]) == 0
    values = json.loads(path.read_text())
    assert {key: values[key] for key in expected} == expected


def test_weight_kind(tmp_path, capsys) -> None:
    """Frequency weights count rows; weights that do not are refused, with what to do."""
    z, y = binary(600, 2.0)
    p, times = 1 / (1 + np.exp(-z)), 1 + np.arange(600) % 3
    for name, weight in (("whole", times), ("share", times / 2)):
        arrow_csv.write_csv(pa.table({"y": y, "p": p, "w": weight}), tmp_path / f"{name}.csv")
    options = ["--label", "y", "--score", "p", "--weight", "w", "--weight-kind", "frequency"]
    assert main(["fit", str(tmp_path / "whole.csv"), *options, "--json"]) == 0
    certificate = json.loads(capsys.readouterr().out)["certificate"]
    assert certificate["rows"] == certificate["effective_rows"] == times.sum() == 1200
    assert main(["fit", str(tmp_path / "share.csv"), *options]) == 3
    assert "--weight-kind frequency a weight is a number of rows" in capsys.readouterr().err


def test_out_of(tmp_path, scores, capsys) -> None:
    """Scores on a scale of 0 to 100 give the calibrator of the shares."""
    table = arrow_csv.read_csv(scores)
    percent = pa.table({"y": table["y"], "p": np.multiply(table["p"].to_numpy(), 100)})
    arrow_csv.write_csv(percent, tmp_path / "percent.csv")
    found = []
    for path, more in ((scores, []), (tmp_path / "percent.csv", ["--out-of", "100"])):
        options = ["--label", "y", "--score", "p", "--method", "platt", "--json", *more]
        assert main(["fit", str(path), *options]) == 0
        found.append(json.loads(capsys.readouterr().out)["parameters"])
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_no_mix(scores, capsys) -> None:
    """Rates of exactly 0 and 1 stay so with --no-mix, and are pulled inwards without."""
    ends = []
    for more in ([], ["--no-mix"]):
        options = ["--label", "y", "--score", "p", "--method", "isotonic", "--json", *more]
        assert main(["fit", scores, *options]) == 0
        values = json.loads(capsys.readouterr().out)["parameters"]["y"]
        ends.append((values[0], values[-1]))
    assert 0 < ends[0][0] < ends[0][1] < 1
    assert ends[1] == (0, 1)


def test_options_reach_the_certificate(scores, tmp_path) -> None:
    """Hold-out, level and seed are on record."""
    path = tmp_path / "cal.json"
    options = ["--holdout", "0.5", "--level", "0.9", "--seed", "3", "--method", "platt"]
    assert main(["fit", scores, "--label", "y", "--score", "p", "-o", str(path), *options]) == 0
    certificate = load_calibrator(path).certificate
    assert (certificate.level, certificate.seed) == (0.9, 3)
    assert certificate.split == "0.5 of the rows, by a hash of the row's number"
    assert certificate.checks[0].kind == "held-out"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["-o", "cal.yaml"], 2, "cannot tell the format"),
        (["-o", "none/cal.json"], 2, "directory does not exist"),
        (["--method", "magic"], 2, "method must be one of"),
        (["--holdout", "2"], 2, "holdout is the share"),
        (["--split", "fold=1"], 3, "fold"),
    ],
)
def test_refusals(scores, capsys, options, code, message) -> None:
    """Wrong options are 2, wrong data 3, each with a sentence and nothing on stdout."""
    assert main(["fit", scores, "--label", "y", "--score", "p", *options]) == code
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""


def test_no_fit_is_3(tmp_path, capsys) -> None:
    """Data that has no fit is refused, and no file is left."""
    data, path = tmp_path / "sure.csv", tmp_path / "cal.json"
    p = np.linspace(0.01, 0.99, 200)
    arrow_csv.write_csv(pa.table({"y": (p > 0.5).astype(int), "p": p}), data)
    code = main(["fit", str(data), "--label", "y", "--score", "p", "-o", str(path)])
    assert code == 3
    assert "T goes to 0" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("columns", ["60", "140"])
def test_any_terminal(scores, encoding, columns) -> None:
    """Narrow and wide terminals are filled and not passed; ASCII ones get ASCII."""
    environment = {**os.environ, "COLUMNS": columns, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "calaudit", "fit", scores, "--label", "y", "--score", "p"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=ROOT)
    text = done.stdout.decode(encoding)
    assert "log loss" in text.lower()
    assert max(map(len, text.splitlines())) <= int(columns)


def test_standard_input() -> None:
    """A pipe is read once and passed over as often as the fit needs."""
    command = [
        sys.executable,
        "-m",
        "calaudit",
        "fit",
        "-",
        "--split",
        "split=validation",
        "--json",
    ]
    done = subprocess.run(command, input=Path(DIGITS).read_bytes(), capture_output=True, check=True)
    values = json.loads(done.stdout)
    assert values["parameters"]["T"] == pytest.approx(2.4078754, abs=1e-6)
