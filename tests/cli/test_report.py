"""``calaudit report``: a saved report, rendered later, is the same as at once; or it is refused."""

from __future__ import annotations

import io
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from calaudit.bounded import LARGEST
from calaudit.cli import main
from tests.report.checks import regression
from tests.report.decisions import fraud
from tests.report.examples import multiclass

ROWS = "label,score,shop\n" + "0,0.2,a\n1,0.7,b\n0,0.6,a\n1,0.4,b\n1,0.9,a\n" * 40

COMMANDS = {
    "report": ["evaluate", "scores.csv", "--by", "shop"],
    "thresholds": ["threshold", "scores.csv", "--cost-fp", "1", "--cost-fn", "2"],
    "check": ["check", "scores.csv", "--max-ece", "0.5"],
    "audit": ["audit", "scores.csv", "--cost-fp", "1", "--cost-fn", "2"],
}

SUFFIXES = [".json", ".txt", ".html", ".svg", ".png"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty directory with a file of predictions, and work in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "scores.csv").write_text(ROWS)
    return tmp_path


@pytest.fixture
def saved(here: Path) -> Path:
    """Return a saved report."""
    (here / "report.json").write_text(multiclass().to_json())
    return here / "report.json"


def ran(capsys, *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run the program and return what it printed on stdout and on stderr."""
    assert main(arguments) == code
    out, err = capsys.readouterr()
    return out, err


def outputs(stem: str) -> list[str]:
    """Return options that write a file in every format."""
    return [word for suffix in SUFFIXES for word in ("-o", f"{stem}{suffix}")]


@pytest.mark.parametrize("kind", COMMANDS)
def test_later_is_the_same_as_at_once(here: Path, capsys, kind: str) -> None:
    """Every file that a command writes is written byte by byte alike from its JSON, later."""
    printed, _ = ran(capsys, *COMMANDS[kind], *outputs("now"))
    later, _ = ran(capsys, "report", "now.json", *outputs("later"))
    assert later == printed
    for suffix in SUFFIXES:
        now, then = ((here / f"{stem}{suffix}").read_bytes() for stem in ("now", "later"))
        assert now == then, suffix
        assert now


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize("form", ["--json", "--vega", "--plot"])
def test_every_form_of_output_is_the_same(here: Path, capsys, kind: str, form: str) -> None:
    """What is printed in another form is the same from the file as from the data."""
    if (kind, form) == ("check", "--plot"):
        pytest.skip("a check has no chart for the terminal")
    now, _ = ran(capsys, *COMMANDS[kind], form, "-o", "now.json")
    later, _ = ran(capsys, "report", "now.json", form)
    assert later == now


@pytest.mark.parametrize("kind", COMMANDS)
def test_brief_is_the_answer(here: Path, capsys, kind: str) -> None:
    """The first paragraphs of the usual output, and nothing after them."""
    usual, _ = ran(capsys, *COMMANDS[kind], "-o", "now.json")
    brief, _ = ran(capsys, "report", "now.json", "--brief")
    assert brief.strip()
    assert usual.startswith(brief.rstrip("\n"))
    assert len(brief) < len(usual) / 2
    for other in ("--full", "--json", "--vega"):
        _, said = ran(capsys, "report", "now.json", "--brief", other, code=2)
        assert "choose one" in said


def test_standard_input(saved: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads the report from standard input."""
    expected, _ = ran(capsys, "report", str(saved))
    stdin = types.SimpleNamespace(buffer=io.BytesIO(saved.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert ran(capsys, "report", "-")[0] == expected


def test_quiet(saved: Path, capsys) -> None:
    """With -q nothing is said on stderr, and the files are written."""
    assert ran(capsys, "report", str(saved), "-o", "r.txt", "-q")[1] == ""
    assert (saved.parent / "r.txt").exists()


def test_the_report_itself_is_not_overwritten(saved: Path, capsys) -> None:
    """The report that is read is an input, and inputs are never overwritten."""
    before = saved.read_bytes()
    assert "never overwritten" in ran(capsys, "report", str(saved), "-o", str(saved), code=2)[1]
    assert saved.read_bytes() == before


def test_settings_are_refused(here: Path, capsys) -> None:
    """Formats and pictures of other kinds of report are refused once the kind is known."""
    (here / "c.json").write_text(regression().to_json())
    (here / "d.json").write_text(fraud().to_json())
    assert "no chart for the terminal" in ran(capsys, "report", "c.json", "--plot", code=2)[1]
    assert "only of calaudit check" in ran(capsys, "report", "d.json", "-o", "x.xml", code=2)[1]
    asked = ["report", "d.json", "--vega", "--picture", "gate"]
    assert "there are: cost, risk-coverage" in ran(capsys, *asked, code=2)[1]
    assert ran(capsys, "report", "c.json", "-o", "x.xml", "-o", "x.md")[1].count("wrote") == 2


def document(**changes: Any) -> str:
    """Return a saved report with other values."""
    return json.dumps(multiclass().to_dict() | changes)


WRONG: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\t\n", "it is empty"),
    "text": (b"label,score\n1,0.9\n", "it is not a JSON object"),
    "an array": (b"[1, 2]", "it is not a JSON object"),
    "binary": (b"PAR1\x15\x04\x15\x10" + bytes(range(256)), "it is not a JSON object"),
    "cut": (document().encode()[:5000], "it is not JSON"),
    "two": (document().encode() * 2, "it is not JSON"),
    "not UTF-8": (b'{"schema": "\xff\xfe"}', "it is not JSON"),
    "not a number": (document(settings={"level": 0.95, "clip": 0}).replace(
        '"clip": 0', '"clip": NaN').encode(), "it is not JSON"),
    "infinite": (document().replace('"k": 52', '"k": 1e999').encode(), "it is not JSON"),
    "deep": (b'{"a":' * 100_000, "it is"),
    "no schema": (b'{"metrics": {}}', 'its "schema" is not'),
    "a calibrator": (b'{"schema": "calaudit.calibrator/1", "method": "platt"}', "is damaged"),
    "a newer version": (document(schema="calaudit.report/9").encode(), '"calaudit.report/9"'),
    "a missing part": (b'{"schema": "calaudit.report/1"}', "is missing"),
    "another type": (document(metrics=[]).encode(), "report.metrics should be an object"),
    "no level": (document(settings={"level": "high"}).encode(), "report.settings.level is 'high'"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_report_is_refused(here: Path, capsys, case: str) -> None:
    """Whatever is given for a report: exit code 3, the file by its name, and what is wrong."""
    content, said = WRONG[case]
    (here / "given.json").write_bytes(content)
    out, err = ran(capsys, "report", "given.json", "-o", "r.html", code=3)
    assert out == ""
    assert err.startswith("calaudit: error: given.json: ")
    assert said in err
    assert not (here / "r.html").exists()


def test_a_calibrator_is_a_report_too(here: Path, capsys) -> None:
    """What fit writes is shown as fit showed it."""
    shown = ran(capsys, "fit", "scores.csv", "--method", "platt", "-o", "cal.json", "-q")[0]
    assert "Platt scaling" in shown
    assert ran(capsys, "report", "cal.json")[0] == shown


def test_what_cannot_be_read(here: Path, capsys) -> None:
    """A missing file, a directory and a name that no file can have end with 3 and a sentence."""
    assert "none.json cannot be read: No such file" in ran(capsys, "report", "none.json", code=3)[1]
    told = ran(capsys, "report", str(here), code=3)[1]
    assert f"{here} cannot be read: it is a directory" in told
    assert "cannot be read" in ran(capsys, "report", "x" * 5000, code=3)[1]


@pytest.mark.parametrize("first", [b"x", b'{"schema": "calaudit.report/1", '])
def test_a_huge_file_is_refused_quickly(here: Path, capsys, first: bytes) -> None:
    """A gigabyte that is no report is not read as a whole."""
    with (here / "huge.json").open("wb") as f:
        f.write(first)
        f.truncate(1 << 30)
    err = ran(capsys, "report", "huge.json", code=3)[1]
    assert f"huge.json cannot be read: it has more than {LARGEST >> 20} MB" in err


def test_a_figure_of_another_type(saved: Path, capsys) -> None:
    """A value of another type than its field is named with its path."""
    values = json.loads(saved.read_text())
    values["metrics"]["log_loss"]["value"] = "large"
    saved.write_text(json.dumps(values))
    assert "report.metrics.log_loss.value should be" in ran(capsys, "report", str(saved), code=3)[1]


ODD: dict[str, dict[str, Any]] = {
    "rates beyond 1": {"mean_score": 7.0, "observed": -3.0},
    "edges that fall": {"lower": 0.9, "upper": 0.1},
    "no weight": {"weight": -1.0},
    "no scores": {"mean_score": None},
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("form", [["--plot"], ["-o", "x.svg"], ["-o", "x.html"], ["--json"]])
def test_figures_that_do_not_fit_together(saved: Path, capsys, case: str, form: list[str]) -> None:
    """JSON of the right form whose figures contradict each other is rendered or refused with 3."""
    values = json.loads(saved.read_text())
    values["bins"] = [b | ODD[case] for b in values["bins"]]
    saved.write_text(json.dumps(values))
    assert main(["report", str(saved), *form]) in (0, 3)
    assert "fault of calaudit, not" not in capsys.readouterr().err
