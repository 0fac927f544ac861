"""The reliability diagram as layers: its frame, band, curve, intervals and points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calaudit.report.content.reliability_table import curve_runs, is_inside
from calaudit.report.evaluation_report import Bin, CurvePoint
from calaudit.report.pictures.axes import logit, probability_axis, share_axis
from calaudit.report.pictures.bin_text import told_of
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.palette import LIGHT
from calaudit.report.pictures.room import Point, line_of
from calaudit.report.pictures.theme import Spec

RUN = {"field": "run", "type": "nominal"}

LITTLE = 200
"""Pixels below which a diagram is one of many, with few ticks, its scores named within it."""

PLACED = ("score", "observed", "low", "high", "band_low", "band_high")
"""Fields of data that are shares on an axis."""

FEW = 5
"""Rows of a bin below which its band and its interval, which are long then, are faint."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """One plane on which reliability is drawn.

    Attributes:
        domain: what both axes show.
        size: width and height in pixels.
        came: "right" or "comes true": how what was observed is called.
        titles: of both axes; one with "" has no labels either.
        log_odds: whether they are of log-odds; what lies beyond them is drawn at their ends.
    """

    domain: tuple[float, float]
    size: float
    came: str
    titles: tuple[str, str] = ("", "")
    log_odds: bool = False

    def at(self, share: float) -> float:
        """Return where a share stands on an axis."""
        low, high = self.domain
        return logit(min(max(share, low), high)) if self.log_odds else share

    def placed(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return data whose shares are where they stand."""
        return [
            {k: self.at(v) if k in PLACED and v is not None else v for k, v in row.items()}
            for row in rows
        ]

    @property
    def cut(self) -> bool:
        """Whether intervals may reach beyond the plane, and have to be cut off."""
        return self.domain != (0.0, 1.0)

    def x(self, name: str) -> Spec:
        """Return the channel of scores."""
        return self._channel(name, self.titles[0], labelFlush=self.size < LITTLE)

    def y(self, name: str) -> Spec:
        """Return the channel of rates."""
        return self._channel(name, self.titles[1])

    def pixel(self, score: float, observed: float) -> Point:
        """Return where a point is drawn; one outside of the plane, at its edge."""
        low, high = map(self.at, self.domain)
        score, observed = self.at(score), self.at(observed)
        across, up = (
            min(max((value - low) / (high - low), 0.0), 1.0) for value in (score, observed)
        )
        return across * self.size, (1 - up) * self.size

    def _channel(self, name: str, title: str, **more: object) -> Spec:
        ends = self.at(self.domain[0]), self.at(self.domain[1])
        scale = {"domain": list(ends), "nice": False, "zero": False}
        shown = share_axis(title, ticks=2 if self.size < LITTLE else 5) | more
        if self.log_odds:
            shown = probability_axis(title and f"{title}, log-odds axis", ends, self.size)
        if not title:
            shown.update(labels=False, ticks=False)
        return field(name, scale, shown)

    def diagonal(self) -> Spec:
        """Return where scores are what they say."""
        ends = [{"score": end, "observed": end} for end in self.domain]
        encoding = {"x": self.x("score"), "y": self.y("observed")}
        more = {"strokeDash": [4, 3], "strokeWidth": 1.2}
        return layer("line", self.placed(ends), encoding, colour="axis", **more)

    def band(self, bins: Sequence[Bin]) -> list[Spec]:
        """Return where a calibrated model would lie: a bar for each bin, at its mean score."""
        rows = [
            {"score": b.mean_score, "band_low": b.band_low, "band_high": b.band_high,
             "rows": b.rows}
            for b in bins
            if None not in (b.mean_score, b.band_low, b.band_high)
        ]  # fmt: skip
        if not rows:
            return []
        encoding = {
            "x": self.x("score"),
            "y": self.y("band_low"),
            "y2": {"field": "band_high"},
        }
        edge = {"stroke": LIGHT["band-edge"], "strokeWidth": 0.8, "cornerRadius": 2}
        width = max(min(16.0, 0.5 * self.size / len(rows)), 4.0)
        more = {"size": width, "clip": self.cut, **edge}
        return [
            layer("bar", found, encoding, colour="band", opacity=opacity, **more)
            for found, opacity in _by_rows(self.placed(rows), (1.0, 0.35))
        ]

    def curve(
        self, curve: Sequence[CurvePoint], colour: str, name: str, *, thin: bool = False
    ) -> list[Spec]:
        """Return the reliability curve; nothing where there is none.

        Args:
            curve: its points.
            colour: token of its colour.
            name: said of it.
            thin: whether it stands behind another.
        """
        if not curve:
            return []
        encoding = {"x": self.x("score"), "y": self.y("observed"), "detail": RUN}
        width = 0.9 if thin else 1.8
        drawn = layer("line", self._runs(curve), encoding, colour=colour, clip=True)
        drawn["mark"].update(aria=True, description=name, opacity=0.75, strokeWidth=width)
        return [drawn]

    def ribbon(self, curve: Sequence[CurvePoint]) -> list[Spec]:
        """Return where the curve of a calibrated model would lie."""
        if not curve:
            return []
        ends = {"y": self.y("band_low"), "y2": {"field": "band_high"}}
        encoding = {"x": self.x("score"), **ends, "detail": RUN}
        return [layer("area", self._runs(curve), encoding, colour="band", clip=True, opacity=0.5)]

    def _runs(self, curve: Sequence[CurvePoint]) -> list[dict[str, Any]]:
        placed = [CurvePoint(**row) for row in self.placed(list(map(asdict, curve)))]
        runs = curve_runs(placed, (self.at(self.domain[0]), self.at(self.domain[1])))
        return [asdict(point) | {"run": i} for i, run in enumerate(runs) for point in run]

    def points(
        self,
        bins: Sequence[Bin],
        colour: str,
        *,
        name: str = "",
        shape: str = "",
        hollow: bool = False,
    ) -> list[Spec]:
        """Return the observed rates with their intervals.

        Args:
            bins: those to draw.
            colour: token of their colour.
            name: said first of each.
            shape: of all; without it those outside have a shape and a colour of their own.
            hollow: small outlines without intervals, to stand behind others.
        """
        total = sum(b.weight for b in bins) or 1.0
        small = 0.6 if self.size < 200 else 1.0
        rows = [
            {
                "score": b.mean_score, "observed": b.observed, "low": b.low, "high": b.high,
                "rows": b.rows, "weight": b.weight, "outside": not is_inside(b),
                "size": 26 if hollow else small * (26 + 90 * (b.weight / total) ** 0.5),
                "told": told_of(b, self.came, name),
            }
            for b in bins
            if b.mean_score is not None and b.observed is not None
        ]  # fmt: skip
        rows = self.placed(rows)
        x, y = self.x("score"), self.y("observed")
        size = {"field": "size", "type": "quantitative", "scale": None, "legend": None}
        ends = {"x": x, "y": self.y("low"), "y2": {"field": "high"}}
        layers = []
        for outside, own in ((False, "circle"), (True, "diamond")):
            found = [row for row in rows if row["outside"] is outside]
            token = "outside" if outside and not shape else colour
            bounded = [
                {k: row[k] for k in ("score", "low", "high", "rows")}
                for row in found
                if row["low"] is not None and row["high"] is not None and not hollow
            ]
            layers += [
                layer("rule", some, ends, colour=token, strokeWidth=1.1, opacity=opacity,
                      clip=self.cut)
                for some, opacity in _by_rows(bounded, (0.8, 0.3))
            ]  # fmt: skip
            if found:
                spot = {"x": x, "y": y, "size": size}
                form = shape or own
                filled = {"filled": not hollow, "opacity": 1, "strokeWidth": 1.3}
                layers.append(layer("point", found, spot, colour=token, shape=form, **filled))
        return layers

    def taken(self, bins: Sequence[Bin], curve: Sequence[CurvePoint] = ()) -> list[Point]:
        """Return the pixels of what is drawn, without the diagonal."""
        runs = curve_runs(curve, self.domain)
        found = [
            at for run in runs for at in line_of([self.pixel(p.score, p.observed) for p in run])
        ]
        for b in bins:
            if b.mean_score is not None and b.observed is not None:
                ends = [v for v in (b.low, b.observed, b.high) if v is not None]
                found += line_of([self.pixel(b.mean_score, v) for v in ends])
            if b.mean_score is not None and b.band_low is not None and b.band_high is not None:
                bar = line_of([self.pixel(b.mean_score, v) for v in (b.band_low, b.band_high)])
                found += [(x + side, y) for x, y in bar for side in (-6.0, 6.0)]
        return found


def _by_rows(
    rows: Sequence[dict[str, Any]], opacities: tuple[float, float]
) -> list[tuple[list[dict[str, Any]], float]]:
    """Return bins with enough rows and those with few, each with its opacity, where there are."""
    many = [row for row in rows if row["rows"] >= FEW]
    few = [row for row in rows if row["rows"] < FEW]
    return [(some, opacity) for some, opacity in zip((many, few), opacities, strict=True) if some]
