"""The GitHub Action and the pre-commit hook: what they run, and that no input can run more."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from calaudit.cli import main
from tests.cli.conftest import ROOT

ACTION = ROOT / ".github" / "actions" / "calaudit-check"

pytestmark = pytest.mark.skipif(not ACTION.exists(), reason="the action is not in the sources here")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script of the action."""
    spec = importlib.util.spec_from_file_location("calaudit_check_action", ACTION / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_inputs_reach_no_shell() -> None:
    """No line that a shell runs has an expression in it: inputs are environment variables."""
    text = (ACTION / "action.yml").read_text()
    assert [line for line in text.splitlines() if "run:" in line and "${{" in line] == []
    inputs = set(re.findall(r"^  ([a-z-]+):$", text.split("\noutputs:")[0], re.MULTILINE))
    assert inputs == {
        "data", "baseline", "args", "comment", "token", "cache", "version", "python-version",
    }  # fmt: skip
    steps = text.split("\nruns:")[1]
    assert set(re.findall(r"inputs\.([a-z-]+)", steps)) == inputs
    for line in steps.splitlines():
        if "${{ inputs." in line:
            assert re.fullmatch(r" +(CALAUDIT_[A-Z]+|python-version): \$\{\{ .* \}\}", line)


def test_arguments(script: ModuleType) -> None:
    """Lines of data, quoted options and the baseline become one argument each."""
    given = {
        "CALAUDIT_DATA": "\n  a b.csv\n*.parquet\n-odd.csv\n",
        "CALAUDIT_BASELINE": "-base.json",
        "CALAUDIT_ARGS": "--max-increase ece=0.01\n--by 'my column' --label \"$(id)\"",
    }
    assert script.arguments(given) == [
        "check", "--max-increase", "ece=0.01", "--by", "my column", "--label", "$(id)",
        "--baseline=-base.json", "--", "a b.csv", "*.parquet", "-odd.csv",
    ]  # fmt: skip
    assert script.arguments({"CALAUDIT_DATA": "a.csv"}) == ["check", "--", "a.csv"]
    assert script.arguments({"CALAUDIT_DATA": " \n"}) == ["check"]  # calaudit.toml has it


def test_inputs_that_make_no_sense(script: ModuleType, tmp_path: Path, capsys) -> None:
    """Open quotes are refused in an annotation of one line, and with the code for usage."""
    given = {"RUNNER_TEMP": str(tmp_path), "CALAUDIT_ARGS": "--by 'x\n::error::y"}
    assert script.main("check", given) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error title=calaudit::args cannot be read")
    assert "look at the quotes" in line


def test_what_is_installed(script: ModuleType) -> None:
    """The source of the action, or the release that was asked for, and nothing else."""
    assert (Path(script.requirement({})) / "pyproject.toml").exists()
    assert script.requirement({"CALAUDIT_VERSION": "1.2.0rc1"}) == "calaudit==1.2.0rc1"
    for version in ("1.0 evil", "--index-url=http://x", "1; touch x", "$(id)"):
        with pytest.raises(ValueError, match="version is a release of calaudit"):
            script.requirement({"CALAUDIT_VERSION": version})


def test_hook(capsys: pytest.CaptureFixture[str]) -> None:
    """The hook runs a command that there is, once for all files, and shows what it says."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    lines = dict(
        line[2:].split(": ", 1) for line in text.splitlines() if not line.startswith("  #")
    )
    assert lines["id"] == "calaudit-check"
    assert lines["pass_filenames"] == "false"
    assert lines["verbose"].startswith("true")
    assert re.search(lines["files"], "runs/preds.parquet")
    assert re.search(lines["files"], "ci/calaudit-baseline.json")
    assert not re.search(lines["files"], "model.py")
    program, *arguments = lines["entry"].split()
    assert program == "calaudit"
    assert main([*arguments, "--help"]) == 0
    assert "Usage: calaudit check" in capsys.readouterr().out
