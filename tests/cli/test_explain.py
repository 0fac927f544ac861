"""``calaudit explain``, as people type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from calaudit.report.glossary import KINDS, entries
from tests.cli.conftest import ROOT


def explain(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "calaudit", "explain", *words], cwd=ROOT, capture_output=True,
        encoding=encoding, check=False,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip


def test_one_name() -> None:
    """A name prints its entry, plain where it is piped: title, formula, limits, source."""
    done = explain("ece")
    assert done.returncode == 0
    assert done.stdout.startswith("ECE, equal width  ece · figure\n")
    assert "Σ_b (n_b/n)·|mean score in b − mean outcome in b|" in done.stdout
    assert all(f"\n  {title}" in done.stdout for title in ("Read it", "Limits", "Source"))
    assert "Guo, Pleiss, Sun & Weinberger 2017" in done.stdout
    assert "\x1b" not in done.stdout
    assert not done.stderr


def test_several_names() -> None:
    """Several names print several entries in their order, one that is named twice once."""
    lines = explain("ECE", "Brier score", "expected calibration error").stdout.splitlines()
    titles = [line for line in lines if line.endswith("figure")]
    assert titles == ["ECE, equal width  ece · figure", "Brier score  brier · figure"]


@pytest.mark.parametrize(
    ("typed", "title"), [("--convention", "convention"), ("--cost-fp", "Cost"), ("-o", "json")]
)
def test_options_are_names(typed: str, title: str) -> None:
    """An option of another command is a name here, with its dashes."""
    done = explain(typed)
    assert done.returncode == 0
    assert done.stdout.startswith(title)


def test_list() -> None:
    """Without a name every entry is listed under its kind."""
    done = explain()
    lines = done.stdout.splitlines()
    assert [line for line in lines if line in KINDS.values()] == list(KINDS.values())
    listed = {line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "}
    assert listed == {each.name for each in entries()}


def test_json() -> None:
    """As JSON an entry has every field, and without a name there are all of them."""
    one = json.loads(explain("log_loss", "--json").stdout)
    assert [each["name"] for each in one] == ["log_loss"]
    assert {"kind", "title", "short", "what", "formula", "reading", "limits", "source"} < set(
        one[0]
    )
    assert "NLL" in one[0]["aliases"]
    everything = json.loads(explain("--json").stdout)
    assert [each["name"] for each in everything] == [each.name for each in entries()]


def test_unknown_name() -> None:
    """A name that nobody knows is a mistake of usage, answered with what is near."""
    done = explain("ece", "temprature")
    assert done.returncode == 2
    assert not done.stdout
    assert "no entry for 'temprature' (did you mean temperature" in done.stderr


def test_ascii_terminal() -> None:
    """A stream that knows only ASCII gets ASCII, and no escapes."""
    done = explain("smece", "log_loss", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "\\u" not in done.stdout
    assert "sum ln(probability" in done.stdout


def test_starts_quickly() -> None:
    """Nothing that computes is imported to print a text."""
    program = (
        "import sys; from calaudit.cli import main; main(['explain', 'ece']);"
        "heavy = {'numpy', 'scipy', 'pyarrow', 'pandas', 'jinja2', 'vl_convert'};"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ECE, equal width" in done.stdout
