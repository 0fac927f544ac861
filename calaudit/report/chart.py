"""A chart: layers over two axes, which a terminal draws in cells and a page as a picture.

Nothing here knows a kind of report, a size or a colour: what a layer looks like is one of a few
words, which every renderer has its own signs and colours for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Look = Literal["inside", "outside", "before", "after", "model", "chosen", "current", "quiet"]
"""Within and outside of what chance allows; two sides; the main curve; a choice; what is beside."""

Scale = Literal["linear", "log", "log-odds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis from ``low`` to ``high``.

    Attributes:
        title: what it measures, with its unit.
        scale: what is drawn in proportion: the value, its logarithm, or its log-odds.
        ticks: values with their labels; those between the ends are shown.
    """

    title: str
    low: float
    high: float
    scale: Scale = "linear"
    ticks: Sequence[tuple[float, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point, with the ends of its interval, if it has one, along y; weight: what covers what."""

    x: float
    y: float
    look: Look
    low: float | None = None
    high: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points with their intervals. names: what each look is called in the key."""

    names: Sequence[tuple[Look, str]]
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Straight lines from each point to the next."""

    name: str
    look: Look
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An area between two lines: (x, low, high) from left to right."""

    name: str
    spans: Sequence[tuple[float, float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """An area over a part of the x axis; None where it has no end."""

    name: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line across the chart at a value of x, with its name over it."""

    name: str
    look: Look
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Amounts over parts of the x axis, (low, high, amount), as areas under the chart."""

    name: str
    bars: Sequence[tuple[float, float, float]]


Layer = Band | Line | Points | Rule | Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn: later layers over earlier ones.

    Attributes:
        title: what is drawn, in a line.
        square: whether a unit of x is as long as one of y.
        strips: amounts under the x axis, which they share.
    """

    title: str
    x: Axis
    y: Axis
    layers: Sequence[Layer]
    square: bool = False
    strips: Sequence[Bars] = ()
