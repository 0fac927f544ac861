"""The pictures of forecasts: held against stated, the PIT, and coverage by width and by class."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.forecast_report import ForecastReport, PartResult
from calaudit.report.numbers import integral_percent, shown
from calaudit.report.pictures.axes import named_axis, share_axis
from calaudit.report.pictures.mark_layers import field, layer
from calaudit.report.pictures.picture import Picture, picture
from calaudit.report.pictures.theme import Spec
from calaudit.report.pictures.words import first_sentence

SIZE, MOST = 320, 12
UNIT = {"domain": [0, 1], "nice": False}

Points = Sequence[tuple[float, float | None, float | None, float | None]]


def coverage(report: ForecastReport) -> Picture | None:
    """Return what is held against what is stated: of quantiles, or else of intervals."""
    points: Points = [
        (e.level, e.below.value, e.below.low, e.below.high) for e in report.levels
    ] or [(e.stated, e.coverage.value, e.coverage.low, e.coverage.high) for e in report.intervals]
    if report.by_class and len(points) < 2:
        return None  # by class it is shown better
    what = "quantile" if report.levels else "set" if report.kind == "sets" else "interval"
    data, told = _spans(points)
    ends = field("stated", UNIT, share_axis(f"Stated by the {what}s"))
    up = share_axis("Truths not above them" if report.levels else "Truths that they hold")
    diagonal = [{"stated": x, "value": x} for x in (0, 1)]
    layers = [
        layer("line", diagonal, {"x": ends, "y": field("value", UNIT, up)}, colour="axis",
              strokeDash=[4, 3]),
        *_dots(data, ends, up, dict(UNIT)),
    ]  # fmt: skip
    subtitle = f"A dot for each level of {what}, with its interval; on the line both are equal"
    return _picture("coverage", report, subtitle, told, layers, SIZE)


def pit(report: ForecastReport) -> Picture | None:
    """Return the histogram of the PIT; None for intervals."""
    if not report.pit:
        return None
    bars = [
        {"low": b.lower, "high": b.upper, "height": b.share / (b.upper - b.lower),
         "told": f"{integral_percent(b.share)} of truths from {b.lower:.3g} to {b.upper:.3g}"}
        for b in report.pit
    ]  # fmt: skip
    across = field("low", UNIT, share_axis("Where in its forecast the truth fell (PIT)"))
    up = field("height", {"zero": True}, {"title": "Density", "tickCount": 4})
    level = [{"low": 0, "height": 1}, {"low": 1, "height": 1}]
    encoding = {"x": across, "x2": {"field": "high"}, "y": up, "y2": {"datum": 0}}
    layers = [
        layer("rect", bars, encoding, colour="model", opacity=0.75),
        layer("line", level, {"x": across, "y": up}, colour="ink", strokeDash=[4, 3]),
    ]
    subtitle = "Flat at 1 is right; high at both ends: too narrow; in the middle: too wide"
    told = [str(bar["told"]) for bar in (bars[0], bars[-1])]
    return _picture("pit", report, subtitle, told, layers, 220)


def widths(report: ForecastReport) -> Picture | None:
    """Return the coverage by width of the interval, or size of the set; None for few rows."""
    found, sets = report.by_width, report.kind == "sets"
    names = [p.value if sets else f"{i}" for i, p in enumerate(found, 1)]
    what = "size of their set" if sets else "width of their interval, the narrowest first"
    return _by("widths", found, names, f"Rows by {what}", report)


def by_class(report: ForecastReport) -> Picture | None:
    """Return the coverage of sets by class; None of other forecasts."""
    found, title = report.by_class, "Rows by class"
    if len(found) > MOST:
        found = tuple(sorted(found, key=lambda p: p.coverage.value or 0.0)[:MOST])
        title = f"The {MOST} of {len(report.by_class)} classes that are held least"
    return _by("by-class", found, [p.value for p in found], title, report)


def _by(
    name: str, found: Sequence[PartResult], names: Sequence[str], title: str, report: ForecastReport
) -> Picture | None:
    """Return the coverage of parts of the rows, in their order."""
    if len(found) < 2:
        return None
    stated = report.intervals[report.main].stated
    points = [
        (i + 1.0, p.coverage.value, p.coverage.low, p.coverage.high) for i, p in enumerate(found)
    ]
    data, told = _spans(points)
    span = {"domain": [0.5, len(found) + 0.5], "nice": False}
    across = field("stated", span, named_axis(title, ["", *names], SIZE, MOST + 1))
    up = share_axis("Truths that they hold")
    scale = {"zero": False}
    line = [{"stated": x, "value": stated} for x in (0.5, len(found) + 0.5)]
    layers = [
        layer("line", line, {"x": across, "y": field("value", scale, up)}, colour="axis",
              strokeDash=[4, 3]),
        *_dots(data, across, up, scale),
    ]  # fmt: skip
    what = "Sets" if report.kind == "sets" else "Intervals"
    subtitle = f"{what} that say {integral_percent(stated)} (dashed); ends hold for all at once"
    return _picture(name, report, subtitle, told, layers, 240)


def _spans(points: Points) -> tuple[list[dict[str, object]], list[str]]:
    """Return points with their intervals as data, and in words."""
    told = [f"{integral_percent(x) if x < 1 else f'{x:g}'}: {_text(v)}" for x, v, _, _ in points]
    data: list[dict[str, object]] = [
        {"stated": x, "value": v, "low": v if low is None else low,
         "high": v if high is None else high, "told": text}
        for (x, v, low, high), text in zip(points, told, strict=True)
    ]  # fmt: skip
    return data, told


def _text(value: float | None) -> str:
    return "none" if value is None else f"{shown(value, 1, 'percent')} %"


def _dots(data: Sequence[dict[str, object]], across: Spec, up: Spec, scale: Spec) -> list[Spec]:
    span = {"x": across, "y": field("low", scale, up), "y2": {"field": "high"}}
    spot = {"x": across, "y": field("value", scale, up)}
    return [
        layer("rule", data, span, colour="model", strokeWidth=2),
        layer("point", data, spot, colour="model", filled=True, size=60, opacity=1),
    ]


def _picture(
    name: str,
    report: ForecastReport,
    subtitle: str,
    told: Sequence[str],
    layers: list[Spec],
    height: int,
) -> Picture:
    words = (first_sentence(report.sentence, report.lead), subtitle,
             f"{report.lead} " + "; ".join(told[:8]))  # fmt: skip
    body = {"width": SIZE, "height": height, "layer": layers}
    return picture(name, words, body, width=SIZE + 50)
