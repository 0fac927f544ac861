"""Where the address space is limited no picture can be drawn, and nothing else is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT

resource = pytest.importorskip("resource", reason="Windows has no such limits")

LIMITED = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
from calaudit.cli import program
sys.argv = ["calaudit", *sys.argv[1:]]
program()
"""
ROWS = "score,label\n" + "0.2,0\n0.9,1\n0.4,0\n0.7,1\n" * 20


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with 6 GB of address space, of which the engine wants some 100 GB."""
    (folder / "p.csv").write_text(ROWS)
    command = [sys.executable, "-c", LIMITED, *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is none")
def test_only_the_pictures_are_missing(tmp_path: Path) -> None:
    """The figures are written and printed; the pictures are a sentence and exit 2."""
    outputs = ["-o", "r.svg", "-o", "r.json", "-o", "r.html"]
    done = run(tmp_path, "evaluate", "p.csv", "--json", *outputs)
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["intake"]["rows_used"] == 80
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.csv", "r.json"]
    assert "error: r.svg, r.html: no picture can be drawn" in done.stderr
    assert "ulimit -v" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is none")
@pytest.mark.parametrize(("rule", "code"), [("0.0001", 1), ("0.9", 2)])
def test_the_gate_still_judges(tmp_path: Path, rule: str, code: int) -> None:
    """A failed rule is exit 1 whatever becomes of the picture."""
    done = run(tmp_path, "check", "p.csv", "--max-brier", rule, "-o", "r.png", "-o", "r.xml")
    assert done.returncode == code, done.stderr
    assert (tmp_path / "r.xml").exists()
    assert ("FAIL" if code == 1 else "PASS") in done.stdout
    assert "r.png: no picture can be drawn" in done.stderr
