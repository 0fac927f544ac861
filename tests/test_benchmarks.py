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


def test_temperature_is_exact_on_every_scale(tmp_path: Path) -> None:
    """Ours is within 1e-7 of Brent's root from 1e-3 to 1e3; scikit-learn's bears the root out."""
    output = tmp_path / "scales.json"
    finished = bench("scales", "-o", str(output))
    assert finished.returncode == 0, finished.stderr
    found = json.loads(output.read_text(encoding="utf-8"))["scales"]["fits"]
    ours = [fit for fit in found if fit["tool"] == "calaudit"]
    theirs = [f for f in found if f["tool"] == "scikit-learn" and f["dtype"] == "float64"]
    best = [2.9524e-3, 0.29524, 2.9524, 29.524, 2952.4]
    assert [fit["dtype"] for fit in ours[::5]] == ["float64", "float32", "float16"]
    assert [fit["reference"] for fit in ours] == pytest.approx(best * 3, rel=1e-4)
    assert max(fit["error"] for fit in ours) < 1e-7
    assert len(theirs) == 5
    assert max(fit["error"] for fit in theirs) < 1e-6
    assert all(f"{scale:.5g}" in finished.stdout for scale in best)


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
    assert len(document["processes"]) == 14
    for result in document["processes"]:
        assert result["seconds"] > 0
        assert result["peak"] > 1_000_000
        assert result["rivals"] or result["skipped"]
        for rival in result["rivals"]:
            assert rival["ratio"] > 0
            assert all(difference < 1e-9 for difference in rival["differences"].values())
    fits = {fit["tool"]: fit for fit in document["fits"]["fits"]}
    assert fits["calaudit"]["gradient"] < 1e-8
    assert fits["calaudit"]["gradient"] < fits["scikit-learn"]["gradient"]
    assert fits["calaudit"]["temperature"] == pytest.approx(
        fits["scikit-learn"]["temperature"], rel=1e-3
    )
    ours = {t["figure"]: t for t in document["memory"] if t["tool"] == "calaudit"}
    others = [t for t in document["memory"] if t["tool"] == "scikit-learn" and t["seconds"]]
    assert len(ours) == 8
    for timing in others:
        assert timing["value"] == pytest.approx(ours[timing["figure"]]["value"], abs=1e-9)
