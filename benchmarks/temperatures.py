"""The temperature beside other tools: how exact on three scales and further out, how quick."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.processes import output_of

__all__ = ["OWN", "Measured", "ScaleFit", "TemperatureFit", "measure_fits", "measure_scales"]

OWN = "calaudit"


@dataclass(frozen=True, slots=True)
class ScaleFit:
    """What one tool returned on logits of one scale.

    Attributes:
        tool: which package, or recipe.
        dtype: of the logits.
        reference: the temperature at which the derivative of the log loss is 0, to the digits
            of float64.
        temperature: what the tool returned; None where it failed.
        error: relative to the reference.
        reason: why it failed.
    """

    tool: str
    dtype: str
    reference: float
    temperature: float | None = None
    error: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TemperatureFit:
    """One tool's way from logits in memory to the temperature.

    Attributes:
        tool: which package.
        seconds: of each round; all tools ran in each.
        temperature: what it returned.
        gradient: |f'(β)| there, computed in float64 for every tool alike, relative to the mean
            absolute size of the terms that f' is the difference of.
    """

    tool: str
    seconds: Sequence[float]
    temperature: float
    gradient: float

    @property
    def median(self) -> float:
        """Median time in seconds."""
        return median(self.seconds)

    def ratio(self, other: TemperatureFit) -> float:
        """Median over rounds of the time of this by the time of the other."""
        return median(a / b for a, b in zip(self.seconds, other.seconds, strict=True))

    def beats(self, other: TemperatureFit) -> bool:
        """Whether this was no slower and left no more of the gradient."""
        return self.ratio(other) <= 1 and self.gradient <= other.gradient


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of a table, and the tools that are not among them.

    Attributes:
        title: on what. absent: tools that could not be imported, with the reason.
    """

    title: str
    fits: Sequence[Any]
    absent: Sequence[str]


def measure_fits(rows: int, runs: int) -> Measured:
    """Return how long each tool takes for logits of 1,000 classes in memory."""
    found = _output("fit", str(rows), str(runs))
    return Measured(found["title"], [TemperatureFit(**f) for f in found["fits"]], found["absent"])


def measure_scales() -> Measured:
    """Return what each tool makes of the same logits at several scales."""
    found = _output("scales")
    return Measured(found["title"], [ScaleFit(**f) for f in found["fits"]], found["absent"])


def _output(*arguments: str) -> Any:
    return json.loads(output_of([sys.executable, "-m", "benchmarks.fit_temperatures", *arguments]))
