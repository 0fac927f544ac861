"""The reliability diagram: what came true against what was said, over the scores themselves."""

from __future__ import annotations

from collections.abc import Sequence

from calaudit.report.audit_report import AuditReport
from calaudit.report.chart import Axis, Band, Bars, Chart, Layer, Line, Look, Point, Points, Scale
from calaudit.report.charts.ticks import ODDS, numbers_of, percents, steps
from calaudit.report.content.reliability_table import curve_name, curve_runs, domain_of, is_inside
from calaudit.report.evaluation_report import Bin, Report


def reliability_chart(report: Report) -> Chart | None:
    """Return the diagram of a report; None where no bin is filled."""
    bins = [b for b in report.bins if b.rows]
    names: list[tuple[Look, str]] = [("inside", "observed")]
    if any(b.band_low is not None for b in bins):
        names = [("inside", "within"), ("outside", "outside")]
    found = [(b, is_inside(b)) for b in bins]
    points = [p for b, inside in found for p in _point(b, "inside" if inside else "outside")]
    layers: list[Layer] = [*_band(bins), Points(names=names, points=points)]
    layers += _curve(report, bins)
    return _chart(report, bins, layers, [_rows("rows", bins)])


def compared_chart(report: AuditReport) -> Chart | None:
    """Return the same before and after calibration, where there is a calibrator."""
    if report.after is None:
        return reliability_chart(report.before)
    before, after = ([b for b in side.bins if b.rows] for side in (report.before, report.after))
    return _chart(
        report.before,
        [*before, *after],
        [
            *_band(after),
            *_curve(report.after, [*before, *after]),
            _side("before", before),
            _side("after", after),
        ],
        [_rows("before", before), _rows("after", after)],
    )


def _chart(
    report: Report,
    bins: Sequence[Bin],
    layers: Sequence[Layer],
    strips: Sequence[Bars],
) -> Chart | None:
    if not bins:
        return None
    log_odds = report.settings.get("axis") == "log-odds"
    low, high = domain_of(bins, log_odds=log_odds)
    binary = report.task == "binary"
    title = "observed rate, by score" if binary else "share that is right, by confidence"
    scale: Scale = "log-odds" if log_odds else "linear"
    title += ", over log-odds" if log_odds else ""
    at = list(ODDS) if log_odds else steps(low, high)
    up = numbers_of(at) if log_odds else percents(low, high)
    diagonal = Line(name="", look="quiet", points=[(low, low), (high, high)])
    return Chart(
        title=title,
        x=Axis(title="score", low=low, high=high, scale=scale, ticks=numbers_of(at)),
        y=Axis(title=title, low=low, high=high, scale=scale, ticks=up),
        layers=[*(each for each in layers if isinstance(each, Band)), diagonal,
                *(each for each in layers if isinstance(each, Line)),
                *(each for each in layers if isinstance(each, Points) and each.points)],
        square=True,
        strips=strips,
    )  # fmt: skip


def _curve(report: Report, bins: Sequence[Bin]) -> list[Line]:
    log_odds = report.settings.get("axis") == "log-odds"  # where a score alone is a point
    runs = curve_runs(report.curve, (0.0, 0.0) if log_odds else domain_of(bins))
    name = curve_name(report.curve, short=True)  # a line has 80 cells
    return [
        Line(name=name, look="model", points=[(p.score, p.observed) for p in run]) for run in runs
    ]


def _side(look: Look, bins: Sequence[Bin]) -> Points:
    points = [point for b in bins for point in _point(b, look)]
    return Points(names=[(look, look)], points=points)


def _point(b: Bin, look: Look) -> list[Point]:
    if b.mean_score is None or b.observed is None:
        return []
    ends = (None, None) if look == "before" else (b.low, b.high)  # the other side's are over them
    return [
        Point(x=b.mean_score, y=b.observed, look=look, low=ends[0], high=ends[1], weight=b.weight)
    ]


def _band(bins: Sequence[Bin]) -> list[Band]:
    """Return where observed rates of a calibrated model lie, joined between neighbouring bins."""
    spans = [
        (b.mean_score, b.band_low, b.band_high)
        for b in bins
        if b.mean_score is not None and b.band_low is not None and b.band_high is not None
    ]
    return [Band(name="range if calibrated", spans=spans)] if spans else []


def _rows(name: str, bins: Sequence[Bin]) -> Bars:
    return Bars(name=name, bars=[(b.lower, b.upper, b.weight) for b in bins])
