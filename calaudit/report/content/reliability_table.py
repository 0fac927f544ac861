"""The reliability table: what the scores say, what came true, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from calaudit.report.content.figure_columns import DASH, rate_text
from calaudit.report.evaluation_report import Bin, CurvePoint
from calaudit.report.numbers import compact, shown

NARROW = 0.4
"""Points that all lie within so much of an end of [0, 1] are drawn on a part of it."""


LEAST_ODDS = 1e-6
"""Shares nearer to 0 or 1 are drawn at the end of an axis of log-odds."""

ALONE = 0.012
"""Half of what is drawn of the curve at a score that is alone, as a part of the axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLine:
    """One bin as text; what an empty bin does not have is ""."""

    span: str
    rows: str
    says: str
    came: str
    interval: str
    gap: str


class BinTable:
    """The bins as text; decimals are shared by all of them.

    Args:
        bins: those that are shown, none of them empty.
    """

    def __init__(self, bins: Sequence[Bin]) -> None:
        self._edges = _edge_places(bins)
        self._decimals = _rate_places(bins)

    def line(self, b: Bin) -> BinLine:
        """Return one bin."""
        d = self._decimals
        gap = None if b.mean_score is None or b.observed is None else b.mean_score - b.observed
        ends = [rate_text(end, d) for end in (b.low, b.high)]
        return BinLine(
            span=self.span(b.lower, b.upper),
            rows=compact(b.rows),
            says=rate_text(b.mean_score, d),
            came=rate_text(b.observed, d),
            interval=" to ".join(ends) if all(ends) else "",
            gap=shown(gap, d, "points", sign=True),
        )

    def span(self, lower: float, upper: float) -> str:
        """Return the scores from ``lower`` to ``upper``."""
        last = f"{DASH}{upper:.{self._edges}f}" if upper > lower else ""
        return f"{lower:.{self._edges}f}{last}"


def rows_in(bins: Iterable[Bin]) -> int:
    """Return how many rows are drawn; some conventions leave out scores of 0 or 1."""
    return sum(b.rows for b in bins)


def curve_name(curve: Sequence[CurvePoint], *, short: bool = False) -> str:
    """Return what the curve is called, and what it means where it is flat."""
    flat = len(curve) > 1 and curve[-1].observed - curve[0].observed < 1e-9
    name = "isotonic" if short else "isotonic curve"
    return f"{name}: flat, no higher score comes true more often" if flat else name


def curve_runs(curve: Sequence[CurvePoint], domain: tuple[float, float]) -> list[list[CurvePoint]]:
    """Return the curve in its pieces; a point that is alone is a short one of the domain."""
    runs = [list(run) for _, run in groupby(curve, key=lambda point: point.piece)]
    half = ALONE * (domain[1] - domain[0])
    return [
        run if len(run) > 1 else [replace(run[0], score=run[0].score + x) for x in (-half, half)]
        for run in runs
    ]


def is_inside(b: Bin) -> bool:
    """Return whether the observed rate is one that a calibrated model could have.

    A bin without a band is judged by its interval, which then holds the mean score; one without
    either says nothing against the model.
    """
    if b.observed is None or b.mean_score is None:
        return True
    if b.band_low is not None and b.band_high is not None:
        return b.band_low <= b.observed <= b.band_high
    if b.low is not None and b.high is not None:
        return b.low <= b.mean_score <= b.high
    return True


def domain_of(bins: Iterable[Bin], *, log_odds: bool = False) -> tuple[float, float]:
    """Return the piece of [0, 1] that is drawn: from 0 or up to 1, with every point of ``bins``.

    Over log-odds, where neither 0 nor 1 has a place, it is from round odds to round odds.
    """
    points = [
        value
        for b in bins
        for value in (b.mean_score, b.observed, b.band_low, b.band_high)
        if value is not None
    ]
    if log_odds:
        found = [min(max(value, LEAST_ODDS), 1 - LEAST_ODDS) for value in points if 0 < value < 1]
        odds = [value / (1 - value) for value in found] or [1.0]
        low, high = 1 / next_round(1 / min(odds)), next_round(max(odds))
        return low / (1 + low), high / (1 + high)
    if points and max(points) < NARROW:
        return 0.0, nice_top(max(points))
    if points and min(points) > 1 - NARROW:
        return 1 - nice_top(1 - min(points)), 1.0
    return 0.0, 1.0


def nice_top(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten, above 0 and at most 1.

    >>> nice_top(0.03), nice_top(0.7)
    (0.05, 1.0)
    """
    if value <= 0:
        return 1.0
    return min(next_round(value), 1.0)


def next_round(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9))


def _rate_places(bins: Sequence[Bin]) -> int:
    """Return decimals that show small rates, and every gap that lies outside of the band."""
    rates = [v for b in bins for v in (b.mean_score, b.observed) if v]
    gaps = [abs((b.mean_score or 0) - (b.observed or 0)) for b in bins if not is_inside(b)]
    smallest = min([10 * min(rates, default=0.1), *(20 * gap for gap in gaps if gap)])
    return next((d for d in (1, 2, 3) if smallest >= 10.0 ** -(d + 1)), 4)


def _edge_places(bins: Sequence[Bin]) -> int:
    """Return as few decimals as place the edges within a fiftieth of the narrowest bin."""
    edges = [edge for b in bins for edge in (b.lower, b.upper)]
    near = min((b.upper - b.lower for b in bins if b.upper > b.lower), default=0.1) / 50
    return next((d for d in range(2, 6) if all(abs(round(e, d) - e) <= near for e in edges)), 6)
