"""What people get when they install calaudit: its version, licence, wheel and quick start."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import calaudit

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LIST_HEAVY_MODULES = """
import sys
from calaudit.cli import main
sys.argv = ["calaudit", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert end.code in (None, 0), end.code
heavy = {"numpy", "scipy", "pandas", "pyarrow"} & sys.modules.keys()
print(*sorted(heavy), sep=",", file=sys.stderr)
"""


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run this Python and return what it wrote."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=cwd, check=True, capture_output=True, encoding="utf-8", timeout=120
    )


def test_version_has_one_source() -> None:
    """The build reads the version from the package, and nothing else states one."""
    assert "version" in PROJECT["project"]["dynamic"]
    assert "version" not in PROJECT["project"]
    source = ROOT / PROJECT["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{calaudit.__version__}"' in source.read_text(encoding="utf-8")


def test_changelog_knows_the_version() -> None:
    """The changelog has a section of the version, or says that it is the one in the making."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = text.partition("## [Unreleased]")[2].partition("\n## [")[0]
    released = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", text, flags=re.MULTILINE)
    assert calaudit.__version__ in released or calaudit.__version__ in unreleased


def test_module_says_its_version() -> None:
    """`python -m calaudit --version` prints the version on standard output."""
    assert calaudit.__version__ in run("-m", "calaudit", "--version").stdout.split()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["evaluate", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help and version appear without numpy, scipy, pandas or pyarrow being imported."""
    finished = run("-c", LIST_HEAVY_MODULES, *arguments)
    assert finished.stdout.strip()
    assert finished.stderr.strip() == ""


def test_import_is_light() -> None:
    """`import calaudit` by itself imports neither numpy nor typer; names are fetched on use."""
    finished = run("-c", "import calaudit, sys; print({'numpy', 'typer'} & sys.modules.keys())")
    assert finished.stdout.strip() == "set()"


def test_public_names_exist() -> None:
    """Every name in `calaudit.__all__` can be had, and `dir` shows it."""
    assert "evaluate" in calaudit.__all__
    for name in calaudit.__all__:
        assert getattr(calaudit, name) is not None
        assert name in dir(calaudit)


def test_licence_is_whole() -> None:
    """LICENSE is the Apache licence 2.0 from its title to its appendix, with all nine sections."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert re.findall(r"^   (\d)\. [A-Z]", text, flags=re.MULTILINE) == list("123456789")
    marks = ["Version 2.0, January 2004", "END OF TERMS AND CONDITIONS", "APPENDIX: How to apply"]
    assert [mark in text for mark in marks] == [True, True, True]


def test_wheel_is_complete(tmp_path: Path) -> None:
    """A wheel built from a clean tree has every module, py.typed and the licence."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "calaudit", tree / "calaudit", ignore=ignored)
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path), cwd=tree)

    (wheel,) = tmp_path.glob("calaudit-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {str(path.relative_to(tree).as_posix()) for path in tree.rglob("calaudit/**/*.*")}
    assert wheel.name.split("-")[1] == calaudit.__version__
    assert files <= names
    assert "calaudit/py.typed" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert all(name.startswith(("calaudit/", "calaudit-")) for name in names)
