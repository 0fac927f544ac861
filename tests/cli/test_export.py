"""``calaudit export`` as a user runs it: what it prints, writes and refuses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calaudit.api.exporting import export
from calaudit.api.fitting import fit
from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.export import TARGETS
from calaudit.calibrators.isotonic import Isotonic
from calaudit.calibrators.platt import Platt
from calaudit.calibrators.temperature import Temperature
from calaudit.cli import main
from calaudit.errors import SettingsError

PLATT = Calibrator(Platt(1.5, -0.2), "binary", "probability", ("0", "1"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working directory with two calibrators."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cal.json").write_text(PLATT.to_json())
    (tmp_path / "t.json").write_text(
        Calibrator(Temperature(2.5), "binary", "logit", ("0", "1")).to_json()
    )
    return tmp_path


def test_value_goes_to_stdout(here: Path, capsys) -> None:
    """The output is the temperature and nothing else; the check is told on stderr."""
    assert main(["export", "t.json", "--to", "value"]) == 0
    out, err = capsys.readouterr()
    assert out == "2.5\n"
    told = r"calaudit: temperature as value: no difference above 1e-12 on 1,\d+ probes in numpy "
    assert re.fullmatch(told + r"[\d.]+\n", err)


def test_python_runs_from_its_file(here: Path, capsys) -> None:
    """What is written is a function that gives the calibrator's probabilities."""
    assert main(["export", "cal.json", "--to", "python", "-o", "cal.py"]) == 0
    assert "wrote cal.py" in capsys.readouterr().err
    names: dict[str, object] = {}
    exec((here / "cal.py").read_text(), names)
    calibrate = names["calibrate"]
    assert callable(calibrate)
    assert calibrate(0.9) == pytest.approx(PLATT.apply([0.9])[0], abs=1e-15)


def test_rows_of_the_fit_are_tried(here: Path, capsys) -> None:
    """An export says how many rows of the fit it was tried on."""
    z = np.linspace(-3, 3, 200)
    fitted = fit((np.sin(5 * z) + z > 0).astype(int), z, scale="logit", method="platt")
    (here / "fitted.json").write_text(fitted.to_json())
    assert main(["export", "fitted.json", "--to", "python"]) == 0
    assert "probes (64 of them rows of the fit) in " in capsys.readouterr().err
    assert main(["export", "cal.json", "--to", "python"]) == 0
    assert "of the fit" not in capsys.readouterr().err


def test_steep_places_are_told(here: Path, capsys) -> None:
    """Where one rounding moves the map further than 1e-12, the message says on how many probes."""
    x, y = np.array([0.1, 0.5, 0.5 + 1e-7, 0.9]), np.array([0.1, 0.4, 0.43, 0.9])
    steep = Calibrator(Isotonic(x, y), "binary", "logit", ("0", "1"))
    (here / "steep.json").write_text(steep.to_json())
    assert main(["export", "steep.json", "--to", "numpy", "-o", "steep.py"]) == 0
    told = r"no difference above 1e-12 on [\d,]+ probes \(\d+ where the map is so steep that one "
    assert re.search(
        told + "rounding of a score moves it further: none above that", capsys.readouterr().err
    )
    assert "(within one rounding of a score where" in (here / "steep.py").read_text()


def test_rows_are_tried_as_well(here: Path, capsys) -> None:
    """--rows adds the valid scores of a file to the probes; a file of another kind is refused."""
    (here / "preds.csv").write_text("score,label\n0.1234,1\n,0\n0.9,1\n")
    counts = []
    for more in ([], ["--rows", "preds.csv"]):
        assert main(["export", "cal.json", "--to", "numpy", *more]) == 0
        told = capsys.readouterr().err
        counts.append(int(told.split(" on ")[1].split(" probes")[0].replace(",", "")))
    assert counts[1] == counts[0] + 2
    assert main(["export", "t.json", "--to", "numpy", "--rows", "preds.csv"]) == 3
    assert "fitted on logits; these are probabilities" in capsys.readouterr().err


def test_sql_takes_a_column(here: Path, capsys) -> None:
    """--columns names the column."""
    assert main(["export", "cal.json", "--to", "sql", "--columns", "model score", "-q"]) == 0
    out, err = capsys.readouterr()
    assert 'CASE WHEN "model score" >= 0e0' in out
    assert err == ""


def test_sql_takes_the_columns_of_the_rows(here: Path, capsys) -> None:
    """With --rows the expression is on that file's score column; --columns goes before it."""
    (here / "preds.csv").write_text("y_prob,label\n0.1234,1\n0.9,1\n")
    for more, name in (([], "y_prob"), (["--columns", "mine"], "mine")):
        assert main(["export", "cal.json", "--to", "sql", "--rows", "preds.csv", *more]) == 0
        assert f'CASE WHEN "{name}" >= 0e0' in capsys.readouterr().out


