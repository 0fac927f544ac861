"""What was measured, and the ratios that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.memory import Timing
from benchmarks.processes import Run
from benchmarks.suite import Benchmark, Rival
from benchmarks.temperatures import Measured

__all__ = ["Comparison", "Result", "as_json"]

SCHEMA = "calaudit.benchmarks/1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """calaudit beside one rival, run by run.

    Attributes:
        rival: what it was held against.
        own, other: runs of calaudit and of the rival; the i-th of each ran in one round.
        differences: absolute difference of each figure that both computed.
    """

    rival: Rival
    own: Sequence[Run]
    other: Sequence[Run]
    differences: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Median over rounds of what calaudit took by what the rival took."""
        return _ratio(self.own, self.other, self.rival.measure)

    @property
    def cpu_ratio(self) -> float:
        """The same for processor time, which other work on the machine disturbs less."""
        return _ratio(self.own, self.other, "cpu")

    @property
    def met(self) -> bool | None:
        """Whether the bar was met, or None without one."""
        return None if self.rival.bar is None else self.ratio <= self.rival.bar


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark, measured.

    Attributes:
        benchmark: what was run.
        runs: runs of calaudit.
        comparisons: beside each rival that could run.
        skipped: titles of the others, with the reason.
    """

    benchmark: Benchmark
    runs: Sequence[Run]
    comparisons: Sequence[Comparison]
    skipped: Sequence[str] = ()

    @property
    def seconds(self) -> float:
        """Median time."""
        return median(run.seconds for run in self.runs)

    @property
    def peak(self) -> int:
        """Largest peak memory of any run, in bytes."""
        return max(run.peak for run in self.runs)

    @property
    def nanoseconds_a_row(self) -> float | None:
        """Median time by rows, or None without rows."""
        rows = self.benchmark.rows
        return 1e9 * self.seconds / rows if rows else None

    @property
    def peak_met(self) -> bool | None:
        """Whether memory stayed below its bar, or None without one."""
        bar = self.benchmark.peak_bar
        return None if bar is None else self.peak < bar


def _ratio(own: Sequence[Run], other: Sequence[Run], measure: str) -> float:
    pairs = zip(own, other, strict=True)
    ratios: list[float] = [getattr(a, measure) / max(getattr(b, measure), 1e-9) for a, b in pairs]
    return median(ratios)


def as_json(
    results: Sequence[Result],
    memory: Sequence[Timing] | None,
    fits: Measured | None,
    scales: Measured | None,
    machine: dict[str, object],
) -> dict[str, Any]:
    """Return everything as a document: times in seconds, memory in bytes."""
    return {
        "schema": SCHEMA,
        "machine": machine,
        "processes": [_result(result) for result in results],
        "memory": None if memory is None else [asdict(timing) for timing in memory],
        "fits": None if fits is None else asdict(fits),
        "scales": None if scales is None else asdict(scales),
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "title": result.benchmark.title,
        "rows": result.benchmark.rows,
        "seconds": result.seconds,
        "peak": result.peak,
        "peak_bar": result.benchmark.peak_bar,
        "peak_met": result.peak_met,
        "runs": [asdict(run) for run in result.runs],
        "rivals": [_comparison(comparison) for comparison in result.comparisons],
        "skipped": list(result.skipped),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "title": comparison.rival.title,
        "measure": comparison.rival.measure,
        "ratio": comparison.ratio,
        "cpu_ratio": comparison.cpu_ratio,
        "bar": comparison.rival.bar,
        "met": comparison.met,
        "differences": comparison.differences,
        "runs": [asdict(run) for run in comparison.other],
    }
