"""Rules and settings of the gate in calaudit.toml and pyproject.toml."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from calaudit.api.checks.rule_settings import rules_of
from calaudit.cli import main
from calaudit.cli.configuration import configuration
from calaudit.cli.options import ReportOptions
from calaudit.errors import SettingsError
from calaudit.options.commands import OPTIONS
from calaudit.options.declaration import options_of

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
    ("calaudit.toml", "max_ece = 0.1", r"no section 'max_ece'; .* stand under .*\[check\]"),
    ("calaudit.toml", "check = 3", r"\[check\] is not a table"),
    ("calaudit.toml", "[check\n", "cannot be read as TOML"),
    ("calaudit.toml", "[check]\nbaseline = 5", "baseline is a text, not 5"),
    ("calaudit.toml", "[check]\nstrict = 'no'", "strict is true or false, not 'no'"),
    ("calaudit.toml", "[check]\nmin_rows = '9'", "min_rows is a whole number, not '9'"),
    ("calaudit.toml", "[check]\nmin_rows = 9.5", "min_rows is a whole number, not 9.5"),
    ("calaudit.toml", "[check]\nmin_rows = true", "min_rows is a whole number, not True"),
    ("calaudit.toml", "[check]\nrule_confidence = 'x'", "rule_confidence is a number, not 'x'"),
    ("calaudit.toml", "[check]\nby = [1]", r"by is a text or a list of texts, not \[1\]"),
    ("pyproject.toml", "[tool.calaudit]\nmax_ece = 0.1", r"under .*\[tool.calaudit.check\]"),
    ("pyproject.toml", "[tool]\ncalaudit = 3", r"\[tool.calaudit\] is not a table"),
    ("pyproject.toml", "tool = 3 # calaudit", r"\[tool.calaudit\] is not a table"),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_refused(here: Path, name: str, text: str, said: str) -> None:
    """A wrong file is refused with its name and what is meant, and never passed over."""
    (here / name).write_text(text)
    with pytest.raises(SettingsError, match=rf"^{name}: .*{said}"):
        configuration(None)
    with pytest.raises(SettingsError, match=said):
        configuration(here / name)


DEFAULTS = """
[defaults]
label = "y"
by = "region"
output = ["a.html", "b.json"]

[threshold]
cost-fp = 10
data = "rows.csv"
calibrator = "cal.json"
cost_fn = 2.5
"""


def settings(file: Any, command: str) -> dict[str, Any]:
    """What a file says for a command."""
    kinds = (*([OPTIONS[command]] if command in OPTIONS else []), ReportOptions)
    options = {name: each for kind in kinds for name, each in options_of(kind).items()}
    return configuration(file).settings(command, options)


def test_settings_of_commands(here: Path) -> None:
    """A command has those of [defaults] that are options of it, and all of its own section."""
    (here / "ci").mkdir()
    (here / "ci" / "some.toml").write_text(DEFAULTS)
    shared = {
        "label": "y",
        "by": ["region"],
        "output": [os.fspath(Path("ci") / name) for name in ("a.html", "b.json")],
    }
    assert settings("ci/some.toml", "evaluate") == shared
    assert settings("ci/some.toml", "threshold") == shared | {
        "cost_fp": 10,
        "data": [os.fspath(Path("ci") / "rows.csv")],
        "calibrator": os.fspath(Path("ci") / "cal.json"),
        "cost_fn": 2.5,
    }
    assert settings("none", "evaluate") == {}


def test_lists_are_written_as_options_take_them(here: Path) -> None:
    """Several columns are one argument, with quotes where one has a comma; levels are numbers."""
    (here / "calaudit.toml").write_text(
        "[defaults]\nprobs = ['a, b', 'c']\n[forecast]\nstated = [0.8, 0.95]\nlower = ['x', 'y']\n"
    )
    assert settings(None, "ensemble") == {"probs": '"a, b",c'}
    assert settings(None, "forecast") == {"stated": "0.8,0.95", "lower": "x,y"}
    (here / "calaudit.toml").write_text("[forecast]\nstated = 0.8\nlevel = 0.9\n")
    assert settings(None, "forecast") == {"stated": "0.8", "level": 0.9}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[defaults]\nlabell = 'y'", r"\[defaults\]: there is no setting 'labell'.*label\?"),
        ("[defaults]\ndata = 'y'", r"there is no setting 'data'"),
        ("[evaluate]\ncost_fp = 1", r"\[evaluate\]: there is no setting 'cost_fp'"),
        ("[evaluate]\ntask = 'ternary'", "task is one of binary, .* not 'ternary'"),
        ("[evaluate]\nlevel = [0.9]", r"level is a number, not \[0.9\]"),
        ("[evaluate]\nfull = 1", "full is true or false, not 1"),
    ],
)
def test_settings_that_are_wrong(here: Path, text: str, said: str) -> None:
    """They are refused with the file and the section, whichever command runs."""
    (here / "calaudit.toml").write_text(text)
    with pytest.raises(SettingsError, match=rf"^calaudit.toml: .*{said}"):
        settings(None, "evaluate")


def test_commands_take_them(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is written on the command line wins; which settings a file gave is said on stderr."""
    (here / "rows.csv").write_text("a,b,y\n" + "0.2,0.9,0\n0.9,0.2,1\n" * 20)
    (here / "calaudit.toml").write_text(
        "[defaults]\nlabel = 'y'\nscore = 'a'\n[evaluate]\ndata = 'rows.csv'\n"
        "[threshold]\ncost_fp = 1\ncost_fn = 1\n"
    )

    def score_of(report: str) -> Any:
        roles = {each["role"]: each["columns"] for each in json.loads(report)["roles"]}
        return roles["score"]

    def ran(*words: str) -> tuple[int, Any, str]:
        code = main(words)
        out, err = capfd.readouterr()
        return code, score_of(out) if out.startswith("{") else out, err

    code, role, said = ran("evaluate", "--json")
    assert (code, role) == (0, ["a"])
    assert said == "calaudit: calaudit.toml sets label, score, data\n"
    code, role, said = ran("evaluate", "rows.csv", "--score", "b", "--json", "-q")
    assert (code, role, said) == (0, ["b"], "")
    assert ran("threshold", "rows.csv")[0] == 0
    code, _, said = ran("threshold", "rows.csv", "--config", "none")
    assert code == 3
    assert "--score a" in said
    assert ran("evaluate", "--help")[2] == ""


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
    with pytest.raises(SettingsError, match=r"gate.toml: .*\[check\].* are missing"):
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
