"""Rules and settings of the gate in calaudit.toml and pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from calaudit.api.checks.configuration import configuration
from calaudit.api.checks.rule_settings import rules_of
from calaudit.errors import SettingsError

RULES = """
max_ece = 0.05
min-auroc = 0.8
max_increase = { ece = 0.01, log-loss = { margin = 0.02, confidence = 0.99 } }
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "section"),
    [("calaudit.toml", "check"), ("pyproject.toml", "tool.calaudit.check")],
)
def test_found_here(here: Path, name: str, section: str) -> None:
    """Either file in the working directory is read, hyphens or not; rules are as options give."""
    (here / name).write_text(f"[{section}]\n{RULES}\nbaseline = 'base.json'\nbins = 20\n")
    found = configuration(None).keywords()
    assert found.pop("baseline") == "base.json"
    assert found.pop("bins") == "20"
    options = {
        "max_ece": 0.05, "min_auroc": 0.8, "max_increase": ["ece=0.01", "log_loss=0.02@0.99"],
    }  # fmt: skip
    assert rules_of(found, 0.95) == rules_of(options, 0.95)


def test_nothing_here(here: Path) -> None:
    """No file, or a pyproject.toml of other tools only, gives no settings."""
    assert configuration(None).keywords() == {}
    (here / "pyproject.toml").write_text("[project]\nname = 'x'\n[tool.ruff]\nline-length = 80\n")
    assert configuration(None).keywords() == {}


def test_first_of_both(here: Path) -> None:
    """calaudit.toml comes before pyproject.toml; without a section it leaves it to that."""
    (here / "pyproject.toml").write_text("[tool.calaudit.check]\nmax_ece = 0.2\n")
    (here / "calaudit.toml").write_text("")
    assert configuration(None).keywords() == {"max_ece": 0.2}
    (here / "calaudit.toml").write_text("[check]\nmax_ece = 0.1\n")
    assert configuration(None).keywords() == {"max_ece": 0.1}


def test_named(here: Path) -> None:
    """A file that is named is read instead; its paths are relative to it, absolute ones are not."""
    (here / "calaudit.toml").write_text("[check]\nmax_ece = 0.1\n")
    folder = here / "ci"
    folder.mkdir()
    elsewhere = os.fspath(here / "else.json")
    (folder / "gate.toml").write_text(
        f"[check]\nbaseline = 'base.json'\ncalibrator = '../cal.json'\nagainst = '{elsewhere}'\n"
    )
    assert configuration("ci/gate.toml").keywords() == {
        "baseline": os.fspath(Path("ci") / "base.json"),
        "calibrator": os.fspath(Path("ci") / ".." / "cal.json"),
        "against": elsewhere,
    }


REFUSED: list[tuple[str, str, str]] = [
    ("calaudit.toml", "[check]\nmax_ecee = 0.1", r"no setting 'max_ecee' \(did you mean max_ece\?"),
    ("calaudit.toml", "[check]\nbasline = 'b'", r"no setting 'basline' \(did you mean baseline\?"),
    ("calaudit.toml", "[check]\nbin = 10", r"no setting 'bin' \(did you mean bins\?"),
    ("calaudit.toml", "[check]\nmax_auroc = 0.9", r"no setting 'max_auroc' \(did you mean "),
    ("calaudit.toml", "[check]\ny_true = 'y'", "no setting 'y_true'"),
    ("calaudit.toml", "[check]\nworst = 3", "no setting 'worst'"),
    ("calaudit.toml", "[check]\nmax_ece = 0.1\nmax-ece = 0.2", "max-ece is given twice"),
    ("calaudit.toml", "[chek]\nmax_ece = 0.1", r"no section 'chek' \(did you mean check\?\)"),
    ("calaudit.toml", "max_ece = 0.1", r"no section 'max_ece'; .* stand under \[check\]"),
    ("calaudit.toml", "check = 3", r"\[check\] is missing, or is not a table"),
    ("calaudit.toml", "[check\n", "cannot be read as TOML"),
    ("calaudit.toml", "[check]\nbaseline = 5", "baseline is a text, not 5"),
    ("calaudit.toml", "[check]\nstrict = 'no'", "strict is true or false, not 'no'"),
    ("calaudit.toml", "[check]\nmin_rows = '9'", "min_rows is a whole number, not '9'"),
    ("calaudit.toml", "[check]\nmin_rows = 9.5", "min_rows is a whole number, not 9.5"),
    ("calaudit.toml", "[check]\nmin_rows = true", "min_rows is a whole number, not True"),
    ("calaudit.toml", "[check]\nrule_confidence = 'x'", "rule_confidence is a number, not 'x'"),
    ("calaudit.toml", "[check]\nby = [1]", r"by is a text or a list of texts, not \[1\]"),
    ("pyproject.toml", "[tool.calaudit]\nmax_ece = 0.1", r"under \[tool.calaudit.check\]"),
    ("pyproject.toml", "[tool]\ncalaudit = 3", r"\[tool.calaudit\] is not a table"),
    ("pyproject.toml", "tool = 3", r"\[tool.calaudit\] is not a table"),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_refused(here: Path, name: str, text: str, said: str) -> None:
    """A wrong file is refused with its name and what is meant, and never passed over."""
    (here / name).write_text(text)
    with pytest.raises(SettingsError, match=rf"^{name}: .*{said}"):
        configuration(None)
    with pytest.raises(SettingsError, match=said):
        configuration(here / name)


def test_not_text(here: Path) -> None:
    """A file that is no text is refused."""
    (here / "calaudit.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"^calaudit.toml: cannot be read as TOML"):
        configuration(None)


def test_named_and_missing(here: Path) -> None:
    """A file that is named must be there, and have the section."""
    with pytest.raises(SettingsError, match=r"there is no configuration file gate\.toml"):
        configuration("gate.toml")
    (here / "gate.toml").write_text("")
    with pytest.raises(SettingsError, match=r"gate.toml: \[check\] is missing"):
        configuration("gate.toml")
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        configuration(here)


def test_standard_input_lies_beside_no_file(here: Path) -> None:
    """Paths are relative to the file, and "-" is none."""
    (here / "ci").mkdir()
    (here / "ci" / "gate.toml").write_text('[check]\nbaseline = "-"\ndata = ["-", "a.csv"]')
    values = configuration("ci/gate.toml").keywords()
    assert values == {"baseline": "-", "data": ["-", os.path.join("ci", "a.csv")]}  # noqa: PTH118


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_increase": {"ece": "x"}}, "max_increase: 'x' is not a number"),
        ({"max_increase": {"ecee": 0.1}}, "no figure 'ecee'"),
        ({"max_increase": {"ece": {"limit": 0.1, "confidence": 0.2}}}, "0.5 to 0.999"),
        ({"max_ece": {"margin": -0.1}}, "the limit is a number of 0 or more"),
        ({"max_decrease": {"ece": 0.1}}, "of ece less is better"),
    ],
)
def test_rules_that_make_no_sense(given: dict[str, Any], said: str) -> None:
    """Rules of a file are checked like those of options."""
    with pytest.raises(SettingsError, match=said):
        rules_of(given, 0.95)
