"""What people get when they install calaudit: its version, licence, wheel and quick start."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
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


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the source archive, what is in it, and a wheel made of that."""
    pytest.importorskip("hatchling", reason="the build backend is not installed")
    pytest.importorskip("hatch_fancy_pypi_readme", reason="its plugin is not installed")
    folder = tmp_path_factory.mktemp("built")
    run("-m", "hatchling", "build", "--target", "sdist", "--directory", str(folder))
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (tree,) = (path for path in folder.iterdir() if path.is_dir())
    tree.rename(folder / "tree")
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", "..", cwd=folder / "tree")
    return folder


def files_of(folder: Path) -> set[str]:
    """Return the names of the files below a folder, but for bytecode."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths if path.suffix != ".pyc"}


def test_source_archive_is_what_git_tracks(built: Path) -> None:
    """Whoever has it has all that the tests, pages and checks need, and nothing else."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    assert files_of(built / "tree") - {"PKG-INFO"} == tracked


def test_wheel_is_complete(built: Path) -> None:
    """The wheel has every file of the package and the licence, and nothing besides."""
    (wheel,) = built.glob("calaudit-*.whl")
    assert wheel.name.split("-")[1] == calaudit.__version__
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {f"calaudit/{name}" for name in files_of(built / "tree" / "calaudit")}
    info = f"calaudit-{calaudit.__version__}.dist-info"
    about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    assert names == package | {f"{info}/{name}" for name in about}
    assert "calaudit/py.typed" in names
    kinds = {Path(name).suffix for name in package}
    assert kinds == {".py", ".typed", ".toml", ".html", ".css", ".js"}


def test_builds_are_reproducible(built: Path, tmp_path: Path) -> None:
    """The wheel of the checkout is, byte for byte, that of the source archive."""
    run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    (one,), (other,) = built.glob("*.whl"), tmp_path.glob("*.whl")
    assert one.read_bytes() == other.read_bytes()


def test_description_leads_on(built: Path) -> None:
    """Links and pictures of the README are whole addresses where there is no repository."""
    text = (built / "tree" / "PKG-INFO").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]*)\)|(?:src|srcset)=\"([^\"]*)\"", text)
    assert len(links) > 10
    assert all("".join(link).startswith(("https://", "#")) for link in links)
    for name in ("docs/get-started.md", "docs/reliability-light.svg"):
        assert f"/calaudit/blob/main/{name}" in text or f"/calaudit/main/{name}" in text


def test_citation_knows_the_version() -> None:
    """What is cited is this version of the project that the package says it is."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {calaudit.__version__}\n" in text
    assert f"\nlicense: {PROJECT['project']['license']}\n" in text
    assert f"\nrepository-code: {PROJECT['project']['urls']['Homepage']}\n" in text
