"""What docs/ci.md tells people to put in pipelines works, in a repository as it describes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from calaudit.cli import main
from tests.cli.conftest import ROOT
from tests.cli.pipeline import write_predictions

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
HOOK = "calaudit-check"
INSTALL = re.compile(r'pip install "?([^"\n]*)')
BLOCKS = {
    kind: re.findall(rf"^ *```{kind}\n(.*?)^ *```", TEXT, re.S | re.M)
    for kind in ("console", "yaml", "toml", "groovy", "python")
}
CONSOLE = [line.strip()[2:] for block in BLOCKS["console"] for line in block.splitlines()]
STEPS = [
    found
    for block in BLOCKS["yaml"] + BLOCKS["groovy"]
    for found in re.findall(r"^ *(?:- run: |- |sh ')(\S*calaudit check[^'\n]*)", block, re.M)
]

Run = Callable[[str], "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bash and symbolic links")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the page: predictions, gates, and baselines on the main branch."""
    folder = tmp_path_factory.mktemp("ci")
    (folder / "runs").mkdir()
    (folder / "baselines").mkdir()
    for seed, name in enumerate(("fraud", "churn-1", "churn-2")):
        write_predictions(folder / "runs" / f"{name}.csv", 1000, seed)
    (folder / "calaudit.toml").write_text(BLOCKS["toml"][0])
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "calaudit").write_text(
        f'#!/bin/sh\n"{sys.executable}" -m calaudit "$@"\n'
    )
    (folder / ".venv" / "bin" / "calaudit").chmod(0o755)
    for name in ("fraud", "churn"):
        given = ["--config", str(folder / "calaudit.toml"), "--name", name, "-q"]
        assert main(["evaluate", *given, "-o", str(folder / "baselines" / f"{name}.json")]) == 0
    who = ["-c", "user.name=us", "-c", "user.email=us@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *who, *words], cwd=folder, check=True)
    return folder


@pytest.fixture
def run(repository: Path) -> Run:
    """Return a function that runs a line of bash there."""

    def run_line(line: str) -> subprocess.CompletedProcess[str]:
        found = f"{repository / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line], cwd=repository, check=False, timeout=100,
            capture_output=True, encoding="utf-8",
            env={**kept, "PATH": found, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    return run_line


def test_there_are_steps() -> None:
    """Commands are found in each kind of block."""
    assert len(CONSOLE) >= 9
    assert len(STEPS) == 3


@pytest.mark.parametrize("line", CONSOLE + STEPS)
def test_commands(run: Run, repository: Path, line: str) -> None:
    """Every command ends as one that passed or was inconclusive, which --strict says."""
    done = run(line)
    assert done.returncode in ((0, 4) if "--strict" in line else (0,)), done.stderr
    for file in re.findall(r"-o (verdict)\.(xml|md)", line):
        names = {path.name for path in repository.glob(f"verdict-*.{file[1]}")}
        assert names == {f"verdict-fraud.{file[1]}", f"verdict-churn.{file[1]}"}


def test_python(run: Run, repository: Path) -> None:
    """The recipe for pytest passes where the gate does."""
    (repository / "test_gate.py").write_text(BLOCKS["python"][0])
    done = run(f'"{sys.executable}" -m pytest -q -p no:cacheprovider test_gate.py')
    assert "1 passed" in done.stdout, done.stdout


def test_what_is_installed() -> None:
    """Nothing is asked of an index: each line installs a revision of the repository."""
    wanted = INSTALL.findall(TEXT)
    assert len(wanted) == 3
    revision = r"git\+https://github\.com/OWNER/calaudit@v\d+\.\d+\.\d+"
    assert all(re.fullmatch(rf"calaudit @ {revision}", each) for each in wanted), wanted
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "calaudit"
    assert "version" in project["dynamic"]
    from calaudit import __version__

    assert {each.rpartition("@v")[2] for each in wanted} == {__version__}
    pinned = re.findall(r"calaudit-check@v(\S+)|rev: v(\S+)", TEXT)
    assert {one or other for one, other in pinned} == {__version__}


def test_the_action_is_as_it_is_used() -> None:
    """Inputs and outputs that the page names are those of the action; so is the hook."""
    action = (ROOT / ".github" / "actions" / "calaudit-check" / "action.yml").read_text()
    inputs, outputs = action.split("\noutputs:")
    names = set(re.findall(r"^  ([a-z-]+):$", inputs, re.M))
    assert set(re.findall(r"^ {10}([a-z-]+): true$", BLOCKS["yaml"][0], re.M)) <= names
    used = set(re.findall(r"outputs\.([a-z-]+)", BLOCKS["yaml"][0]))
    assert used <= set(re.findall(r"^  ([a-z-]+):$", outputs.split("\nruns:")[0], re.M))
    assert f"id: {HOOK}" in (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert any(f"id: {HOOK}" in block for block in BLOCKS["yaml"])
