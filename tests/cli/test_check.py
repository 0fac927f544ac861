"""``calaudit check`` as a build runs it: exit codes, baselines, settings and formats."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from calaudit.api.checks.rule_settings import RULES
from calaudit.cli import main
from calaudit.cli.configuration import SETTINGS
from calaudit.cli.run_check import Wanted
from calaudit.report.check_report import CheckReport
from calaudit.report.render_json import report_from_json
from calaudit.report.report_schemas import schema_text
from tests.cli.conftest import ROOT
from tests.cli.pipeline import predictions
from tests.report.junit_rules import breaches

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
Run = Callable[..., subprocess.CompletedProcess[Any]]

INSTALLED = shutil.which("calaudit", path=str(Path(sys.executable).parent))
COMMAND = [INSTALLED] if INSTALLED else [sys.executable, "-m", "calaudit"]

SLOWLY = """
import sys, time
from calaudit.cli import main
from calaudit.tables.summary import SummaryBuilder
add = SummaryBuilder.add
def slowly(self, chunk):
    sys.stderr.write("chunk\\n")
    sys.stderr.flush()
    time.sleep(0.05)
    add(self, chunk)
SummaryBuilder.add = slowly
sys.exit(main())
"""
"""The program, except that a chunk takes 50 ms longer and is heard of."""

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 31415\n"
"""What stands for a file that Git LFS has not fetched."""

RULE = ("--max-increase", "ece=0.03")
SAFE = ("--baseline", "base.json", *RULE)


def environment(**more: str) -> dict[str, str]:
    """Return an environment outside of any runner, in which warnings are errors."""
    gone = {"FORCE_COLOR", "CALAUDIT_TRACEBACK", "PYTHONIOENCODING", "PYTHONHASHSEED"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in gone and not name.startswith("GITHUB_")
    }
    kept |= {"NO_COLOR": "1", "COLUMNS": "80", "PYTHONWARNINGS": "error"}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | more


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with predictions, their baseline and what is wrong with files."""
    folder = tmp_path_factory.mktemp("made")
    old = predictions(6000, 1)
    for name, table in {
        "old.csv": old, "same.csv": predictions(6000, 2), "worse.csv": predictions(6000, 3, 0.4),
        "few.csv": predictions(100, 4), "fewer_ids.csv": old.slice(5),
    }.items():  # fmt: skip
        arrow_csv.write_csv(table, folder / name)
    pq.write_table(old, folder / "old.parquet", row_group_size=500)
    (folder / "empty.csv").touch()
    (folder / "header.csv").write_text("score,label\n")
    (folder / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\n")
    (folder / "cut.json").write_text('{"schema": "calaudit.rep')
    written = main(["evaluate", str(folder / "old.csv"), "-q", "-o", str(folder / "base.json")])
    assert written == 0
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, and the working directory."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def run(here: Path) -> Run:
    """Return a function that runs the installed command there."""

    def run_command(*arguments: Any, **more: Any) -> Any:
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options |= {"cwd": here, "env": environment(), "timeout": 60, "encoding": "utf-8"}
        command = [*COMMAND, "check", *map(str, arguments)]
        return subprocess.run(command, check=False, **(options | more))

    return run_command


CODES = [
    (("same.csv", *SAFE), 0, "PASS"),
    (("few.csv", *SAFE), 0, "INCONCLUSIVE"),
    (("worse.csv", *SAFE), 1, "FAIL"),
    (("same.csv", "--min-rows", "6001"), 1, "FAIL"),
    (("worse.csv", *SAFE, "--strict"), 1, "FAIL"),
    (("same.csv",), 2, "there is no rule to check. To start:"),
    (("same.csv", *RULE), 2, "give --baseline FILE"),
    (("same.csv", "--baseline", "gone.json", *RULE), 2, "there is no baseline gone.json"),
    (("same.csv", "--max-increase", "ecee=0.01"), 2, "did you mean ece?"),
    (("same.csv", "--max-auroc", "0.9"), 2, "No such option: --max-auroc"),
    (("same.csv", *SAFE, "-o", "verdict.docx"), 2, "cannot tell the format"),
    (("same.csv", *SAFE, "-o", "base.json"), 2, "inputs are never overwritten"),
    (("same.csv", *SAFE, "--config", "gone.toml"), 2, "no configuration file gone.toml"),
    (("gone.csv", *SAFE), 3, "gone.csv"),
    (("empty.csv", *SAFE), 3, "empty"),
    (("header.csv", *SAFE), 3, "no rows"),
    (("bad.csv", *SAFE), 3, "1.5"),
    (("same.csv", "--baseline", "cut.json", *RULE), 3, "not a calaudit report"),
    (("same.csv", *SAFE, "--bins", "10"), 3, "bins 15 there, 10 here"),
    (("same.csv", *SAFE, "--by", "region"), 3, "has no slices by region"),
    (("fewer_ids.csv", "--against", "old.csv", "--id", "row_id", *RULE), 3, "5 rows of old.csv"),
    (("few.csv", *SAFE, "--strict"), 4, "INCONCLUSIVE"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), CODES)
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    """The process ends with the code of its verdict; what was judged is on stdout, else nothing."""
    done = run(*arguments)
    assert done.returncode == code
    judged = code in (0, 1, 4)
    assert said in (done.stdout if judged else done.stderr)
    assert bool(done.stdout) == judged
    assert bool(done.stderr) != judged
    assert "Traceback" not in done.stderr


@posix
def test_interrupted(here: Path) -> None:
    """Ctrl-C ends a check with 130, and the baseline stays as it was."""
    table = predictions(1_000_000, 5)
    pq.write_table(table, here / "long.parquet", row_group_size=50_000)
    before = (here / "base.json").read_bytes()
    names = sorted(here.iterdir())
    command = [sys.executable, "-c", SLOWLY, "check", "long.parquet", *SAFE, "--update-baseline"]
    with subprocess.Popen(
        [*command, "--threads", "1", "-o", "v.xml"], cwd=here, env=environment(),
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
    assert (here / "base.json").read_bytes() == before
    assert sorted(here.iterdir()) == names


def test_a_fault_is_no_failed_gate(here: Path, monkeypatch, capsys) -> None:
    """An exception that nobody expected ends with 70, not with 1."""

    def fault(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("calaudit.cli.run_check.checked", fault)
    assert main(["check", "same.csv", *SAFE]) == 70
    assert "fault of calaudit" in capsys.readouterr().err


# Baselines


def test_update_writes_where_all_pass(here: Path, capsys) -> None:
    """After a passing run the new report is the baseline, byte for byte what evaluate writes."""
    assert main(["check", "same.csv", *SAFE, "--update-baseline"]) == 0
    assert main(["evaluate", "same.csv", "-q", "-o", "other.json"]) == 0
    assert (here / "base.json").read_bytes() == (here / "other.json").read_bytes()
    assert f"wrote {here / 'base.json'}" in capsys.readouterr().err


def test_the_same_file_renews_its_baseline(here: Path, capsys) -> None:
    """Unchanged predictions pass at any number of rows, by slice too, as the README has it."""
    assert main(["evaluate", "few.csv", "--by", "region", "-q", "-o", "few.json"]) == 0
    (here / "few.json").write_text((here / "few.json").read_text().replace("few.csv", "old.csv"))
    command = ["check", "few.csv", "--baseline", "few.json", "--max-increase", "ece=0", "--by"]
    assert main([*command, "region", "--update-baseline", "-o", "v.json"]) == 0
    assert f"wrote {here / 'few.json'}" in capsys.readouterr().err
    assert "old.csv" not in (here / "few.json").read_text()
    results = json.loads((here / "v.json").read_text())["results"]
    assert [(r["status"], r["change"], r["low"], r["high"]) for r in results] == [
        ("PASS", 0.0, 0.0, 0.0)
    ] * 3


def test_plan(here: Path, capsys) -> None:
    """What so many rows can settle is said without a baseline, and nothing is written."""
    names = sorted(here.iterdir())
    assert main(["check", "few.csv", "--plan", *RULE, "--by", "region"]) == 0
    out = capsys.readouterr().out
    assert "there is no baseline yet to judge 3 of 3 rules by" in out
    assert re.search(r"max-increase ece=0.03 +0\.\d{3} +[\d,]+ rows\n", out)
    assert main(["check", "few.csv", "--plan", *SAFE]) == 0  # as if there were none
    assert sorted(here.iterdir()) == names
    assert main(["check", "few.csv", "--plan", *SAFE, "--update-baseline"]) == 2


@pytest.mark.parametrize(
    ("data", "more", "code", "why"),
    [
        ("worse.csv", (), 1, "a rule failed"),
        ("few.csv", (), 0, "a rule is inconclusive"),
        ("few.csv", ("--strict",), 4, "a rule is inconclusive"),
        ("same.csv", ("--bins", "10"), 3, "bins 15 there"),
        ("empty.csv", (), 3, "empty"),
    ],
)
def test_update_keeps(
    here: Path, capsys, data: str, more: tuple[str, ...], code: int, why: str
) -> None:
    """After any other run the old one stays, and it is said why."""
    before = (here / "base.json").read_bytes()
    assert main(["check", data, *SAFE, "--update-baseline", *more]) == code
    assert (here / "base.json").read_bytes() == before
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "more", "code"),
    [
        ("worse.csv", (), 1),
        ("few.csv", (), 0),
        ("same.csv", ("--bins", "10"), 0),
        ("same.csv", ("--by", "region"), 0),
    ],
)
def test_force_writes(here: Path, data: str, more: tuple[str, ...], code: int) -> None:
    """--force replaces a baseline that fails, is inconclusive or cannot be compared with."""
    assert main(["check", data, *SAFE, "--update-baseline", "--force", *more]) == code
    assert main(["evaluate", data, *more, "-q", "-o", "other.json"]) == 0
    assert (here / "base.json").read_bytes() == (here / "other.json").read_bytes()


def test_force_does_not_hide_other_faults(here: Path, capsys) -> None:
    """Data that cannot be read is refused with --force too, and the baseline stays."""
    before = (here / "base.json").read_bytes()
    assert main(["check", "bad.csv", *SAFE, "--update-baseline", "--force"]) == 3
    out, err = capsys.readouterr()
    assert (out, "1.5" in err, "anew" in err) == ("", True, False)
    assert (here / "base.json").read_bytes() == before
    (here / "base.json").write_text("<<<<<<< HEAD\n")
    assert main(["check", "same.csv", *SAFE, "--update-baseline", "--force"]) == 0
    assert "written anew because of --force" in capsys.readouterr().err
    assert main(["check", "same.csv", *SAFE]) == 0


@pytest.mark.parametrize("rules", [(), RULE, ("--max-ece", "0.2"), (*RULE, "--strict")])
def test_first_baseline(here: Path, rules: tuple[str, ...]) -> None:
    """Without a baseline yet one is written, with rules or none; nothing passes against nothing."""
    arguments = ["check", "same.csv", "--baseline", "first.json", "--update-baseline", *rules]
    assert main([*arguments, "-o", "v.json"]) == (4 if "--strict" in rules else 0)
    verdict = json.loads((here / "v.json").read_text())
    assert verdict["status"] == ("PASS" if rules == ("--max-ece", "0.2") else "INCONCLUSIVE")
    assert main(["check", "same.csv", "--baseline", "first.json", *RULE]) == 0


def test_a_failing_first_baseline_is_not_written(here: Path) -> None:
    """A first run that fails a rule leaves no baseline."""
    arguments = ["check", "worse.csv", "--baseline", "first.json", "--max-ece", "0.05"]
    assert main([*arguments, "--update-baseline"]) == 1
    assert not (here / "first.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("same.csv", *SAFE, "--force"), "--force goes with --update-baseline"),
        (("same.csv", *RULE, "--update-baseline"), "needs --baseline FILE"),
        (("same.csv", "--baseline", "b.txt", "--update-baseline"), "must end in .json"),
        (("same.csv", "--baseline", "no/b.json", "--update-baseline"), "does not exist"),
        (("old.json", "--baseline", "old.json", "--update-baseline"), "never overwritten"),
        (
            ("same.csv", "--baseline", "c.json", "--calibrator", "c.json", "--update-baseline"),
            "never overwritten",
        ),
    ],
)
def test_updates_that_make_no_sense(here: Path, capsys, arguments, said: str) -> None:
    """They are refused before anything is read, and no input is written over."""
    (here / "c.json").write_text("{}")
    (here / "old.json").write_text("[]")
    names = sorted(here.iterdir())
    assert main(["check", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert sorted(here.iterdir()) == names
    assert (here / "c.json").read_text() == "{}"
    assert (here / "old.json").read_text() == "[]"


def test_baselines_are_deterministic(run: Run, here: Path) -> None:
    """Two processes, with one thread or four, write the same bytes; there is no time in them."""
    texts = []
    for i, threads in enumerate((1, 4, 2)):
        env = environment(PYTHONHASHSEED=str(i), TZ=f"UTC+{i}")
        done = run(
            "old.parquet", "--baseline", f"b{i}.json", "--update-baseline", "--by", "region",
            "--threads", threads, env=env,
        )  # fmt: skip
        assert done.returncode == 0
        texts.append((here / f"b{i}.json").read_bytes())
    assert texts[0] == texts[1] == texts[2]
    assert not re.search(rb"20\d\d-\d\d-\d\d", texts[0])


@pytest.mark.parametrize("kind", ["binary", "top-label", "weighted"])
def test_baselines_are_small(here: Path, kind: str) -> None:
    """300,000 different scores make a baseline of at most 200 KB, which is read as it was."""
    table = predictions(300_000, 6)
    score = table.column("score").to_numpy()
    if kind == "top-label":
        table = pa.table({"confidence": np.maximum(score, 1 - score), "correct": table["label"]})
    if kind == "weighted":
        table = table.append_column("weight", pa.array(np.random.default_rng(0).random(300_000)))
    pq.write_table(table, here / "many.parquet")
    arguments = ["check", "many.parquet", "--baseline", "many.json", "--update-baseline"]
    assert main(arguments) == 0
    size = (here / "many.json").stat().st_size
    assert size <= (400_000 if kind == "weighted" else 200_000)
    assert main([*arguments[:-1], "--max-increase", "ece=0.005"]) == 0


# Settings


def write_config(folder: Path, text: str, name: str = "calaudit.toml") -> None:
    """Write a configuration file."""
    head = "[check]" if name == "calaudit.toml" else "[tool.calaudit.check]"
    (folder / name).write_text(f"{head}\n{text}\n")


@pytest.mark.parametrize("name", ["calaudit.toml", "pyproject.toml"])
def test_settings_from_a_file(here: Path, name: str) -> None:
    """Rules, baseline and settings of a file are those of the command line."""
    write_config(here, 'baseline = "base.json"\nmax_increase = { ece = 0.03 }\n', name)
    assert main(["check", "same.csv"]) == 0
    assert main(["check", "worse.csv"]) == 1
    write_config(here, 'baseline = "base.json"\nmax_increase = { ece = 0.03 }\nstrict = true', name)
    assert main(["check", "few.csv"]) == 4
    write_config(here, "max_ecee = 0.03", name)
    assert main(["check", "same.csv"]) == 2


def test_paths_of_a_file(here: Path) -> None:
    """The baseline that a file names lies beside it, wherever the command runs."""
    (here / "ci").mkdir()
    shutil.move(here / "base.json", here / "ci" / "there.json")
    write_config(here / "ci", 'baseline = "there.json"\nmax_increase = { ece = 0.03 }')
    assert main(["check", "same.csv", "--config", "ci/calaudit.toml"]) == 0
    assert main(["check", "same.csv", "--config", "ci/calaudit.toml", "--update-baseline"]) == 0


@pytest.mark.parametrize(
    ("setting", "option", "code"),
    [
        ("max_increase = { ece = 0.5 }", ("--max-increase", "ece=0.03"), 1),
        ("max_increase = { ece = 0.03, brier = 0.001 }", ("--max-increase", "ece=0.5"), 0),
        ("max_increase = { ece = 0.03 }\nmin_rows = 9999", ("--min-rows", "10"), 1),
        # The default, written out, wins as well.
        ("max_increase = { ece = 0.03 }\nbins = 10", ("--bins", "15"), 1),
        ("max_increase = { ece = 0.5 }\nconvention = 'left'", ("--convention", "right"), 0),
        ("max_increase = { ece = 0.5 }\nclip = 0.1", ("--clip", str(2.0**-52)), 0),
    ],
)
def test_options_win(here: Path, setting: str, option: tuple[str, ...], code: int) -> None:
    """What is written on the command line wins over the file, also where it is the default."""
    write_config(here, f'baseline = "base.json"\n{setting}')
    assert main(["check", "worse.csv", *option]) == code


def test_option_that_is_the_default_wins(here: Path) -> None:
    """A confidence of 0.95 on the command line is not taken for none."""
    write_config(here, 'baseline = "base.json"\nmax_increase = { ece = 0.03 }\nrule_confidence = 2')
    assert main(["check", "same.csv"]) == 2
    assert main(["check", "same.csv", "--rule-confidence", "0.95"]) == 0
    assert main(["check", "same.csv", "--rule-confidence", "0"]) == 2


def test_every_setting_is_an_option(monkeypatch) -> None:
    """A file takes exactly what the command line takes, but for what is written and printed."""
    seen: list[Wanted] = []

    def run_check(wanted: Wanted) -> int:
        seen.append(wanted)
        return 0

    monkeypatch.setattr("calaudit.cli.run_check.run_check", run_check)
    assert main(["check", "x.csv"]) == 0
    assert seen[0].named == {"data"}
    options = set(seen[0].given)
    assert set(SETTINGS) == options - set(RULES)
    assert options & set(RULES) < set(RULES)


def test_matched_rows(here: Path, capsys) -> None:
    """--id matches rows of both files; their number is shown, and what has no partner."""
    arguments = ["check", "fewer_ids.csv", "--against", "old.csv", "--id", "row_id", *RULE]
    assert main([*arguments, "--allow-unmatched", "--json"]) == 0
    pairing = json.loads(capsys.readouterr().out)["pairing"]
    assert (pairing["matched"], pairing["only_before"], pairing["only_after"]) == (5995, 5, 0)
    assert main([*arguments, "--allow-unmatched"]) == 0
    assert "5,995" in capsys.readouterr().out


def test_standard_input(run: Run, here: Path) -> None:
    """A stream can be judged, but not matched with other rows."""
    with (here / "same.csv").open() as data:
        assert run("-", *SAFE, stdin=data).returncode == 0
    with (here / "same.csv").open() as data:
        done = run("-", "--against", "old.csv", "--id", "row_id", *RULE, stdin=data)
    assert done.returncode == 2
    assert "a stream can be read only once" in done.stderr


# What it prints and writes


def test_outputs(run: Run, here: Path) -> None:
    """One run writes a verdict in every format; each says what failed."""
    names = ("v.json", "v.xml", "v.md", "v.txt")
    options = [part for name in names for part in ("-o", name)]
    done = run("worse.csv", *SAFE, "--min-accuracy", "0.5", "--full", *options)
    assert done.returncode == 1
    json_, xml, markdown, text = ((here / name).read_text(encoding="utf-8") for name in names)
    document = json.loads(json_)
    jsonschema.validate(document, json.loads(schema_text("check")))
    assert report_from_json(json_, CheckReport).status == "FAIL"
    line = document["results"][0]["text"]
    assert line.startswith("FAIL unbiased ece ")
    assert breaches(xml) == []
    suite = ET.fromstring(xml)[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "0")
    assert line in xml
    # Lines of a terminal are folded, and Markdown escapes some signs.
    assert "".join(line.split()) in "".join(text.split())
    assert "**" in markdown
    assert "ece" in markdown
    assert text.split() == done.stdout.split()


@pytest.mark.parametrize("data", ["same.csv", "few.csv", "worse.csv"])
@pytest.mark.parametrize("kind", ["console", "json", "junit", "markdown", "github"])
def test_formats(here: Path, capsys, data: str, kind: str) -> None:
    """The code is that of the verdict, however it is printed."""
    code = main(["check", data, *SAFE, "--format", kind])
    out, err = capsys.readouterr()
    assert code == (data == "worse.csv")
    assert err == ""
    start = {"console": "\n", "json": "{", "junit": "<?xml", "github": "::stop-commands::"}
    assert out.startswith(start.get(kind, "#") if kind != "markdown" else out[:1])
    assert "ece" in out


def test_github(run: Run, here: Path) -> None:
    """Where GitHub runs it, a failure is an annotation, and the job gets a summary."""
    summary = here / "summary.md"
    summary.write_text("Before\n")
    env = environment(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    failed = run("worse.csv", *SAFE, env=env)
    open_ = run("few.csv", *SAFE, env=env)
    passed = run("same.csv", *SAFE, env=env)
    assert [done.returncode for done in (failed, open_, passed)] == [1, 0, 0]
    for done, command in ((failed, "error"), (open_, "warning"), (passed, "notice")):
        lines = done.stdout.splitlines()
        assert re.match(rf"::{command} title=calaudit[^:]*::", lines[-1])
        # The report itself stands in the log, where nothing in it is taken for a command.
        stop = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
        assert stop is not None
        assert f"::{stop.group(1)}::" in lines
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("Before\n")
    assert [text.count(word) > 0 for word in ("FAIL", "INCONCLUSIVE", "PASS")] == [True] * 3


def test_summary_that_cannot_be_written(run: Run, here: Path) -> None:
    """A summary that cannot be written is said, and changes no verdict."""
    env = environment(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(here))
    done = run("same.csv", *SAFE, env=env)
    assert done.returncode == 0
    assert "the step summary could not be written" in done.stderr


def test_quiet(run: Run) -> None:
    """--quiet leaves stderr empty, also where a baseline is not written; errors stay."""
    done = run("worse.csv", *SAFE, "--update-baseline", "-q", "-o", "v.xml")
    assert (done.returncode, done.stderr) == (1, "")
    assert run("bad.csv", *SAFE, "-q").stderr.startswith("calaudit: error: ")


def test_baseline_from_a_pipe(run: Run, here: Path) -> None:
    """A baseline of another branch comes on standard input, as git show gives it."""
    given = ("same.csv", "--baseline", "-", *RULE)
    text = (here / "base.json").read_text()
    done = run(*given, "--full", input=text)
    assert done.returncode == 0
    assert "baseline: standard input, 6,000 rows" in done.stdout
    assert "calaudit check same.csv" not in done.stdout  # no command has that baseline again
    for wrong, said in (
        ("", "standard input is empty"),
        (LFS, "git lfs pull"),
        ("1", "not a"),
    ):
        done = run(*given, input=wrong)
        assert (done.returncode, said in done.stderr) == (3, True), done.stderr
    done = run("-", "--baseline", "-", *RULE, input=text)
    assert (done.returncode, "not both" in done.stderr) == (2, True)


@posix
def test_baseline_of_a_process(run: Run, here: Path) -> None:
    """The <(…) of a shell is read like a file."""
    command = shlex.join([*COMMAND, "check", "same.csv", *RULE]) + " --baseline <(cat base.json)"
    done = subprocess.run(
        ["bash", "-c", command], cwd=here, env=environment(), check=False, capture_output=True,
        encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
