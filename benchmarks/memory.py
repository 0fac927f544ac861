"""Single figures in memory: arrays in, a number out, in one process for all tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.processes import output_of

__all__ = ["Timing", "measure_in_memory"]


@dataclass(frozen=True, slots=True)
class Timing:
    """One tool's way to one figure.

    Attributes:
        figure: what is computed.
        tool: by which package.
        seconds: median time; None where the tool could not run.
        value: what it returned; None where that is more than a number.
        reason: why it could not run.
    """

    figure: str
    tool: str
    seconds: float | None
    value: float | None = None
    reason: str | None = None


def measure_in_memory(rows: int, runs: int) -> Sequence[Timing]:
    """Return the timings of every tool that is installed, on as many rows."""
    command = [sys.executable, "-m", "benchmarks.peers", str(rows), str(runs)]
    return [Timing(**fields) for fields in json.loads(output_of(command))]
