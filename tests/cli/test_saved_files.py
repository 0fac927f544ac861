"""Files that calaudit wrote, given back as something else: a sentence, soon, and exit 2 or 3."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from calaudit.cli import main

ROWS = "score,label\n" + "0.2,0\n0.9,1\n0.4,0\n0.7,0\n" * 20

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes and devices")

WAYS = {
    "calibrator": ["apply", "X", "p.csv", "-o", "o.csv"],
    "export": ["export", "X", "--to", "python"],
    "evaluate": ["evaluate", "p.csv", "--calibrator", "X"],
    "baseline": ["check", "p.csv", "--max-increase", "ece=0.1", "--baseline", "X"],
    "configuration": ["check", "p.csv", "--config", "X"],
    "report": ["report", "X"],
    "costs": ["threshold", "m.csv", "--cost-matrix", "X"],
    "reference": ["estimate", "p.csv", "--reference", "X"],
    "thresholds": ["estimate", "p.csv", "--reference", "p.csv", "--thresholds", "X"],
    "watched": ["monitor", "p.csv", "--threshold", "X"],
    "acted": ["ood", "m.csv", "q.csv", "--act-from", "X"],
    "data": ["evaluate", "p.csv", "X"],
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch) -> Iterator[None]:
    """Work in a folder with rows, and end what waits without end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text(ROWS)
    (tmp_path / "q.csv").write_text("p_a,p_b,p_c\n0.3,0.3,0.4\n")
    (tmp_path / "m.csv").write_text("p_a,p_b,p_c,label\n" + "0.2,0.3,0.5,c\n0.5,0.3,0.2,a\n" * 20)
    signal.alarm(60)
    yield
    signal.alarm(0)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "data"])
@pytest.mark.parametrize(
    "kind", ["pipe", "/dev/zero", "folder", "nothing", "null", "empty", "text"]
)
def test_no_such_file(way: str, kind: str, tmp_path: Path, capsys) -> None:
    """Pipes are not waited for, devices are not read to an end that they have not."""
    name = {"/dev/zero": "/dev/zero", "null": "a\0b"}.get(kind, str(tmp_path / kind))
    if kind == "pipe":
        os.mkfifo(name)
    elif kind == "folder":
        Path(name).mkdir()
    elif kind == "empty":
        Path(name).touch()
    elif kind == "text":
        Path(name).write_text("hello\n")
    code = main([name if word == "X" else word for word in WAYS[way]])
    err = capsys.readouterr().err
    assert code in (2, 3), err
    assert "error: " in err
    assert "fault of calaudit" not in err
    if kind in ("pipe", "/dev/zero"):
        assert re.search("pipe|device", err)


@pytest.mark.parametrize("way", ["calibrator", "baseline", "configuration", "report", "costs"])
@pytest.mark.parametrize("opening", ['{"a":', "[", "a = [", "a."])
def test_deep_nesting(way: str, opening: str, tmp_path: Path, capsys) -> None:
    """Text that is nested without end is refused as text of any other kind."""
    (tmp_path / "deep").write_text(opening * 100_000)
    assert main(["deep" if word == "X" else word for word in WAYS[way]]) in (2, 3)
    assert "fault of calaudit" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("way", "key"),
    [("calibrator", "certificate"), ("baseline", "settings"), ("report", "settings")],
)
def test_values_of_saved_files(way: str, key: str, tmp_path: Path, capsys) -> None:
    """Lists in lists without end, and keys that stand twice, are refused wherever they are."""
    made = ["fit", "p.csv"] if way == "calibrator" else ["evaluate", "p.csv"]
    assert main([*made, "-o", "saved.json"]) == 0
    text = (tmp_path / "saved.json").read_text()
    deep, twice = f'"{key}": {{"x": {"[" * 800 + "]" * 800}, ', f'"{key}": 1, "{key}": {{'
    for new, said in ((deep, "nested too deeply"), (twice, f"the key '{key}' stands twice")):
        (tmp_path / "changed.json").write_text(text.replace(f'"{key}": {{', new, 1))
        assert main(["changed.json" if word == "X" else word for word in WAYS[way]]) == 3
        assert said in capsys.readouterr().err


def test_what_a_shell_hands_over(tmp_path: Path, capsys) -> None:
    """A pipe that is open already, as for ``<(gunzip -c cal.json.gz)``, is read to its end."""
    assert main(["fit", "p.csv", "-o", "cal.json"]) == 0
    read, write = os.pipe()
    os.write(write, (tmp_path / "cal.json").read_bytes())
    os.close(write)
    assert main(["apply", f"/dev/fd/{read}", "p.csv", "-o", "o.csv"]) == 0
    os.close(read)
    assert "wrote o.csv: 80 rows" in capsys.readouterr().err
