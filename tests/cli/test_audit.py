"""``calaudit audit`` as a user runs it: division, files, exit codes, streams."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.api import auditing
from calaudit.cli import main
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.cli.conftest import ROOT

Run = Callable[..., subprocess.CompletedProcess[Any]]

DIGITS = ROOT / "sample_data" / "digits_logits.parquet"
FRAUD = ROOT / "sample_data" / "fraud_queue.parquet"
SPLIT = ("--split", "split=validation")
REAL = auditing.audit


@pytest.fixture
def audit(tmp_path: Path) -> Run:
    """Return a function that runs the command in an empty directory; warnings are errors."""
    environment = {**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "80", "PYTHONUTF8": "1"}

    def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[Any]:
        options: dict[str, Any] = {
            "capture_output": True, "encoding": "utf-8", "cwd": tmp_path, "timeout": 120,
        }  # fmt: skip
        command = [sys.executable, "-m", "calaudit", "audit", *arguments]
        return subprocess.run(command, env=environment, **options | more)

    return run


def test_the_answer_stands_first(audit: Run) -> None:
    """The paragraph is what the report says, and everything behind it follows; stderr is empty."""
    done = audit(str(DIGITS), *SPLIT)
    assert (done.returncode, done.stderr) == (0, "")
    answer = calaudit.audit(str(DIGITS), split="split=validation").answer
    paragraph = done.stdout.split("\n\n")[0]
    assert " ".join(paragraph.split()).removeprefix("▲ ") == answer
    whole = audit(str(DIGITS), *SPLIT, "--full").stdout
    titles = [line for line in whole.splitlines() if line and not line.startswith(" ")]
    for title in ("On the rows judged", "Reliability, after calibration", "Without a person",
                  "Calibrator", "Confidently wrong", "Notes", "Columns"):  # fmt: skip
        assert title in titles
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_json_is_that_of_python_and_keeps_the_schema(audit: Run) -> None:
    """--json prints what Python gives, byte for byte, and it is valid."""
    done = audit(str(DIGITS), *SPLIT, "--max-error", "0.05", "--json")
    assert done.returncode == 0
    report = calaudit.audit(str(DIGITS), split="split=validation", max_error=0.05)
    assert done.stdout == report.to_json()
    jsonschema.validate(json.loads(done.stdout), json.loads(schema_text("audit")))


def test_files_are_written_together(audit: Run, tmp_path: Path) -> None:
    """The report in two formats and the calibrator, which is what fit writes, byte for byte."""
    done = audit(
        str(FRAUD), "--holdout", "0.3", "--method", "beta", "-o", "a.json", "-o", "a.txt",
        "--save-calibrator", "cal.json",
    )  # fmt: skip
    assert done.returncode == 0
    *wrote, remark = done.stderr.splitlines()
    assert sorted(line.rpartition("/")[2] for line in wrote) == ["a.json", "a.txt", "cal.json"]
    assert remark.endswith("written makes the scores worse: do not use it")
    report = report_from_json((tmp_path / "a.json").read_text())
    assert isinstance(report, calaudit.AuditReport)
    first = " ".join((tmp_path / "a.txt").read_text().split("\n\n")[0].split())
    assert first.endswith(report.answer)
    alone = calaudit.fit(str(FRAUD), holdout=0.3, method="beta")
    assert (tmp_path / "cal.json").read_text() == alone.to_json()
    assert calaudit.load_calibrator(tmp_path / "cal.json").method == "beta"


def test_standard_input_is_read_once(audit: Run) -> None:
    """A stream serves all stages, and gives what the file gives."""
    table = pq.read_table(FRAUD)
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(table, sink)
    more = ("--cost-fp", "5", "--cost-fn", "200", "--json")
    done = audit("-", *more, input=sink.getvalue().to_pybytes(), encoding=None)
    assert done.returncode == 0, done.stderr
    found, file = json.loads(done.stdout), json.loads(audit(str(FRAUD), *more).stdout)
    assert found["answer"] == file["answer"]
    assert found["decision"]["options"] == file["decision"]["options"]
    assert found["before"]["inputs"][0]["path"] == "-"


def test_a_calibration_file_is_fitted_on(audit: Run, tmp_path: Path) -> None:
    """--calibration: the rows of the one file are fitted, all of the other are judged."""
    table = pq.read_table(DIGITS)
    chosen = pc.equal(table["split"], "validation")
    pq.write_table(table.filter(chosen), tmp_path / "cal.parquet")
    pq.write_table(table.filter(pc.invert(chosen)), tmp_path / "test.parquet")
    done = audit("test.parquet", "--calibration", "cal.parquet")
    assert done.returncode == 0
    assert "fitted on the 898 rows of cal.parquet, judged on the 899 of test.parquet" in (
        " ".join(done.stdout.split())
    )
    for name in ("cal.parquet", "test.parquet"):
        for option in ("-o", "--save-calibrator"):
            refused = audit("test.parquet", "--calibration", "cal.parquet", option, name)
            assert refused.returncode == 2
    assert pq.read_table(tmp_path / "cal.parquet").num_rows == 898


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((str(FRAUD), "--split", "nothing=1"), 3, "'nothing', which is not there"),
        ((str(DIGITS), "--split", "split=nowhere"), 3, "no row has 'nowhere'"),
        ((str(DIGITS), "--split", "split"), 2, "COLUMN=VALUE"),
        ((str(DIGITS), *SPLIT, "--holdout", "0.5"), 2, "give one"),
        ((str(FRAUD), "--calibration", str(FRAUD)), 2, "are the same"),
        ((str(FRAUD), "--calibration", str(DIGITS)), 3, "fitted on multiclass rows"),
        ((str(FRAUD), "--cost-fp", "1"), 2, "give --cost-fn as well"),
        ((str(FRAUD), "--save-calibrator", "cal.txt"), 2, "must end in .json"),
        ((str(FRAUD), "--save-calibrator", "a.json", "-o", "a.json"), 2, "named twice"),
        ((str(FRAUD), "-o", "a.xml"), 2, "only of calaudit check"),
        ((str(FRAUD), "--save-calibrator", str(FRAUD) + ".json/x.json"), 2, "directory does not"),
        (("nowhere.csv",), 3, "nowhere.csv"),
    ],
)  # fmt: skip
def test_refusals(arguments: tuple[str, ...], code: int, message: str, audit: Run) -> None:
    """What cannot be done exits 2 or 3 with one sentence, prints nothing and leaves no file."""
    done = audit(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_no_file_is_left_where_the_work_fails(audit: Run, tmp_path: Path) -> None:
    """Neither the report nor the calibrator is there after a refusal."""
    few = "score,label\n" + "".join(f"0.{i},{i % 2}\n" for i in range(1, 10))
    (tmp_path / "few.csv").write_text(few)
    done = audit(
        "few.csv", "--method", "platt", "-o", "a.json", "--save-calibrator", "cal.json"
    )  # fmt: skip
    assert done.returncode == 3
    assert "no calibrator can be fitted" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few.csv"]


def test_a_limit_that_cannot_be_kept_is_no_failure(audit: Run) -> None:
    """The report is there, says that no cutoff keeps the limit, and the exit code is 0."""
    done = audit(str(DIGITS), *SPLIT, "--max-error", "0.001", "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["decision"] is None
    assert report["selective"] is not None
    assert "No cutoff can be recommended: to show a rate" in report["answer"]
    shown = audit(str(DIGITS), *SPLIT, "--max-error", "0.001")
    assert (shown.returncode, shown.stderr) == (0, "")


def test_options_reach_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option of the command is an argument of the function, with the same default."""
    seen: list[dict[str, Any]] = []

    def stand_in(data: Any, **given: Any) -> Any:
        seen.append(given)
        raise calaudit.InputError("enough")

    monkeypatch.setattr(auditing, "audit", stand_in)
    assert main(["audit", "x.csv"]) == 3
    parameters = inspect.signature(REAL).parameters
    only = {"data", "y_prob", "y_true", "sample_weight", "scale", "edges"}
    assert set(seen[0]) == set(parameters) - only
    for name, value in seen[0].items():
        if name != "progress":
            assert value == parameters[name].default, name


def test_quiet_and_schema(audit: Run) -> None:
    """--quiet leaves stderr empty, and the schema is printed by its name."""
    done = audit(str(FRAUD), "-q", "-o", "a.json")
    assert (done.returncode, done.stderr) == (0, "")
    printed = subprocess.run(
        [sys.executable, "-m", "calaudit", "schema", "audit"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert printed.stdout == schema_text("audit")
