"""``calaudit apply`` as a user runs it: what it writes, says, and ends with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from calaudit.calibrators.base import Calibrator
from calaudit.calibrators.identity import Identity
from calaudit.calibrators.temperature import MulticlassTemperature, Temperature
from calaudit.cli import main

AS_IS = Calibrator(Identity(), "binary", "probability", ("0", "1"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working directory with a calibrator and a file of predictions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cal.json").write_text(AS_IS.to_json())
    (tmp_path / "preds.csv").write_text("id,score,label\na,0.25,0\nb,0.5,1\n")
    return tmp_path


def left(here: Path) -> set[str]:
    """Return the names of what is there beside the inputs."""
    return {path.name for path in here.iterdir()} - {"cal.json", "preds.csv"}


def test_writes_and_says_so(here: Path, capsys) -> None:
    """The file is written, stdout stays empty, and stderr says what was done."""
    assert main(["apply", "cal.json", "preds.csv", "-o", "out.csv"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "calaudit: wrote out.csv: 2 rows, identity; replaced score (calibrated probabilities)\n"
    )
    assert (here / "out.csv").read_text() == (here / "preds.csv").read_text()


def test_added_columns(here: Path, capsys) -> None:
    """--suffix and --prefix add columns, and the message says so."""
    assert main(["apply", "cal.json", "preds.csv", "-o", "out.csv", "--suffix", "_cal"]) == 0
    assert "added score_cal" in capsys.readouterr().err
    assert (here / "out.csv").read_text().startswith("id,score,label,score_cal\na,0.25,0,0.25\n")
    assert main(["apply", "cal.json", "preds.csv", "-o", "out.csv", "--prefix", "cal_"]) == 0
    assert (here / "out.csv").read_text().startswith("id,score,label,cal_score\n")


def test_quiet(here: Path, capsys) -> None:
    """--quiet says nothing."""
    assert main(["apply", "cal.json", "preds.csv", "-o", "out.csv", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_as_probability(here: Path, capsys) -> None:
    """--as probability turns a column of logits into probabilities."""
    (here / "cal.json").write_text(
        Calibrator(Temperature(2.0), "binary", "logit", ("0", "1")).to_json()
    )
    (here / "preds.csv").write_text("logit\n0\n")
    command = ["apply", "cal.json", "preds.csv", "-o", "out.csv"]
    assert main([*command, "--as", "probability"]) == 0
    assert (here / "out.csv").read_text() == "logit\n0.5\n"
    assert main(command) == 0
    assert (here / "out.csv").read_text() == "logit\n0\n"
    assert "calibrated logits" in capsys.readouterr().err


def test_invalid_rows(here: Path, capsys) -> None:
    """Invalid rows end with 3, or are dropped or kept and counted."""
    (here / "preds.csv").write_text("score\n0.25\n\nNA\n")
    command = ["apply", "cal.json", "preds.csv", "-o", "out.csv"]
    assert main(command) == 3
    assert "1 of 2 rows are invalid" in capsys.readouterr().err
    assert left(here) == set()
    assert main([*command, "--on-invalid", "drop"]) == 0
    assert "1 row without a usable score was left out: 1 missing-score" in capsys.readouterr().err
    assert (here / "out.csv").read_text() == "score\n0.25\n"
    assert main([*command, "--on-invalid", "keep"]) == 0
    assert "was kept, with a missing score" in capsys.readouterr().err
    assert (here / "out.csv").read_text() == "score\n0.25\n\n\n"


def test_several_files(here: Path, capsys) -> None:
    """Several files go into a directory."""
    (here / "more.csv").write_text("score\n0.5\n")
    assert main(["apply", "cal.json", "preds.csv", "more.csv", "-o", "out"]) == 0
    assert {p.name for p in (here / "out").iterdir()} == {"preds.csv", "more.csv"}
    assert "wrote 2 files in out: 3 rows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["cal.json", "preds.csv"], 2, "Missing option"),
        (["cal.json", "preds.csv", "-o", "preds.csv"], 2, "never overwritten"),
        (["cal.json", "preds.csv", "-o", "no/out.csv"], 2, "does not exist"),
        (["cal.json", "preds.csv", "-o", "out.docx"], 2, "cannot tell the format"),
        (["cal.json", "preds.csv", "-o", "out.csv", "--as", "odds"], 2, "odds"),
        (["cal.json", "none.csv", "-o", "out.csv"], 3, "no such file"),
        (["none.json", "preds.csv", "-o", "out.csv"], 3, "none.json"),
        (["preds.csv", "preds.csv", "-o", "out.csv"], 3, "preds.csv"),
        (["cal.json", "preds.csv", "-o", "out.csv", "--score", "nope"], 3, "not there"),
        (["cal.json", "preds.csv", "-o", "out.csv", "--logits", "score"], 3, "these are logits"),
    ],
)
def test_exit_codes(here: Path, capsys, arguments: list[str], code: int, told: str) -> None:
    """Wrong options end with 2, unusable data with 3, and nothing is left behind."""
    assert main(["apply", *arguments]) == code
    assert told in capsys.readouterr().err
    assert left(here) == set()


def test_another_kind_shows_both_sides(here: Path, capsys) -> None:
    """A calibrator of other classes is refused with both, and the columns that were read."""
    (here / "cal.json").write_text(
        Calibrator(
            MulticlassTemperature(2.0), "multiclass", "probability", ("a", "b", "c")
        ).to_json()
    )
    (here / "preds.csv").write_text("p_a,p_b,p_d\n0.5,0.25,0.25\n")
    assert main(["apply", "cal.json", "preds.csv", "-o", "out.csv"]) == 3
    assert capsys.readouterr().err == (
        "calaudit: error: preds.csv: the calibrator was fitted on the classes a, b, c; these are "
        "a, b, d (p_a, p_b, p_d read as --probs)\n"
    )


def test_evaluate_through_a_calibrator(here: Path, capsys) -> None:
    """``evaluate --calibrator`` names the calibrator in its notes."""
    rows = "".join(f"{(i % 9 + 1) / 10},{int(i % 9 > 4)}\n" for i in range(90))
    (here / "preds.csv").write_text("score,label\n" + rows)
    assert main(["evaluate", "preds.csv", "--calibrator", "cal.json"]) == 0
    assert "cal.json (identity)" in " ".join(capsys.readouterr().out.split())
    assert main(["evaluate", "preds.csv", "--calibrator", "none.json"]) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and pipes")
def test_terminated(here: Path) -> None:
    """SIGTERM in the middle leaves no output and no temporary file, as Ctrl-C does."""
    arguments = ["apply", "cal.json", "preds.csv", "-o", "out.csv"]
    waiting = (
        "import sys, time; from calaudit.predictions.rewriting import rewritten_files as files; "
        "files.rewrite_text = lambda *_: (print('there', flush=True), time.sleep(60)); "
        "from calaudit.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", waiting, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        assert any(name.endswith(".tmp") for name in left(here))
        process.terminate()
        assert process.wait(30) == 130
    assert left(here) == set()


def test_help(capsys) -> None:
    """The help shows an example."""
    assert main(["apply", "--help"]) == 0
    assert "calaudit apply cal.json predictions.parquet -o calibrated.parquet" in (
        capsys.readouterr().out
    )
