"""``calaudit threshold`` as a user runs it: cutoffs, exit codes, streams and files."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

import calaudit
from calaudit.cli import main
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.cli.conftest import ROOT
from tests.report.decisions import spam

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, pipes and devices")
Run = Callable[..., subprocess.CompletedProcess[Any]]

SPAM = ROOT / "sample_data" / "spam_filter.csv"
FRAUD = ROOT / "sample_data" / "fraud_queue.parquet"
COSTS = ("--cost-fp", "1", "--cost-fn", "5")

INSTALLED = shutil.which("calaudit", path=str(Path(sys.executable).parent))
COMMAND = [INSTALLED] if INSTALLED else [sys.executable, "-m", "calaudit"]

SLOWLY = """
import sys, time
from calaudit.api.decisions.tables import DecisionTables
from calaudit.cli import main
add = DecisionTables.add
def slowly(self, chunk):
    sys.stderr.write("chunk\\n")
    sys.stderr.flush()
    time.sleep(0.05)
    add(self, chunk)
DecisionTables.add = slowly
sys.exit(main())
"""
"""The program, except that a chunk takes 50 ms longer and is heard of."""


def environment() -> dict[str, str]:
    """Return an environment in which warnings are errors and nothing colours the output."""
    gone = {"FORCE_COLOR", "CALAUDIT_TRACEBACK", "PYTHONIOENCODING"}
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    kept |= {"NO_COLOR": "1", "COLUMNS": "80", "PYTHONWARNINGS": "error"}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 2,000 predictions of each task, and with what is wrong with files."""
    folder = tmp_path_factory.mktemp("files")
    draw = np.random.default_rng(4)
    p = draw.random(2000)
    labels = (draw.random(2000) < p).astype(int)
    table = pa.table({"score": p, "label": labels, "region": np.arange(2000) % 3})
    conf = 0.5 + 0.5 * draw.random(2000)
    hits = (draw.random(2000) < conf).astype(int)
    logits = 2 * draw.normal(size=(2000, 3))
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (probs.cumsum(axis=1) < draw.random((2000, 1))).sum(axis=1)
    names = np.array(["cat", "dog", "fox"])

    def write(name: str, columns: Any) -> None:
        arrow_csv.write_csv(pa.table(columns), folder / name)

    write("p.csv", table)
    write("q.csv", {"score": np.sqrt(p)})
    write("positives.csv", {"score": p, "label": np.ones(2000, int)})
    write("negatives.csv", {"score": p, "label": np.zeros(2000, int)})
    write("constant.csv", {"score": np.full(2000, 0.3), "label": labels})
    write("two.csv", {"score": np.where(p > 0.5, 0.8, 0.2), "label": labels})
    write("no_score.csv", {"label": labels, "region": table["region"]})
    write("top.csv", {"conf": conf, "correct": hits})
    classes = {f"p_{name}": probs[:, k] for k, name in enumerate(names)}
    write("animals.csv", {**classes, "label": names[np.minimum(truth, 2)].tolist()})
    pq.write_table(table, folder / "p.parquet", row_group_size=300)
    (folder / "empty.csv").touch()
    (folder / "header.csv").write_text("score,label\n")
    (folder / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\nnan,1\n" + "0.25,0\n" * 17)
    (folder / "costs.csv").write_text("truth,cat,dog,fox\ncat,0,1,5\ndog,1,0,5\nfox,9,9,0\n")
    (folder / "folder").mkdir()
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the installed command in an empty directory."""
    here = tmp_path / "here"
    here.mkdir()

    def run_command(*arguments: Any, **more: Any) -> Any:
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options |= {"cwd": here, "env": environment(), "timeout": 60}
        if not isinstance(more.get("input"), bytes):
            options["encoding"] = "utf-8"
        command = [*COMMAND, "threshold", *map(str, arguments)]
        return subprocess.run(command, check=False, **(options | more))

    return run_command


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Replace the API; return the list of what it is called with."""
    seen: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def threshold(*args: Any, **kwargs: Any) -> Any:
        seen.append((args, kwargs))
        return spam()

    stand_in: Any = types.ModuleType("calaudit.api.thresholding")
    stand_in.threshold = threshold
    monkeypatch.setitem(sys.modules, "calaudit.api.thresholding", stand_in)
    return seen


def test_defaults(asked) -> None:
    """Without options the API gets the defaults of its documentation."""
    assert main(["threshold", "a.csv", "b.csv"]) == 0
    (data,), given = asked[0]
    assert data == ["a.csv", "b.csv"]
    assert callable(given.pop("progress"))
    filled = {
        "by": (), "out_of": 1.0, "guarantee": 0.95, "per_class": False, "method": "auto",
        "allow_unmatched": False, "no_header": False, "samples": None,
        "level": 0.95, "seed": 0, "on_invalid": "refuse", "unanswered": "out",
        "weight_kind": "importance",
    }  # fmt: skip
    assert {name: given[name] for name in filled} == filled
    assert {value for name, value in given.items() if name not in filled} == {None}


OPTIONS = [
    *((f"--{name}", "2.5", name.replace("-", "_"), 2.5) for name in (
        "cost-fp", "cost-fn", "cost-review", "cost-error", "benefit-tp", "benefit-tn",
        "per-day", "current", "out-of", "level",
    )),
    *((f"--{name}", "90%", name.replace("-", "_"), "90%") for name in (
        "min-precision", "min-recall", "max-fpr", "max-error",
    )),
    *((f"--{name}", "what", name.replace("-", "_"), "what") for name in (
        "cost-matrix", "max-review", "prevalence", "label", "score", "probs", "logits", "correct",
        "prediction", "weight", "positive", "calibrator",
    )),
    ("--by", "age", "by", ("age",)),
    ("--classes", "cat,dog", "classes", ("cat", "dog")),
    ("--task", "binary", "task", "binary"),
    ("--method", "empirical", "method", "empirical"),
    ("--on-invalid", "drop", "on_invalid", "drop"),
    ("--threads", "2", "threads", 2),
    ("--seed", "7", "seed", 7),
    ("--max-review", "5%", "max_review", "5%"),
]  # fmt: skip


@pytest.mark.parametrize(("option", "text", "argument", "value"), OPTIONS)
def test_each_option_reaches_the_api(asked, option, text, argument, value) -> None:
    """Every option arrives under its name, as the type that the API takes."""
    assert main(["threshold", "x.csv", option, text]) == 0
    assert asked[0][1][argument] == value


@pytest.mark.parametrize(
    ("words", "column", "guarantee"),
    [
        ("--confidence 0.9", None, "0.9"),
        ("--confidence conf", "conf", 0.95),
        ("--confidence conf --confidence 0.9", "conf", "0.9"),
        ("--confidence 0.9 --confidence conf", "conf", "0.9"),
        ("--confidence conf --guarantee none", "conf", "none"),
        ("--confidence none", None, "none"),
        ("--per-class", None, 0.95),
    ],
)
def test_confidence_is_a_column_or_a_guarantee(asked, words, column, guarantee) -> None:
    """A number after --confidence is that of the limits, anything else is a column."""
    assert main(["threshold", "x.csv", *words.split()]) == 0
    given = asked[0][1]
    assert (given["confidence"], given["guarantee"]) == (column, guarantee)
    assert given["per_class"] is ("--per-class" in words)


@pytest.mark.parametrize(
    "words",
    ["--confidence 0.9 --guarantee 0.8", "--confidence 0.9 --confidence 0.8",
     "--confidence a --confidence b"],
)  # fmt: skip
def test_confidence_is_given_once(asked, capsys, words: str) -> None:
    """Two columns, or two guarantees, are a wrong command line."""
    assert main(["threshold", "x.csv", *words.split()]) == 2
    assert "once" in capsys.readouterr().err
    assert asked == []


def test_done(run: Run, files: Path, tmp_path: Path) -> None:
    """Exit 0: what to do in the first sentence, nothing on stderr, nothing left behind."""
    done = run(files / "p.csv", *COSTS)
    assert (done.returncode, done.stderr) == (0, "")
    wanted = calaudit.threshold(files / "p.csv", cost_fp=1, cost_fn=5).sentence
    assert " ".join(done.stdout.split()).partition(wanted)[1] == wanted
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert list((tmp_path / "here").iterdir()) == []


def test_csv_parquet_and_standard_input_are_one(run: Run, files: Path) -> None:
    """The same rows give the same figures from a file, from Parquet and from a pipe."""
    ways: list[dict[str, Any]] = [
        json.loads(run(files / "p.csv", *COSTS, "--json").stdout),
        json.loads(run(files / "p.parquet", *COSTS, "--json").stdout),
        json.loads(run("-", *COSTS, "--json", input=(files / "p.csv").read_bytes()).stdout),
        json.loads(run("-", *COSTS, "--json", input=(files / "p.parquet").read_bytes()).stdout),
    ]
    assert [way.pop("inputs")[0]["path"] for way in ways][2:] == ["-", "-"]
    assert ways[0] == ways[1] == ways[2] == ways[3]


ASKED = {
    "costs": ("p.csv", *COSTS),
    "band": ("p.csv", *COSTS, "--cost-review", "0.3", "--current", "0.8", "--prevalence", "5%"),
    "capacity": ("p.csv", *COSTS, "--max-review", "300", "--per-day", "5000", "--by", "region"),
    "limits": ("p.csv", "--min-precision", "0.8", "--confidence", "0.9"),
    "estimated": ("p.csv", *COSTS, "--prevalence", "q.csv"),
    "guarantee": ("top.csv", "--max-error", "0.2", "--confidence", "conf", "--confidence", "0.9"),
    "errors": ("top.csv", "--cost-error", "5", "--cost-review", "1", "--confidence", "conf"),
    "classes": ("animals.csv", "--max-error", "0.3", "--per-class"),
    "matrix": ("animals.csv", "--cost-matrix", "costs.csv"),
}


@pytest.mark.parametrize("what", ASKED)
def test_json(files: Path, what: str, capsys, monkeypatch) -> None:
    """--json prints a report that parses strictly, follows the schema and reads back."""
    monkeypatch.chdir(files)
    assert main(["threshold", *ASKED[what], "--json", "-q"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    document = json.loads(out, parse_constant=pytest.fail)
    schema = json.loads(schema_text("thresholds"))
    jsonschema.Draft202012Validator(schema).validate(document)
    report = report_from_json(out)
    assert isinstance(report, calaudit.DecisionReport)
    assert report.to_json() == out


def test_guarantee_is_in_the_report(files: Path, capsys, monkeypatch) -> None:
    """--confidence 0.9 is the confidence with which the limits hold, not that of intervals."""
    monkeypatch.chdir(files)
    assert main(["threshold", *ASKED["guarantee"], "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (guarantee,) = document["guarantees"]
    assert (guarantee["limit"], guarantee["confidence"]) == ("max_error", 0.9)
    assert document["settings"]["level"] == 0.95
    assert {"confidence": ["conf"]}.items() <= {
        role["role"]: role["columns"] for role in document["roles"]
    }.items()


def _columns(path: Path) -> tuple[Any, Any]:
    """Return the scores and whether each row is positive, read without calaudit."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return table["score"].to_numpy(), table["label"].to_numpy() == 1
    with path.open(newline="") as f:
        rows = list(csv.DictReader(f))
    return np.array([float(r["score"]) for r in rows]), np.array(
        [r["label"] for r in rows]
    ) == "spam"


@pytest.mark.parametrize(
    ("path", "words", "rate"),
    [
        (SPAM, "--positive spam --cost-fp 10 --cost-fn 1 --current 0.5", None),
        (SPAM, "--positive spam --cost-fp 10 --cost-fn 1 --cost-review 0.2", None),
        (SPAM, "--positive spam --min-precision 0.9", None),
        (SPAM, "--positive spam --cost-fp 10 --cost-fn 1 --prevalence 0.6", 0.6),
        (FRAUD, "--cost-fp 20 --cost-fn 200 --cost-review 4 --prevalence 1%", 0.01),
        (FRAUD, "--cost-fp 20 --cost-fn 200 --cost-review 4 --method empirical", None),
    ],
)
def test_printed_cutoffs_give_the_printed_counts(capsys, path: Path, words: str, rate) -> None:
    """``score >= cutoff``, with the numbers as printed, does to the rows what is said."""
    assert main(["threshold", str(path), *words.split(), "--json"]) == 0
    options = json.loads(capsys.readouterr().out)["options"]
    assert len(options) >= 3
    score, positive = _columns(path)
    base = positive.mean()
    weight = np.ones(len(score))
    if rate is not None:
        weight = np.where(positive, rate / base, (1 - rate) / (1 - base))
    never = np.zeros(len(score), bool)
    for option in options:
        acted = never if option["act_from"] is None else score >= option["act_from"]
        low = option["review_from"]
        reviewed = never if low is None else (score >= low) & ~acted
        passed = ~acted & ~reviewed
        counted = {
            "tp": acted & positive, "fp": acted & ~positive,
            "fn": passed & positive, "tn": passed & ~positive,
            "reviewed_positives": reviewed & positive, "reviewed_negatives": reviewed & ~positive,
        }  # fmt: skip
        expected = {name: float(weight[rows].sum()) for name, rows in counted.items()}
        assert option["counts"] == pytest.approx(expected, rel=1e-9, abs=1e-9), option["name"]


def test_outputs(run: Run, files: Path, tmp_path: Path) -> None:
    """-o writes JSON and text by suffix, says so, and stdout has the report all the same."""
    done = run(files / "p.csv", *COSTS, "-o", "a.json", "-o", "b.txt")
    here = tmp_path / "here"
    assert done.returncode == 0
    assert done.stderr.count("calaudit: wrote") == 2
    assert sorted(path.name for path in here.iterdir()) == ["a.json", "b.txt"]
    assert json.loads((here / "a.json").read_text())["schema"] == "calaudit.thresholds/1"
    assert "act ≥" in (here / "b.txt").read_text(encoding="utf-8")
    quiet = run(files / "p.csv", *COSTS, "-o", "a.json", "--quiet")
    assert (quiet.returncode, quiet.stderr, quiet.stdout) == (0, "", done.stdout)


WRONG = {
    "nothing asked": ("p.csv", "", "--cost-fp 1 --cost-fn 20"),
    "negative cost": ("p.csv", "--cost-fp -1 --cost-fn 2", "--cost-fp is -1"),
    "negative review": ("p.csv", "--cost-fp 1 --cost-fn 2 --cost-review -1", "--cost-review"),
    "no number": ("p.csv", "--cost-fp nan --cost-fn 2", "--cost-fp is nan"),
    "infinite cost": ("p.csv", "--cost-fp inf --cost-fn 2", "--cost-fp is inf"),
    "all zero": ("p.csv", "--cost-fp 0 --cost-fn 0", "errors cost nothing"),
    "one cost": ("p.csv", "--cost-fn 2", "--cost-fp as well"),
    "free false alarms": ("p.csv", "--cost-fp 0 --cost-fn 2", "acting on everything is the best"),
    "free misses": ("p.csv", "--cost-fp 2 --cost-fn 0", "letting everything pass is the best"),
    "review never pays": ("p.csv", "--cost-fp 1 --cost-fn 1 --cost-review 0.5", "never pays"),
    "review always best": ("p.csv", "--cost-fp 1 --cost-fn 1 --cost-review 0", "always the best"),
    "no room": ("p.csv", "--cost-fp 1 --cost-fn 5 --max-review 0", "1 or more"),
    "no share": ("p.csv", "--cost-fp 1 --cost-fn 5 --max-review 0%", "above 0 %"),
    "a share": ("p.csv", "--cost-fp 1 --cost-fn 5 --max-review 0.05", "is written 5%"),
    "as many as rows": ("p.csv", "--cost-fp 1 --cost-fn 5 --max-review 2000", "2,000 rows"),
    "more than rows": ("p.csv", "--cost-fp 1 --cost-fn 5 --max-review 9999", "2,000 rows"),
    "more than a day": (
        "p.csv", "--cost-fp 1 --cost-fn 5 --max-review 99 --per-day 50", "50 a day",
    ),
    "no cases": ("p.csv", "--cost-fp 1 --cost-fn 5 --per-day 0", "--per-day"),
    "no prevalence": ("p.csv", "--cost-fp 1 --cost-fn 5 --prevalence 0", "--prevalence"),
    "missing file": ("p.csv", "--cost-fp 1 --cost-fn 5 --prevalence no.csv", "no file 'no.csv'"),
    "no rate": ("p.csv", "--min-precision 1.5", "--min-precision"),
    "no guarantee": ("p.csv", "--min-precision 0.8 --guarantee 2", "--guarantee"),
    "guarantee of words": ("p.csv", "--min-precision 0.8 --guarantee sure", "--guarantee"),
    "level": ("p.csv", "--cost-fp 1 --cost-fn 5 --level 95", "level"),
    "binary costs": ("top.csv", "--confidence conf --cost-fp 1 --cost-fn 2", "--cost-error"),
    "errors alone": ("top.csv", "--confidence conf --cost-error 5", "--cost-review as well"),
    "review of errors": (
        "top.csv", "--confidence conf --cost-error 5 --cost-review 5", "never pays",
    ),
    "recall of answers": ("top.csv", "--confidence conf --min-recall 0.9", "--max-error"),
    "classes of scores": ("p.csv", "--max-error 0.2 --per-class", "--per-class"),
    "matrix of scores": ("p.csv", "--cost-matrix costs.csv", "class probabilities"),
    "matrix and costs": ("animals.csv", "--cost-matrix costs.csv --max-error 0.1", "together"),
    "no matrix": ("animals.csv", "--cost-matrix p.csv", "one row for each true class"),
    "unknown suffix": ("p.csv", "--cost-fp 1 --cost-fn 5 -o r.docx", ".json"),
    "over the input": ("p.csv", "--cost-fp 1 --cost-fn 5 -o costs.txt", "cannot write"),
    "no such option": ("p.csv", "--cost 1", "No such option"),
    "no such method": ("p.csv", "--method best", "--method"),
}  # fmt: skip

REFUSED = {
    "only positives": ("positives.csv", "--cost-fp 1 --cost-fn 5", "every row is positive"),
    "only negatives": ("negatives.csv", "--cost-fp 1 --cost-fn 5", "every row is negative"),
    "one score": ("constant.csv", "--cost-fp 1 --cost-fn 5", "all scores are 0.3"),
    "precision": ("p.csv", "--min-precision 0.9999", "at least 29,956 cases"),
    "precision here": ("two.csv", "--min-precision 0.9 --guarantee none", "the best precision"),
    "error": ("top.csv", "--confidence conf --max-error 0.0001", "--max-error"),
    "both": (
        "p.csv",
        "--min-precision 0.9 --min-recall 0.99 --guarantee none",
        "no single cutoff keeps all",
    ),
    "empty file": ("empty.csv", "--cost-fp 1 --cost-fn 5", "the file is empty"),
    "no rows": ("header.csv", "--cost-fp 1 --cost-fn 5", "no rows"),
    "empty folder": ("folder", "--cost-fp 1 --cost-fn 5", "the directory holds no data files"),
    "no file": ("nothing.csv", "--cost-fp 1 --cost-fn 5", "no such file"),
    "no score": ("no_score.csv", "--cost-fp 1 --cost-fn 5", "--score COLUMN"),
    "no such column": ("p.csv", "--cost-fp 1 --cost-fn 5 --score age", "'age'"),
    "bad row": ("bad.csv", "--cost-fp 1 --cost-fn 5", "row 2"),
    "no matrix": ("animals.csv", "--cost-matrix no.csv", "no such file"),
    "which is positive": (str(SPAM), "--cost-fp 10 --cost-fn 1", "--positive spam"),
}


@pytest.mark.parametrize(
    ("case", "code"), [*((c, 2) for c in WRONG.items()), *((c, 3) for c in REFUSED.items())],
    ids=lambda x: x[0] if isinstance(x, tuple) else str(x),
)  # fmt: skip
def test_what_is_wrong_is_said(files: Path, capsys, monkeypatch, case, code: int) -> None:
    """Bad options are exit 2, bad data exit 3; a sentence on stderr says so, and no traceback."""
    _, (data, words, said) = case
    monkeypatch.chdir(files)
    monkeypatch.setenv("CALAUDIT_TRACEBACK", "1")
    if "costs.txt" in words:
        Path("costs.txt").mkdir(exist_ok=True)
    before = sorted(Path().iterdir())
    assert main(["threshold", data, *words.split()]) == code
    out, err = capsys.readouterr()
    first, *more = err.splitlines()
    assert out == ""
    assert first.startswith("calaudit: error: ")
    assert said in err
    assert "Traceback" not in err
    # A command line that cannot be parsed also says where the help is; bad rows are listed.
    usage = more == ["calaudit: see calaudit threshold --help"]
    assert more == [] or usage or case[0] == "bad row"
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("words", "code"),
    [(["p.csv", *COSTS], 0), (["p.csv", "--cost-fp", "1"], 2), (["positives.csv", *COSTS], 3)],
)
def test_exit_codes_of_the_installed_command(run: Run, files: Path, words, code: int) -> None:
    """The process ends with the code, with a line on stderr exactly where it is not 0."""
    done = run(*words, cwd=files)
    assert done.returncode == code
    assert done.stderr.count("\n") == (code != 0)
    assert done.stderr.startswith("calaudit: error: ") == (code != 0)
    assert bool(done.stdout) == (code == 0)


@posix
def test_interrupted(tmp_path: Path) -> None:
    """Exit 130: Ctrl-C in the middle of a large file ends it soon, without any output."""
    n = 3_000_000
    table = pa.table({"score": np.tile([0.25, 0.75], n // 2), "label": np.tile([0, 1], n // 2)})
    pq.write_table(table, tmp_path / "long.parquet", row_group_size=100_000)
    here = tmp_path / "here"
    here.mkdir()
    command = [sys.executable, "-c", SLOWLY, "threshold", "../long.parquet", *COSTS]
    with subprocess.Popen(
        [*command, "-o", "r.json", "--threads", "2"], cwd=here, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            assert process.stderr.readline() == b"chunk\n"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, out) == (130, b"")
    assert err.replace(b"chunk\n", b"") == b"calaudit: interrupted\n"
    assert list(here.iterdir()) == []


@posix
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_head(files: Path, option: list[str]) -> None:
    """``| head -1`` is no error."""
    with subprocess.Popen(
        [*COMMAND, "threshold", str(files / "p.csv"), *COSTS, *option], env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        process.wait(20)
    assert (process.returncode, err) == (0, b"")


@posix
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_full_device(run: Run, files: Path, option: list[str]) -> None:
    """A stdout that takes nothing is exit 2, in a line."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        done = run(files / "p.csv", *COSTS, *option, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith("calaudit: error: cannot write to standard output: ")
    assert done.stderr.count("\n") == 1


def _small_files_only() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


@posix
def test_full_disk(run: Run, files: Path, tmp_path: Path) -> None:
    """Exit 2 when the report does not fit, and nothing of it is left."""
    done = run(files / "p.csv", *COSTS, "-o", "a.json", "-o", "b.txt", preexec_fn=_small_files_only)
    assert done.returncode == 2
    assert done.stderr.startswith("calaudit: error: cannot write ")
    assert list((tmp_path / "here").iterdir()) == []


def test_ascii(run: Run, files: Path) -> None:
    """A stream that knows only ASCII gets the whole report in ASCII."""
    band = ("--cost-review", "0.3", "--prevalence", "5%")
    env = environment() | {"PYTHONIOENCODING": "ascii"}
    done = run(files / "p.csv", *COSTS, *band, env=env)
    assert (done.returncode, done.stderr, done.stdout.isascii()) == (0, "", True)
    assert "?" not in done.stdout
