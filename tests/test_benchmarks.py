from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="the benchmarks measure processes as POSIX systems do")

ROOT = Path(__file__).parents[1]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as `make bench` does."""
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300)


def test_help_benchmark_has_its_bar() -> None:
    """Whole processes are timed, and one table says the ratio, the bar and the memory."""
    finished = bench("help", "--runs", "1")
    assert finished.returncode == 0, finished.stderr
    assert "import typer, rich" in finished.stdout
    assert "≤ 2" in finished.stdout


def test_unknown_benchmark_is_refused() -> None:
    """A misspelt name is a usage error that lists the names."""
    finished = bench("larg")
    assert finished.returncode == 2
    assert "large" in finished.stderr


@pytest.mark.slow
def test_every_benchmark_runs(tmp_path: Path) -> None:
    """On tiny data every benchmark runs, and figures that others compute too agree."""
    output = tmp_path / "results.json"
    data = tmp_path / "data"
    finished = bench(
        "--rows", "2000", "--runs", "1", "--data", str(data), "-o", str(output)
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    document = json.loads(output.read_text(encoding="utf-8"))
    assert document["schema"] == "calaudit.benchmarks/1"
    assert len(document["processes"]) == 11
    for result in document["processes"]:
        assert result["seconds"] > 0
        assert result["peak"] > 1_000_000
        assert result["rivals"] or result["skipped"]
        for rival in result["rivals"]:
            assert rival["ratio"] > 0
            assert all(difference < 1e-9 for difference in rival["differences"].values())
    ours = {t["figure"]: t for t in document["memory"] if t["tool"] == "calaudit"}
    others = [t for t in document["memory"] if t["tool"] == "scikit-learn" and t["seconds"]]
    assert len(ours) == 8
    for timing in others:
        assert timing["value"] == pytest.approx(ours[timing["figure"]]["value"], abs=1e-9)
