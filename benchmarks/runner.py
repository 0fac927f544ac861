"""Run one benchmark: data, rounds of processes, and a look at whether the figures agree."""

from __future__ import annotations

import json
from collections.abc import Callable

from benchmarks.machine import installed
from benchmarks.processes import in_turn, output_of
from benchmarks.results import Comparison, Result
from benchmarks.suite import Benchmark, Rival

__all__ = ["measured"]

_OWN = "calaudit"


def measured(benchmark: Benchmark, *, runs: int, say: Callable[[str], None]) -> Result:
    """Return what a benchmark took.

    Args:
        benchmark: what to run; data that is missing is made.
        runs: rounds that count.
        say: told of what takes long.
    """
    for dataset in benchmark.datasets:
        if not dataset.path.exists():
            say(f"making {dataset.path.name}")
        dataset.ensure()
    able = [r for r in benchmark.rivals if r.needs is None or installed(r.needs)]
    skipped = [f"{r.title}: {r.needs} is not installed" for r in benchmark.rivals if r not in able]
    commands = {_OWN: benchmark.command} | {rival.title: rival.command for rival in able}
    taken = in_turn(commands, runs)
    comparisons = [
        Comparison(rival, taken[_OWN], taken[rival.title], _differences(benchmark, rival))
        for rival in able
    ]
    return Result(benchmark, taken[_OWN], comparisons, skipped)


def _differences(benchmark: Benchmark, rival: Rival) -> dict[str, float]:
    """Run both once more, and return by how much their figures differ."""
    if not rival.figures:
        return {}
    own = json.loads(output_of([*benchmark.command, "--json"]))["metrics"]
    other = json.loads(output_of(rival.command))
    return {name: abs(own[name]["value"] - other[name]) for name in rival.figures}
