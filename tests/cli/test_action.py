"""The GitHub Action and the pre-commit hook: what they run, and that no input can run more."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
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
    inputs = set(re.findall(r"^  ([a-z-]+):$", text.split("\nruns:")[0], re.MULTILINE))
    assert inputs == {"data", "baseline", "args", "version", "python-version"}
    used = set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", text))
    assert used == inputs
    for line in text.splitlines():
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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CALAUDIT_DATA": " \n"}, "data is empty"),
        ({"CALAUDIT_DATA": "a.csv", "CALAUDIT_ARGS": "--by 'x"}, "look at the quotes"),
    ],
)
def test_inputs_that_make_no_sense(script: ModuleType, given: dict[str, str], said: str) -> None:
    """No data and open quotes are refused in a sentence."""
    with pytest.raises(SystemExit, match=said):
        script.arguments(given)


def test_what_is_installed(script: ModuleType) -> None:
    """The source of the action, or the release that was asked for, and nothing else."""
    assert (Path(script.requirement({})) / "pyproject.toml").exists()
    assert script.requirement({"CALAUDIT_VERSION": "1.2.0rc1"}) == "calaudit==1.2.0rc1"
    for version in ("1.0 evil", "--index-url=http://x", "1; touch x", "$(id)"):
        with pytest.raises(SystemExit, match="version is a release of calaudit"):
            script.requirement({"CALAUDIT_VERSION": version})


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
@pytest.mark.parametrize(("limit", "code"), [("0.9", 0), ("0.0001", 1), ("-1", 2)])
def test_exit_code(tmp_path: Path, limit: str, code: int) -> None:
    """The step ends with the exit code of the check."""
    (tmp_path / "calaudit" / "bin").mkdir(parents=True)
    (tmp_path / "calaudit" / "bin" / "python").symlink_to(sys.executable)
    rows = "".join(f"0.{i % 9 + 1},{int(i % 9 == 0)}\n" for i in range(900))
    (tmp_path / "a b.csv").write_text("score,label\n" + rows)
    found = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])
    done = subprocess.run(
        [sys.executable, ACTION / "check.py", "check"], cwd=tmp_path, check=False,
        capture_output=True, text=True,
        env={"RUNNER_TEMP": str(tmp_path), "PYTHONPATH": found, "CALAUDIT_DATA": "a b.csv",
             "CALAUDIT_ARGS": f"--max-ece '{limit}'", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == code, done.stderr


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
