"""Run the benchmarks that were asked for, print one table, and write the figures as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.machine import load, machine
from benchmarks.memory import Timing, measure_in_memory
from benchmarks.processes import ProcessFailed
from benchmarks.results import Result, as_json
from benchmarks.runner import measured
from benchmarks.suite import NAMES, benchmarks
from benchmarks.table import render_fits, render_memory, render_results, render_scales
from benchmarks.temperatures import Measured, measure_fits, measure_scales

DATA = Path(__file__).parent / "data"
BUSY = 0.5
"""Load from which the table says that other work was running."""

FIT_ROWS = 50_000
"""Rows of the logits in memory at their full size."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the words after the program's name; those of the process when None.
    """
    options = _parser().parse_args(arguments)
    chosen = options.names or NAMES
    busy = load()
    results, failures = _measured(chosen, options)
    memory = fits = scales = None
    if "memory" in chosen:
        _say("figures in memory")
        memory = measure_in_memory(min(1_000_000, options.rows), options.runs)
    if "fit" in chosen:
        _say("temperatures in memory")
        fits = measure_fits(min(FIT_ROWS, options.rows), options.runs)
    if "scales" in chosen:
        _say("temperatures at several scales")
        scales = measure_scales()
    for table in _tables(results, memory, fits, scales, full=options.rows >= FIT_ROWS):
        print(table)
    if busy > BUSY:
        print(f"Other work was running at the start: the load was {busy:.1f}.")
    if options.output is not None:
        document = as_json(results, memory, fits, scales, machine())
        options.output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _tables(
    results: Sequence[Result],
    memory: Sequence[Timing] | None,
    fits: Measured | None,
    scales: Measured | None,
    *,
    full: bool,
) -> Iterator[str]:
    """Yield the table of each part that ran."""
    if results:
        yield render_results(results)
    if memory is not None:
        yield render_memory(memory)
    if fits is not None:
        yield render_fits(fits, bars=full)
    if scales is not None:
        yield render_scales(scales)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time calaudit against other tools and against bare reading.",
        epilog="Example: python -m benchmarks large shapes --rows 1000000 --runs 3",
    )
    parser.add_argument(
        "names", nargs="*", type=_name, metavar="NAME", help=f"{', '.join(NAMES)}; or all"
    )
    parser.add_argument(
        "--rows",
        type=_positive,
        default=100_000_000,
        metavar="N",
        help="most rows of any data set (default 100000000); bars hold at the full sizes only",
    )
    parser.add_argument(
        "--runs",
        type=_positive,
        default=5,
        metavar="N",
        help="measured runs of each command (default 5), after one to warm up unless N is 1",
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="where data is made and kept"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write every figure as JSON"
    )
    return parser


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(NAMES)}")
    return text


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _measured(
    names: Sequence[str], options: argparse.Namespace
) -> tuple[list[Result], list[ProcessFailed]]:
    """Return what was measured, and what went wrong in benchmarks that are left out of it."""
    results, failures = [], []
    for benchmark in benchmarks(names, options.data, options.rows):
        _say(benchmark.title)
        try:
            results.append(measured(benchmark, runs=options.runs, say=_say))
        except ProcessFailed as failure:
            failures.append(failure)
    return results, failures


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
