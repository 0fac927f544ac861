"""A refusal of a check is as much to be seen in a pipeline as a failure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from calaudit.cli import main
from tests.cli.pipeline import suites, titles, write_predictions
from tests.report.junit_rules import breaches

REFUSED = [
    (("good.csv", "--max-auroc", "0.9"), 2, "No such option: --max-auroc"),
    (("good.csv",), 2, "there is no rule to check."),
    (("good.csv", "--max-ece", "0.1", "--config", "gone.toml"), 2, "no configuration file"),
    (("good.csv", "--max-ece", "0.1", "--bins", "1", "--bins", "2"), 2, "--bins is given 2 times"),
    (("bad.csv", "--max-ece", "0.1"), 3, "1.5"),
    (("good.csv", "--baseline", "bad.csv", "--max-increase", "ece=0.1"), 3, "not a calaudit"),
    (("good.csv", "--max-ece", "0.1"), 70, "by zero"),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a file that can be judged and one that cannot."""
    write_predictions(tmp_path / "good.csv", 500, 1)
    (tmp_path / "bad.csv").write_text("score,label\n0.5,1\n1.5,0\n")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes the check come to a fault where it should."""

    def fault(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by zero")

    return lambda: monkeypatch.setattr("calaudit.cli.run_check.checked", fault)


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED)
def test_seen_everywhere(
    here: Path, monkeypatch, capsys, faulty, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Annotation, summary, JUnit and Markdown say why nothing was judged, and what to do."""
    if code == 70:
        faulty()
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    assert main(["check", *arguments, "-o", "v.xml", "-o", "v.md"]) == code
    out, err = capsys.readouterr()
    assert said in err
    assert titles(out) == [("error", f"calaudit: REFUSED (exit code {code})")]
    assert said in out
    summary, markdown, junit = (
        (here / name).read_text(encoding="utf-8") for name in ("summary.md", "v.md", "v.xml")
    )
    assert summary == markdown + "\n"
    assert markdown.startswith("<!-- calaudit check -->")
    assert "REFUSED: nothing was judged, because " in markdown
    assert f"(exit code {code})" in markdown
    assert breaches(junit) == []
    suite = suites(junit)["calaudit check"]
    assert [suite[key] for key in ("tests", "errors", "failures")] == ["1", "1", "0"]
    assert said in junit
    advice = {2: "calaudit check --help lists", 3: "Mend the file", 70: "CALAUDIT_TRACEBACK=1"}
    for text in (out, markdown, junit):
        assert advice[code] in text


@pytest.mark.parametrize("kind", ["junit", "markdown"])
def test_printed(here: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    """What is printed for another program can be read by it; for people stdout stays empty."""
    assert main(["check", "bad.csv", "--max-ece", "0.1", "--format", kind]) == 3
    assert capsys.readouterr().out.startswith("<?xml" if kind == "junit" else "<!-- calaudit")
    assert main(["check", "bad.csv", "--max-ece", "0.1"]) == 3
    assert capsys.readouterr().out == ""


def test_no_input_is_written_over(here: Path) -> None:
    """A refusal is not written to what was to be read, nor where nothing can be written."""
    (here / "base.md").write_text("mine")
    given = ["check", "good.csv", "--max-increase", "ece=0.1", "--baseline", "base.md"]
    assert main([*given, "-o", "base.md", "-o", "no/v.md"]) == 2
    assert (here / "base.md").read_text() == "mine"


def test_names_start_no_command(here: Path, monkeypatch, capsys) -> None:
    """A path that looks like a command of the runner starts none."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["check", "x\n::add-mask::y.csv", "--max-ece", "0.1"]) == 3
    out, err = capsys.readouterr()
    assert [line for line in (out + err).splitlines() if line.startswith("::add")] == []
