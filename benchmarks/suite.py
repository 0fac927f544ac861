"""The benchmarks: what calaudit is asked to do, and what it is held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from benchmarks.commands import THREADS, calaudit, contender, evaluate, fit, python, scan
from benchmarks.datasets import LOGITS, Dataset

__all__ = ["NAMES", "Benchmark", "Rival", "benchmarks"]

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Rival:
    """A process that calaudit is held against.

    Attributes:
        title: what it does.
        command: how it is run.
        bar: most that calaudit may take of what this takes; None to look only.
        measure: what is compared, the time or the peak memory.
        needs: module without which it is left out.
        figures: metrics that it prints as JSON and that must agree.
    """

    title: str
    command: tuple[str, ...]
    bar: float | None = None
    measure: Literal["seconds", "peak"] = "seconds"
    needs: str | None = None
    figures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One run of calaudit and its rivals.

    Attributes:
        title: what is run, and on what.
        command: how calaudit is run.
        rivals: what it is held against.
        rows: rows of the data; 0 where there is none.
        datasets: files that must be there.
        peak_bar: most memory it may take, in bytes; None to look only.
    """

    title: str
    command: tuple[str, ...]
    rivals: tuple[Rival, ...]
    rows: int = 0
    datasets: tuple[Dataset, ...] = ()
    peak_bar: int | None = None


def _large(folder: Path, most: int) -> list[Benchmark]:
    rows, fifth = min(100_000_000, most), max(1, min(20_000_000, most // 5))
    data, smaller = Dataset("binary", rows, folder), Dataset("binary", fifth, folder)
    duckdb = contender("query_duckdb.py", str(data.path), str(THREADS))
    all_three, one = ("ece", "brier", "log_loss"), ("ece",)
    rivals = (
        Rival(
            "DuckDB: ECE-15, Brier and log loss in one query",
            (*duckdb, *all_three),
            bar=1.5,
            needs="duckdb",
            figures=all_three,
        ),
        Rival("DuckDB: ECE-15 alone", (*duckdb, *one), needs="duckdb", figures=one),
        _scan(data, "score", "label"),
        Rival(f"its own memory on {fifth:,} rows", evaluate(smaller), bar=1.1, measure="peak"),
    )
    title = f"{rows:,} binary rows, Parquet"
    return [Benchmark(title, evaluate(data), rivals, rows, (data, smaller), 400 * MEGABYTE)]


def _wide(folder: Path, most: int) -> list[Benchmark]:
    rows = min(50_000, most)
    found = []
    for kind, layout in (("wide-columns", "1,000 columns"), ("wide-list", "one list column")):
        data = Dataset(kind, rows, folder)
        command = contender("read_wide.py", str(data.path), str(THREADS))
        title = f"{rows:,} × 1,000 float32 probabilities, {layout}"
        rival = Rival("reading them into one numpy array", command, bar=2.0)
        found.append(Benchmark(title, evaluate(data), (rival,), rows, (data,)))
    return found


def _small(folder: Path, most: int) -> list[Benchmark]:
    rows = min(10_000, most)
    data = Dataset("binary", rows, folder, "csv")
    rival = Rival("import numpy, scipy, pyarrow", python("import numpy, scipy, pyarrow"), bar=2.0)
    return [Benchmark(f"{rows:,} rows, CSV", evaluate(data), (rival,), rows, (data,))]


def _help(folder: Path, most: int) -> list[Benchmark]:  # noqa: ARG001 - it reads no data
    rival = Rival("import typer, rich", python("import typer, rich"), bar=2.0)
    return [Benchmark("calaudit --help", (*calaudit(), "--help"), (rival,))]


def _shapes(folder: Path, most: int) -> list[Benchmark]:
    ten, two, five = (min(n * 1_000_000, most) for n in (10, 2, 5))
    csv = Dataset("binary", five, folder, "csv")
    read_csv = Rival("pyarrow.csv, reading alone", contender("read_csv.py", str(csv.path)))
    return [
        _shape("rounded to 2 decimals", Dataset("rounded", ten, folder)),
        _shape("float32", Dataset("float32", ten, folder)),
        _shape("30 % exactly 0 or 1", Dataset("saturated", ten, folder)),
        _shape("weighted", Dataset("weighted", ten, folder), "--weight", "weight"),
        _shape("20 slices", Dataset("sliced", two, folder), "--by", "region"),
        Benchmark(f"{five:,} rows, CSV", evaluate(csv), (read_csv,), five, (csv,)),
    ]


def _shape(what: str, data: Dataset, *options: str) -> Benchmark:
    title = f"{data.rows:,} rows, {what}"
    rival = _scan(data, "score", "label", *options[1:])
    return Benchmark(title, evaluate(data, *options), (rival,), data.rows, (data,))


def _fit(folder: Path, most: int) -> list[Benchmark]:
    rows, fifth = min(10_000_000, most), max(1, min(2_000_000, most // 5))
    data = Dataset("binary", rows, folder)
    own = Rival("calaudit evaluate of the same file", evaluate(data), bar=1.5)
    binary = [
        Benchmark(f"fit, {method}: {rows:,} binary rows", fit(data, method), (own,), rows, (data,))
        for method in ("isotonic", "beta")
    ]
    logits, smaller = Dataset("logits", rows, folder), Dataset("logits", fifth, folder)
    rivals = (
        _scan(logits, *LOGITS, "label"),
        Rival("calaudit evaluate of the same file", evaluate(logits)),
        Rival(
            f"its own memory on {fifth:,} rows",
            fit(smaller, "temperature"),
            bar=1.1,
            measure="peak",
        ),
    )
    title = f"fit, temperature: {rows:,} × {len(LOGITS)} logits"
    command = fit(logits, "temperature")
    return [*binary, Benchmark(title, command, rivals, rows, (logits, smaller))]


def _scan(data: Dataset, *columns: str) -> Rival:
    return Rival("bare scan of the columns, pyarrow", scan(data, columns))


_FULL: dict[str, tuple[Callable[[Path, int], list[Benchmark]], int]] = {
    "large": (_large, 100_000_000),
    "wide": (_wide, 50_000),
    "small": (_small, 10_000),
    "help": (_help, 0),
    "shapes": (_shapes, 10_000_000),
    "fit": (_fit, 10_000_000),
}

NAMES = (*_FULL, "memory", "scales")
"""What may be asked for. ``memory``, ``scales`` and a part of ``fit`` run all tools in one
process: `benchmarks.memory`, `benchmarks.temperatures`."""


def benchmarks(names: Sequence[str], folder: Path, most_rows: int) -> list[Benchmark]:
    """Return the benchmarks of processes, without bars where the data is cut short.

    Args:
        names: some of `NAMES`.
        folder: where the data is kept.
        most_rows: most rows of any data set.
    """
    found = []
    for name, (make, full) in _FULL.items():
        if name in names:
            made = make(folder, most_rows)
            found += made if most_rows >= full else [_without_bars(b) for b in made]
    return found


def _without_bars(benchmark: Benchmark) -> Benchmark:
    rivals = tuple(replace(rival, bar=None) for rival in benchmark.rivals)
    return replace(benchmark, rivals=rivals, peak_bar=None)