@pytest.mark.parametrize(
    "table", ["a,b,label\n0.1,0.7,1\n0.9,0.2,1\n", "confidence,prediction\n0.9,1\n0.7,0\n"]
)
def test_rows_that_need_an_option_are_refused_with_advice_that_works(here, table, capsys) -> None:
    """No option says where the scores of --rows are: none is advised."""
    (here / "preds.csv").write_text(table)
    assert main(["export", "cal.json", "--to", "python", "--rows", "preds.csv"]) == 3
    told = capsys.readouterr().err
    assert "preds.csv" in told
    assert re.findall("--[a-z]+", told) == ["--rows"]
    assert "Leave --rows out." in told
    assert main(["export", "cal.json", "--to", "python"]) == 0


def test_one_column_by_its_name() -> None:
    """From Python a name is one column, not its letters."""
    assert '"score_v2" >= 0e0' in str(export(PLATT, "sql", columns="score_v2").content)
    assert '"x\ny" >= 0e0' in str(export(PLATT, "sql", columns=["x\ny"]).content)


def test_what_is_no_calibrator() -> None:
    """An argument of another kind is a wrong setting."""
    with pytest.raises(SettingsError, match="or the path of its file, not None"):
        export(None, "sql")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_onnx_is_a_graph(here: Path, dtype: str) -> None:
    """The graph in the file answers in its type."""
    pytest.importorskip("onnx")
    ort = pytest.importorskip("onnxruntime")
    assert main(["export", "cal.json", "--to", "onnx", "-o", "cal.onnx", "--dtype", dtype]) == 0
    session = ort.InferenceSession(here / "cal.onnx")
    scores = np.array([0.1, 0.9], dtype)
    (answer,) = session.run(None, {"scores": scores})
    assert answer.dtype == dtype
    assert np.abs(answer - PLATT.apply(scores.astype(float))).max() < 1e-6


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["cal.json"], 2, "Missing option"),
        (["cal.json", "--to", "cobol"], 2, "cobol"),
        (["cal.json", "--to", "value"], 2, "only a temperature is one value; platt has a, b"),
        (["cal.json", "--to", "onnx"], 2, "name a file with -o"),
        (["cal.json", "--to", "sql", "--columns", "a,b"], 2, "takes 1 column, but 2 were named"),
        (["cal.json", "--to", "sql", "--columns", "x\ny"], 2, "holds the end of a line"),
        (["cal.json", "--to", "sql", "--columns", "x\r"], 2, "holds the end of a line"),
        (["cal.json", "--to", "python", "-o", "/dev/null"], 2, "not a regular file"),
        (["cal.json", "--to", "python", "-o", "cal.json"], 2, "never overwritten"),
        (["cal.json", "--to", "python", "-o", "no/cal.py"], 2, "does not exist"),
        (["none.json", "--to", "python"], 3, "none.json"),
    ],
)
def test_exit_codes(here: Path, capsys, arguments: list[str], code: int, told: str) -> None:
    """Wrong options end with 2, an unusable calibrator with 3; nothing is written."""
    before = (here / "cal.json").read_text()
    assert main(["export", *arguments]) == code
    out, err = capsys.readouterr()
    assert told in err
    assert out == ""
    assert {p.name for p in here.iterdir()} == {"cal.json", "t.json"}
    assert (here / "cal.json").read_text() == before


def test_a_wrong_artefact_is_not_written(here: Path, capsys, monkeypatch) -> None:
    """When the check fails the old file stays, and the code is not 0."""
    (here / "cal.py").write_text("old")
    wrong = replace(TARGETS["python"], render=lambda *_: "def calibrate(p):\n    return p\n")
    monkeypatch.setitem(TARGETS, "python", wrong)
    assert main(["export", "cal.json", "--to", "python", "-o", "cal.py"]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert (here / "cal.py").read_text() == "old"
    assert {p.name for p in here.iterdir()} == {"cal.json", "t.json", "cal.py"}


def test_unverified(here: Path, capsys, monkeypatch) -> None:
    """Without a runtime only --unverified gives the artefact, and both say so."""
    monkeypatch.setitem(TARGETS, "javascript", replace(TARGETS["javascript"], runtimes=lambda: ()))
    assert main(["export", "cal.json", "--to", "javascript"]) == 2
    assert "node (https://nodejs.org) is not here" in capsys.readouterr().err
    assert main(["export", "cal.json", "--to", "javascript", "--unverified"]) == 0
    out, err = capsys.readouterr()
    assert "// UNVERIFIED: nothing has run this" in out
    assert "UNVERIFIED" in err


def test_help(capsys) -> None:
    """The help lists the targets."""
    assert main(["export", "--help"]) == 0
    assert "python, numpy, sql, onnx" in capsys.readouterr().out
