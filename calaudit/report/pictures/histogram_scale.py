"""Where the bars of a histogram stand: log-odds across, root or logarithm of the rows upwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from calaudit.report.evaluation_report import HistogramBin
from calaudit.report.numbers import compact
from calaudit.report.pictures.axes import axis, logit, probability_axis
from calaudit.report.pictures.mark_layers import Data, field, layer
from calaudit.report.pictures.theme import WIDTH, Spec
from calaudit.report.pictures.words import amount, plain, score_text

GAP = 1.2
"""Bars between the histogram and the bar of exactly 0 or 1."""


class HistogramScale:
    """Where bars stand: on log-odds, with exactly 0 and 1 as bars of their own at the ends."""

    def __init__(self, bins: Sequence[HistogramBin], unit: str) -> None:
        self.unit = unit
        edges = [(logit(b.lower), logit(b.upper)) for b in bins if b.lower < b.upper]
        widths = [hi - lo for lo, hi in edges if math.isfinite(hi - lo)]
        self.width = median(widths) if widths else 1.0
        finite = [e for pair in edges for e in pair if math.isfinite(e)]
        self.low, self.high = min(finite, default=-1.0), max(finite, default=1.0)
        if any(math.isinf(lo) for lo, _ in edges):
            self.low -= self.width
        if any(math.isinf(hi) for _, hi in edges):
            self.high += self.width
        self.least = max(self.high - self.low, 20 * self.width) / 24
        counts = [c for b in bins for c in (b.zeros, b.ones) if c > 0]
        self.most, self.few = max(counts, default=1.0), min(counts, default=1.0)
        self.down, self.up = (max(getattr(b, n) for b in bins) for n in ("zeros", "ones"))
        self.rooted = self.most <= 1_000 * self.few
        self.sides = sorted({b.lower for b in bins if b.lower == b.upper})

    @property
    def word(self) -> str:
        """What the heights are on."""
        return "square-root scale" if self.rooted else "logarithmic scale"

    def place(self, b: HistogramBin) -> tuple[float, float]:
        """Return the ends of a bar, in log-odds."""
        bar = max(self.width, self.least)
        if b.lower == b.upper and b.lower <= 0:
            return self.low - GAP * self.least - bar, self.low - GAP * self.least
        if b.lower == b.upper and b.upper >= 1:
            return self.high + GAP * self.least, self.high + GAP * self.least + bar
        low, high = logit(b.lower), logit(b.upper)
        low = high - self.width if math.isinf(low) else low
        return low, low + self.width if math.isinf(high) else high

    def row(self, b: HistogramBin, outcomes: tuple[str, str]) -> dict[str, object]:
        """Return the datum of a bin."""
        start, end = self.place(b)
        where = f"{score_text(b.lower)} to {score_text(b.upper)}"
        where = f"exactly {score_text(b.lower)}" if b.lower == b.upper else where
        told = f"scores {where} · {amount(b.ones)} {outcomes[1]} · {amount(b.zeros)} {outcomes[0]}"
        return {
            "start": start, "end": end, "lower": b.lower, "upper": b.upper, "zeros": b.zeros,
            "ones": b.ones, "down": -b.zeros, "base": 0, "told": told,
        }  # fmt: skip

    def bars(self, rows: Data, height: float, *, titled: bool) -> list[Spec]:
        """Return the bars: label 1 upwards, label 0 downwards."""
        ends = [
            {"value": sum(self.place(_exact(side))) / 2, "text": plain(side)} for side in self.sides
        ]
        reach = [x for side in self.sides for x in self.place(_exact(side))]
        domain = [min([self.low, *reach]), max([self.high, *reach])]
        scale = WIDTH / (domain[1] - domain[0])
        low, high = max(self.low, -36.0), min(self.high, 36.0)
        title = "Score; 0 and 1 exactly at the ends" if self.sides else "Score"
        x_axis = probability_axis(title if titled else "", (low, high), scale * (high - low), ends)
        x_axis.update(labels=titled, domain=False, grid=False)
        x = field("start", {"domain": domain, "nice": False, "zero": False}, x_axis)
        y = {"domain": [-self._end(self.down), self._end(self.up)], "nice": False, **self._kind()}
        encoding = {"x": x, "x2": {"field": "end"}}
        layers = []
        for token, value in (("model", "ones"), ("outside", "down")):
            drawn = [row for row in rows if row[value]]
            heights = {"y": field(value, y, self._axis(height)), "y2": {"field": "base"}}
            if drawn:
                layers.append(
                    layer("rect", drawn, encoding | heights, colour=token, xOffset=0.4,
                          x2Offset=-0.4, stroke=None)
                )  # fmt: skip
        zero = {"y": field("base", y, self._axis(height))}
        layers.append(layer("rule", [{"base": 0}], zero, colour="axis", strokeWidth=1))
        return layers

    def _end(self, side: float) -> float:
        """Return the end of the axis on one side: the largest bar, and room for a small one."""
        if self.rooted:
            return max(side, 0.02 * self.most)
        return max(side, self.few * math.pow(self.most / self.few, 0.15))

    def _tall(self, count: float) -> float:
        """Return how tall a bar is, in the unit of the scale."""
        return math.sqrt(count) if self.rooted else math.log1p(count / self.few)

    def _kind(self) -> Spec:
        return {"type": "sqrt"} if self.rooted else {"type": "symlog", "constant": self.few}

    def _axis(self, height: float) -> Spec:
        """Return an axis with counts upwards and downwards, none too near to the next."""
        top = nice_count(self.most)
        if self.rooted:
            steps = [top, nice_count(top / 5), nice_count(top / 25)]
        else:
            highest, lowest = (math.floor(math.log10(c)) for c in (self.most, self.few))
            stride = math.ceil((highest - lowest) / 3)
            steps = [10.0 ** (highest - stride * i) for i in range(3)]
        size = height / (self._tall(self._end(self.up)) + self._tall(self._end(self.down)))
        kept: list[float] = []
        for step in steps:
            tall = self._tall(step) * size
            if (
                tall >= 15
                and step >= self.few
                and (not kept or self._tall(kept[-1]) * size - tall >= 15)
            ):
                kept.append(step)
        up = [v for v in kept if v <= self.up]
        values = [*up, 0.0, *(-v for v in reversed(kept) if v <= self.down)]
        named = " : ".join(f"abs(datum.value) === {v!r} ? '{_count(v)}'" for v in (0.0, *kept))
        return axis(self.unit, values=values, labelExpr=f"{named} : ''", labelOverlap=False)


def nice_count(most: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above ``most``."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1) if step * power <= most)


def _count(value: float) -> str:
    return compact(round(value)) if value == round(value) else plain(value)


def _exact(side: float) -> HistogramBin:
    return HistogramBin(lower=side, upper=side, zeros=0, ones=0)
